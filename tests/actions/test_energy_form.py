from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from core.db import Sessions
from core.tables import Contract
from tests.actions.conftest import Customer

type Ask = Callable[..., Awaitable[Any]]


async def test_a_postcode_leads_to_the_consumption(ada: Customer) -> None:
    done = await ada.tell("20121", postcode="20121")
    assert done.slots["place"] == "Milano"
    assert done.slots["requested_slot"] == "yearly_kwh"


async def test_an_unknown_postcode_is_said_and_asked_again(ada: Customer) -> None:
    done = await ada.tell("99999", postcode="99999")
    assert done.said == ["utter_postcode_unknown"]
    assert done.messages[0]["wrong"] == "99999"
    assert done.slots["requested_slot"] == "postcode"


async def test_a_postcode_of_two_countries_follows_the_phone(connected: Sessions, ada: Customer) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET country = 'CH'"))
    done = await ada.tell("1010", postcode="1010")
    assert done.slots["country"] == "CH"


async def test_a_postcode_of_two_other_countries_asks_for_the_country(ada: Customer) -> None:
    done = await ada.tell("1010", postcode="1010")
    assert done.slots["requested_slot"] == "country"
    asked = await ada.run("action_ask_country")
    assert [button["title"] for button in asked.messages[0]["buttons"]] == ["Austria", "Svizzera"]


async def test_the_place_is_kept_with_the_contact(ada: Customer, ask: Ask) -> None:
    await ada.tell("20121", postcode="20121")
    assert await ask("SELECT place FROM contact") == "Milano"


async def test_the_answer_is_kept_with_its_sentence(ada: Customer, ask: Ask) -> None:
    await ada.tell("sto a 20121", postcode="20121")
    assert await ask("SELECT sentence FROM answer WHERE name = 'postcode'") == "sto a 20121"


async def test_the_same_turn_twice_keeps_one_answer(ada: Customer, ask: Ask) -> None:
    await ada.tell("20121", postcode="20121")
    await ada.tell("20121", postcode="20121")
    assert await ask("SELECT count(*) FROM answer") == 1


async def test_an_unknown_consumption_leads_to_the_household(ada: Customer) -> None:
    await ada.tell("20121", postcode="20121")
    done = await ada.tell("boh", "dont_know", consumption_unknown=True)
    assert done.slots["requested_slot"] == "household_size"


async def test_the_household_becomes_an_estimate_that_says_so(ada: Customer) -> None:
    await ada.tell("20121", postcode="20121")
    await ada.tell("boh", "dont_know", consumption_unknown=True)
    done = await ada.tell("in 3", household_size=3.0)
    assert done.slots["yearly_kwh"] == 2880.0
    assert done.slots["consumption_estimated"] is True
    assert done.messages[0] == {
        **done.messages[0],
        "response": "utter_estimate",
        "kwh": "2.880",
        "source": "ARERA 2025",
    }


async def test_a_larger_household_than_the_figures_is_told_as_at_least(ada: Customer) -> None:
    done = await ada.tell("in 7", household_size=7.0)
    assert done.said == ["utter_estimate_large"]


async def test_a_known_consumption_beats_the_household(ada: Customer) -> None:
    await ada.tell("2500", yearly_kwh=2500.0)
    done = await ada.tell("siamo in 4", household_size=4.0)
    assert done.said == []
    assert ada.slots["yearly_kwh"] == 2500.0


async def test_an_odd_consumption_is_asked_again(ada: Customer) -> None:
    await ada.tell("20121", postcode="20121")
    done = await ada.tell("5", yearly_kwh=5.0)
    assert done.said == ["utter_consumption_odd"]
    assert done.slots["requested_slot"] == "yearly_kwh"


async def test_several_values_in_one_message_skip_their_questions(ada: Customer) -> None:
    done = await ada.tell("20121, 2700 kwh, prezzo", postcode="20121", yearly_kwh=2700.0, preference="price")
    assert done.slots["requested_slot"] == "offer_choice"
    assert len(done.slots["offers"]) == 2


async def test_a_correction_brings_new_offers(ada: Customer) -> None:
    await ada.tell("tutto", postcode="20121", yearly_kwh=2700.0, preference="price")
    before = ada.slots["offers"]
    await ada.tell("anzi 3500", yearly_kwh=3500.0)
    assert float(ada.slots["offers"][0]["yearly_cost"]) > float(before[0]["yearly_cost"])
    assert ada.slots.get("offer_choice") is None


async def test_without_a_contract_no_saving_is_claimed(ada: Customer) -> None:
    done = await ada.tell("tutto", postcode="20121", yearly_kwh=2700.0, preference="price")
    assert [offer["saving"] for offer in done.slots["offers"]] == [None, None]


async def test_with_a_contract_the_saving_is_told(ada: Customer, connected: Sessions) -> None:
    async with connected.begin() as session:
        contract = Contract(contact_id=1, kind="electricity", price_per_kwh=1, fixed_per_year=100, source="api")
        session.add(contract)
    await ada.tell("tutto", postcode="20121", yearly_kwh=2700.0, preference="price")
    done = await ada.run("action_ask_offer_choice")
    assert "utter_offer_variable_saving" in done.said


async def test_a_country_without_offers_ends_the_comparison(ada: Customer) -> None:
    done = await ada.tell("1010 wien", postcode="1010", country="AT")
    assert done.slots["offers"] == []
    assert done.slots["requested_slot"] is None


async def test_an_offer_that_is_not_there_is_refused(ada: Customer) -> None:
    await ada.tell("tutto", postcode="20121", yearly_kwh=2700.0, preference="price")
    done = await ada.tell("la 7", "choose_offer", offer_choice="7")
    assert done.said == ["utter_no_such_offer"]
    assert done.slots["offer_choice"] is None


async def test_a_question_beside_a_value_is_answered_first(ada: Customer) -> None:
    done = await ada.tell("20121, ma è gratis?", "ask_cost", postcode="20121")
    assert done.said == ["utter_answer_cost", "utter_place_noted"]


async def test_a_wish_for_a_person_beside_a_value_leaves_the_form(ada: Customer) -> None:
    done = await ada.tell("20121, passami qualcuno", "ask_human", postcode="20121")
    assert "action_execution_rejected" in [event["event"] for event in done.events]


async def test_a_wish_to_pay_less_is_no_preference_yet(connected: Sessions) -> None:
    ben = Customer(slots={"language": "it", "conversation": "energy_comparison", "requested_slot": None})
    done = await ben.tell("qualcosa di più conveniente", "energy_comparison", preference="price")
    assert done.slots["preference"] is None


async def test_a_contact_we_know_is_told_what_we_know(connected: Sessions) -> None:
    known = {"postcode": "20121", "country": "IT", "place": "Milano", "yearly_kwh": 2700.0}
    ben = Customer(slots={"language": "it", "conversation": "energy_comparison", "requested_slot": None, **known})
    done = await ben.tell("sì", "affirm")
    assert done.messages[0]["known"] == "20121 Milano, 2.700 kWh"
    assert done.slots["requested_slot"] == "preference"


async def test_nothing_told_tells_only_what_to_ask(ada: Customer) -> None:
    done = await ada.tell("mah", "affirm")
    assert done.slots == {"requested_slot": "postcode"}
