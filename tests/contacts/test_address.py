"""Phone numbers and user ids as WhatsApp writes them."""

import pytest

from contacts.address import country_of, read_address, read_phone, read_user_id
from core.types import Address


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ("393330000001", "+393330000001"),
        ("+393330000001", "+393330000001"),
        ("5511912345678", "+5511912345678"),
        ("551112345678", "+551112345678"),
        ("5215512345678", "+5215512345678"),
        (393330000001, "+393330000001"),
    ],
)
def test_digits_get_a_plus_and_are_never_rebuilt(given: object, phone: str) -> None:
    assert read_phone(given) == phone


@pytest.mark.parametrize(
    "given", [None, "", "12", "9" * 30, "39 333", "１２３４５６７", "120-1@g.us", True, -5, 1.5, [], {}]
)
def test_what_is_no_number_is_none(given: object) -> None:
    assert read_phone(given) is None


@pytest.mark.parametrize("given", ["IT.4411", "US.ENT.77", "IT." + "a" * 128, "new-form:1"])
def test_a_user_id_is_opaque(given: str) -> None:
    assert read_user_id(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "\0", "é", "x" * 300, 7, [], {}])
def test_what_cannot_be_a_user_id_is_none(given: object) -> None:
    assert read_user_id(given) is None


def test_an_address_needs_one_readable_id() -> None:
    assert read_address("x", "IT.1") == Address(None, "IT.1")
    assert read_address(None, None) is None


@pytest.mark.parametrize(
    ("address", "country"),
    [
        (Address("+393330000001"), "IT"),
        (Address("+491510000002"), "DE"),
        (Address("+41791234567"), "CH"),
        (Address("+390669812345"), "VA"),
        (Address("+14165550123", "IT.1"), "CA"),
        (Address("+39999"), "IT"),
        (Address("+99912345678"), None),
        (Address(None, "IT.4411"), "IT"),
        (Address(None, "US.ENT.77"), "US"),
        (Address("+99912345678", "AT.5"), "AT"),
        (Address(None, "weird"), None),
    ],
)
def test_the_country_comes_from_the_number_or_else_the_user_id(address: Address, country: str | None) -> None:
    assert country_of(address) == country
