"""The comparison of motor policies as a micro-conversation."""

from __future__ import annotations

from actions.callback.wishing import WHEN
from actions.choice import check_choice
from actions.conversation import Conversation, Question, Slots, Table
from actions.insurance.contact_way import BACK, CALLBACK, LINK, YES, check_contact_way, finish_insurance, read_way
from actions.insurance.no_claims import check_no_claims, explain_no_claims
from actions.insurance.offering import find_policies, show_policies
from actions.insurance.questions import DECIDES_OFFERS, EMPTY, FRESH, OPEN, can_compare, next_question
from actions.insurance.values import check_km_per_year, check_unknown, check_yearly_cost, greet, has_policies
from actions.telling import Telling


async def search(telling: Telling) -> Slots:
    """The policies, once everything is known that decides them, and again when any of it changes."""
    slots = telling.slots
    if not has_policies(slots["insured_in"]):
        return OPEN | {"offers": []}
    if can_compare(slots) and (slots.get("offers") is None or telling.told.keys() & DECIDES_OFFERS):
        return OPEN | {"offers": await find_policies(telling)}
    return {}


CONVERSATION = Conversation(
    name="insurance_comparison",
    questions=(
        Question("no_claims_class", check_no_claims, not_with=frozenset({"ask_no_claims"}), help=explain_no_claims),
        Question("km_per_year", check_km_per_year, help="utter_help_km_per_year"),
        Question("yearly_cost", check_yearly_cost, not_with=frozenset({"ask_cost"}), help="utter_help_yearly_cost"),
        Question("premium_unknown", check_unknown, by_intent={"dont_know": True, "deny": True}, asked="yearly_cost"),
        Question(
            "offer_choice",
            check_choice,
            not_with=frozenset({"complain", "cancel"}),
            after_search=True,
            help="utter_help_policy_choice",
        ),
        Question(
            "contact_way",
            check_contact_way,
            by_intent={"affirm": YES, "call_me": CALLBACK, "cart_checkout": LINK, "deny": BACK},
            asked="contact_way",
            after_search=True,
            help="utter_help_contact_way",
            read=read_way,
        ),
        *WHEN,
    ),
    next_question=next_question,
    finish=finish_insurance,
    fresh=FRESH,
    empty=EMPTY,
    greet=greet,
    search=search,
    table=Table("insurance", show_policies),
)
