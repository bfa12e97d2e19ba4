from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from contacts.importing.cells import guess_decimal, read_number, read_word, read_yes_no
from contacts.importing.columns import Kind, MappingError, guess_field, load_fields, map_columns
from contacts.importing.dates import DateEvidence, DateOrder, read_date, read_moment
from contacts.importing.phones import read_phone_cell
from contacts.importing.problems import CellError, load_texts
from contacts.importing.reading import read_postcode

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("written", "decimal", "number"),
    [
        ("1.234,56", None, "1234.56"),
        ("1,234.56", None, "1234.56"),
        ("1'234.50", None, "1234.50"),
        ("1 234,5", None, "1234.5"),
        ("€ 85,00", None, "85.00"),
        ("85,00 €/anno", None, "85.00"),
        ("CHF 120.-", None, "120"),
        ("2.700", None, "2700"),
        ("2.700", ",", "2700"),
        ("2.700", ".", "2.700"),
        ("1.234.567", None, "1234567"),
        ("-5", None, "-5"),
        (2700.5, ",", "2700.5"),
    ],
)
def test_a_number_is_read_as_its_country_writes_it(written: str | float, decimal: str | None, number: str) -> None:
    assert read_number(written, "c", decimal) == Decimal(number)


def test_a_price_has_decimals_where_a_sum_has_thousands() -> None:
    assert read_number("0,198", "c", None, fine=True) == Decimal("0.198")
    assert read_number("1,198", "c", None, fine=True) == Decimal("1.198")


@pytest.mark.parametrize("written", ["abc", "1,2,3.4.5", "12 34 a", "", "--"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        read_number(written, "c", None)


@pytest.mark.parametrize(
    ("written", "sign"), [("1.234,5", ","), ("0.25", "."), ("1.234", None), ("85,5", ","), ("12", None)]
)
def test_a_number_proves_its_decimal_sign_or_nothing(written: str, sign: str | None) -> None:
    assert guess_decimal(written) == sign


@pytest.mark.parametrize(
    "written",
    [
        *("31.12.2026", "31/12/2026", "31-12-2026", "31/12/26", "2026-12-31", "2026/12/31", "20261231", "46387"),
        *(
            "31 dicembre 2026",
            "31. Dezember 2026",
            "December 31, 2026",
            "31/12/2026 00:00:00",
            "2026-12-31T10:00:00+01:00",
        ),
        *(46387, 46387.5),
    ],
)
def test_a_date_is_read_however_it_is_written(written: str | float) -> None:
    assert read_date(written, "c", DateOrder.DMY) == date(2026, 12, 31)


def test_the_month_may_come_first_but_never_with_dots() -> None:
    assert read_date("12/31/2026", "c", DateOrder.MDY) == date(2026, 12, 31)
    assert read_date("03.04.2026", "c", DateOrder.MDY) == date(2026, 4, 3)


@pytest.mark.parametrize("written", ["31.02.2026", "12/31/2026", "soon", "2026-13-01", "31/12/2026 25:00"])
def test_a_day_that_does_not_exist_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        read_date(written, "c", DateOrder.DMY)


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["03/04/2026", "25/04/2026"], DateOrder.DMY),
        (["03/04/2026", "04/25/2026"], DateOrder.MDY),
        (["03/04/2026", "01/02/2026"], None),
        (["25/04/2026", "04/25/2026"], None),
        (["03.04.2026", "2026-04-03", "", None, "04/04/2026"], DateOrder.DMY),
    ],
)
def test_a_column_proves_whether_the_day_comes_first(cells: list[str | None], order: DateOrder | None) -> None:
    evidence = DateEvidence()
    for cell in cells:
        evidence.add(cell)
    assert evidence.order() == order


