"""The comparison of electricity offers as a micro-conversation."""

from __future__ import annotations

from typing import Any

from actions.choice import check_choice, check_confirmation
from actions.conversation import Conversation, Question, Slots, Table
from actions.energy.consumption import check_household_size, check_unknown, check_yearly_kwh
from actions.energy.ending import finish_comparison
from actions.energy.offering import find_offers, show_offers
from actions.energy.place import check_country, check_location, check_postcode
from actions.energy.questions import EMPTY, FRESH, can_compare, next_question
from actions.message import read_intent
from actions.profile import tell_profile
from actions.telling import Telling
from actions.updates import check_updates

VALUES = {"postcode", "country", "location", "yearly_kwh", "consumption_unknown", "household_size", "preference"}


async def check_preference(telling: Telling, preference: Any) -> Slots:
    """Takes one of the three; "something cheaper" as the reason to compare is no answer yet."""
    if preference == "price" and read_intent(telling.tracker) == "energy_comparison":
        return {"preference": None}
    return {"preference": preference if preference in ("price", "green", "fixed") else None}


async def greet(telling: Telling) -> None:
    """Tells what is known; a postcode from elsewhere that has no place yet is settled like one just told."""
    if telling.slots.get("postcode") and not telling.slots.get("place"):
        telling.told.setdefault("postcode", telling.slots["postcode"])
    tell_profile(telling)


async def search(telling: Telling) -> Slots:
    """The offers, once everything is known that decides them, and again when any of it changes."""
    slots = telling.slots
    if can_compare(slots) and (slots.get("offers") is None or telling.told.keys() & VALUES):
        return FRESH | {"offers": await find_offers(telling)}
    return {}


CONVERSATION = Conversation(
    name="energy_comparison",
    questions=(
        Question("postcode", check_postcode, help="utter_help_postcode"),
        Question("country", check_country),
        Question("location", check_location, asked="postcode"),
        Question("yearly_kwh", check_yearly_kwh, not_with=frozenset({"ask_gas"})),
        Question("consumption_unknown", check_unknown, by_intent={"dont_know": True}, asked="yearly_kwh"),
        Question(
            "household_size",
            check_household_size,
            not_with=frozenset({"ask_human", "bot_challenge"}),
            help="utter_help_household_size",
        ),
        Question(
            "preference",
            check_preference,
            by_intent={"dont_know": "price"},
            not_with=frozenset({"ask_green", "ask_cost", "ask_prices_source"}),
        ),
        Question(
            "offer_choice",
            check_choice,
            not_with=frozenset({"complain", "cancel"}),
            after_search=True,
            help="utter_help_offer_choice",
        ),
        Question(
            "offer_confirmed",
            check_confirmation,
            by_intent={"affirm": True, "deny": False},
            after_search=True,
            help="utter_help_yes_or_no",
        ),
        Question(
            "updates_wanted",
            check_updates,
            by_intent={"affirm": True, "deny": False, "cancel": False},
            after_search=True,
            help="utter_help_yes_or_no",
        ),
    ),
    next_question=next_question,
    finish=finish_comparison,
    fresh=FRESH,
    empty=EMPTY,
    greet=greet,
    search=search,
    table=Table("electricity", show_offers),
)
