from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.company import read_company
from offers.insurance import best_policies, yearly_premium
from offers.no_claims import SYSTEMS, explain_no_claims, read_no_claims

POLICIES = read_company().policies
ON = date(2026, 11, 22)

premiums = st.decimals("50", "3000", places=2)
drivers = st.sampled_from(["IT", "DE", "GB"]).flatmap(
    lambda country: st.tuples(st.just(country), st.sampled_from(SYSTEMS[country].classes))
)


@pytest.mark.parametrize(
    ("country", "words", "value"),
    [
        ("IT", "1", "1"),
        ("IT", 18, "18"),
        ("IT", "classe 14", "14"),
        ("IT", "14a", None),
        ("IT", "14ª", "14"),
        ("IT", "0", None),
        ("IT", "19", None),
        ("IT", "CU 4", "4"),
        ("AT", "0", "0"),
        ("AT", "Stufe 9", "9"),
        ("AT", "18", None),
        ("DE", "0", "0"),
        ("DE", "SF 12", "12"),
        ("DE", "sf12", "12"),
        ("DE", "SF 1/2", "1/2"),
        ("DE", "SF ½", "1/2"),
        ("DE", "SF-Klasse M", "M"),
        ("DE", "s", "S"),
        ("DE", "50", "50"),
        ("DE", "51", None),
        ("DE", "7 Jahre", "7"),
        ("GB", "0", "0"),
        ("GB", "9 years", "9"),
        ("GB", "15+", "15"),
        ("GB", "22 years", "15"),
        ("GB", "M", None),
        ("GB", "100", None),
        ("CH", "3", None),
        ("IT", "boh", None),
        ("IT", "", None),
    ],
)
def test_a_class_is_read_as_the_country_writes_it(country: str, words: str | int, value: str | None) -> None:
    assert read_no_claims(country, words) == value


def test_the_two_cheapest_are_proposed_cheapest_first() -> None:
    quotes = best_policies(POLICIES, "IT", "1", 10000, None, ON)
    assert [(quote.policy.id, quote.premium) for quote in quotes] == [
        ("it-betulla", Decimal("278.46")),
        ("it-larice", Decimal("297.60")),
    ]


def test_without_todays_premium_nothing_is_said_of_a_saving() -> None:
    for quote in best_policies(POLICIES, "IT", 1, 10000, None, ON):
        assert (quote.saving, quote.saving_percent, quote.better) == (None, None, None)


def test_a_saving_is_said_only_where_there_is_one() -> None:
    cheap, dear = best_policies(POLICIES, "IT", 1, 10000, Decimal("290.00"), ON)
    assert (cheap.saving, cheap.saving_percent, cheap.better) == (Decimal("11.54"), Decimal("3.9"), True)
    assert (dear.saving, dear.saving_percent, dear.better) == (None, None, False)


def test_the_same_premium_is_no_saving() -> None:
    quote = best_policies(POLICIES, "IT", 1, 10000, Decimal("278.46"), ON)[0]
    assert (quote.saving, quote.better) == (None, False)


def test_premiums_in_another_currency_are_not_compared() -> None:
    quote = best_policies(POLICIES, "GB", 5, 9000, Decimal("900"), ON, currency="EUR")[0]
    assert quote.better is None


def test_a_class_no_band_names_is_not_taken() -> None:
    insurers = {quote.policy.id for quote in best_policies(POLICIES, "IT", 18, 10000, None, ON, limit=9)}
    assert insurers == {"it-larice", "it-cedro"}
    assert {quote.policy.id for quote in best_policies(POLICIES, "GB", 0, 9000, None, ON)} == {"gb-rowan"}


def test_more_kilometres_than_the_last_band_are_not_taken() -> None:
    assert "it-betulla" not in {quote.policy.id for quote in best_policies(POLICIES, "IT", 1, 25001, None, ON, limit=9)}


def test_a_country_without_catalogue_has_no_quotes() -> None:
    assert best_policies(POLICIES, "AT", 0, 10000, None, ON) == []


def test_a_policy_no_longer_sold_is_not_proposed() -> None:
    old = [policy.model_copy(update={"valid_until": date(2026, 11, 21)}) for policy in POLICIES]
    new = [policy.model_copy(update={"valid_from": ON}) for policy in POLICIES]
    assert best_policies(old, "IT", 1, 10000, None, ON) == []
    assert len(best_policies(new, "IT", 1, 10000, None, ON)) == 2


@pytest.mark.parametrize(
    ("no_claims", "km", "today", "problem"),
    [("0", 9000, None, "no-claims class in IT"), (1, 0, None, "kilometres"), (1, 9000, Decimal(0), "premium")],
)
def test_what_makes_no_sense_is_refused(no_claims: str | int, km: int, today: Decimal | None, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        best_policies(POLICIES, "IT", no_claims, km, today, ON)


@given(drivers, st.integers(1, 60000), st.none() | premiums)
def test_quotes_are_the_cheapest_of_different_insurers_and_never_invent_a_saving(
    driver: tuple[str, str], km: int, today: Decimal | None
) -> None:
    country, no_claims = driver
    quotes = best_policies(POLICIES, country, no_claims, km, today, ON)
    possible = [yearly_premium(it, no_claims, km) for it in POLICIES if it.country == country]
    assert [quote.premium for quote in quotes] == sorted(it for it in possible if it is not None)[:2]
    for quote in quotes:
        assert quote.better is (None if today is None else quote.premium < today)
        assert (quote.saving is not None) == bool(quote.better)
        if quote.saving is not None and today is not None and quote.saving_percent is not None:
            assert quote.premium + quote.saving == today
            assert 0 <= quote.saving_percent <= quote.saving / today * 100


@given(drivers, st.integers(1, 40000))
def test_a_better_class_and_fewer_kilometres_never_cost_more(driver: tuple[str, str], km: int) -> None:
    country, no_claims = driver
    classes = SYSTEMS[country].classes
    better = classes[max(0, classes.index(no_claims) - 1)]
    for policy in POLICIES:
        if policy.country == country and (premium := yearly_premium(policy, no_claims, km)) is not None:
            cheaper = [yearly_premium(policy, better, km), yearly_premium(policy, no_claims, max(1, km // 2))]
            assert all(it is not None and it <= premium for it in cheaper)


@pytest.mark.parametrize(
    ("country", "value", "after_good_year", "after_claim"),
    [
        ("IT", "14", "13", "16"),
        ("IT", "1", "1", "3"),
        ("IT", "17", "16", "18"),
        ("AT", "0", "0", "3"),
        ("DE", "12", "13", None),
        ("DE", "50", "50", None),
        ("DE", "1/2", None, None),
        ("DE", "0", None, None),
        ("GB", "0", "1", None),
        ("GB", "15", "15", None),
    ],
)
def test_what_a_year_changes(country: str, value: str, after_good_year: str | None, after_claim: str | None) -> None:
    facts = explain_no_claims(country, value)
    assert facts is not None
    assert (facts.value, facts.after_good_year, facts.after_claim) == (value, after_good_year, after_claim)


def test_the_system_is_explained_without_a_class() -> None:
    facts = explain_no_claims("IT")
    assert facts is not None
    assert (facts.best, facts.worst, facts.system.first, facts.value, facts.steps_to_best) == (
        "1",
        "18",
        "14",
        None,
        None,
    )
    assert explain_no_claims("CH") is None
