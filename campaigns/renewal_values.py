"""What a template may say about a membership's renewal: exactly the offer the chat will show, with its price."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from core.types import Language
from offers.member import Member, choose_renewal

FEWEST_DAYS = 2  # as in values.py


def write_renewal(member: Member, now: datetime, zone: str, language: Language) -> dict[str, str]:
    """Days until the membership ends, and offer, price and last day of what holds now; nothing where there is none."""
    _, offer = choose_renewal(member, now, zone)
    days = (member.ends_on - now.astimezone(ZoneInfo(zone)).date()).days
    values = {"membership_days": str(days)} if days >= FEWEST_DAYS else {}
    if offer is None:
        return values
    return values | {
        "offer": offer.renewal.name.say(language),
        "offer_price": write_price(offer.price, offer.currency, language),
        "offer_until": write_day(offer.last_day, language),
    }


def write_price(price: Decimal, currency: str, language: Language) -> str:
    """1.079,80 EUR in Italian and German, 1,079.80 EUR in English."""
    written = f"{price:,.2f}"
    return f"{written if language == Language.EN else written.translate(str.maketrans(',.', '.,'))} {currency}"


def write_day(day: date, language: Language) -> str:
    """22.11.2026, or 22 November 2026 in English."""
    return f"{day:%-d %B %Y}" if language == Language.EN else f"{day:%d.%m.%Y}"
