from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from actions.wording import format_date, format_money, format_month, format_number, format_percent


@pytest.mark.parametrize(
    ("language", "shown"), [("it", "1.234,56 €"), ("de", "1.234,56 €"), ("en", "€1,234.56")], ids=str
)
def test_money_reads_as_people_write_it(language: str, shown: str) -> None:
    assert format_money(Decimal("1234.56"), "EUR", language) == shown


def test_a_currency_without_a_sign_keeps_its_letters_apart() -> None:
    assert format_money(Decimal("9.9"), "CHF", "en") == "CHF 9.90"


def test_numbers_follow_the_language() -> None:
    assert [format_number(2880, language) for language in ("it", "de", "en")] == ["2.880", "2.880", "2,880"]


def test_percent_follows_the_language() -> None:
    assert [format_percent(Decimal("9.1"), language) for language in ("it", "de", "en")] == ["9,1%", "9,1 %", "9.1%"]


def test_dates_are_written_out() -> None:
    day = date(2027, 1, 15)
    assert format_date(day, "it") == "15 gennaio 2027"
    assert format_date(day, "de") == "15. Januar 2027"
    assert format_date(day, "en") == "15 January 2027"


def test_months_are_written_out() -> None:
    assert format_month("2025-10", "it") == "ottobre 2025"
