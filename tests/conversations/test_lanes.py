import asyncio
import os
import sys

import pytest
from sqlalchemy import text

from conversations.desk import Desk
from conversations.lanes import (
    LaneLost,
    beat_worker,
    claim_lanes,
    find_dead,
    next_ready_at,
    process_name,
    release_lane,
    retire_workers,
    start_worker,
)
from conversations.turn import claim_batch
from core.db import Sessions
from core.types import Decision, Language
from tests.conversations.conftest import Clock, Customers


async def start(sessions: Sessions) -> int:
    async with sessions.begin() as session:
        return await start_worker(session)


async def test_a_claim_takes_the_longest_waiting_lanes_first(
    sessions: Sessions, customers: Customers, clock: Clock
) -> None:
    late, early = await customers.add(), await customers.add()
    await customers.write(early, "ciao")
    clock.move(seconds=1)
    await customers.write(late, "ciao")
    async with sessions.begin() as session:
        assert [lane.contact_id for lane in await claim_lanes(session, 1, clock(), 1)] == [early]


async def test_a_lane_is_not_ready_before_its_time(sessions: Sessions, customers: Customers, clock: Clock) -> None:
    await customers.write(await customers.add(), "ciao")
    moment = clock()
    clock.move(seconds=-1)
    async with sessions.begin() as session:
        assert await claim_lanes(session, 1, clock(), 10) == []
        assert await next_ready_at(session) == moment


async def test_two_workers_never_claim_the_same_lane(sessions: Sessions, customers: Customers, clock: Clock) -> None:
    for _ in range(20):
        await customers.write(await customers.add(), "ciao")

    async def claim(worker_id: int) -> list[int]:
        async with sessions.begin() as session:
            held = await claim_lanes(session, worker_id, clock(), 5)
            await asyncio.sleep(0.01)
            return [lane.contact_id for lane in held]

    claimed = [contact for lanes in await asyncio.gather(*map(claim, range(4))) for contact in lanes]
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 20


async def test_a_held_lane_is_not_claimed_again(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    await claim_batch(desk, 1)
    await customers.write(contact, "ci siete?")
    assert await claim_batch(desk, 1) == []


async def test_a_message_that_comes_during_a_turn_makes_the_lane_ready_after_it(
    desk: Desk, customers: Customers
) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    (turn,) = await claim_batch(desk, 1)
    await customers.write(contact, "ci siete?")
    async with desk.sessions.begin() as session:
        assert await release_lane(session, turn.held)


async def test_a_release_without_news_leaves_the_lane_at_rest(desk: Desk, customers: Customers) -> None:
    await customers.write(await customers.add(), "ciao")
    (turn,) = await claim_batch(desk, 1)
    async with desk.sessions.begin() as session:
        assert not await release_lane(session, turn.held)


async def test_a_worker_given_up_for_dead_cannot_commit(desk: Desk, customers: Customers) -> None:
    await customers.write(await customers.add(), "ciao")
    (turn,) = await claim_batch(desk, 1)
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], desk.now())
    with pytest.raises(LaneLost):
        async with desk.sessions.begin() as session:
            await release_lane(session, turn.held)


async def test_an_old_claim_of_the_same_worker_cannot_commit(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    (first,) = await claim_batch(desk, 1)
    async with desk.sessions.begin() as session:
        await release_lane(session, first.held, again_at=desk.now())
    await claim_batch(desk, 1)
    with pytest.raises(LaneLost):
        async with desk.sessions.begin() as session:
            await release_lane(session, first.held)


async def test_messages_form_a_turn_in_the_order_they_were_sent(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "terzo", sent=2)
    await customers.write(contact, "primo", sent=0)
    await customers.write(contact, "secondo", sent=1)
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.text == "primo\nsecondo\nterzo"


async def test_an_unfinished_turn_is_redone_with_exactly_its_messages(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    (first,) = await claim_batch(desk, 1)
    await customers.write(contact, "ci siete?")
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], desk.now())
    (again,) = await claim_batch(desk, 1)
    assert (again.key, again.plan, again.messages, again.redo) == (first.key, first.plan, first.messages, True)