def test_a_day_without_a_time_begins_or_ends_in_the_contacts_zone() -> None:
    assert read_moment("01/12/2026", "c", DateOrder.DMY, ROME) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert read_moment("01/12/2026", "c", DateOrder.DMY, ROME, ends_day=True) == datetime(
        2026, 12, 1, 22, 59, 59, tzinfo=UTC
    )
    assert read_moment("01/12/2026 15:30", "c", DateOrder.DMY, ROME) == datetime(2026, 12, 1, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "country", "number", "note"),
    [
        ("333 1234567", "IT", "+393331234567", None),
        ("0039 333/1234567", "DE", "+393331234567", None),
        (3331234567, "IT", "+393331234567", None),
        ("3331234567.0", "IT", "+393331234567", None),
        ("0171/1234567", "DE", "+491711234567", None),
        ("+49 (0) 171 1234567", "IT", "+491711234567", None),
        ("0471 123456", "IT", "+390471123456", "landline"),
        ("4917112345678", "IT", "+4917112345678", "phone_guessed"),
        ("0471 123456; 333 1234567", "IT", "+393331234567", "phone_chosen"),
    ],
)
def test_a_phone_number_becomes_e164(written: str | int, country: str, number: str, note: str | None) -> None:
    phone = read_phone_cell(written, "Tel", country)
    assert (phone.number, phone.note) == (number, note)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("abc", "phone"),
        ("12", "phone"),
        ("3,33123E+09", "phone_rounded"),
        ("333 1234567 / 348 7654321", "phone_several"),
    ],
)
def test_a_wrong_phone_number_is_told_why(written: str, code: str) -> None:
    with pytest.raises(CellError) as error:
        read_phone_cell(written, "Tel", "IT")
    assert error.value.problem.code == code


def test_words_of_three_languages_mean_the_same() -> None:
    assert {read_word(word, "c", "language") for word in ("Tedesco", "deutsch", "German", "DE")} == {"de"}
    assert {read_word(word, "c", "currency") for word in ("€", "EUR", "euro")} == {"EUR"}
    assert read_word("Luce", "c", "contract_kind") == "electricity"
    assert [read_yes_no(cell, "c") for cell in ("Sì", "JA", True, 1, "x", "nein", False, 0)] == [True] * 5 + [False] * 3


def test_a_postcode_gets_back_the_zeros_a_spreadsheet_dropped() -> None:
    assert read_postcode("144", "IT") == ("00144", None)
    assert read_postcode("D-1067", "IT") == ("01067", "DE")
    assert read_postcode("1010", "AT") == ("1010", None)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        *(("N. Cellulare cliente", "phone"), ("Handynummer", "phone"), ("Mobile phone", "phone"), ("CAP", "postcode")),
        *(
            ("PLZ", "postcode"),
            ("Data Scadenza", "expires_on"),
            ("Vertragsende", "expires_on"),
            ("Währung", "currency"),
        ),
        *(("Consumo annuo (kWh)", "yearly_kwh"), ("Prezzo €/kWh", "price_per_kwh"), ("KUNDENNUMMER", "external_id")),
        *(("Einwilligung am", "consent_at"), ("Fonte del consenso", "consent_source"), ("Opt-in", "consent")),
    ],
)
def test_headings_of_three_languages_are_understood(heading: str, field: str) -> None:
    found = guess_field(heading, Kind.CONTACTS)
    assert found is not None
    assert found[0] == field


def test_no_heading_stands_under_two_fields() -> None:
    assert all(load_fields(kind) for kind in Kind)


def test_the_mobile_number_wins_over_the_landline_and_what_is_not_read_is_named() -> None:
    columns = map_columns(("Telefono", "Cellulare", "Note"), Kind.CONTACTS, {})
    assert columns.fields == {"phone": 1}
    assert columns.ignored == {"Telefono": "Cellulare", "Note": ""}


def test_the_users_word_wins_over_the_guess() -> None:
    columns = map_columns(("Telefono", "Cellulare"), Kind.CONTACTS, {"telefono": "phone"})
    assert columns.fields == {"phone": 0}


@pytest.mark.parametrize("told", [{"Fax": "phone"}, {"Tel": "colour"}, {"Tel": "phone", "Note": "phone"}])
def test_a_wrong_map_is_one_clear_sentence(told: dict[str, str]) -> None:
    with pytest.raises(MappingError, match="--map"):
        map_columns(("Tel", "Note"), Kind.CONTACTS, told)


def test_a_file_without_anybody_is_refused() -> None:
    with pytest.raises(MappingError, match="no column tells who"):
        map_columns(("Nome", "CAP"), Kind.CONTACTS, {})


def test_every_text_speaks_three_languages() -> None:
    assert {code for code, words in load_texts().items() if set(words) != {"it", "de", "en"}} == set()
