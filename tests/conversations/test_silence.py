"""From the moment a person takes over, the assistant says nothing, whatever it was doing; and afterwards no loops."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from conversations.desk import Desk
from conversations.lanes import retire_workers, start_worker
from conversations.turn import claim_batch, handle_next_turn, handle_turn
from core.tables import Contact
from core.types import HandoffReason
from inbox.agents import set_away
from inbox.handoff import open_handoff
from inbox.rating import ask_rating
from inbox.states import close, take
from tests.conversations.conftest import Clock, Customers, Outside, echo


async def hand_over(desk: Desk, contact: int, key: str = "page:1") -> int:
    async with desk.sessions.begin() as session:
        return await open_handoff(session, contact, HandoffReason.AGENT, key, {}, desk.now())


async def add_account(customers: Customers) -> int:
    sql = "INSERT INTO account (email, name, role, created_at) VALUES ('s@example.org', 'Sofia', 'agent', :n) RETURNING id"
    return int((await customers.run(sql, n=customers.clock()))[0].id)


async def close_as(desk: Desk, customers: Customers, handoff: int) -> None:
    sofia = await add_account(customers)
    async with desk.sessions.begin() as session:
        await close(session, desk.settings, handoff, sofia, desk.now(), "risolto")


def thanks(question: dict[str, Any]) -> dict[str, Any]:
    return echo(question) | {"intent": {"name": "thank", "confidence": 0.9}}


async def test_a_turn_under_way_falls_silent_and_its_words_reach_the_agent(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    outside.gate.clear()
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    turn = asyncio.create_task(handle_next_turn(desk))
    await outside.entered.wait()
    await hand_over(desk, contact)
    outside.gate.set()
    await turn
    assert await handle_next_turn(desk)
    assert await customers.queued() == []
    ((decision, finished),) = [(row.decision, row.finished_at is not None) for row in await customers.turns()]
    assert (decision, finished) == ("handoff_open", True)


async def test_what_was_queued_and_not_sent_stays_unsaid(desk: Desk, customers: Customers, outside: Outside) -> None:
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    await handle_next_turn(desk)
    assert len(await customers.queued()) == 1
    await hand_over(desk, contact)
    assert await customers.queued() == []
    ((reason,),) = await customers.run("SELECT reason FROM outbox")
    assert reason == "a person took over"


async def test_what_the_handing_turn_says_is_still_said(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "una persona, per favore")
    (turn,) = await claim_batch(desk, 1)
    await hand_over(desk, contact, key=turn.key)
    await handle_turn(desk, turn)
    assert len(await customers.queued()) == 1


async def test_a_turn_left_by_a_dead_worker_stays_silent(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    (left,) = await claim_batch(desk, 1)
    await hand_over(desk, contact)
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], clock())
        second = replace(desk, worker_id=await start_worker(session))
    assert await handle_next_turn(second)
    await handle_turn(desk, left)  # the first comes back and believes it still holds the lane
    assert await customers.queued() == []
    assert outside.questions[1:] == []


async def test_what_the_customer_writes_meanwhile_wakes_the_handoff(
    desk: Desk, customers: Customers, clock: Clock
) -> None:
    contact = await customers.add()
    handoff = await hand_over(desk, contact)
    sofia = await add_account(customers)
    async with desk.sessions.begin() as session:
        await take(session, handoff, sofia, clock())
    await customers.run("UPDATE handoff SET state = 'waiting', unanswered_since = NULL")
    clock.move(minutes=2)
    await customers.write(contact, "ci siete?")
    await handle_next_turn(desk)
    ((state, since),) = await customers.run("SELECT state, unanswered_since FROM handoff")
    assert (state, since) == ("assigned", clock())
    assert await customers.queued() == []


async def test_a_thank_you_after_closing_needs_no_answer(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = thanks
    contact = await customers.add()
    await close_as(desk, customers, await hand_over(desk, contact))
    said = await customers.queued()
    for minutes, answers in ((5, 0), (11, 1)):
        clock.move(minutes=minutes)
        await customers.write(contact, "grazie mille, gentilissimi")
        await handle_next_turn(desk)
        assert len(await customers.queued()) == len(said) + answers


async def test_after_closing_the_assistant_answers_a_question_in_a_new_talk(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    contact = await customers.add()
    await close_as(desk, customers, await hand_over(desk, contact))
    await customers.write(contact, "quanto costa il contratto?")
    await handle_next_turn(desk)
    assert (await customers.queued())[-1] == "Hai scritto: quanto costa il contratto?"
    assert outside.questions[0]["sender"] == "c1.2"
    outside.answer = thanks  # now it may be the answer to what the assistant said
    await customers.write(contact, "perfetto, grazie")
    await handle_next_turn(desk)
    assert (await customers.queued())[-1] == "Hai scritto: perfetto, grazie"


@pytest.mark.parametrize("words", ["5", None])
async def test_stars_are_noted_and_not_asked_of_rasa(
    desk: Desk, customers: Customers, outside: Outside, words: str | None
) -> None:
    contact = await customers.add(language="en")
    handoff = await hand_over(desk, contact)
    await close_as(desk, customers, handoff)
    async with desk.sessions.begin() as session:
        assert await ask_rating(session, desk.settings, await session.get_one(Contact, contact), handoff, desk.now())
    if words:
        await customers.write(contact, words)
    else:
        await customers.write(contact, "5", kind="list_reply", reply_id=f"rating:{handoff}:5")
    await handle_next_turn(desk)
    assert [row.stars for row in await customers.run("SELECT stars FROM satisfaction")] == [5]
    assert outside.questions == []
    assert (await customers.queued())[-1] == "Thank you, we take that with us."


async def write_after_closing(desk: Desk, customers: Customers, away: bool) -> int:
    """A customer writes right after Sofia closed the handoff, who is there still, or away; her id."""
    contact = await customers.add()
    handoff = await hand_over(desk, contact)
    sofia = await add_account(customers)
    async with desk.sessions.begin() as session:
        await take(session, handoff, sofia, desk.now())
        await set_away(session, sofia, away, desk.now())
        await close(session, desk.settings, handoff, sofia, desk.now(), "", tell=False)
    await customers.write(contact, "ah, ancora una cosa: e il gas?")
    assert await handle_next_turn(desk)
    return sofia


async def test_who_writes_right_after_closing_gets_the_same_person_if_still_there(
    desk: Desk, customers: Customers
) -> None:
    sofia = await write_after_closing(desk, customers, away=False)
    assert await customers.queued() == []
    rows = await customers.run("SELECT state, account_id, unanswered_since IS NOT NULL FROM handoff")
    assert [tuple(row) for row in rows] == [("assigned", sofia, True)]


async def test_who_writes_when_that_person_is_gone_gets_the_assistant(desk: Desk, customers: Customers) -> None:
    await write_after_closing(desk, customers, away=True)
    assert len(await customers.queued()) == 1
