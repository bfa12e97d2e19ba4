from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from core.db import Sessions
from core.tables import Contract
from tests.actions.conftest import Customer

type Ask = Callable[..., Awaitable[Any]]

VALUES = {"no_claims_class": "BM 4", "km_per_year": 12000.0, "yearly_cost": 700.0}


@pytest.fixture
def driver(connected: Sessions) -> Customer:
    """Ada at the beginning of the comparison of motor policies."""
    return Customer(slots={"language": "it", "conversation": "insurance_comparison", "requested_slot": None})


async def start(driver: Customer, **told: Any) -> Any:
    return await driver.tell("assicurazione auto", "insurance_comparison", "t0", **told)


async def show(driver: Customer, **values: Any) -> Any:
    await start(driver, **(VALUES | values))
    return await driver.run("action_ask_offer_choice")


async def choose(driver: Customer, number: str = "1", **values: Any) -> Any:
    await show(driver, **values)
    return await driver.tell("la prima", "choose_offer", "t1", offer_choice=number)


async def set_country(connected: Sessions, country: str | None) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET country = :country"), {"country": country})


@pytest.mark.parametrize(
    ("country", "question"),
    [
        ("IT", "utter_ask_no_claims_bonus_malus"),
        ("DE", "utter_ask_no_claims_sf_class"),
        ("GB", "utter_ask_no_claims_no_claims_years"),
    ],
)
async def test_the_class_is_asked_as_the_country_calls_it(
    driver: Customer, connected: Sessions, country: str, question: str
) -> None:
    await set_country(connected, country)
    done = await start(driver)
    assert done.slots["requested_slot"] == "no_claims_class"
    assert (await driver.run("action_ask_no_claims_class")).said == [question]


@pytest.mark.parametrize(
    ("country", "told", "kept"),
    [("IT", "BM 18", "18"), ("DE", "SF 0", "0"), ("DE", "SF 1/2", "1/2"), ("GB", "NCD 0", "0"), ("GB", "NCD 20", "15")],
)
async def test_a_class_is_kept_as_the_country_writes_it(
    driver: Customer, connected: Sessions, country: str, told: str, kept: str
) -> None:
    await set_country(connected, country)
    await start(driver)
    done = await driver.tell(told, no_claims_class=told)
    assert done.slots["no_claims_class"] == kept
    assert done.slots["requested_slot"] == "km_per_year"


async def test_a_class_that_does_not_exist_is_asked_again(driver: Customer) -> None:
    await start(driver)
    done = await driver.tell("classe 0", no_claims_class="BM 0")
    assert done.said == ["utter_no_claims_odd"]
    assert done.slots["requested_slot"] == "no_claims_class"


async def test_a_class_of_another_system_tells_where_the_car_is_insured(driver: Customer) -> None:
    await show(driver, no_claims_class="SF 12")
    assert driver.slots["insured_in"] == "DE"
    assert {offer["offer_code"][:3] for offer in driver.slots["offers"]} == {"de-"}


async def test_dont_know_says_where_the_class_is_written(driver: Customer) -> None:
    await start(driver)
    done = await driver.run("action_help_answer", "boh", "dont_know")
    assert done.said == ["utter_no_claims_bonus_malus"]
    assert done.messages[0]["document"] == "attestato di rischio"


async def test_the_class_is_explained_before_anything_is_known(driver: Customer) -> None:
    driver.slots = {"language": "it"}
    done = await driver.run("action_answer_question", "cos'è la classe di merito?", "ask_no_claims")
    assert done.said == ["utter_no_claims_bonus_malus"]


async def test_odd_kilometres_are_asked_again(driver: Customer) -> None:
    await start(driver, no_claims_class="BM 4")
    done = await driver.tell("300", km_per_year=300.0)
    assert done.said == ["utter_km_odd"]
    assert done.slots["requested_slot"] == "km_per_year"


