from __future__ import annotations

import pytest

from offers.consumption import estimate_kwh


@pytest.mark.parametrize(
    ("country", "persons", "kwh"),
    [("IT", 1, 1100), ("IT", 2, 2200), ("IT", 3, 2880), ("IT", 4, 3100), ("DE", 1, 1900), ("DE", 4, 4085)],
)
def test_consumption_follows_household_size(country: str, persons: int, kwh: int) -> None:
    estimate = estimate_kwh(country, persons)
    assert estimate is not None
    assert estimate.kwh == kwh


def test_an_estimate_names_its_source() -> None:
    estimate = estimate_kwh("DE", 3)
    assert estimate is not None
    assert estimate.source == "BDEW 2022"


def test_a_very_large_household_says_which_size_its_figure_is_for() -> None:
    estimate = estimate_kwh("IT", 7)
    assert estimate is not None
    assert (estimate.kwh, estimate.persons) == (3100, 4)


def test_there_is_no_figure_for_a_country_without_one() -> None:
    assert estimate_kwh("CH", 2) is None


def test_a_household_has_somebody_in_it() -> None:
    with pytest.raises(ValueError, match="at least one person"):
        estimate_kwh("IT", 0)
