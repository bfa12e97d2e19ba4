from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from offers.catalogue import load_catalogue, replace_offers
from offers.placet import PLACET_SOURCE, read_offers, read_url


async def test_everything_is_loaded(session: AsyncSession) -> None:
    await session.execute(text("DELETE FROM loaded_table"))
    assert await load_catalogue(session)
    await session.commit()
    assert await session.scalar(text("SELECT count(*) FROM place")) == 58_383


async def test_the_second_load_has_nothing_to_do(catalogue: AsyncSession) -> None:
    assert not await load_catalogue(catalogue)


async def test_only_household_offers_are_loaded(catalogue: AsyncSession) -> None:
    count = text(
        "SELECT price_type, count(*) AS number FROM offer WHERE source = :source GROUP BY price_type ORDER BY price_type"
    )
    rows = await catalogue.execute(count, {"source": PLACET_SOURCE})
    assert {row.price_type: row.number for row in rows} == {"fixed": 228, "variable": 253}


async def test_an_offer_for_employees_is_not_for_customers(catalogue: AsyncSession) -> None:
    assert not await catalogue.scalar(text("SELECT count(*) FROM offer WHERE name LIKE '%DIPENDENTI%'"))


async def test_invented_offers_say_so_twice(catalogue: AsyncSession) -> None:
    rows = (await catalogue.execute(text("SELECT supplier, sample FROM offer WHERE country = 'DE'"))).all()
    assert len(rows) == 8
    assert all(sample and supplier.endswith("(sample)") for supplier, sample in rows)


async def test_offers_of_other_systems_survive_a_new_edition(sessions: Sessions, catalogue: AsyncSession) -> None:
    put = (
        "INSERT INTO offer (code, kind, country, supplier, name, price_type, price_per_kwh, fixed_per_year, green, source)"
        " VALUES ('OWN-1', 'electricity', 'IT', 'Own', 'Own', 'fixed', 0.1, 100, true, 'api')"
    )
    await catalogue.execute(text(put))
    await replace_offers(catalogue, list(read_offers()))
    assert await catalogue.scalar(text("SELECT source FROM offer WHERE code = 'OWN-1'")) == "api"
    await catalogue.rollback()


async def test_both_price_columns_filled_takes_the_own_one(catalogue: AsyncSession) -> None:
    row = await catalogue.execute(
        text("SELECT price_per_kwh, fixed_per_year FROM offer WHERE name = 'ENERCOM PLACET VARIABILE LUCE CASA'")
    )
    assert [float(value) for value in row.one()] == [0.06273, 156.0]


def test_an_address_without_scheme_gets_one() -> None:
    assert read_url("www.acea.it/placet") == "https://www.acea.it/placet"
    assert read_url("") is None
