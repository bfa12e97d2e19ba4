from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.audit import Actor
from core.db import Sessions
from core.settings import Settings
from core.types import HandoffReason
from inbox.agents import (
    WRITES,
    Present,
    assign_waiting,
    choose_agent,
    find_writing,
    note_presence,
    note_writing,
    read_agents,
    set_away,
    set_profile,
    stop_writing,
)
from inbox.handoff import open_handoff
from inbox.reply import reply
from inbox.watch import watch_handoffs
from tests.inbox.conftest import Shift, add_contact

ADMIN = Actor(None, "admin@example.org")
NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def there(id_: int, **more: Any) -> Present:
    return Present(id_, f"A{id_}", **({"seen_at": NOW} | more))


@pytest.mark.parametrize(
    ("agents", "chosen"),
    [
        ([], None),
        ([there(1, seen_at=None)], None),
        ([there(1, seen_at=NOW - timedelta(minutes=3))], None),
        ([there(1, away=True), there(2)], 2),
        ([there(1, languages=("de",)), there(2, languages=("it", "en"))], 2),
        ([there(1, languages=("de",))], None),
        ([there(1, skills=("gym",)), there(2, skills=("energy",), load=3)], 2),
        ([there(1, skills=("gym",))], 1),  # nobody knows about it, but somebody is there
        ([there(1), there(2, skills=("energy",))], 2),
        ([there(1, load=2), there(2, load=1)], 2),
        ([there(1, load=10), there(2, load=0, away=True)], None),
        ([there(9)], None),  # the one who did not answer
        ([there(1), there(2, team="north", load=2), there(9, team="north")], 2),  # their team first
    ],
)
def test_who_fits_best_gets_it(agents: list[Present], chosen: int | None) -> None:
    found = choose_agent(agents, "it", "energy", NOW, but=9)
    assert (found and found.id) == chosen


async def test_what_is_nobodys_goes_to_who_is_there(shift: Shift, now: datetime) -> None:
    assert await assign_waiting(shift.session, now) == 0
    for who in (shift.sofia, shift.jonas):
        await note_presence(shift.session, who, now)
    await set_profile(shift.session, shift.sofia, ["de"], [], "service", 5, ADMIN, now)
    assert await assign_waiting(shift.session, now) == 1
    assert await shift.ask("SELECT state, account_id FROM handoff") == [("assigned", shift.jonas)]
    assert [(one.name, one.load) for one in await read_agents(shift.session)] == [("Jonas", 1), ("Sofia", 0)]


async def test_who_is_away_gets_nothing(shift: Shift, now: datetime) -> None:
    await set_away(shift.session, shift.sofia, True, now)
    assert await assign_waiting(shift.session, now) == 0
    await set_away(shift.session, shift.sofia, False, now)
    assert await assign_waiting(shift.session, now) == 1


async def test_colleagues_see_who_writes_for_a_few_seconds(shift: Shift, now: datetime) -> None:
    await note_writing(shift.session, shift.handoff, shift.sofia, now)
    assert await find_writing(shift.session, shift.handoff, shift.jonas, now) == ["Sofia"]
    assert await find_writing(shift.session, shift.handoff, shift.sofia, now) == []
    assert await find_writing(shift.session, shift.handoff, shift.jonas, now + WRITES) == []
    await stop_writing(shift.session, shift.handoff, shift.sofia)
    assert await find_writing(shift.session, shift.handoff, shift.jonas, now) == []


