from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from core.db import Sessions
from core.settings import Settings
from core.types import Language
from inbox.states import (
    assign,
    close,
    hear_customer,
    lock_handoff,
    mark_read,
    pass_on,
    reopen,
    snooze,
    take,
    wait,
    wake_snoozed,
)
from inbox.words import RefusedError
from tests.inbox.conftest import Shift

MINUTE = timedelta(minutes=1)


async def state_of(shift: Shift) -> str:
    return str((await shift.ask("SELECT state FROM handoff WHERE id = :id", id=shift.handoff))[0])


async def test_every_change_leaves_a_row_with_who_when_and_why(shift: Shift, now: datetime) -> None:
    await take(shift.session, shift.handoff, shift.sofia, now)
    await pass_on(shift.session, shift.handoff, shift.jonas, shift.sofia, now + MINUTE, "parla tedesco")
    rows = await shift.ask(
        "SELECT at, account_id, state_before, state, assigned_to, why FROM handoff_change ORDER BY id"
    )
    assert rows == [
        (now, None, None, "open", None, "wish"),
        (now, shift.sofia, "open", "assigned", shift.sofia, "taken"),
        (now + MINUTE, shift.sofia, "assigned", "assigned", shift.jonas, "parla tedesco"),
    ]


async def test_the_second_hears_who_has_it_and_since_when(shift: Shift, now: datetime) -> None:
    await take(shift.session, shift.handoff, shift.sofia, now)
    with pytest.raises(RefusedError) as refused:
        await take(shift.session, shift.handoff, shift.jonas, now + MINUTE)
    assert refused.value.say(Language.EN, "Europe/Rome") == "Sofia has it since 21/11 22:00."
    assert refused.value.say(Language.IT, "Europe/Rome") == "Sofia se ne occupa dalle 21/11 22:00."


async def test_of_two_who_take_at_once_one_gets_it(shift: Shift, sessions: Sessions, now: datetime) -> None:
    async def try_to_take(who: int) -> str:
        async with sessions() as session:
            try:
                await take(session, shift.handoff, who, now)
            except RefusedError as refused:
                return refused.key
            await session.commit()
            return "took"

    assert sorted(await asyncio.gather(*(try_to_take(who) for who in (shift.sofia, shift.jonas)))) == ["taken", "took"]
    assert await shift.ask("SELECT count(*) FROM handoff_change WHERE state = 'assigned'") == [1]


async def test_taking_ones_own_again_changes_nothing(shift: Shift, now: datetime) -> None:
    for _ in range(2):
        await take(shift.session, shift.handoff, shift.sofia, now)
    assert await shift.ask("SELECT count(*) FROM handoff_change") == [2]


@pytest.mark.parametrize("state", ["waiting", "snoozed"])
async def test_when_the_customer_writes_it_is_our_move_again(shift: Shift, now: datetime, state: str) -> None:
    await take(shift.session, shift.handoff, shift.sofia, now)
    if state == "waiting":
        await wait(shift.session, shift.handoff, shift.sofia, now)
    else:
        await snooze(shift.session, shift.handoff, shift.sofia, now + timedelta(hours=3), now)
    assert await state_of(shift) == state
    await hear_customer(shift.session, shift.dario, now + MINUTE)
    await hear_customer(shift.session, shift.dario, now + 2 * MINUTE)
    row = (await shift.ask("SELECT state, unanswered_since, snoozed_until, account_id FROM handoff"))[0]
    assert row == ("assigned", now + MINUTE, None, shift.sofia)
    assert await shift.ask("SELECT why FROM handoff_change WHERE state_before = :s", s=state) == ["the customer wrote"]


async def test_a_snooze_ends_by_itself(shift: Shift, now: datetime) -> None:
    await take(shift.session, shift.handoff, shift.sofia, now)
    await snooze(shift.session, shift.handoff, shift.sofia, now + MINUTE, now)
    assert await wake_snoozed(shift.session, now) == 0
    assert await wake_snoozed(shift.session, now + MINUTE) == 1
    assert await state_of(shift) == "assigned"


async def test_closing_gives_back_to_the_assistant_and_says_so(shift: Shift, settings: Settings, now: datetime) -> None:
    await take(shift.session, shift.handoff, shift.sofia, now)
    assert await close(shift.session, settings, shift.handoff, shift.sofia, now, "risolto")
    assert await shift.ask("SELECT state, closed_at FROM handoff") == [("closed", now)]
    assert await shift.ask("SELECT session_number FROM contact") == [2]
    (said,) = await shift.ask("SELECT text FROM outbox")
    assert "assistente automatico" in said


async def test_outside_the_window_closing_says_nothing(shift: Shift, settings: Settings, now: datetime) -> None:
    assert not await close(shift.session, settings, shift.handoff, shift.sofia, now + timedelta(days=2), "")
    assert await shift.ask("SELECT count(*) FROM outbox") == [0]
    assert await state_of(shift) == "closed"


async def test_a_closed_one_can_be_taken_up_again_unless_there_is_a_newer_one(
    shift: Shift, settings: Settings, now: datetime
) -> None:
    await close(shift.session, settings, shift.handoff, shift.sofia, now, "")
    await reopen(shift.session, shift.handoff, shift.jonas, now)
    assert await shift.ask("SELECT state, closed_at, account_id FROM handoff") == [("assigned", None, shift.jonas)]
    await close(shift.session, settings, shift.handoff, shift.jonas, now, "")
    await shift.run(
        "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at) VALUES (:c, 'wish', 'x', '{}', :n)",
        c=shift.dario,
        n=now,
    )
    with pytest.raises(RefusedError, match="another open"):
        await reopen(shift.session, shift.handoff, shift.sofia, now)


async def test_what_makes_no_sense_is_refused_with_a_sentence(shift: Shift, settings: Settings, now: datetime) -> None:
    session, id_, sofia = shift.session, shift.handoff, shift.sofia
    with pytest.raises(RefusedError, match="Nobody has it"):
        await wait(session, id_, sofia, now)
    with pytest.raises(RefusedError, match="not closed"):
        await reopen(session, id_, sofia, now)
    await take(session, id_, sofia, now)
    with pytest.raises(RefusedError, match="in the future"):
        await snooze(session, id_, sofia, now, now)
    with pytest.raises(RefusedError, match="reason"):
        await pass_on(session, id_, shift.jonas, sofia, now, " ")
    with pytest.raises(RefusedError, match="Sofia has it already"):
        await assign(session, id_, sofia, None, now)
    with pytest.raises(RefusedError, match="does not exist"):
        await assign(session, id_, 999, None, now)
    with pytest.raises(RefusedError, match="Sofia has it since"):
        await close(session, settings, id_, shift.jonas, now, "")
    await close(session, settings, id_, sofia, now, "")
    with pytest.raises(RefusedError, match="closed already"):
        await take(session, id_, sofia, now)
    with pytest.raises(LookupError):
        await take(session, 999, sofia, now)


async def test_a_new_holder_has_read_nothing_yet(shift: Shift, now: datetime) -> None:
    await take(shift.session, shift.handoff, shift.sofia, now)
    await mark_read(shift.session, shift.handoff, shift.sofia, now)
    await mark_read(shift.session, shift.handoff, shift.jonas, now + MINUTE)
    assert (await lock_handoff(shift.session, shift.handoff)).read_at == now
    await pass_on(shift.session, shift.handoff, shift.jonas, shift.sofia, now, "pausa")
    handoff = await lock_handoff(shift.session, shift.handoff)
    found = (handoff.state, handoff.account_id, handoff.read_at, handoff.assigned_at)
    assert found == ("assigned", shift.jonas, None, now)