async def test_words_after_a_tap_wait_for_the_next_turn(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.offer(contact, ("/affirm", "Sì"))
    await customers.write(contact, "Sì", kind="button_reply", reply_id="/affirm")
    await customers.write(contact, "20121", sent=1)
    (turn,) = await claim_batch(desk, 1)
    async with desk.sessions.begin() as session:
        assert await release_lane(session, turn.held)
    assert turn.plan.text == "/affirm"


async def test_a_lane_without_messages_goes_back_to_rest(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    await customers.run("DELETE FROM message")
    assert await claim_batch(desk, 1) == []
    (lane,) = await customers.run("SELECT owner, ready_at FROM lane")
    assert (lane.owner, lane.ready_at) == (None, None)


async def test_many_lanes_are_composed_together(desk: Desk, customers: Customers) -> None:
    for number in range(5):
        await customers.write(await customers.add(), f"numero {number}")
    turns = await claim_batch(desk, 10)
    assert sorted(turn.plan.text for turn in turns) == [f"numero {number}" for number in range(5)]


async def test_a_long_silence_starts_a_new_session(desk: Desk, customers: Customers, clock: Clock) -> None:
    contact = await customers.add(session_number=3, session_seen_at=clock())
    clock.move(hours=25)
    await customers.write(contact, "ciao")
    (turn,) = await claim_batch(desk, 1)
    assert turn.sender == "c1.4"


async def test_a_short_pause_goes_on_in_the_session(desk: Desk, customers: Customers, clock: Clock) -> None:
    contact = await customers.add(session_number=3, session_seen_at=clock())
    clock.move(hours=23)
    await customers.write(contact, "ciao")
    (turn,) = await claim_batch(desk, 1)
    assert turn.sender == "c1.3"


async def test_a_redone_turn_keeps_its_session(desk: Desk, customers: Customers, clock: Clock) -> None:
    contact = await customers.add(session_seen_at=clock())
    await customers.write(contact, "ciao")
    await claim_batch(desk, 1)
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], desk.now())
    clock.move(hours=30)
    (again,) = await claim_batch(desk, 1)
    assert again.sender == "c1.1"