async def test_who_waits_too_long_is_told_once_and_a_colleague_gets_it(
    shift: Shift, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    settings = settings.model_copy(update={"handoff_auto_assign": True, "company_dir": str(settings.data_dir)})
    await note_presence(shift.session, shift.sofia, now)
    await shift.session.commit()
    assert await watch_handoffs(sessions, settings, now) == 0
    assert await shift.ask("SELECT account_id FROM handoff") == [shift.sofia]
    later = now + timedelta(minutes=16)
    await note_presence(shift.session, shift.jonas, later)
    await shift.session.commit()
    assert await watch_handoffs(sessions, settings, later) == 1
    assert await watch_handoffs(sessions, settings, later) == 0
    assert await shift.ask("SELECT account_id, alerted_at, told_at FROM handoff") == [(shift.jonas, later, later)]
    (said,) = await shift.ask("SELECT text FROM outbox")
    assert said.startswith("Ci vuole più del previsto")


async def test_who_waits_a_second_time_alerts_again_but_is_told_nothing_new(
    shift: Shift, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    settings = settings.model_copy(update={"company_dir": str(settings.data_dir)})  # without hours: always there
    assert await watch_handoffs(sessions, settings, now + timedelta(minutes=16)) == 1
    answered = now + timedelta(minutes=20)
    await reply(shift.session, settings, shift.handoff, shift.sofia, "Eccomi", "k1", answered)
    await shift.session.commit()
    assert await watch_handoffs(sessions, settings, answered + timedelta(hours=1)) == 0
    again = answered + timedelta(minutes=1)
    await shift.run("UPDATE handoff SET state = 'assigned', unanswered_since = :at", at=again)
    await shift.session.commit()
    assert await watch_handoffs(sessions, settings, again + timedelta(minutes=16)) == 1
    assert await shift.ask("SELECT count(*) FROM outbox") == [2]


async def test_a_colleague_who_is_silent_too_does_not_keep_it(
    shift: Shift, sessions: Sessions, settings: Settings, now: datetime
) -> None:
    settings = settings.model_copy(update={"handoff_auto_assign": True, "company_dir": str(settings.data_dir)})

    async def watch(minutes: int, *there: int) -> int | None:
        at = now + timedelta(minutes=minutes)
        for who in there:
            await note_presence(shift.session, who, at)
        await shift.session.commit()
        await watch_handoffs(sessions, settings, at)
        (owner,) = await shift.ask("SELECT account_id FROM handoff")
        return int(owner)

    assert await watch(0, shift.sofia) == shift.sofia
    assert await watch(16, shift.sofia) == shift.sofia  # nobody else is there
    assert await watch(20, shift.sofia, shift.jonas) == shift.jonas  # the first who comes gets it
    assert await watch(30, shift.sofia, shift.jonas) == shift.jonas
    assert await watch(36, shift.sofia, shift.jonas) == shift.sofia
    assert await shift.ask("SELECT count(*) FROM outbox") == [1]  # and the customer was told once


async def test_without_a_conversation_the_score_tells_who_knows_it(shift: Shift, now: datetime) -> None:
    for who, skill in ((shift.sofia, "energy"), (shift.jonas, "gym")):
        await note_presence(shift.session, who, now)
        await set_profile(shift.session, who, [], [skill], None, 5, ADMIN, now)
    await shift.run(
        "INSERT INTO score (contact_id, pack, version, points, band, receipt, computed_at)"
        " VALUES (:c, 'gym', '1', 10, 'low', '[]', :now)",
        c=shift.dario,
        now=now,
    )
    await assign_waiting(shift.session, now)
    assert await shift.ask("SELECT account_id FROM handoff") == [shift.jonas]


async def test_many_waiting_are_spread_by_load(shift: Shift, now: datetime) -> None:
    for number in range(3):
        contact = await add_contact(shift.session, f"c{number}", now, language="it")
        await open_handoff(shift.session, contact, HandoffReason.WISH, f"n{number}", {}, now)
    for who in (shift.sofia, shift.jonas):
        await note_presence(shift.session, who, now)
    assert await assign_waiting(shift.session, now) == 4
    assert await shift.ask("SELECT count(*) FROM handoff GROUP BY account_id") == [2, 2]


@pytest.mark.parametrize(("topic", "expert"), [("energy_comparison", "sofia"), ("membership_renewal", "jonas")])
async def test_what_was_talked_about_decides_who_knows_it(shift: Shift, now: datetime, topic: str, expert: str) -> None:
    for who, skill in ((shift.sofia, "energy"), (shift.jonas, "gym")):
        await note_presence(shift.session, who, now)
        await set_profile(shift.session, who, [], [skill], None, 5, ADMIN, now)
    await shift.run("UPDATE handoff SET card = jsonb_build_object('topic', CAST(:topic AS text))", topic=topic)
    assert await assign_waiting(shift.session, now) == 1
    assert await shift.ask("SELECT account_id FROM handoff") == [getattr(shift, expert)]
