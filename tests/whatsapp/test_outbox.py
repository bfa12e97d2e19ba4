from __future__ import annotations

import pytest

from core.types import Language, Option, Outbound, Purpose, Template
from whatsapp.outbox import cancel_queued, resume_sender

THREE_PARTS = "\n\n".join(f"{n} " + "a" * 4000 for n in range(3))


async def test_a_reply_is_stored_as_it_will_leave(desk) -> None:
    contact = await desk.add_contact()
    message = Outbound("Vuoi?", (Option("yes", "Sì"), Option("no", "No")))
    [made] = await desk.queue(contact, message=message, key="t1", proposal="energy_comparison")
    row = await desk.row(made)
    assert (row.key, row.kind, row.purpose, row.state) == ("t1:0", "reply", "service", "queued")
    assert row.options == [{"id": "yes", "title": "Sì"}, {"id": "no", "title": "No"}]
    assert (row.text, row.proposal, row.due_at) == ("Vuoi?", "energy_comparison", desk.clock())
    assert "to" not in row.body


async def test_the_same_key_queues_once(desk) -> None:
    contact = await desk.add_contact()
    assert len(await desk.queue(contact, key="t1")) == 1
    assert await desk.queue(contact, "anders", key="t1") == []
    assert await desk.states() == ["queued"]


async def test_a_split_reply_keeps_its_order_and_asks_last(desk) -> None:
    contact = await desk.add_contact()
    ids = await desk.queue(contact, message=Outbound(THREE_PARTS, (Option("yes", "Sì"),)), proposal="p")
    rows = [await desk.row(one) for one in ids]
    assert [row.text[0] for row in rows[:3]] == ["0", "1", "2"]
    assert [row.proposal for row in rows] == [None] * (len(rows) - 1) + ["p"]
    assert [len(row.options) for row in rows] == [0] * (len(rows) - 1) + [1]


async def test_nothing_to_say_queues_nothing(desk) -> None:
    assert await desk.queue(await desk.add_contact(), " ") == []


async def test_queueing_makes_the_number_known_once(desk) -> None:
    contact = await desk.add_contact()
    await desk.queue(contact)
    await desk.queue(contact)
    assert [row.phone_number_id for row in await desk.run("SELECT * FROM sender")] == ["900"]


async def test_every_message_has_a_callback_of_its_own(desk) -> None:
    contact = await desk.add_contact()
    first, second = [await desk.row((await desk.queue(contact))[0]) for _ in range(2)]
    assert first.callback != second.callback


async def test_a_template_is_stored_with_its_purpose(desk) -> None:
    made = await desk.queue_template(await desk.add_contact(), options=(Option("STOP", "Basta"),))
    row = await desk.row(made)
    assert (row.kind, row.purpose, row.state, row.text) == ("template", "marketing", "queued", "Ciao Ada")
    assert row.options == [{"id": "STOP", "title": "Basta"}]


async def test_the_same_template_key_queues_once(desk) -> None:
    contact = await desk.add_contact()
    assert await desk.queue_template(contact, key="c1") is not None
    assert await desk.queue_template(contact, key="c1") is None


async def test_a_template_without_a_parameter_is_the_callers_error(desk) -> None:
    template = Template("autumn", Language.IT, {"name": " "})
    with pytest.raises(ValueError, match="the template's parameter 'name' is missing"):
        await desk.queue_template(await desk.add_contact(), template=template, purpose=Purpose.SERVICE)
    assert await desk.states() == []


async def test_cancelling_withdraws_only_what_has_not_left(desk) -> None:
    contact, other = await desk.add_contact(), await desk.add_contact()
    await desk.queue(contact)
    await desk.step()
    await desk.queue(contact)
    await desk.queue(other)
    async with desk.sessions() as session:
        assert await cancel_queued(session, contact, "opt-out") == 1
        await session.commit()
    assert await desk.states() == ["accepted", "cancelled", "queued"]
    assert (await desk.row(2)).reason == "opt-out"


async def test_a_pause_can_be_ended_by_hand(desk) -> None:
    await desk.queue(await desk.add_contact())
    await desk.run("UPDATE sender SET paused_until = '9999-01-01', pause_reason = 'complaints'")
    await desk.step()
    assert await desk.states() == ["queued"]
    async with desk.sessions() as session:
        await resume_sender(session, "900")
        await session.commit()
    await desk.step()
    assert await desk.states() == ["accepted"]


async def test_a_reply_that_cannot_be_said_is_the_callers_error(desk) -> None:
    contact = await desk.add_contact()
    with pytest.raises(ValueError, match="same id"):
        await desk.queue(contact, message=Outbound("Ciao", (Option("a", "A"), Option("a", "B"))))
