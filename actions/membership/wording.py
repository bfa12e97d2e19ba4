"""The membership's facts as the member reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from actions.telling import Telling
from actions.wording import format_date, format_money
from offers.company import load_company
from offers.membership import gentle_alternative
from offers.terms import Membership


def word_renewal(renewal: dict[str, Any], language: str) -> dict[str, str]:
    """Name, price and days of the renewal on the table."""
    names = {one.id: one.name for one in load_company().membership.renewals}
    return {
        "name": names[renewal["id"]].say(language),
        "price": format_money(Decimal(renewal["price"]), renewal["currency"], language),
        "until": read_day(renewal["until"], language),
        "last_day": read_day(renewal["last_day"], language),
    }


def read_day(written: str, language: str) -> str:
    return format_date(date.fromisoformat(written), language)


def word_pause(membership: Membership, language: str) -> dict[str, Any]:
    """How long, how often, what it costs and how to get it."""
    pause = membership.pause
    return {
        "response": "utter_answer_pause_paid" if pause.fee_per_month else "utter_answer_pause",
        "months": pause.max_months,
        "times": pause.times_per_year,
        "fee": format_money(pause.fee_per_month, membership.currency, language),
        "how": pause.how.say(language),
    }


def say_included(telling: Telling) -> None:
    """What a member gets, the rule for a pause, and the notice."""
    membership, language = load_company().membership, telling.language
    included = ", ".join(one.say(language) for one in membership.included)
    pause = word_pause(membership, language)
    wording = "utter_renewal_info_paid" if membership.pause.fee_per_month else "utter_renewal_info"
    words = {name: pause[name] for name in ("months", "times", "fee")}
    telling.say(wording, included=included, notice=membership.notice_days, **words)


def say_alternative(telling: Telling) -> dict[str, Any]:
    """Confirms the alternative that fits the reason; returns it as plain JSON."""
    membership, language = load_company().membership, telling.language
    if telling.slots["renewal_reason"] != "price":
        pause = word_pause(membership, language)
        telling.say("utter_pause_accepted", months=pause["months"], how=pause["how"])
        return {"plan": "pause", "months": pause["months"]}
    words = word_alternative(language)
    telling.say("utter_alternative_accepted", **words)
    offer = gentle_alternative(membership)
    price = {"price_per_month": str(offer.price_per_month), "currency": offer.currency}
    return {"plan": offer.alternative.kind, "months": offer.alternative.months, **price}


def word_alternative(language: str) -> dict[str, Any]:
    """The cheaper plan: name, months, price of a month."""
    offer = gentle_alternative(load_company().membership)
    price = format_money(offer.price_per_month, offer.currency, language)
    return {"name": offer.alternative.name.say(language), "months": offer.alternative.months, "price": price}