async def test_the_premium_is_asked_where_no_contract_knows_it(driver: Customer) -> None:
    await start(driver, no_claims_class="BM 4")
    done = await driver.tell("12mila", km_per_year=12000.0)
    assert done.slots["requested_slot"] == "yearly_cost"


async def test_the_premium_of_the_contract_is_not_asked(driver: Customer, connected: Sessions) -> None:
    async with connected.begin() as session:
        session.add(Contract(contact_id=1, kind="insurance", yearly_cost=640, source="api"))
    done = await start(driver, no_claims_class="BM 4", km_per_year=12000.0)
    assert done.slots["requested_slot"] == "offer_choice"
    assert done.messages[0]["known"] == "640,00 €"
    assert float(driver.slots["offers"][0]["saving"]) > 0


@pytest.mark.parametrize("intent", ["dont_know", "deny"])
async def test_without_a_premium_no_saving_is_claimed(driver: Customer, intent: str) -> None:
    await start(driver, no_claims_class="BM 4", km_per_year=12000.0)
    done = await driver.tell("non lo so", intent)
    assert done.slots["requested_slot"] == "offer_choice"
    shown = await driver.run("action_ask_offer_choice")
    assert shown.said[0] == "utter_policies_without_premium"
    assert [name for name in shown.said if name.endswith(("_saving", "_dearer"))] == []


async def test_two_policies_are_shown_cheapest_first_and_marked_as_samples(driver: Customer) -> None:
    shown = await show(driver)
    assert "utter_policies_sample" in shown.said
    costs = [float(offer["yearly_cost"]) for offer in driver.slots["offers"]]
    assert len(costs) == 2
    assert costs == sorted(costs)
    assert len([name for name in shown.said if name.endswith("_saving")]) == 2


async def test_if_nothing_is_cheaper_we_say_so(driver: Customer) -> None:
    shown = await show(driver, yearly_cost=90.0)
    assert "utter_policies_none_cheaper" in shown.said
    assert [name for name in shown.said if name.endswith("_saving")] == []


@pytest.mark.parametrize(("name", "value"), [("no_claims_class", "BM 14"), ("km_per_year", 24000.0)])
async def test_a_correction_brings_other_prices(driver: Customer, name: str, value: Any) -> None:
    await choose(driver)
    before = driver.slots["offers"][0]["yearly_cost"]
    done = await driver.tell("no, aspetta", key="t2", **{name: value})
    assert done.slots["requested_slot"] == "offer_choice"
    assert float(driver.slots["offers"][0]["yearly_cost"]) > float(before)


async def test_a_later_premium_shows_the_saving(driver: Customer) -> None:
    await start(driver, no_claims_class="BM 4", km_per_year=12000.0)
    await driver.tell("boh", "dont_know")
    await driver.tell("pago 800 euro", key="t2", yearly_cost=800.0)
    assert float(driver.slots["offers"][0]["saving"]) > 0


async def test_a_choice_leads_to_the_way_and_is_noted_with_it(driver: Customer, ask: Ask) -> None:
    done = await choose(driver)
    assert done.slots["requested_slot"] == "contact_way"
    assert await ask("SELECT count(*) FROM event WHERE kind = 'offer_chosen'") == 0
    await driver.tell("il link", key="t2", contact_way="link")
    assert await ask("SELECT data->>'conversation' FROM event WHERE kind = 'offer_chosen'") == "insurance_comparison"


async def test_the_link_is_tracked(driver: Customer, ask: Ask) -> None:
    await choose(driver, km_per_year=7000.0)
    assert (await driver.run("action_ask_contact_way")).said == ["utter_ask_contact_way"]
    done = await driver.tell("mandami il link", "cart_checkout", "t2")
    assert done.slots["requested_slot"] is None
    ended = await driver.run("action_finish", key="t2")
    assert ended.said == ["utter_policy_done"]
    assert ended.messages[0]["url"].endswith(await ask("SELECT token FROM link"))
    assert driver.slots["offers"] is None


