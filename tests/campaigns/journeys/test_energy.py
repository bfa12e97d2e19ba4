"""The shipped journey for electricity, step by step as S0-31 to S0-36 tell it, over the real gate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from campaigns.journeys.reading import FOLDER
from core.tables import Consent, Contact, Handoff
from scoring.best_hour import LEAST
from tests.campaigns.journeys.world import World
from tests.scoring.people import write_message


async def prepare(world: World, number: int = 1, days: int = 30, percent: int | None = 9, **known: Any) -> int:
    contact = await world.meet(number, **known)
    await world.sign(contact, "electricity", days)
    if percent:
        await world.save(contact, percent)
    return contact


@pytest.fixture
async def anna(world: World) -> int:
    """30 days before the end of her contract, with 88 points and more and 9 % to save; she has the first message."""
    await world.run("energy")
    contact = await prepare(world)
    assert await world.enter("energy", contact) == ["entered"]
    await world.walk()
    assert await world.sent() == ["energy_saving"]
    return contact


async def test_only_who_is_30_days_away_and_ready_gets_in(world: World) -> None:
    await world.run("energy")
    ready, early = await prepare(world, 1), await prepare(world, 2, days=31)
    far = await prepare(world, 3, percent=None, eager=False)
    assert await world.enter("energy", ready, early, far) == ["entered", "entry_not_met", "entry_not_met"]
    assert [row.data for row in await world.read("SELECT data FROM plan ORDER BY id")] == [
        {},
        {"unmet": "days_left"},
        {"unmet": "score"},
    ]


async def test_the_value_message_tells_name_deadline_area_and_saving(world: World, anna: int) -> None:
    (row,) = await world.read("SELECT text, proposal FROM outbox")
    for word in ("Anna", "30 giorni", "Bolzano", "9 %", "30 secondi"):
        assert word in row.text
    assert row.proposal == "energy_comparison"  # so a plain yes begins the comparison


async def test_who_says_nothing_for_24_hours_is_reminded_once_and_softly(world: World, anna: int) -> None:
    await world.walk(hours=23)
    assert await world.sent() == ["energy_saving"]
    await world.walk(hours=1.1)
    assert await world.sent() == ["energy_saving", "energy_reminder"]
    (row,) = await world.read("SELECT text, options FROM outbox WHERE id = 2")
    assert "rispondi semplicemente 1" in row.text
    assert row.options[0]["id"] == "/affirm"
    await world.walk(days=4)
    assert len(await world.sent()) == 2
    assert await world.stands() == [("silent", "no_answer")]


async def test_a_yes_leaves_the_word_to_the_assistant(world: World, anna: int) -> None:
    await world.say(anna, "affirm")
    await world.walk()
    assert await world.stands() == [("collecting", None)]
    assert await world.sent() == ["energy_saving"]


async def test_a_no_is_the_last_word(world: World, anna: int) -> None:
    await world.say(anna, "deny")
    await world.walk(days=20)
    assert await world.stands() == [("declined", "declined")]
    assert await world.sent() == ["energy_saving"]


async def test_clicked_but_not_finished_brings_answers_and_a_person(world: World, anna: int) -> None:
    await world.say(anna, "affirm")
    await world.walk()
    await world.happen(anna, "offer_chosen", offer_code="X")
    await world.walk()
    await world.happen(anna, "offer_click", offer_code="X")
    await world.walk()
    assert await world.stands() == [("opened", None)]
    await world.walk(hours=25)
    assert await world.sent() == ["energy_saving", "energy_help"]
    (row,) = await world.read("SELECT options FROM outbox WHERE id = 2")
    assert [one["id"] for one in row.options[:2]] == ["/ask_switching", "/ask_human"]
    await world.walk(days=3)
    (task,) = await world.read("SELECT kind, facts, contact_id FROM task")
    assert (task.kind, task.contact_id, task.facts["campaign"]) == ("campaign", anna, "energy")
    assert "Stromangebot" in task.facts["de"]
    assert await world.stands() == [("unfinished", "unfinished")]


async def test_who_signs_is_confirmed_and_later_asked_for_updates(world: World, anna: int) -> None:
    await world.say(anna, "affirm")
    await world.walk()
    await world.happen(anna, "purchase", value=600)
    await world.walk(hours=1)  # one message a day: the confirmation waits for the morning
    assert await world.stands() == [("confirm", None)]
    await world.walk(days=1)
    assert await world.sent() == ["energy_saving", "energy_done"]
    assert (await world.read("SELECT purpose FROM outbox WHERE id = 2"))[0].purpose == "service"
    await world.walk(days=2)
    assert (await world.sent())[2:] == ["energy_updates"]
    assert await world.stands() == [("finished", "finished")]
    chain = [row.moved_by for row in await world.read("SELECT moved_by FROM enrollment_step ORDER BY id")]
    assert chain == ["entered", "sent", "reply:affirm", "converted", "sent", "time", "sent"]


async def test_an_opt_out_ends_it_before_the_next_step(world: World, anna: int) -> None:
    said = {"purpose": "marketing", "given": False, "channel": "whatsapp", "wording": "stop", "proof": "w"}
    await world.add(Consent(contact_id=anna, at=world.now, **said))
    await world.walk(hours=25)
    assert await world.stands() == [("answer", "opted_out")]
    assert len(await world.sent()) == 1


async def test_a_talk_with_a_person_ends_it(world: World, anna: int) -> None:
    await world.add(Handoff(contact_id=anna, reason="wish", turn_key="t1", card={}, opened_at=world.now))
    await world.walk(hours=25)
    assert await world.stands() == [("answer", "handoff_open")]


async def test_nothing_is_sent_behind_the_deadline(world: World) -> None:
    await world.run("energy")
    contact = await prepare(world, days=3)
    await world.enter("energy", contact)
    await world.walk()
    await world.say(contact, "affirm")
    await world.walk()
    world.now += timedelta(days=5)
    await world.walk()
    assert await world.stands() == [("collecting", "deadline_passed")]
    assert len(await world.sent()) == 1


async def test_a_message_may_wait_for_the_hour_at_which_the_contact_answers(world: World) -> None:
    content = (FOLDER / "energy.yml").read_text(encoding="utf-8")
    await world.run("energy", content.replace("    send: energy_saving\n", "    send: energy_saving\n    at: best\n"))
    contact = await prepare(world)
    await world.enter("energy", contact)
    await world.walk()
    assert await world.sent() == ["energy_saving"]  # nobody knows better as long as too few have written

    evenings = [world.now.replace(hour=17, minute=5) - timedelta(days=day) for day in range(1, LEAST + 1)]
    other = await prepare(world, 2)
    await world.add(*(write_message(Contact(id=other), at) for at in evenings))
    await world.enter("energy", other)
    await world.walk()
    await world.happen(other, "page_visit")
    await world.walk(hours=5)
    assert await world.sent() == ["energy_saving"]
    await world.walk(hours=3)
    assert await world.sent() == ["energy_saving"] * 2
