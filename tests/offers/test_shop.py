from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offers.company import read_company
from offers.find_product import find_products, find_size
from offers.shop import answer_discount, check_stock, read_cart, read_price, return_deadline, shipping_cost

COMPANY = read_company()
PRODUCTS, SHOP = COMPANY.products, COMPANY.shop
SHOES, SOCKS, JACKET, TEE, DRILL, BITS, MAT, KETTLEBELL = PRODUCTS
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("sentence", "skus"),
    [
        ("avete le scarpe da corsa?", ["RUN-01"]),
        ("le scarpe brezza ci sono", ["RUN-01"]),
        ("laufschuhe noch da", ["RUN-01"]),
        ("do you still have the sneakers", ["RUN-01"]),
        ("la giaca antipiogia c'è in taglia L", ["JKT-01"]),
        ("REGENJACKE???", ["JKT-01"]),
        ("rain jackets", ["JKT-01"]),
        ("k-way", ["JKT-01"]),
        ("t shirt", ["TEE-01"]),
        ("un trapno a batteria", ["DRL-01"]),
        ("akkuschraubr", ["DRL-01"]),
        ("drill bits for tiles", ["BIT-01"]),
        ("punte da trapano", ["BIT-01"]),
        ("yogamatte wieder da?", ["MAT-01"]),
        ("il kettlebell da 12", ["KET-01"]),
        ("kugelhantel", ["KET-01"]),
        ("calzini e scarpe", ["RUN-01", "SOC-01"]),
        ("a che punto è il mio ordine", []),
        ("ho perso il pacco", []),
        ("c'è vento oggi", []),
        ("fate yoga la sera?", []),
        ("che taglia mi consigli", []),
        ("ok", []),
        ("", []),
    ],
)
def test_a_product_is_found_in_a_sentence(sentence: str, skus: list[str]) -> None:
    assert [found.product.sku for found in find_products(PRODUCTS, sentence)] == skus


def test_every_product_is_found_by_its_names_and_words() -> None:
    for product in PRODUCTS:
        for language in ("it", "de", "en"):
            for name in (product.name.say(language), *getattr(product.words, language)):
                assert find_products(PRODUCTS, name)[0].product == product, name


@given(st.text(max_size=80))
def test_no_sentence_breaks_the_search(sentence: str) -> None:
    for found in find_products(PRODUCTS, sentence):
        assert found.score >= 0.6
    for product in PRODUCTS:
        find_size(product, sentence)


@pytest.mark.parametrize(
    ("sku", "sentence", "size"),
    [
        ("JKT-01", "taglia m", "M"),
        ("JKT-01", "in Größe XL bitte", "XL"),
        ("JKT-01", "do you have it in L?", "L"),
        ("JKT-01", "l", "L"),
        ("JKT-01", "la M", "M"),
        ("JKT-01", "una media", "M"),
        ("JKT-01", "size xxl", "XXL"),
        ("JKT-01", "vorrei sapere dov'è l'ordine", None),
        ("JKT-01", "dov'è L'ordine della giacca", None),
        ("JKT-01", "it's raining", None),
        ("RUN-01", "il 42 c'è?", "42"),
        ("RUN-01", "numero 46", "46"),
        ("RUN-01", "costano 42 €?", None),
        ("RUN-01", "ordine 2042", None),
        ("DRL-01", "size 42", None),
    ],
)
def test_a_size_is_found_in_a_sentence(sku: str, sentence: str, size: str | None) -> None:
    product = COMPANY.product(sku)
    assert product is not None
    assert find_size(product, sentence) == size


def test_stock_of_a_size() -> None:
    stock = check_stock(JACKET, "M", TODAY)
    assert (stock.available, stock.pieces, stock.few, stock.other_sizes) == (True, 5, 5, ("L", "XL"))
    assert check_stock(TEE, "M", TODAY).few is None


def test_an_empty_size_tells_when_it_returns_and_what_else_there_is() -> None:
    stock = check_stock(JACKET, "S", TODAY)
    assert (stock.available, stock.few, stock.back_on) == (False, None, date(2026, 12, 4))
    assert stock.other_sizes == ("M", "L", "XL")


def test_a_return_that_should_be_over_is_not_promised() -> None:
    assert check_stock(MAT, None, date(2026, 12, 15)).back_on is None
    assert check_stock(MAT, None, date(2026, 12, 14)).back_on == date(2026, 12, 15)


def test_a_size_that_is_not_made_never_returns() -> None:
    stock = check_stock(SHOES, "46", TODAY)
    assert (stock.made, stock.available, stock.back_on) == (False, False, None)


def test_things_without_sizes_have_stock_too() -> None:
    stock = check_stock(KETTLEBELL, None, TODAY)
    assert (stock.pieces, stock.few, stock.other_sizes, KETTLEBELL.sizes) == (3, 3, (), ())


@pytest.mark.parametrize(
    ("country", "total", "cost", "missing"),
    [
        ("IT", "59.99", "4.90", "0.01"),
        ("IT", "60.00", "0.00", "0"),
        ("DE", "10.00", "5.90", "70.00"),
        ("CH", "500.00", "14.90", None),
    ],
)
def test_shipping_of_a_cart(country: str, total: str, cost: str, missing: str | None) -> None:
    shipping = shipping_cost(SHOP, Decimal(total), country)
    assert shipping is not None
    assert (shipping.cost, shipping.missing_for_free) == (Decimal(cost), None if missing is None else Decimal(missing))


