from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.company import read_company
from offers.membership import gentle_alternative, renewal_offer

MEMBERSHIP = read_company().membership
SATURDAY = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
ZONES = st.sampled_from(["Europe/Rome", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo"])
moments = st.integers(0, 240 * 24 * 60).map(
    lambda minutes: datetime(2026, 11, 2, tzinfo=UTC) + timedelta(minutes=minutes)
)


def test_two_months_and_one_free_until_sunday() -> None:
    offer = renewal_offer(MEMBERSHIP, SATURDAY, "Europe/Rome")
    assert offer is not None
    assert (offer.renewal.id, offer.months, offer.price) == ("two-plus-one", 3, Decimal("79.80"))
    assert (offer.price_per_month, offer.saving_per_month, offer.saving) == (
        Decimal("26.60"),
        Decimal("13.30"),
        Decimal("39.90"),
    )
    assert (offer.last_day, offer.days_left, offer.sample) == (date(2026, 11, 22), 1, True)


def test_sunday_is_the_contacts_sunday() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # Monday in Rome, still Sunday in London
    rome, london = (renewal_offer(MEMBERSHIP, late, zone) for zone in ("Europe/Rome", "Europe/London"))
    assert rome is not None
    assert london is not None
    assert (rome.last_day, london.last_day) == (date(2026, 11, 29), date(2026, 11, 22))


def test_a_deadline_does_not_move_on() -> None:
    monday = SATURDAY + timedelta(days=2)
    offer = renewal_offer(MEMBERSHIP, monday, "Europe/Rome", offered_at=SATURDAY)
    assert offer is not None
    assert offer.renewal.id == "year"
    assert renewal_offer(MEMBERSHIP, monday, "Europe/Rome", offered_at=SATURDAY, renewal_id="two-plus-one") is None


def test_the_last_day_is_included_until_midnight() -> None:
    for minutes, holds in ((-1, True), (0, False)):
        midnight = datetime(2026, 11, 23, tzinfo=ZoneInfo("Europe/Rome"))
        offer = renewal_offer(
            MEMBERSHIP,
            midnight + timedelta(minutes=minutes),
            "Europe/Rome",
            offered_at=SATURDAY,
            renewal_id="two-plus-one",
        )
        assert (offer is not None) is holds


def test_no_offer_before_it_starts_or_after_its_date() -> None:
    early, late = datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2028, 1, 1, 12, tzinfo=UTC)
    assert renewal_offer(MEMBERSHIP, early, "Europe/Rome", renewal_id="two-plus-one") is None
    assert renewal_offer(MEMBERSHIP, late, "Europe/Rome", renewal_id="year") is None


def test_no_saving_is_claimed_against_a_cheaper_price_of_today() -> None:
    offer = renewal_offer(MEMBERSHIP, SATURDAY, "Europe/Rome", price_per_month=Decimal("25.00"))
    assert offer is not None
    assert (offer.saving_per_month, offer.saving) == (None, None)


def test_the_alternative_tells_what_it_saves() -> None:
    gentle = gentle_alternative(MEMBERSHIP)
    assert (gentle.alternative.kind, gentle.price_per_month, gentle.saving_per_month) == (
        "smaller_plan",
        Decimal("24.90"),
        Decimal("15.00"),
    )
    assert gentle_alternative(MEMBERSHIP, Decimal("20.00")).saving_per_month is None


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        renewal_offer(MEMBERSHIP, datetime(2026, 11, 22), "Europe/Rome")  # noqa: DTZ001


@given(moments, ZONES, st.integers(0, 20))
def test_a_weekday_deadline_is_the_first_one_from_the_day_of_the_offer(moment: datetime, zone: str, later: int) -> None:
    now = moment + timedelta(days=later)
    offer = renewal_offer(MEMBERSHIP, now, zone, offered_at=moment, renewal_id="two-plus-one")
    offered_on, today = (it.astimezone(ZoneInfo(zone)).date() for it in (moment, now))
    deadline = offered_on + timedelta(days=6 - offered_on.weekday())
    assert (offer is not None) is (offered_on >= date(2026, 11, 1) and today <= deadline)
    if offer:
        assert offer.last_day == deadline
        assert offer.days_left == (deadline - today).days >= 0


@given(st.decimals("1", "99", places=2), st.none() | st.decimals("1", "99", places=2), st.integers(1, 24))
def test_money_of_a_renewal_adds_up(price: Decimal, today: Decimal | None, months: int) -> None:
    renewal = MEMBERSHIP.renewals[0].model_copy(update={"price": price, "months_paid": months})
    membership = MEMBERSHIP.model_copy(update={"renewals": (renewal,)})
    offer = renewal_offer(membership, SATURDAY, "Europe/Rome", price_per_month=today)
    assert offer is not None
    assert abs(offer.price_per_month * offer.months - offer.price) <= Decimal("0.005") * offer.months
    usual = today or MEMBERSHIP.price_per_month
    if offer.saving is not None and offer.saving_per_month is not None:
        assert offer.price + offer.saving == usual * offer.months
        assert offer.price_per_month + offer.saving_per_month == usual
        assert offer.saving > 0
        assert offer.saving_per_month > 0
