"""How the talk with a former customer ends: thanks, a respected goodbye, or a person for whom we let down."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import SlotSet

from actions.conversation import PERSON
from actions.win_back.questions import FRESH
from offers.company import load_company

type Events = list[dict[str, Any]]


async def finish_win_back(dispatcher: Any, tracker: Any, domain: Any) -> Events:
    """Says how it ends. Who left for the service is never offered anything but a person."""
    forgotten = [SlotSet(name, None) for name in FRESH]
    former, reason = tracker.get_slot("former") or {}, tracker.get_slot("churn_reason")
    returns = tracker.get_slot("return_decision")
    if reason == "service":
        dispatcher.utter_message(response="utter_service_apology")
        return [*forgotten, *propose_person(dispatcher, "utter_propose_person")]
    if returns and former.get("answer") == "compare":
        dispatcher.utter_message(response=f"utter_propose_{former['compare']}")
        return [*forgotten, SlotSet("proposal", former["compare"])]
    if returns:
        return [*forgotten, *propose_person(dispatcher, "utter_return_accepted")]
    if returns is False:
        dispatcher.utter_message(response="utter_return_declined")
    else:
        say_goodbye(dispatcher, former, str(reason))
    return forgotten


def propose_person(dispatcher: Any, response: str) -> Events:
    """A person is the next step; a no to that does not begin the talk again."""
    dispatcher.utter_message(response=response)
    return [SlotSet("proposal", PERSON), SlotSet("conversation", None)]


def say_goodbye(dispatcher: Any, former: dict[str, Any], reason: str) -> None:
    """A reason we have nothing to propose to is thanked for; a competitor's customer hears one fair fact."""
    if reason == "competitor" and former.get("member"):
        membership = load_company().membership
        words = {"notice": membership.notice_days, "months": membership.pause.max_months}
        dispatcher.utter_message(response="utter_churn_competitor_member", **words)
        return
    known = ("price", "feature", "competitor", "untold")
    dispatcher.utter_message(response=f"utter_churn_{reason}" if reason in known else "utter_churn_other")
