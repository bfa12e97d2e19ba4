"""Which renewal to offer a member, until when, and what it saves.

price per month = price of the offer / (months paid + months free), rounded to the cent
saving per month = what a month costs today - price per month, only if that is above 0
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from offers.cost import CENT
from offers.terms import Alternative, Membership, Renewal


@dataclass(frozen=True)
class RenewalOffer:
    """A renewal that holds now. last_day: the contact's own calendar day, included; saving_per_month: None without one.

    saving: over all months of the offer.
    """

    renewal: Renewal
    months: int
    price: Decimal
    currency: str
    price_per_month: Decimal
    saving_per_month: Decimal | None
    saving: Decimal | None
    last_day: date
    days_left: int
    sample: bool


@dataclass(frozen=True)
class GentleAlternative:
    """The one thing to propose after a no. saving_per_month: against a usual month."""

    alternative: Alternative
    price_per_month: Decimal
    currency: str
    saving_per_month: Decimal | None
    sample: bool


def renewal_offer(
    membership: Membership,
    now: datetime,
    timezone: str,
    *,
    offered_at: datetime | None = None,
    price_per_month: Decimal | None = None,
    renewal_id: str | None = None,
) -> RenewalOffer | None:
    """The first renewal that holds now, or the named one if it does; None if there is none.

    timezone: the contact's. offered_at: when this contact was offered it first; a deadline like "Sunday" counts from
    there and stays. Without it, now. price_per_month: what the contact pays today, if known.
    """
    zone = ZoneInfo(timezone)
    today = local_day(now, zone)
    offered_on = min(today, local_day(offered_at, zone)) if offered_at else today
    for renewal in membership.renewals:
        last = last_day(renewal, offered_on)
        starts = renewal.valid_from is None or renewal.valid_from <= offered_on
        if renewal_id in (None, renewal.id) and starts and today <= last:
            return price_renewal(membership, renewal, price_per_month or membership.price_per_month, last, today)
    return None


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(zone).date()


def last_day(renewal: Renewal, offered_on: date) -> date:
    """The date that is written, or the first such weekday on or after the day of the offer."""
    if isinstance(renewal.valid_until, date):
        return renewal.valid_until
    assert renewal.weekday is not None  # noqa: S101  (not a date, so a weekday)
    return offered_on + timedelta(days=(renewal.weekday - offered_on.weekday()) % 7)


def price_renewal(membership: Membership, renewal: Renewal, usual: Decimal, last: date, today: date) -> RenewalOffer:
    months = renewal.months_paid + renewal.months_free
    per_month = (renewal.price / months).quantize(CENT, ROUND_HALF_UP)
    saving = usual * months - renewal.price
    return RenewalOffer(
        renewal,
        months,
        renewal.price,
        membership.currency,
        per_month,
        usual - per_month if usual > per_month and saving > 0 else None,
        saving if usual > per_month and saving > 0 else None,
        last,
        (last - today).days,
        membership.sample,
    )


def gentle_alternative(membership: Membership, price_per_month: Decimal | None = None) -> GentleAlternative:
    """What to propose once after a no. price_per_month: what the contact pays today, if known."""
    usual, price = price_per_month or membership.price_per_month, membership.alternative.price_per_month
    saving = usual - price if usual > price else None
    return GentleAlternative(membership.alternative, price, membership.currency, saving, membership.sample)
