"""The member says yes, wants to know more, or says no; a no is noted with its reason and never argued with."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import text

from actions.contracts import read_today
from actions.conversation import Slots
from actions.events import note_told
from actions.membership.offer import find_renewal
from actions.membership.questions import NAME, REASONS
from actions.membership.wording import say_alternative, say_included, word_renewal
from actions.telling import Telling
from core.types import EventKind

COMPLETE = text("UPDATE event SET data = data || CAST(:data AS jsonb) WHERE key = :key")


async def check_decision(telling: Telling, decision: Any) -> Slots:
    """accept, info, later, decline, or the reason for a no."""
    renewal = telling.slots.get("renewal") or {}
    if renewal.get("problem"):
        return {"renewal_decision": None}
    if decision == "accept":
        return await accept(telling)
    if decision == "info":
        say_included(telling)
        return {"renewal_decision": None}
    if decision == "later":
        return {"renewal_decision": "later"}
    if decision in REASONS.values():
        telling.told |= {"renewal_decision": "decline", "renewal_reason": decision}
        return await note_decline(telling, decision)
    return await note_decline(telling, None)


async def accept(telling: Telling) -> Slots:
    """Notes the yes and confirms it in a sentence; a yes to an offer nobody has read yet only shows it."""
    renewal = telling.slots["renewal"]
    if date.fromisoformat(renewal["last_day"]) < read_today(telling.contact, telling.now):
        return {"renewal": await find_renewal(telling), "renewal_decision": None}
    if not renewal["told"] and telling.slots.get("renewal_shown") != renewal["id"]:
        return {"renewal_decision": None}
    data = {name: renewal[name] for name in ("id", "price", "currency", "until", "ends_on")}
    await note_told(telling, EventKind.RENEWAL_ACCEPTED, data)
    if renewal["sample"] and not telling.slots.get("renewal_shown"):
        telling.say("utter_renewal_sample")
    telling.say("utter_renewal_accepted", **word_renewal(renewal, telling.language))
    return {"renewal_decision": "accept", "renewal_reason": None, "alternative_decision": None}


async def note_decline(telling: Telling, reason: str | None) -> Slots:
    """Notes the no at once, with its reason as soon as it is known."""
    renewal = telling.slots["renewal"]
    data = {"id": renewal["id"], "ends_on": renewal["ends_on"], "reason": reason, "sentence": telling.sentence}
    key = telling.slots.get("renewal_noted")
    if key:
        await telling.session.execute(COMPLETE, {"key": key, "data": json.dumps(data)})
    else:
        key = await note_told(telling, EventKind.RENEWAL_DECLINED, data)
    if reason == "service":
        await note_told(telling, EventKind.COMPLAINT, {"sentence": telling.sentence, "conversation": NAME})
    return {"renewal_decision": "decline", "renewal_reason": reason, "renewal_noted": key}


async def check_reason(telling: Telling, reason: Any) -> Slots:
    """Why not: one of the reasons, something else, or a second thought."""
    if reason == "accept":
        return await accept(telling)
    return await note_decline(telling, str(reason))


async def check_alternative(telling: Telling, answer: Any) -> Slots:
    """The one alternative: taken, declined, or declined with another reason. "I'll renew after all" is a yes too."""
    if answer == "accept":
        return await accept(telling)
    if answer is True:
        data = say_alternative(telling) | {"ends_on": telling.slots["renewal"]["ends_on"]}
        await note_told(telling, EventKind.RENEWAL_ACCEPTED, data)
        return {"alternative_decision": True}
    if answer in REASONS.values():
        telling.told |= {"alternative_decision": False, "renewal_reason": answer}
        return await note_decline(telling, answer) | {"alternative_decision": False}
    return {"alternative_decision": False}
