"""What a plain yes means: we propose something, repeat it after a digression, and drop it once it is answered."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

WORDING = {"energy_comparison": "utter_propose_comparison", "person": "utter_propose_person"}


async def propose_comparison(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    dispatcher.utter_message(response=WORDING["energy_comparison"])
    return [SlotSet("proposal", "energy_comparison")]


async def propose_person(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    dispatcher.utter_message(response=WORDING["person"])
    return [SlotSet("proposal", "person")]


async def repeat_proposal(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """Leads back from a question to what is still open, if anything is."""
    if proposal := tracker.get_slot("proposal"):
        dispatcher.utter_message(response=WORDING[proposal])
    return []


async def close_proposal(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    return [SlotSet("proposal", None)]
