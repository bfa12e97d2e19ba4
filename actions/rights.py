"""What customers may ask of us: no more messages, messages again, a copy of their data, to be erased."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.answers import load_answers
from actions.events import note_event
from actions.message import read_language, read_sentence, read_turn_key
from actions.updates import find_proof
from contacts.consent import Said, give_consent, may_market, withdraw_consent
from contacts.erase import mark_erasure
from contacts.export import link_copy
from contacts.rights import word_opt_in
from core import clock
from core.tables import Contact
from core.types import EventKind, HandoffReason, Purpose
from inbox.handoff import open_handoff
from whatsapp.outbox import cancel_queued

type Events = list[dict[str, Any]]

ADVERTISING = (Purpose.MARKETING, Purpose.BACK_IN_STOCK)


@dataclass(frozen=True)
class Wish:
    """What a customer asks of us in this turn, with its proof."""

    session: AsyncSession
    contact: Contact
    turn_key: str
    said: Said


@contextlib.asynccontextmanager
async def hear(tracker: Any) -> AsyncIterator[Wish]:
    """The wish of this message; what is done for it is stored at once or not at all."""
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        key = read_turn_key(tracker)
        said = Said(read_sentence(tracker), "whatsapp", await find_proof(session, key), clock.now())
        yield Wish(session, contact, key, said)
        await session.commit()


async def opt_out(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """No more messages of our own accord."""
    async with hear(tracker) as wish:
        await stop_writing(wish, "the customer said stop", *Purpose)
    dispatcher.utter_message(response="utter_opted_out")
    return []


async def opt_out_marketing(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """No more offers; what concerns the customer's own contracts still comes."""
    async with hear(tracker) as wish:
        await stop_writing(wish, "the customer wants no offers", *ADVERTISING)
    dispatcher.utter_message(response="utter_opted_out_marketing")
    return []


async def opt_in(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Messages again; kept with the customer's words and ours. WhatsApp's own switch only the customer can lift."""
    settings = store.get_settings()
    wording = word_opt_in(settings.company, read_language(tracker), settings.address)
    async with hear(tracker) as wish:
        said = replace(wish.said, wording=f"> {wish.said.wording}\n{wording}")
        await give_consent(wish.session, wish.contact.id, said, Purpose.MARKETING, Purpose.SERVICE)
        allowed = await may_market(wish.session, wish.contact.id)
    dispatcher.utter_message(response="utter_opted_in" if allowed else "utter_opt_in_blocked", wording=wording)
    return []


async def export_data(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Gives a private link to a copy of everything we hold."""
    async with hear(tracker) as wish:
        token = await link_copy(wish.session, wish.contact.id, wish.turn_key, wish.said.at)
    dispatcher.utter_message(response="utter_data_ready", url=f"{store.get_settings().public_url}/d/{token}")
    return []


async def ask_erasure(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Asks once, because there is no way back."""
    dispatcher.utter_message(response="utter_ask_erasure_confirmed")
    return [SlotSet("proposal", "erasure")]


async def erase_data(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Nothing is sent any more, and a worker erases the customer once our answer has left."""
    async with hear(tracker) as wish:
        await stop_writing(wish, "the customer wants to be erased", *Purpose)
        await mark_erasure(wish.session, wish.contact.id, wish.said.at)
    dispatcher.utter_message(response="utter_erasure_done")
    return [SlotSet("proposal", None)]


async def note_wrong_person(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """The number is somebody else's now: no more offers to it."""
    async with hear(tracker) as wish:
        await stop_writing(wish, "the number belongs to another person", *ADVERTISING)
        await note_wish(wish, EventKind.WRONG_PERSON)
    dispatcher.utter_message(response="utter_wrong_person")
    return []


async def note_moved_away(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    async with hear(tracker) as wish:
        await note_wish(wish, EventKind.MOVED_AWAY)
    dispatcher.utter_message(response="utter_moved_away")
    return []


async def note_bereavement(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Somebody died: nothing is sent any more, and a person takes over."""
    async with hear(tracker) as wish:
        await stop_writing(wish, "a bereavement", *Purpose)
        await note_wish(wish, EventKind.BEREAVEMENT)
        card = {
            "topic": EventKind.BEREAVEMENT.value,
            "language": read_language(tracker),
            "said": wish.said.wording,
            "answers": await load_answers(wish.session, wish.contact.id),
        }
        await open_handoff(wish.session, wish.contact.id, HandoffReason.WISH, wish.turn_key, card, wish.said.at)
    dispatcher.utter_message(response="utter_bereavement")
    return []


async def stop_writing(wish: Wish, reason: str, *purposes: Purpose) -> None:
    """Withdraws consent and cancels what is queued for these purposes."""
    await withdraw_consent(wish.session, wish.contact.id, wish.said, *purposes)
    await cancel_queued(wish.session, wish.contact.id, reason, *purposes)


async def note_wish(wish: Wish, kind: EventKind) -> None:
    """Keeps what happened with the customer's sentence, once per turn."""
    data = {"sentence": wish.said.wording}
    await note_event(wish.session, wish.contact.id, kind, f"{wish.turn_key}:{kind}", data, wish.said.at)
