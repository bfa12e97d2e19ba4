from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contract, Offer
from offers.choose import Proposal, best_offers

TODAY = date(2026, 11, 21)
ROME: dict[str, Any] = {"region": "12", "province": "058", "municipality": "058091"}


async def find(session: AsyncSession, **changes: Any) -> list[Proposal]:
    question: dict[str, Any] = {"kind": "electricity", "country": "IT", "yearly_kwh": 2700, "on": TODAY, **ROME}
    return await best_offers(session, **question | changes)


def hold(**known: Any) -> Contract:
    return Contract(**{"contact_id": 1, "kind": "electricity", "currency": "EUR", "source": "test"} | known)


@pytest_asyncio.fixture
async def local(catalogue: AsyncSession) -> AsyncIterator[AsyncSession]:
    """The catalogue with one very cheap offer of one municipality's own."""
    catalogue.add(
        Offer(
            code="LOCAL",
            kind="electricity",
            country="IT",
            supplier="Local",
            name="Local",
            price_type="fixed",
            price_per_kwh=Decimal("0.01"),
            fixed_per_year=Decimal("12.00"),
            currency="EUR",
            green=True,
            region="03",
            province="093;021",
            municipality="058091",
            source="test",
        )
    )
    await catalogue.flush()
    yield catalogue
    await catalogue.rollback()


async def test_two_offers_of_two_suppliers_cheapest_first(catalogue: AsyncSession) -> None:
    first, second = await find(catalogue)
    assert first.yearly_cost <= second.yearly_cost
    assert first.supplier != second.supplier


async def test_a_known_best_offer_is_found(catalogue: AsyncSession) -> None:
    (best,) = await find(catalogue, limit=1)
    # 57.58 + 2700 * 1.1 * (0.111 + 0.01): a variable price with the index of October 2025
    assert (best.supplier, best.yearly_cost, best.index_month) == ("LUX ESCO SRL", Decimal("416.95"), "2025-10")


async def test_no_offer_outside_its_own_dates(catalogue: AsyncSession) -> None:
    offers = await find(catalogue, limit=500)
    ends = text("SELECT min(valid_until_on) FROM offer WHERE code = ANY (:codes)")
    assert await catalogue.scalar(ends, {"codes": [offer.offer_code for offer in offers]}) >= TODAY


async def test_no_absurd_price(catalogue: AsyncSession) -> None:
    assert max(offer.price_per_kwh for offer in await find(catalogue, limit=500)) <= Decimal("0.50")


async def test_a_wish_for_a_fixed_price_is_followed(catalogue: AsyncSession) -> None:
    offers = await find(catalogue, preference="fixed")
    assert {(offer.price_type, offer.why) for offer in offers} == {("fixed", "fixed")}


async def test_a_wish_nothing_fits_is_said_to_be_so(catalogue: AsyncSession) -> None:
    assert {offer.why for offer in await find(catalogue, preference="green")} == {"no_green"}


async def test_green_offers_come_first_where_there_are_some(catalogue: AsyncSession) -> None:
    offers = await find(catalogue, country="DE", preference="green", region="BY", province=None, municipality=None)
    assert [(offer.green, offer.sample, offer.why) for offer in offers] == [(True, True, "green")] * 2


async def test_an_offer_is_sold_where_region_province_or_municipality_match(local: AsyncSession) -> None:
    places = [
        ("03", "015", "015146", True),
        ("04", "021", "021008", True),
        ("12", "058", "058091", True),
        ("12", "058", "058092", False),
        (None, None, None, False),
    ]
    for region, province, municipality, sold in places:
        (best,) = await find(local, region=region, province=province, municipality=municipality, limit=1)
        assert (best.offer_code == "LOCAL") is sold, (region, province, municipality)


async def test_no_contract_means_no_saving(catalogue: AsyncSession) -> None:
    (best,) = await find(catalogue, limit=1)
    assert (best.saving, best.saving_percent, best.better) == (None, None, None)


async def test_a_saving_compares_energy_with_energy(catalogue: AsyncSession) -> None:
    contract = hold(price_per_kwh=Decimal("0.20"), fixed_per_year=Decimal("100.00"))
    (best,) = await find(catalogue, contract=contract, limit=1)
    assert (best.saving, best.saving_percent, best.better) == (Decimal("223.05"), Decimal("34.8"), True)


async def test_a_total_of_another_consumption_is_no_ground_for_a_saving(catalogue: AsyncSession) -> None:
    contract = hold(yearly_cost=Decimal("900.00"), yearly_kwh=Decimal(3000))
    assert (await find(catalogue, contract=contract))[0].saving is None


async def test_another_currency_is_not_compared(catalogue: AsyncSession) -> None:
    contract = hold(price_per_kwh=Decimal("0.20"), fixed_per_year=Decimal("100.00"), currency="CHF")
    assert (await find(catalogue, contract=contract))[0].saving is None


async def test_a_gas_contract_says_nothing_about_electricity(catalogue: AsyncSession) -> None:
    contract = hold(kind="gas", price_per_kwh=Decimal("0.20"), fixed_per_year=Decimal("100.00"))
    assert (await find(catalogue, contract=contract))[0].saving is None


async def test_a_contract_that_beats_every_offer_is_left_alone(catalogue: AsyncSession) -> None:
    contract = hold(price_per_kwh=Decimal("0.05"), fixed_per_year=Decimal("50.00"))
    offers = await find(catalogue, contract=contract)
    assert [(offer.better, offer.saving_percent) for offer in offers] == [(False, None)] * 2
