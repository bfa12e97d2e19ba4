"""How the comparison of electricity offers ends: with a link that tells us when it was opened."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions import store
from actions.choice import read_choice
from actions.energy.place import UNKNOWN
from actions.energy.questions import FRESH
from actions.links import make_link


async def finish_comparison(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Says how it ends: with a link to the offer, or without any offer. What was told is kept for another round."""
    if not tracker.get_slot("offers"):
        dispatcher.utter_message(response="utter_no_offers", place=tracker.get_slot("place"))
        return [SlotSet(name, value) for name, value in (FRESH | UNKNOWN).items()]
    offer = read_choice(tracker.slots)
    words = {"supplier": offer["supplier"], "name": offer["name"]}
    dispatcher.utter_message(response="utter_updates_on" if tracker.get_slot("updates_wanted") else "utter_updates_off")
    if offer["url"]:
        async with store.open_session() as session:
            contact = await store.load_contact(session, tracker)
            url = await make_link(session, contact.id, offer["url"], offer["offer_code"])
            await session.commit()
        dispatcher.utter_message(response="utter_done", url=url, **words)
    else:
        dispatcher.utter_message(response="utter_done_without_link", **words)
    return [SlotSet(name, value) for name, value in FRESH.items()]
