"""When a person answers, in a sentence for the customer: what the opening hours say and nothing more."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.settings import Settings
from core.types import Language
from core.wording import MONTHS
from inbox.words import say_customer
from offers.branches import is_open
from offers.facts import Support
from offers.support import load_support

SOON = timedelta(minutes=30)  # before closing: an answer today is no longer sure
WEEKDAYS = {
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}
TODAY = {"it": "oggi dalle {at}", "de": "heute ab {at} Uhr", "en": "today from {at}"}
TOMORROW = {"it": "domani dalle {at}", "de": "morgen ab {at} Uhr", "en": "tomorrow from {at}"}
LATER = {
    "it": "{day} {number} {month} dalle {at}",
    "de": "am {day}, {number}. {month}, ab {at} Uhr",
    "en": "on {day} {number} {month} from {at}",
}


def tell_when(settings: Settings, language: Language, now: datetime, zone: str | None = None) -> str:
    """When people answer, in the customer's time zone (zone; None: the company's); empty where no hours are known."""
    support = load_support(settings)
    return explain_hours(support, settings, language, now, zone) if support else ""


def explain_hours(
    support: Support, settings: Settings, language: Language, now: datetime, zone: str | None = None
) -> str:
    """Open: until when, and shortly before closing also when next. Closed: from when. Empty if that never changes."""
    state, here = is_open(support, now), ZoneInfo(zone or support.timezone)
    if state.changes_at is None:
        return ""
    change = state.changes_at.astimezone(here)
    if not state.open:
        return say_customer("when_closed", language, settings.address, next=write_next(change, now, here, language))
    if change - now >= timedelta(days=1):
        return ""
    until = f"{change.hour or 24}:{change.minute:02}"
    reopens = is_open(support, state.changes_at).changes_at
    if change - now > SOON or reopens is None:
        return say_customer("when_open", language, settings.address, until=until)
    again = write_next(reopens.astimezone(here), now, here, language)
    return say_customer("when_closing", language, settings.address, until=until, next=again)


def write_next(at: datetime, now: datetime, zone: ZoneInfo, language: Language) -> str:
    """oggi dalle 15:00, morgen ab 9:00 Uhr, on Monday 30 November from 9:00."""
    days = (at.date() - now.astimezone(zone).date()).days
    words = {0: TODAY, 1: TOMORROW}.get(days, LATER)[language]
    day, month = WEEKDAYS[language].split()[at.weekday()], MONTHS[language].split()[at.month - 1]
    return words.format(at=f"{at.hour}:{at.minute:02}", day=day, number=at.day, month=month)
