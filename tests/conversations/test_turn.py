import asyncio
from typing import Any

import pytest
from starlette.responses import JSONResponse

from conversations.desk import Desk
from conversations.turn import claim_batch, handle_next_turn, handle_turn
from core.types import Language, Purpose
from tests.conversations.conftest import Clock, Customers, Outside, echo

DOWN = JSONResponse({"error": "no model"}, 503)


def says(*messages: dict[str, Any], **more: Any) -> Any:
    return lambda question: echo(question) | {"messages": list(messages)} | more


async def open_handoff_row(customers: Customers, contact: int, key: str = "by-hand") -> None:
    await customers.run(
        "INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at) VALUES (:c, 'wish', :k, '{}', now())",
        c=contact,
        k=key,
    )


async def test_a_message_is_answered(desk: Desk, customers: Customers, outside: Outside) -> None:
    await customers.write(await customers.add(), "vorrei confrontare la mia tariffa")
    assert await handle_next_turn(desk)
    assert await customers.queued() == ["Hai scritto: vorrei confrontare la mia tariffa"]


async def test_without_messages_there_is_no_turn(desk: Desk) -> None:
    assert not await handle_next_turn(desk)


async def test_rasa_is_asked_as_agreed(desk: Desk, customers: Customers, outside: Outside) -> None:
    contact = await customers.add(language="de")
    await customers.offer(contact, kind="template", proposal="energy_comparison")
    await customers.write(contact, "ja gerne, was brauchen Sie dafür?")
    await handle_next_turn(desk)
    assert outside.questions == [
        {
            "sender": "c1.1",
            "message_id": "t1",
            "text": "ja gerne, was brauchen Sie dafür?",
            "slots": {"language": "de", "proposal": "energy_comparison"},
            "metadata": {"kinds": ["text"]},
            "authorization": f"Bearer {desk.settings.internal_token()}",
        }
    ]


async def test_what_rasa_understood_stands_on_the_turn(desk: Desk, customers: Customers, outside: Outside) -> None:
    outside.answer = says(
        {"text": "Quanti kWh?"}, open_question={"slot": "yearly_kwh", "takes_number": True}, slots={"postcode": "20121"}
    )
    await customers.write(await customers.add(), "abito a Milano, 20121")
    await handle_next_turn(desk)
    (turn,) = await customers.turns()
    assert (turn.decision, turn.language, turn.intent, turn.confidence) == ("ask_rasa", "it", "inform", 0.9)
    assert turn.open_question == {"slot": "yearly_kwh", "takes_number": True}
    assert turn.slots == {"postcode": "20121"}
    assert turn.finished_at == desk.now()


