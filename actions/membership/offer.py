"""Which renewal a member can have: their contract, what they were offered before, and what the company offers now."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

from actions import store
from actions.contracts import read_today
from actions.telling import Telling
from contacts.consent import consent_state
from core.types import Purpose
from offers.company import load_company
from offers.member import Member, choose_renewal, load_member
from offers.membership import RenewalOffer, gentle_alternative


async def find_renewal(telling: Telling) -> dict[str, Any]:
    """The renewal on the table, ready for a slot; `problem` tells why there is none."""
    member = await load_member(telling.session, telling.contact.id, telling.now)
    if member is None:
        return {"problem": "no_contract"}
    if member.renewed_until and member.renewed_until > member.ends_on:
        return {"problem": "already", "until": member.renewed_until.isoformat()}
    zone = telling.contact.timezone or store.get_settings().timezone
    told, offer = choose_renewal(member, telling.now, zone)
    expired = told is not None and (offer is None or offer.renewal.id != told.renewal.id)
    over = told.last_day.isoformat() if told and expired else None
    base: dict[str, Any] = {"told": told is not None and not expired, "expired_on": over}
    if offer is None:
        return base | {"problem": "no_offer"}
    more = {"fits": list_fitting(member), "ask_updates": await lacks_consent(telling)}
    return base | more | describe_offer(offer, member, read_today(telling.contact, telling.now))


def describe_offer(offer: RenewalOffer, member: Member, today: date) -> dict[str, Any]:
    """The offer as plain JSON; it goes on where today's membership ends."""
    return {
        "id": offer.renewal.id,
        "price": str(offer.price),
        "currency": offer.currency,
        "saving": str(offer.saving) if offer.saving else None,
        "last_day": offer.last_day.isoformat(),
        "ends_on": member.ends_on.isoformat(),
        "ended": member.ends_on < today,
        "until": add_months(max(member.ends_on, today), offer.months).isoformat(),
        "sample": offer.sample,
    }


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def list_fitting(member: Member) -> list[str]:
    """The reasons for a no that we have an honest alternative to: a plan that is really cheaper, a pause."""
    gentle = gentle_alternative(load_company().membership, member.price_per_month)
    return [*(["price"] if gentle.saving_per_month else []), "time", "drifted"]


async def lacks_consent(telling: Telling) -> bool:
    """Whether nobody ever asked this contact for updates; a no that was given is not asked again."""
    state = await consent_state(telling.session, telling.contact.id)
    return state[Purpose.MARKETING] is None and state["platform"] is None
