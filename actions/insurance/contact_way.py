"""The chosen policy: opened by a link, or talked through on the phone."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk.events import SlotSet

from actions import store
from actions.callback.calling import request_call
from actions.choice import note_choice, read_choice, word_choice
from actions.insurance.questions import FRESH
from actions.links import make_link
from actions.message import read_language, read_sentence
from actions.telling import Telling

LINK, CALLBACK, YES, BACK = "link", "callback", "yes", "back"
WORDS = {
    CALLBACK: re.compile(
        r"\b(?:ri)?chiam\w+|telefon\w*|al cell|\banruf\w*|\bruf\w*|\brückruf|\bcall\w*|\bphone\b|\bring\b", re.I
    ),
    LINK: re.compile(r"\blink\b|\bsito\b|\bpagina\b|\bonline\b|\binternet\b|\bseite\b|\bwebs\w+|\bpage\b", re.I),
}


def read_way(tracker: Any) -> str | None:
    """What the customer wrote: the link or a call; None where it is neither or both."""
    if tracker.get_slot("requested_slot") != "contact_way":
        return None
    sentence = read_sentence(tracker)
    named = [way for way, words in WORDS.items() if words.search(sentence)]
    return named[0] if len(named) == 1 else None


async def ask_contact_way(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Repeats the choice, so that a slip of the finger shows, and asks how to go on."""
    words = word_choice(tracker.slots, read_language(tracker))
    only_call = not read_choice(tracker.slots)["url"]
    dispatcher.utter_message(response="utter_ask_contact_call" if only_call else "utter_ask_contact_way", **words)
    return []


async def check_contact_way(telling: Telling, way: Any) -> dict[str, Any]:
    """Notes the choice with the way; a no leads back to the policies."""
    if way == BACK:
        return {"contact_way": None, "offer_choice": None}
    only_call = not read_choice(telling.slots)["url"]
    if only_call and way in (LINK, YES):
        if way == LINK:
            telling.say("utter_policy_no_link")
            return {"contact_way": None}
        way = CALLBACK
    if way not in (LINK, CALLBACK):
        return {"contact_way": None}
    await note_choice(telling)
    return {"contact_way": way}


async def finish_insurance(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Ends with a link, a call, or nothing found. What was told is kept for another round."""
    fresh = [SlotSet(name, value) for name, value in FRESH.items()]
    if not tracker.get_slot("offers"):
        dispatcher.utter_message(response="utter_no_policies")
        dispatcher.utter_message(response="utter_propose_call_me")
        return [*fresh, SlotSet("proposal", "call_me")]
    if tracker.get_slot("contact_way") == CALLBACK:
        await request_call(dispatcher, tracker)
        return [*fresh, SlotSet("interrupted", None)]
    offer = read_choice(tracker.slots)
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        url = await make_link(session, contact.id, offer["url"], offer["offer_code"])
        await session.commit()
    words = {"supplier": offer["supplier"], "name": offer["name"]}
    dispatcher.utter_message(response="utter_policy_done", url=url, **words)
    return fresh
