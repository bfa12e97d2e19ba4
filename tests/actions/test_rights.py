"""What customers may ask of us, on the real store: done at once, once per turn, and with its proof."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker
from sqlalchemy import text

from actions import reasons, rights
from contacts.consent import Said, consent_state, give_consent
from contacts.erase import erase_due
from contacts.rights import load_words, word_opt_in
from core import clock
from core.db import Sessions
from core.tables import Message, Outbox, Score
from core.types import AddressForm, Purpose
from scoring.signals import SIGNALS

type Ask = Callable[..., Awaitable[Any]]
RECEIPT = [
    {"rule": "x", "points": 40, "fact": {"signal": "days_left", "at_most": 60}, "on": "2026-12-03"},
    {"rule": "y", "points": -10, "fact": {"signal": "ignored_in_a_row", "value": 3}, "on": "2026-11-03"},
]


class Talk:
    """What was said after an action: names of the texts in order, and the values of the last."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.said: list[str] = []
        self.values: dict[str, Any] = {}

    async def run(self, action: Any, sentence: str, key: str = "t7", language: str = "it") -> list[dict[str, Any]]:
        tracker = Tracker.from_dict(
            {
                "sender_id": "ada.1",
                "slots": {"language": language},
                "latest_message": {"message_id": key, "text": sentence, "intent": {"name": "x"}, "entities": []},
                "events": [],
            }
        )
        dispatcher = CollectingDispatcher()
        events = await action(dispatcher, tracker, {})
        self.said = [message["response"] for message in dispatcher.messages]
        self.values = {name: value for message in dispatcher.messages for name, value in message.items()}
        return list(events)

    async def state(self) -> dict[str, Any]:
        async with self.sessions() as session:
            return await consent_state(session, 1)

    async def add(self, *rows: Any) -> None:
        async with self.sessions.begin() as session:
            session.add_all(rows)

    async def agree(self, channel: str = "api", days: float = 9) -> None:
        async with self.sessions.begin() as session:
            at = clock.now() - timedelta(days=days)
            await give_consent(session, 1, Said("Sì, scrivetemi pure", channel, "p1", at), *Purpose)


def queued(purpose: str, kind: str = "template", **more: Any) -> Outbox:
    now = clock.now()
    row = {"contact_id": 1, "phone_number_id": "900", "key": f"{purpose}{kind}", "callback": f"{purpose}{kind}"}
    return Outbox(**row, kind=kind, purpose=purpose, body={}, text="x", due_at=now, created_at=now, **more)


def written(days: float) -> Message:
    at = clock.now() - timedelta(days=days)
    return Message(contact_id=1, wamid="w1", phone_number_id="900", kind="text", payload={}, sent_at=at)


@pytest.fixture
def talk(connected: Sessions) -> Talk:
    return Talk(connected)


async def test_stop_ends_everything_and_cancels_what_waits(talk: Talk, ask: Ask) -> None:
    await talk.agree()
    await talk.add(queued("marketing"), queued("service"))
    await talk.run(rights.opt_out, "basta messaggi")
    state = await talk.state()
    assert talk.said == ["utter_opted_out"]
    assert (state["marketing"]["given"], state["service"]["given"]) == (False, False)
    assert state["marketing"]["wording"] == "basta messaggi"
    assert await ask("SELECT count(*) FROM outbox WHERE state = 'cancelled'") == 2


async def test_no_offers_leaves_service(talk: Talk, ask: Ask) -> None:
    await talk.agree()
    await talk.add(queued("marketing"), queued("service"))
    await talk.run(rights.opt_out_marketing, "niente offerte")
    state = await talk.state()
    assert talk.said == ["utter_opted_out_marketing"]
    assert (state["marketing"]["given"], state["service"]["given"]) == (False, True)
    assert await ask("SELECT purpose FROM outbox WHERE state = 'cancelled'") == "marketing"
    assert await ask("SELECT purpose FROM outbox WHERE state = 'queued'") == "service"


async def test_messages_again_keeps_both_wordings_and_lifts_the_stop(talk: Talk) -> None:
    await talk.run(rights.opt_out, "stop", "t1")
    await talk.run(rights.opt_in, "riscrivetemi pure", "t2")
    state = await talk.state()
    assert talk.said == ["utter_opted_in"]
    assert state["may_market"]
    own = word_opt_in("Pronto", "it", AddressForm.INFORMAL)
    assert state["marketing"]["wording"] == f"> riscrivetemi pure\n{own}"
    assert talk.values["wording"] in state["marketing"]["wording"]
    assert state["marketing"]["proof"] == "t2"


async def test_the_proof_is_the_message_where_the_turn_is_stored(talk: Talk) -> None:
    async with talk.sessions.begin() as session:
        sql = "INSERT INTO turn (contact_id, session_number, text, started_at) VALUES (1, 1, 'x', now()) RETURNING id"
        turn = await session.scalar(text(sql))
    message = written(0)
    message.turn_id = turn
    await talk.add(message)
    await talk.run(rights.opt_in, "riscrivetemi", f"t{turn}")
    assert (await talk.state())["marketing"]["proof"] == "w1"


async def test_whatsapps_own_switch_stays_the_customers(talk: Talk) -> None:
    async with talk.sessions.begin() as session:
        sql = "INSERT INTO platform_preference (contact_id, value, at, payload) VALUES (1, 'stop', :at, '{}')"
        await session.execute(text(sql), {"at": clock.now()})
    await talk.run(rights.opt_in, "riscrivetemi")
    assert talk.said == ["utter_opt_in_blocked"]
    assert not (await talk.state())["may_market"]