async def test_a_policy_without_a_page_is_only_called_about(driver: Customer, connected: Sessions) -> None:
    await set_country(connected, "GB")
    await choose(driver, "2", no_claims_class="NCD 9", yearly_cost=900.0)
    choice = driver.slots["offers"][int(driver.slots["offer_choice"]) - 1]
    if choice["url"]:
        await driver.tell("the other", "choose_offer", "t2", offer_choice="1")
    assert (await driver.run("action_ask_contact_way")).said == ["utter_ask_contact_call"]
    done = await driver.tell("yes", "affirm", "t3")
    assert done.slots["requested_slot"] == "callback_time"


async def test_a_no_to_the_way_leads_back_to_the_policies(driver: Customer, ask: Ask) -> None:
    await choose(driver)
    done = await driver.tell("no, l'altra", "deny", "t2")
    assert done.slots["requested_slot"] == "offer_choice"
    assert await ask("SELECT count(*) FROM event WHERE kind = 'offer_chosen'") == 0


@pytest.mark.parametrize("sentence", ["meglio se mi chiamate", "Ruft mich lieber an", "call me please"])
async def test_a_call_is_understood_in_words(driver: Customer, sentence: str) -> None:
    await choose(driver)
    done = await driver.tell(sentence, "call_me", "t2")
    assert done.slots["contact_way"] == "callback"
    assert done.slots["requested_slot"] == "callback_time"


async def test_the_call_is_a_handoff_with_everything_told(driver: Customer, ask: Ask) -> None:
    await choose(driver)
    await driver.tell("chiamatemi", "call_me", "t2")
    await driver.tell("di sera", key="t3", callback_time="evening")
    ended = await driver.run("action_finish", "di sera", key="t3")
    assert ended.said[0] == "utter_callback_noted"
    assert ended.messages[0]["when"] == "di sera"
    assert await ask("SELECT reason FROM handoff") == "callback"
    card = await ask("SELECT card FROM handoff")
    assert card["callback"] == {"time": "evening", "on": None, "phone": "+393331234567"}
    assert card["topic"] == "insurance_comparison"
    assert card["chosen"]["offer_code"].startswith("it-")
    assert {answer["name"] for answer in card["answers"]} >= {"no_claims_class", "km_per_year", "yearly_cost"}
    assert await ask("SELECT count(*) FROM event WHERE kind = 'callback_wish'") == 1


async def test_what_was_told_lately_is_not_asked_again(driver: Customer, connected: Sessions) -> None:
    await start(driver, **VALUES)
    later = Customer(slots={"language": "it", "conversation": "insurance_comparison", "requested_slot": None})
    done = await later.tell("riprendiamo", "insurance_comparison", "t9")
    assert done.slots["requested_slot"] == "offer_choice"
    assert done.messages[0]["known"] == "classe 4, 12.000 km, 700,00 €"


async def test_what_was_told_long_ago_is_asked_again(driver: Customer, connected: Sessions) -> None:
    await start(driver, **VALUES)
    async with connected.begin() as session:
        await session.execute(text("UPDATE answer SET at = at - interval '1 year'"))
    later = Customer(slots={"language": "it", "conversation": "insurance_comparison", "requested_slot": None})
    done = await later.tell("riprendiamo", "insurance_comparison", "t9")
    assert done.slots["requested_slot"] == "no_claims_class"


async def test_without_policies_in_the_country_a_call_is_proposed(driver: Customer, connected: Sessions) -> None:
    await set_country(connected, "AT")
    done = await start(driver)
    assert done.slots["requested_slot"] is None
    ended = await driver.run("action_finish")
    assert ended.said == ["utter_no_policies", "utter_propose_call_me"]
    assert ended.slots["proposal"] == "call_me"


async def test_a_contact_of_no_country_we_know_is_told_so(driver: Customer, connected: Sessions) -> None:
    await set_country(connected, "US")
    done = await start(driver)
    assert done.slots["requested_slot"] is None
