"""Looks for motor policies and shows them, with the saving only where today's premium is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from actions.contracts import load_contract, read_today
from actions.insurance.values import word_class
from actions.message import read_language
from actions.telling import Telling
from actions.wording import COUNTRIES, format_date, format_money, format_number, format_percent
from offers.company import load_company
from offers.insurance import Quote, best_policies

COVERS = {
    "glass": {"it": "cristalli", "de": "Glas", "en": "glass"},
    "theft": {"it": "furto", "de": "Diebstahl", "en": "theft"},
    "roadside": {"it": "soccorso stradale", "de": "Pannenhilfe", "en": "roadside assistance"},
}


async def find_policies(telling: Telling) -> list[dict[str, Any]]:
    """The policies for what the customer told, ready for a slot: plain JSON."""
    slots, contact = telling.slots, telling.contact
    contract = await load_contract(telling.session, contact, "insurance")
    premium = None if slots.get("yearly_cost") is None else Decimal(str(slots["yearly_cost"]))
    ours = contract is not None and premium is not None and contract.yearly_cost == premium
    company = load_company()
    quotes = best_policies(
        company.policies,
        slots["insured_in"],
        slots["no_claims_class"],
        slots["km_per_year"],
        premium,
        read_today(contact, telling.now),
        currency=contract.currency if contract and ours else None,
    )
    return [describe_quote(quote, telling.language, sample=company.sample) for quote in quotes]


def describe_quote(quote: Quote, language: str, *, sample: bool) -> dict[str, Any]:
    """A policy under the names every offer on the table has, and what it covers."""
    policy = quote.policy
    return {
        "offer_code": policy.id,
        "supplier": policy.insurer,
        "name": policy.name.say(language),
        "yearly_cost": str(quote.premium),
        "currency": policy.currency,
        "saving": None if quote.saving is None else str(quote.saving),
        "saving_percent": None if quote.saving_percent is None else str(quote.saving_percent),
        "better": quote.better,
        "covers": list(policy.covers),
        "excess": str(policy.excess),
        "url": policy.url,
        "sample": sample,
    }


def show_policies(dispatcher: Any, tracker: Any, ends: date | None) -> None:
    """Says the policies, one text each, with what an honest reader needs to know first."""
    language, offers = read_language(tracker), tracker.get_slot("offers")
    country = tracker.get_slot("insured_in")
    dispatcher.utter_message(
        response="utter_policies" if tracker.get_slot("yearly_cost") else "utter_policies_without_premium",
        country=COUNTRIES[country][language] if country in COUNTRIES else country,
        no_claims=word_class(country, tracker.get_slot("no_claims_class"), language),
        km=format_number(tracker.get_slot("km_per_year"), language),
    )
    if ends:
        dispatcher.utter_message(response="utter_offers_deadline", expires_on=format_date(ends, language))
    if any(offer["sample"] for offer in offers):
        dispatcher.utter_message(response="utter_policies_sample")
    if all(offer["better"] is False for offer in offers):
        dispatcher.utter_message(response="utter_policies_none_cheaper")
    for number, offer in enumerate(offers, 1):
        dispatcher.utter_message(**word_policy(offer, number, language))


def word_policy(offer: dict[str, Any], number: int, language: str) -> dict[str, Any]:
    """The response and its values for one policy; a saving is only claimed where it is known and positive."""
    money = {
        name: format_money(Decimal(offer[name]), offer["currency"], language) for name in ("yearly_cost", "excess")
    }
    covers = ", ".join(COVERS[name][language] for name in offer["covers"])
    ending = {True: "_saving", False: "_dearer", None: ""}[offer["better"]]
    words = {
        "response": f"utter_policy{'' if covers else '_plain'}{ending}",
        "number": number,
        "supplier": offer["supplier"],
        "name": offer["name"],
        "cost": money["yearly_cost"],
        "excess": money["excess"],
    }
    if covers:
        words["covers"] = covers
    if offer["saving"] is not None:
        words["saving"] = format_money(Decimal(offer["saving"]), offer["currency"], language)
        words["percent"] = format_percent(Decimal(offer["saving_percent"]), language)
    return words