async def test_after_a_question_for_a_number_a_number_is_its_answer(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    outside.answer = says(
        {"text": "Quanti kWh?", "buttons": [{"title": "Non lo so", "payload": "/dont_know"}]},
        open_question={"slot": "yearly_kwh", "takes_number": True},
    )
    contact = await customers.add()
    await customers.write(contact, "confrontiamo le offerte")
    await handle_next_turn(desk)
    await customers.write(contact, "1")
    await handle_next_turn(desk)
    assert outside.questions[-1]["text"] == "1"


async def test_after_options_a_number_is_a_choice(desk: Desk, customers: Customers, outside: Outside) -> None:
    outside.answer = says({"text": "Confronto?", "buttons": [{"title": "Sì", "payload": "/affirm"}]})
    contact = await customers.add()
    await customers.write(contact, "buongiorno a tutti voi")
    await handle_next_turn(desk)
    await customers.write(contact, "1")
    await handle_next_turn(desk)
    assert outside.questions[-1]["text"] == "/affirm"


async def test_all_that_rasa_says_becomes_one_message(desk: Desk, customers: Customers, outside: Outside) -> None:
    outside.answer = says(
        {"text": "Ecco", "buttons": [{"title": "Vecchio", "payload": "/old"}]},
        {"text": "Quale?", "buttons": [{"title": "Prima", "payload": "/a"}, {"title": "Seconda", "payload": "/b"}]},
        {"custom": {"list_label": "Offerte"}},
    )
    await customers.write(await customers.add(), "fammi vedere le offerte")
    await handle_next_turn(desk)
    (row,) = await customers.run("SELECT text, options, turn_id, key FROM outbox")
    assert row.text == "Ecco\n\nQuale?"
    assert row.options == [{"id": "/a", "title": "Prima"}, {"id": "/b", "title": "Seconda"}]
    assert (row.turn_id, row.key) == (1, "turn:1:0")


async def test_the_contact_keeps_the_language(desk: Desk, customers: Customers, outside: Outside) -> None:
    contact = await customers.add()
    await customers.write(contact, "Good morning, can you compare electricity prices for me?")
    await handle_next_turn(desk)
    (row,) = await customers.run("SELECT language FROM contact WHERE id = :id", id=contact)
    assert row.language == "en"


async def test_typing_is_shown_while_rasa_thinks(desk: Desk, customers: Customers, outside: Outside) -> None:
    outside.gate.clear()
    wamid = await customers.write(await customers.add(), "quanto costa?")
    turn = asyncio.create_task(handle_next_turn(desk))
    await outside.entered.wait()
    await asyncio.gather(*desk.typing)
    assert [(post["message_id"], post["typing_indicator"]) for post in outside.posts] == [(wamid, {"type": "text"})]
    outside.gate.set()
    await turn


async def test_no_transaction_is_open_while_rasa_thinks(desk: Desk, customers: Customers, outside: Outside) -> None:
    outside.gate.clear()
    await customers.write(await customers.add(), "quanto costa?")
    turn = asyncio.create_task(handle_next_turn(desk))
    await outside.entered.wait()
    open_ones = await customers.run(
        "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = current_database()"
    )
    outside.gate.set()
    await turn
    assert open_ones == []


@pytest.mark.parametrize("kind", ["reaction", "edit"])
async def test_a_note_is_not_answered(desk: Desk, customers: Customers, outside: Outside, kind: str) -> None:
    await customers.write(await customers.add(), "👍", kind=kind)
    await handle_next_turn(desk)
    (turn,) = await customers.turns()
    assert (turn.decision, outside.questions, await customers.queued()) == ("nothing_to_say", [], [])


async def test_with_a_person_the_assistant_says_nothing(desk: Desk, customers: Customers, outside: Outside) -> None:
    contact = await customers.add()
    await open_handoff_row(customers, contact)
    await customers.write(contact, "ci siete?")
    await handle_next_turn(desk)
    (turn,) = await customers.turns()
    assert (turn.decision, turn.text) == ("handoff_open", "ci siete?")
    assert (outside.questions, outside.posts, await customers.queued()) == ([], [], [])


async def test_a_person_who_took_over_meanwhile_speaks_instead(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    outside.gate.clear()
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    turn = asyncio.create_task(handle_next_turn(desk))
    await outside.entered.wait()
    await open_handoff_row(customers, contact)
    outside.gate.set()
    await turn
    assert [row.decision for row in await customers.turns()] == ["handoff_open"]
    assert await customers.queued() == []


async def test_the_turn_that_hands_over_says_so(desk: Desk, customers: Customers, outside: Outside) -> None:
    outside.gate.clear()
    contact = await customers.add()
    await customers.write(contact, "voglio parlare con una persona")
    turn = asyncio.create_task(handle_next_turn(desk))
    await outside.entered.wait()
    await open_handoff_row(customers, contact, key="t1")
    outside.gate.set()
    await turn
    assert len(await customers.queued()) == 1


async def test_a_stop_word_ends_everything_with_one_sentence(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    outside.answer = lambda question: DOWN
    contact = await customers.add(language="de")
    await customers.offer(contact, state="queued", kind="template", purpose="marketing")
    wamid = await customers.write(contact, "Bitte keine Nachrichten mehr")
    await handle_next_turn(desk)
    consents = await customers.run("SELECT purpose, given, wording, proof FROM consent ORDER BY purpose")
    assert [tuple(row) for row in consents] == [
        (purpose, False, "Bitte keine Nachrichten mehr", wamid) for purpose in sorted(Purpose)
    ]
    (said,) = await customers.queued()
    assert said.startswith("In Ordnung")
    assert outside.questions == []


async def test_after_a_stop_the_old_conversation_is_over(desk: Desk, customers: Customers, outside: Outside) -> None:
    contact = await customers.add()
    await customers.write(contact, "stop")
    await handle_next_turn(desk)
    await customers.write(contact, "anzi, quanto costa?")
    await handle_next_turn(desk)
    assert outside.questions[-1]["sender"] == "c1.2"


async def test_while_rasa_is_down_messages_wait(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = lambda question: DOWN
    await customers.write(await customers.add(), "quanto costa?")
    await handle_next_turn(desk)
    assert not await handle_next_turn(desk)
    assert await customers.queued() == []
    outside.answer = echo
    clock.move(seconds=1)
    await handle_next_turn(desk)
    assert await customers.queued() == ["Hai scritto: quanto costa?"]


async def test_the_same_question_is_asked_again_under_the_same_id(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = lambda question: DOWN
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    await handle_next_turn(desk)
    await customers.write(contact, "ci siete?")
    clock.move(seconds=1)
    await handle_next_turn(desk)
    first, second = outside.questions
    assert first == second


async def test_what_was_written_while_rasa_was_down_is_answered_too(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = lambda question: DOWN
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    await handle_next_turn(desk)
    await customers.write(contact, "ci siete?")
    clock.move(seconds=1)
    await handle_next_turn(desk)
    outside.answer = echo
    clock.move(seconds=10)
    while await handle_next_turn(desk):
        pass
    assert await customers.queued() == ["Hai scritto: quanto costa?", "Hai scritto: ci siete?"]


async def test_a_customer_hears_the_truth_after_two_minutes(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = lambda question: DOWN
    await customers.write(await customers.add(language="en"), "how much is it?")
    await handle_next_turn(desk)
    clock.move(seconds=121)
    await handle_next_turn(desk)
    assert [text[:9] for text in await customers.queued()] == ["I'm sorry"]
    (handoff,) = await customers.run("SELECT reason, turn_key, closed_at FROM handoff")
    assert tuple(handoff) == ("assistant_down", "t1", None)
    (turn,) = await customers.turns()
    assert (turn.decision, turn.finished_at) == ("rasa_down", clock())


async def test_a_stop_word_does_not_wait_for_rasa(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = lambda question: DOWN
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    await handle_next_turn(desk)
    await customers.write(contact, "STOP")
    while await handle_next_turn(desk):
        pass
    assert [row.decision for row in await customers.turns()] == ["rasa_down", "stop"]
    assert len(await customers.queued()) == 1


async def test_an_empty_answer_is_asked_again_and_then_handed_over(
    desk: Desk, customers: Customers, outside: Outside, clock: Clock
) -> None:
    outside.answer = says()
    await customers.write(await customers.add(), "quanto costa?")
    for _ in range(4):
        await handle_next_turn(desk)
        clock.move(seconds=10)
    assert len(outside.questions) == 4
    assert [text[:13] for text in await customers.queued()] == ["Mi dispiace, "]


async def test_an_answer_whatsapp_cannot_take_is_handed_over(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    outside.answer = says({"text": "Qui", "buttons": [{"title": "Sì", "payload": "/x" * 200}]})
    await customers.write(await customers.add(), "quanto costa?")
    await handle_next_turn(desk)
    assert [text[:13] for text in await customers.queued()] == ["Mi dispiace, "]


async def test_a_crash_after_the_answer_neither_loses_nor_doubles_it(
    desk: Desk, customers: Customers, outside: Outside
) -> None:
    contact = await customers.add()
    await customers.write(contact, "quanto costa?")
    (turn,) = await claim_batch(desk, 1)
    await handle_turn(desk, turn)
    await customers.run("UPDATE turn SET finished_at = NULL")
    await customers.run("UPDATE lane SET ready_at = :now", now=desk.now())
    await handle_next_turn(desk)
    assert await customers.queued() == ["Hai scritto: quanto costa?"]


async def test_a_late_worker_changes_nothing(desk: Desk, customers: Customers, outside: Outside) -> None:
    await customers.write(await customers.add(), "quanto costa?")
    (turn,) = await claim_batch(desk, 1)
    await customers.run("UPDATE lane SET owner = 99, epoch = epoch + 1")
    assert not await handle_turn(desk, turn)
    assert await customers.queued() == []
    assert [row.finished_at for row in await customers.turns()] == [None]


async def test_a_contact_merged_meanwhile_changes_nothing(desk: Desk, customers: Customers, outside: Outside) -> None:
    await customers.write(await customers.add(), "quanto costa?")
    (turn,) = await claim_batch(desk, 1)
    await customers.run("DELETE FROM lane")
    assert not await handle_turn(desk, turn)
    assert await customers.queued() == []


async def test_a_location_reaches_rasa_as_coordinates(desk: Desk, customers: Customers, outside: Outside) -> None:
    payload = '{"location": {"latitude": 45.46, "longitude": 9.19, "name": "Duomo"}}'
    await customers.write(await customers.add(), "Duomo", kind="location", payload=payload)
    await handle_next_turn(desk)
    assert outside.questions[0]["text"] == '/location{"latitude": 45.46, "longitude": 9.19}'


async def test_many_contacts_are_answered_at_once(desk: Desk, customers: Customers, outside: Outside) -> None:
    for number in range(8):
        await customers.write(await customers.add(language=Language.IT), f"numero {number}")
    turns = await claim_batch(desk, 8)
    await asyncio.gather(*(handle_turn(desk, turn) for turn in turns))
    assert sorted(await customers.queued()) == [f"Hai scritto: numero {number}" for number in range(8)]
