from __future__ import annotations

from actions.energy.questions import next_question

KNOWN = {"postcode": "20121", "country": "IT", "yearly_kwh": 2700.0, "preference": "price"}


def test_the_postcode_is_asked_first() -> None:
    assert next_question({}) == "postcode"


def test_the_country_is_asked_only_while_it_is_open() -> None:
    assert next_question({"postcode": "1010"}) == "country"
    assert next_question({"postcode": "1010", "country": "AT"}) == "yearly_kwh"


def test_the_household_is_asked_where_the_consumption_is_unknown() -> None:
    assert next_question({"postcode": "20121", "country": "IT", "consumption_unknown": True}) == "household_size"


def test_a_known_consumption_makes_the_household_needless() -> None:
    assert next_question({**KNOWN, "preference": None, "consumption_unknown": True}) == "preference"


def test_after_the_values_comes_the_choice_then_the_confirmation_then_the_updates() -> None:
    slots = {**KNOWN, "offers": [{}]}
    assert next_question(slots) == "offer_choice"
    assert next_question({**slots, "offer_choice": "1"}) == "offer_confirmed"
    assert next_question({**slots, "offer_choice": "1", "offer_confirmed": True}) == "updates_wanted"


def test_a_no_to_updates_completes_the_comparison() -> None:
    slots = {**KNOWN, "offers": [{}], "offer_choice": "1", "offer_confirmed": True, "updates_wanted": False}
    assert next_question(slots) is None


def test_nothing_is_asked_where_there_are_no_offers() -> None:
    assert next_question({"postcode": "1010", "country": "AT", "offers": []}) is None
