from __future__ import annotations

from actions.energy.place import decide_country
from tests.actions.conftest import Customer


def test_the_only_country_is_the_country() -> None:
    assert decide_country({"DE"}, None, "IT") == "DE"


def test_what_was_told_beats_the_phone() -> None:
    assert decide_country({"AT", "CH"}, "CH", "AT") == "CH"


def test_the_phone_decides_where_nothing_was_told() -> None:
    assert decide_country({"AT", "CH"}, None, "AT") == "AT"


def test_several_countries_and_no_hint_are_asked() -> None:
    assert decide_country({"AT", "CH"}, None, "IT") is None


async def test_a_location_answers_the_postcode(ada: Customer) -> None:
    done = await ada.tell(intent="location", latitude=45.4642, longitude=9.19)
    assert done.said == ["utter_location_noted"]
    assert done.slots["postcode"] == "20121"


async def test_a_location_far_from_everything_is_admitted(ada: Customer) -> None:
    done = await ada.tell(intent="location", latitude=0.0, longitude=0.0)
    assert done.said == ["utter_location_far"]
    assert done.slots["requested_slot"] == "postcode"


async def test_a_location_nobody_asked_for_changes_nothing(ada: Customer) -> None:
    ada.slots |= {"postcode": "20121", "country": "IT", "yearly_kwh": 2700.0, "requested_slot": "preference"}
    done = await ada.tell(intent="location", latitude=45.4642, longitude=9.19)
    assert done.said == []
    assert done.slots == {"requested_slot": "preference"}