def test_where_the_shop_does_not_send_there_is_no_price() -> None:
    assert shipping_cost(SHOP, Decimal(10), "US") is None
    assert shipping_cost(SHOP, Decimal(10), "CH", "CHF") is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 400))
def test_the_last_day_to_return_is_included(purchased_on: date, later: int) -> None:
    deadline = return_deadline(SHOP, purchased_on, purchased_on + timedelta(days=later))
    assert deadline.last_day - purchased_on == timedelta(days=30)
    assert deadline.days_left == 30 - later
    assert deadline.over is (later > 30)


@pytest.mark.parametrize(
    ("today", "there"), [("2026-10-31", 0), ("2026-11-01", 1), ("2027-01-31", 1), ("2027-02-01", 0)]
)
def test_a_discount_holds_on_its_days_only(today: str, there: int) -> None:
    assert (answer_discount(SHOP, date.fromisoformat(today)) is not None) is bool(there)


def test_a_discount_tells_what_it_takes_off_or_what_is_missing() -> None:
    enough, short = answer_discount(SHOP, TODAY, Decimal("89.95")), answer_discount(SHOP, TODAY, Decimal("70.00"))
    assert enough is not None
    assert short is not None
    assert (enough.amount, enough.missing) == (Decimal("9.00"), None)
    assert (short.amount, short.missing) == (None, Decimal("10.00"))


def test_a_shop_without_discount_says_so() -> None:
    assert answer_discount(SHOP.model_copy(update={"discount": None}), TODAY, Decimal(100)) is None


def test_a_discount_in_another_currency_is_not_computed() -> None:
    answer = answer_discount(SHOP, TODAY, Decimal(100), "CHF")
    assert answer is not None
    assert answer.amount is None


def test_a_cart_adds_up() -> None:
    data = {
        "items": [
            {"sku": "RUN-01", "name": "Brezza 42", "quantity": 1, "price": "89.90"},
            {"sku": "SOC-01", "quantity": 2},
        ],
        "currency": "EUR",
        "url": "https://shop.example.com/cart/7",
    }
    cart = read_cart(data, PRODUCTS, "de")
    assert [(line.name, line.quantity, line.price) for line in cart.lines] == [
        ("Brezza 42", 1, Decimal("89.90")),
        ("Sportsocken, 3 Paar", 2, Decimal("14.90")),
    ]
    assert (cart.pieces, cart.total, cart.currency, cart.url) == (3, Decimal("119.70"), "EUR", data["url"])


def test_one_unknown_price_leaves_no_total() -> None:
    cart = read_cart({"items": [{"sku": "RUN-01"}, {"name": "Gift card"}]}, PRODUCTS, "it")
    assert [line.price for line in cart.lines] == [Decimal("89.90"), None]
    assert cart.total is None


def test_a_price_of_the_catalogue_is_not_taken_for_another_currency() -> None:
    assert read_cart({"items": [{"sku": "RUN-01"}], "currency": "chf"}, PRODUCTS, "it").lines[0].price is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"items": None},
        {"items": "RUN-01"},
        {"items": [None, 3, {}, {"quantity": 2}]},
        {"items": [{"sku": "A", "quantity": 0}]},
    ],
)
def test_a_cart_without_items_is_empty(data: dict[str, Any]) -> None:
    cart = read_cart({**data, "url": "javascript:alert(1)"}, PRODUCTS, "it")
    assert (cart.lines, cart.total, cart.pieces, cart.url) == ((), None, 0, None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
items = st.fixed_dictionaries({}, optional=dict.fromkeys(("sku", "name", "quantity", "price"), json_values))


@given(
    st.fixed_dictionaries(
        {}, optional={"items": st.lists(items) | json_values, "currency": json_values, "url": json_values}
    )
)
def test_no_cart_breaks_the_reading(data: dict[str, Any]) -> None:
    cart = read_cart(data, PRODUCTS, "en")
    assert cart.pieces == sum(line.quantity for line in cart.lines)
    assert cart.total is None or cart.total >= 0


@given(st.lists(st.tuples(st.decimals(0, 5000, places=2), st.integers(1, 20)), min_size=1, max_size=8))
def test_the_total_is_the_sum_to_the_cent(entries: list[tuple[Decimal, int]]) -> None:
    data = {"items": [{"name": "x", "price": str(price), "quantity": count} for price, count in entries]}
    assert read_cart(data, PRODUCTS, "it").total == sum(price * count for price, count in entries)


@pytest.mark.parametrize(
    ("written", "price"),
    [
        (29.9, "29.90"),
        (30, "30.00"),
        ("29,90", "29.90"),
        ("29.90 €", "29.90"),
        ("€29.9", "29.90"),
        ("1.299,00", "1299.00"),
        ("1,299.00", "1299.00"),
        ("EUR 1299", "1299.00"),
        ("1.299", None),
        ("-3", None),
        (-3, None),
        (True, None),
        (float("nan"), None),
        ("gratis", None),
        ("", None),
        (None, None),
        ("1e5", None),
    ],
)
def test_a_price_is_read_or_left_unknown(written: object, price: str | None) -> None:
    assert read_price(written) == (None if price is None else Decimal(price))
