"""The reason someone left is noted in their words and answered: an apology, a fact, an idea, never twice the same."""

from __future__ import annotations

from typing import Any

from actions.conversation import Slots
from actions.events import note_told
from actions.membership.wording import word_alternative, word_pause
from actions.message import read_parts
from actions.telling import Telling
from actions.win_back.former import choose_answer
from core.types import EventKind
from offers.company import load_company


async def check_reason(telling: Telling, reason: Any) -> Slots:
    """Notes the reason; the question after it, if there is one, answers it."""
    former = telling.slots["former"]
    data = {"reason": reason, "sentence": telling.sentence}
    await note_told(telling, EventKind.CHURN_REASON, data)
    if reason == "service":
        await note_told(telling, EventKind.COMPLAINT, {"sentence": telling.sentence, "conversation": "win_back"})
    elif {"complain", "abuse"} & set(read_parts(telling.tracker)):
        telling.say("utter_sorry")
    answer = None if telling.slots.get("return_decision") else choose_answer(former, reason)
    return {"churn_reason": reason, "former": former | {"answer": answer}}


async def check_correction(telling: Telling, reason: Any) -> Slots:
    """Another reason than the one told before is answered once; the same again, or a third, is a no."""
    if reason == telling.slots.get("churn_reason") or telling.slots.get("churn_corrected"):
        return {"churn_corrected": True} | await check_return(telling, False)
    telling.told["churn_reason"] = telling.told.pop("churn_corrected")
    return {"churn_corrected": True} | await check_reason(telling, reason)


async def check_return(telling: Telling, wanted: Any) -> Slots:
    """Whether they come back."""
    kind = EventKind.RETURN_ACCEPTED if wanted else EventKind.RETURN_DECLINED
    await note_told(telling, kind, {"reason": telling.slots.get("churn_reason"), "sentence": telling.sentence})
    return {"return_decision": bool(wanted)}


async def ask_return_decision(dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
    """The one answer that fits the reason, and whether that would bring them back."""
    language, membership = tracker.get_slot("language") or "en", load_company().membership
    answer = (tracker.get_slot("former") or {}).get("answer")
    words: dict[str, Any] = {}
    if membership.sample and answer != "compare":
        dispatcher.utter_message(response="utter_renewal_sample")
    if answer == "cheaper":
        words = word_alternative(language)
    elif answer == "news":
        words = {"news": ", ".join(one.say(language) for one in membership.news)}
    elif answer == "restart":
        words = {"months": word_pause(membership, language)["months"]}
    dispatcher.utter_message(response=f"utter_ask_return_{answer}", **words)
    return []
