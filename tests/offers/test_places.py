from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from offers.places import find_places, nearest_place


async def test_a_postcode_of_south_tyrol_is_one_place_with_two_names(catalogue: AsyncSession) -> None:
    places = await find_places(catalogue, "39100", "IT")
    assert len(places) == 1
    assert [places[0].name_in(language) for language in ("de", "it", "en")] == ["Bozen", "Bolzano", "Bolzano"]


async def test_italian_places_carry_the_codes_offers_use(catalogue: AsyncSession) -> None:
    (place,) = await find_places(catalogue, "00118", "IT")
    assert (place.region, place.region_code, place.province_code, place.municipality_code) == (
        "Lazio",
        "12",
        "058",
        "058091",
    )


@pytest.mark.parametrize(
    ("postcode", "region_code", "region"),
    [("09121", "20", "Sardegna"), ("30121", "05", "Veneto"), ("10121", "01", "Piemonte"), ("65121", "13", "Abruzzo")],
)
async def test_regions_are_numbered_as_istat_does(
    catalogue: AsyncSession, postcode: str, region_code: str, region: str
) -> None:
    place = (await find_places(catalogue, postcode, "IT"))[0]
    assert (place.region_code, place.region) == (region_code, region)


async def test_an_apostrophe_stands_for_an_accent(catalogue: AsyncSession) -> None:
    places = await find_places(catalogue, "10073", "IT")
    assert "Ciriè" in {place.municipality for place in places}


async def test_a_postcode_may_lie_in_two_countries(catalogue: AsyncSession) -> None:
    assert {place.country for place in await find_places(catalogue, "1010")} == {"AT", "CH"}


async def test_the_country_decides(catalogue: AsyncSession) -> None:
    assert {place.country for place in await find_places(catalogue, "1010", "AT")} == {"AT"}


async def test_a_leading_zero_counts(catalogue: AsyncSession) -> None:
    places = await find_places(catalogue, "01945", "DE")
    assert {place.region_code for place in places} == {"BB"}


async def test_an_unknown_postcode_has_no_places(catalogue: AsyncSession) -> None:
    assert await find_places(catalogue, "00000") == []


async def test_a_pin_finds_the_place_around_it(catalogue: AsyncSession) -> None:
    place = await nearest_place(catalogue, 46.4983, 11.3548)
    assert place is not None
    assert place.municipality == "Bolzano/Bozen"


async def test_a_pin_in_the_sea_finds_nothing(catalogue: AsyncSession) -> None:
    assert await nearest_place(catalogue, 38.0, 5.0) is None
