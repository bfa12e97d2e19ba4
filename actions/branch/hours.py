"""Answers when a branch is open, in and out of a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.begin import switch_conversation
from actions.branch.conversation import CONVERSATION
from actions.branch.nearest import choose_kind, find_branch, say_hours
from actions.message import read_language
from actions.shop.context import read_country, read_words
from core import clock
from core.tables import Contact
from offers.branches import branches_near_places
from offers.company import load_company
from offers.facts import Branch
from offers.places import find_places


async def answer_opening_hours(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """The hours of the branch just found, of the only one, or of the one nearest to the contact; else we ask where."""
    if not load_company().branches:
        dispatcher.utter_message(response="utter_no_branch")
        return []
    async with store.open_session() as session:
        branch = await choose_branch(session, await store.load_contact(session, tracker), tracker)
    if branch is None:
        return switch_conversation(tracker, CONVERSATION)
    language = read_language(tracker)
    name, city = branch.name.say(language), branch.city.say(language)
    dispatcher.utter_message(response="utter_branch_hours_of", name=name if city in name else f"{name}, {city}")
    say_hours(dispatcher, branch, language, clock.now())
    return []


async def choose_branch(session: AsyncSession, contact: Contact, tracker: Any) -> Branch | None:
    """The branch a question about hours means, None if we do not know where the customer is."""
    branches = load_company().branches
    if found := find_branch(tracker.get_slot("branch")):
        return found[0]
    if len(branches) == 1:
        return branches[0]
    postcode = tracker.get_slot("postcode") or contact.postcode
    if not postcode:
        return None
    kind = await choose_kind(session, contact.id, read_words(tracker))
    places = await find_places(session, postcode, tracker.get_slot("country") or read_country(contact))
    near = branches_near_places(branches, places, kind)
    return near[0].branch if near else None