async def test_a_copy_of_the_data_has_one_link_per_turn(talk: Talk, ask: Ask) -> None:
    await talk.run(rights.export_data, "che dati avete?")
    url = talk.values["url"]
    await talk.run(rights.export_data, "che dati avete?")
    assert talk.values["url"] == url
    assert url.endswith("/d/" + await ask("SELECT token FROM data_copy"))


async def test_erasure_is_asked_and_then_done_after_the_answer(talk: Talk, ask: Ask) -> None:
    asked = await talk.run(rights.ask_erasure, "cancellate tutto")
    assert (talk.said, asked[0]["value"]) == (["utter_ask_erasure_confirmed"], "erasure")
    assert await ask("SELECT erase_at FROM contact") is None
    await talk.agree()
    await talk.run(rights.erase_data, "sì", "t8")
    marked = await ask("SELECT erase_at FROM contact")
    await talk.run(rights.erase_data, "sì", "t8")
    assert await ask("SELECT erase_at FROM contact") == marked
    assert talk.said == ["utter_erasure_done"]
    assert not (await talk.state())["may_market"]
    assert await ask("SELECT erased_at FROM contact") is None
    assert await erase_due(talk.sessions, "demo", clock.now()) == 1
    assert await ask("SELECT phone IS NULL AND name IS NULL AND erased_at IS NOT NULL FROM contact")


@pytest.mark.parametrize(
    ("action", "kind", "response"),
    [
        (rights.note_wrong_person, "wrong_person", "utter_wrong_person"),
        (rights.note_moved_away, "moved_away", "utter_moved_away"),
        (rights.note_bereavement, "bereavement", "utter_bereavement"),
    ],
)
async def test_what_happened_is_noted_once_per_turn(
    talk: Talk, ask: Ask, action: Any, kind: str, response: str
) -> None:
    for _ in range(2):
        await talk.run(action, "non sono io")
        assert talk.said == [response]
    assert await ask("SELECT array_agg(kind || ':' || (data ->> 'sentence')) FROM event") == [f"{kind}:non sono io"]


async def test_a_wrong_person_gets_no_more_offers(talk: Talk) -> None:
    await talk.agree()
    await talk.run(rights.note_wrong_person, "numero sbagliato")
    state = await talk.state()
    assert (state["marketing"]["given"], state["service"]["given"]) == (False, True)


async def test_after_a_bereavement_a_person_takes_over_and_nothing_is_sent(talk: Talk, ask: Ask) -> None:
    await talk.agree()
    await talk.run(rights.note_bereavement, "mio padre è mancato")
    state = await talk.state()
    assert (state["marketing"]["given"], state["service"]["given"]) == (False, False)
    card = await ask("SELECT card FROM handoff WHERE reason = 'wish' AND closed_at IS NULL")
    assert (card["topic"], card["said"]) == ("bereavement", "mio padre è mancato")


async def test_why_we_write_is_told_from_the_records(talk: Talk) -> None:
    await talk.agree("import")
    await talk.add(queued("marketing", state="read"))
    score = {"pack": "energy", "version": "1", "points": 30, "band": "middle", "receipt": RECEIPT}
    await talk.add(Score(contact_id=1, computed_at=clock.now(), **score))
    await talk.run(reasons.explain_contact, "perché mi scrivi?")
    assert talk.said == ["utter_why_writing", "utter_why_facts", "utter_how_to_stop"]
    assert talk.values["channel"] == "da un elenco che abbiamo importato"
    assert talk.values["wording"] == "Sì, scrivetemi pure"
    assert talk.values["facts"] == "il tuo contratto scade il 03/12/2026"


@pytest.mark.parametrize(
    ("purpose", "state", "first"),
    [
        ("marketing", "delivered", "utter_why_writing_no_consent"),
        ("service", "delivered", "utter_why_writing_service"),
        ("marketing", "blocked", "utter_why_writing_no_template"),
    ],
)
async def test_without_consent_or_template_we_say_so(talk: Talk, purpose: str, state: str, first: str) -> None:
    await talk.add(queued(purpose, state=state))
    await talk.run(reasons.explain_contact, "why are you writing to me?", language="en")
    assert talk.said[0] == first


async def test_a_long_wording_is_shortened(talk: Talk) -> None:
    async with talk.sessions.begin() as session:
        said = Said("Acconsento a ricevere messaggi " * 9, "api", "p", clock.now())
        await give_consent(session, 1, said, Purpose.MARKETING)
    await talk.add(queued("marketing", state="sent"))
    await talk.run(reasons.explain_contact, "perché?")
    assert len(talk.values["wording"]) <= reasons.QUOTED
    assert talk.values["wording"].endswith(" …")


async def test_the_number_came_with_the_customers_own_message(talk: Talk) -> None:
    await talk.add(written(0))
    await talk.run(reasons.tell_number_source, "chi vi ha dato il mio numero?")
    assert talk.said == ["utter_number_source_wrote_us"]


async def test_the_number_came_with_a_consent(talk: Talk) -> None:
    await talk.agree("api", days=40)
    await talk.add(written(-1))  # written after we knew the contact
    await talk.run(reasons.tell_number_source, "woher habt ihr meine Nummer?", language="de")
    assert talk.said == ["utter_number_source_consent"]
    assert talk.values["channel"] == "in unseren Systemen erfasst"


async def test_what_we_do_not_know_we_do_not_claim(talk: Talk) -> None:
    await talk.run(reasons.tell_number_source, "where did you get my number?", language="en")
    assert talk.said == ["utter_number_source_unknown"]


def test_every_word_speaks_three_languages_and_every_good_signal_has_one() -> None:
    words = load_words(AddressForm.INFORMAL)
    assert all(set(phrases) == {"it", "de", "en"} for phrases in words.values())
    told = {name.removeprefix("fact_") for name in words if name.startswith("fact_")}
    assert told == set(SIGNALS) - {"ignored_in_a_row"}  # which never speaks for writing
