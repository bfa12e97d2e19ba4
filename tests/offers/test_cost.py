from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from offers.cost import Parameters, compare_costs, current_cost, is_plausible, yearly_cost
from offers.parameters import load_parameters

PARAMETERS = Parameters(Decimal("0.100"), "2025-10", "test", losses=Decimal("0.10"))


@dataclass(frozen=True)
class Offer:
    price_type: str
    price_per_kwh: Decimal
    fixed_per_year: Decimal = Decimal("120.00")


@dataclass(frozen=True)
class Contract:
    yearly_kwh: Decimal | None = None
    yearly_cost: Decimal | None = None
    price_per_kwh: Decimal | None = None
    fixed_per_year: Decimal | None = None


def test_a_fixed_price_is_fixed_part_plus_consumption() -> None:
    cost = yearly_cost(Offer("fixed", Decimal("0.18")), Decimal(2700), PARAMETERS)
    assert cost.total == Decimal("606.00")
    assert cost.index_month is None


def test_a_variable_price_pays_network_losses_on_index_and_spread() -> None:
    cost = yearly_cost(Offer("variable", Decimal("0.02")), Decimal(1000), PARAMETERS)
    assert cost.total == Decimal("252.00")  # 120 + 1000 * 1.1 * (0.10 + 0.02)
    assert cost.index_month == "2025-10"


def test_half_a_cent_is_rounded_up() -> None:
    assert yearly_cost(Offer("fixed", Decimal("0.000005")), Decimal(1000), PARAMETERS).total == Decimal("120.01")


def test_no_cost_without_consumption() -> None:
    with pytest.raises(ValueError, match="above 0 kWh"):
        yearly_cost(Offer("fixed", Decimal("0.18")), Decimal(0), PARAMETERS)


@pytest.mark.parametrize(
    ("offer", "plausible"),
    [
        (Offer("fixed", Decimal("0.50")), True),
        (Offer("fixed", Decimal("0.500001")), False),
        (Offer("fixed", Decimal(0)), False),
        (Offer("variable", Decimal("0.35")), True),  # 1.1 * 0.45 = 0.495
        (Offer("variable", Decimal("0.36")), False),
        (Offer("fixed", Decimal("0.25"), Decimal("0.25")), False),
    ],
)
def test_absurd_offers_are_told_apart(offer: Offer, plausible: bool) -> None:
    assert is_plausible(offer, PARAMETERS) is plausible


@pytest.mark.parametrize(
    ("contract", "cost"),
    [
        (Contract(price_per_kwh=Decimal("0.25"), fixed_per_year=Decimal("100.00")), Decimal("600.00")),
        (Contract(price_per_kwh=Decimal("0.25")), None),
        (Contract(yearly_cost=Decimal("700.00"), yearly_kwh=Decimal(2000)), Decimal("700.00")),
        (Contract(yearly_cost=Decimal("700.00"), yearly_kwh=Decimal(2700)), None),
        (Contract(yearly_cost=Decimal("700.00")), None),
        (Contract(), None),
    ],
)
def test_the_cost_of_today_is_never_guessed(contract: Contract, cost: Decimal | None) -> None:
    assert current_cost(contract, Decimal(2000)) == cost


def test_a_percentage_is_rounded_down() -> None:
    saving = compare_costs(Decimal("600.00"), Decimal("541.30"))
    assert saving.amount == Decimal("58.70")
    assert saving.percent == Decimal("9.7")  # 9.78


@pytest.mark.parametrize("offered", ["600.00", "600.01"])
def test_an_offer_that_is_not_cheaper_has_no_percentage(offered: str) -> None:
    assert compare_costs(Decimal("600.00"), Decimal(offered)).percent is None


def test_losses_come_from_the_regulators_file() -> None:
    assert load_parameters().losses == Decimal("0.1")
