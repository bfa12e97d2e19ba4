"""Pronto begins a conversation by itself: one turn, asked and answered like any other, and never in between."""

from __future__ import annotations

from conversations.desk import Desk
from conversations.opening import open_conversation
from conversations.turn import handle_next_turn
from tests.conversations.conftest import Clock, Customers, Outside
from tests.conversations.test_turn import DOWN, open_handoff_row


async def begin(desk: Desk, contact: int) -> bool:
    async with desk.sessions.begin() as session:
        return await open_conversation(session, desk.settings, contact, "/energy_comparison", desk.now())


async def meet(desk: Desk, customers: Customers) -> int:
    """A contact who said something and was answered."""
    contact = await customers.add(language="de")
    await customers.write(contact, "hallo")
    await handle_next_turn(desk)
    return contact


async def test_rasa_is_asked_in_the_contacts_name_and_its_answer_is_sent(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    contact = await meet(desk, customers)
    assert await begin(desk, contact)
    assert await handle_next_turn(desk)
    question = outside.questions[-1]
    assert (question["sender"], question["message_id"]) == ("c1.1", "t2")
    assert (question["text"], question["slots"], question["metadata"]) == (
        "/energy_comparison",
        {"language": "de"},
        {"kinds": []},
    )
    assert await customers.queued() == ["Hai scritto: hallo", "Hai scritto: /energy_comparison"]
    numbers = await customers.run("SELECT DISTINCT phone_number_id AS number FROM outbox")
    assert [row.number for row in numbers] == ["900"]
    assert not await handle_next_turn(desk)


async def test_it_begins_once_and_not_between_a_message_and_its_answer(desk: Desk, customers: Customers) -> None:
    contact = await meet(desk, customers)
    await customers.write(contact, "eine Frage")
    assert not await begin(desk, contact)
    await handle_next_turn(desk)
    assert await begin(desk, contact)
    assert not await begin(desk, contact)  # that one is not over


async def test_not_while_a_person_talks_and_not_to_whom_never_wrote(desk: Desk, customers: Customers) -> None:
    contact = await meet(desk, customers)
    await open_handoff_row(customers, contact)
    assert not await begin(desk, contact)
    assert not await begin(desk, await customers.add())


async def test_what_is_written_meanwhile_is_answered_afterwards(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    contact = await meet(desk, customers)
    answer, outside.answer = outside.answer, lambda question: DOWN
    assert await begin(desk, contact)
    await handle_next_turn(desk)  # Rasa is down: asked again later, under the same key
    await customers.write(contact, "und noch etwas")
    outside.answer = answer
    clock.move(seconds=30)
    while await handle_next_turn(desk):
        pass
    assert (await customers.queued())[1:] == ["Hai scritto: /energy_comparison", "Hai scritto: und noch etwas"]
