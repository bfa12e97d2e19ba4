"""When a contact is likeliest to answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contact
from scoring.best_hour import LEAST, choose_hour, explain_hour, find_next, read_best_hours, read_best_times
from tests.scoring.people import add_contact, write_message

EVENING, NOON = {19: 100}, {12: 100}


def write_at(contact: Contact, now: datetime, hour: int, days: int) -> list[object]:
    """A message on each of the last days, at an hour UTC; Rome is one hour ahead in winter."""
    return [write_message(contact, (now - timedelta(days=1 + day)).replace(hour=hour)) for day in range(days)]


def test_who_wrote_seldom_is_judged_by_everybody() -> None:
    best = choose_hour({10: 1}, EVENING)
    assert best is not None
    assert (best.hour, best.days) == (19, 1)


def test_who_wrote_often_is_judged_by_its_own_hours() -> None:
    best = choose_hour({10: 30}, EVENING)
    assert best is not None
    assert (best.hour, best.days) == (10, 30)


def test_neighbouring_hours_count_together() -> None:
    best = choose_hour({14: 20, 15: 10, 16: 20, 10: 24}, NOON)
    assert best is not None
    assert best.hour == 15


def test_midnight_has_neighbours_on_both_sides() -> None:
    best = choose_hour({23: 40, 1: 40}, EVENING, range(24))
    assert best is not None
    assert best.hour == 0


def test_only_the_hours_asked_for_are_chosen() -> None:
    best = choose_hour({22: 90}, EVENING, range(9, 18))
    assert best is not None
    assert best.hour == 9  # nothing tells one from another, so the earliest


def test_shares_of_all_hours_make_one() -> None:
    shares = [choose_hour({10: 3, 23: 2}, {19: 50, 2: 7}, [hour]) for hour in range(24)]
    assert abs(sum(one.share for one in shares if one) - 1) < 1e-9


def test_nothing_is_said_while_too_few_have_written() -> None:
    assert choose_hour({10: LEAST - 1}, {10: LEAST - 1}) is None


async def test_hours_are_learned_in_the_contacts_own_time(session: AsyncSession, now: datetime) -> None:
    roman, new_yorker = await add_contact(session), await add_contact(session, timezone="America/New_York")
    silent = await add_contact(session)
    session.add_all([*write_at(roman, now, 16, 40), *write_at(new_yorker, now, 16, 30)])
    session.add_all(
        [write_message(roman, now.replace(hour=8, minute=minute)) for minute in range(40)]
    )  # one day's talk
    session.add_all(write_message(silent, now - timedelta(hours=hour), kind="system") for hour in range(9))
    await session.flush()
    found = await read_best_hours(session, [roman.id, new_yorker.id, silent.id], now)
    assert [(found[one.id].hour, found[one.id].days) for one in (roman, new_yorker, silent)] == [
        (17, 41),
        (11, 30),
        (17, 0),
    ]
    times = await read_best_times(session, [new_yorker.id], now.replace(hour=12))
    assert times == {new_yorker.id: now.replace(hour=16, minute=0)}
    assert explain_hour(found[roman.id], "de").startswith("Beste Stunde zum Schreiben: gegen 17:00 (aus bisher 41 ")
    assert explain_hour(found[silent.id], "it").endswith("(non ha ancora scritto: vale quella di tutti)")


async def test_without_messages_there_is_no_best_hour(session: AsyncSession, now: datetime) -> None:
    contact = await add_contact(session)
    assert await read_best_hours(session, [contact.id], now) == {}


def test_the_best_hour_comes_once_a_day_also_when_clocks_are_changed() -> None:
    rome = ZoneInfo("Europe/Rome")  # summer time ends on 25 October 2026
    at = datetime(2026, 10, 24, 16, 30, tzinfo=UTC)  # half past six in the evening
    assert find_next(18, at, rome) == at
    assert find_next(20, at, rome) == datetime(2026, 10, 24, 18, tzinfo=UTC)
    assert find_next(17, at, rome) == datetime(2026, 10, 25, 16, tzinfo=UTC)