async def test_a_number_chooses_the_open_option(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.offer(contact, ("/affirm", "Sì"), ("/deny", "No"))
    await customers.write(contact, "2.")
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.text == "/deny"


async def test_options_are_closed_by_a_later_answer(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.offer(contact, ("/affirm", "Sì"), ("/deny", "No"))
    await customers.offer(contact)
    await customers.write(contact, "2")
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.text == "2"


async def test_options_of_an_old_session_are_closed(desk: Desk, customers: Customers, clock: Clock) -> None:
    contact = await customers.add(session_seen_at=clock())
    (old,) = await customers.run(
        "INSERT INTO turn (contact_id, session_number, text, started_at, finished_at) VALUES (:c, 1, 'x', :t, :t)"
        " RETURNING id",
        c=contact,
        t=clock(),
    )
    await customers.offer(contact, ("/affirm", "Sì"), turn_id=old.id)
    clock.move(hours=25)
    await customers.write(contact, "1")
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.text == "1"


async def test_a_message_that_never_arrived_offers_nothing(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.offer(contact, ("/affirm", "Sì"), state="failed")
    await customers.write(contact, "1")
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.text == "1"


async def test_a_tap_counts_only_if_we_offered_it_to_this_contact(desk: Desk, customers: Customers) -> None:
    offered, hostile = await customers.add(), await customers.add()
    await customers.offer(offered, ("/choose_offer", "Questa"))
    await customers.write(hostile, "Questa", kind="button_reply", reply_id="/choose_offer")
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.text == "Questa"


async def test_a_campaigns_proposal_gives_a_plain_yes_its_meaning(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.offer(contact, kind="template", proposal="energy_comparison")
    await customers.write(contact, "sì")
    (turn,) = await claim_batch(desk, 1)
    assert turn.proposal == "energy_comparison"


async def test_a_later_answer_takes_the_proposal_back(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.offer(contact, kind="template", proposal="energy_comparison")
    await customers.offer(contact)
    await customers.write(contact, "sì")
    (turn,) = await claim_batch(desk, 1)
    assert turn.proposal is None


async def test_a_person_who_stepped_in_silences_a_redone_turn(desk: Desk, customers: Customers, clock: Clock) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    await claim_batch(desk, 1)
    await customers.run(
        "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at) VALUES (:c, 'wish', 'h', '{}', :t)",
        c=contact,
        t=clock(),
    )
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], desk.now())
    (again,) = await claim_batch(desk, 1)
    assert again.plan.decision is Decision.HANDOFF_OPEN


async def test_a_redone_turns_own_handoff_does_not_silence_it(desk: Desk, customers: Customers, clock: Clock) -> None:
    contact = await customers.add()
    await customers.write(contact, "voglio una persona")
    (turn,) = await claim_batch(desk, 1)
    await customers.run(
        "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at) VALUES (:c, 'wish', :k, '{}', :t)",
        c=contact,
        k=turn.key,
        t=clock(),
    )
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], desk.now())
    (again,) = await claim_batch(desk, 1)
    assert again.plan.decision is Decision.ASK_RASA


@pytest.mark.parametrize(("country", "expected"), [("IT", "it"), ("AT", "de"), ("GB", "en")])
async def test_the_phones_country_is_the_first_guess_of_a_language(
    desk: Desk, customers: Customers, country: str, expected: str
) -> None:
    await customers.write(await customers.add(country=country), "3500")
    (turn,) = await claim_batch(desk, 1)
    assert turn.plan.language is Language(expected)


async def test_a_silent_worker_is_found_dead(sessions: Sessions) -> None:
    alive, silent = await start(sessions), await start(sessions)
    async with sessions.begin() as session:
        await session.execute(
            text("UPDATE worker SET beat_at = beat_at - interval '20 seconds' WHERE id = :w"), {"w": silent}
        )
        assert await find_dead(session, alive, 12) == [silent]


async def test_a_worker_that_beats_is_not_dead(sessions: Sessions) -> None:
    one, other = await start(sessions), await start(sessions)
    async with sessions.begin() as session:
        assert await beat_worker(session, other)
        assert await find_dead(session, one, 12) == []


async def test_a_worker_whose_process_is_gone_is_found_at_once(sessions: Sessions) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=asyncio.subprocess.PIPE)
    name = process_name(process.pid)
    await process.communicate(b"\n")
    alive, gone = await start(sessions), await start(sessions)
    async with sessions.begin() as session:
        await session.execute(text("UPDATE worker SET name = :n WHERE id = :w"), {"n": name, "w": gone})
        assert await find_dead(session, alive, 12) == [gone]


async def test_a_worker_on_another_host_is_left_to_its_beat(sessions: Sessions) -> None:
    one, other = await start(sessions), await start(sessions)
    async with sessions.begin() as session:
        name = f"elsewhere/1:{os.getpid()}:1.00"
        await session.execute(text("UPDATE worker SET name = :n WHERE id = :w"), {"n": name, "w": other})
        assert await find_dead(session, one, 12) == []


async def test_a_dead_workers_work_is_taken_over(desk: Desk, customers: Customers) -> None:
    contact = await customers.add()
    await customers.write(contact, "ciao")
    await claim_batch(desk, 1)
    sending = await customers.offer(contact, state="sending", owner=desk.worker_id, claimed_at=desk.now())
    async with desk.sessions.begin() as session:
        await retire_workers(session, [desk.worker_id], desk.now())
        assert not await beat_worker(session, desk.worker_id)
    (lane,) = await customers.run("SELECT owner, ready_at FROM lane")
    (row,) = await customers.run("SELECT state FROM outbox WHERE id = :id", id=sending)
    assert (lane.owner, lane.ready_at, row.state) == (None, desk.now(), "unknown")
