"""What a customer of the shop asks: stock, shipping, returns, discount, and what is in the cart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from offers.cost import CENT
from offers.facts import ONE_SIZE, Product
from offers.terms import Discount, Shop

FEW = 5  # as many pieces or fewer are worth telling, and only if it is true
HIGHEST_QUANTITY = 999
HIGHEST_PRICE = 10**6
PRICE = re.compile(
    r"(?:€|EUR)?\s*(?P<whole>[0-9]+|[0-9]{1,3}(?:[.,][0-9]{3})+)(?:[.,](?P<cents>[0-9]{1,2}))?\s*(?:€|EUR)?"
)


@dataclass(frozen=True)
class Stock:
    """What is there of a product. size: the one asked for. made: whether it is made in that size.

    pieces: of the size asked for, or of all sizes. few: pieces if they are few, so that "only 5 left" is never said
    without reason. other_sizes: those in stock beside the one asked for. back_on: when it returns, if that is known
    and still to come.
    """

    product: Product
    size: str | None
    made: bool
    pieces: int
    few: int | None
    other_sizes: tuple[str, ...]
    back_on: date | None

    @property
    def available(self) -> bool:
        return self.pieces > 0


@dataclass(frozen=True)
class Shipping:
    """What sending a cart costs. missing_for_free: what is missing until it costs nothing; None if it never does."""

    cost: Decimal
    currency: str
    free_from: Decimal | None
    missing_for_free: Decimal | None
    days_min: int
    days_max: int


@dataclass(frozen=True)
class ReturnDeadline:
    """The last day to send something back, included."""

    last_day: date
    days_left: int

    @property
    def over(self) -> bool:
        return self.days_left < 0


@dataclass(frozen=True)
class DiscountAnswer:
    """A discount that holds today. amount: what it takes off; None without total or below the minimum.

    missing: how much the total lacks for it.
    """

    discount: Discount
    amount: Decimal | None
    missing: Decimal | None


@dataclass(frozen=True)
class CartLine:
    """price: of one piece; None if neither the event nor the catalogue tells it. product: None if not ours."""

    sku: str | None
    name: str
    quantity: int
    price: Decimal | None
    product: Product | None


@dataclass(frozen=True)
class Cart:
    """An abandoned cart. total: None as soon as one price is not known, rather than too low a sum."""

    lines: tuple[CartLine, ...]
    pieces: int
    total: Decimal | None
    currency: str
    url: str | None


def check_stock(product: Product, size: str | None, today: date) -> Stock:
    """Whether a size, or without size the product, is there."""
    made = size is None or size in product.stock
    pieces = sum(product.stock.values()) if size is None else product.stock.get(size, 0)
    others = tuple(name for name, count in product.stock.items() if count and name not in (size, ONE_SIZE))
    back = product.back_in_stock
    back_on = back if made and not pieces and back is not None and back > today else None
    return Stock(product, size, made, pieces, pieces if 0 < pieces <= FEW else None, others, back_on)


def shipping_cost(shop: Shop, total: Decimal, country: str, currency: str = "EUR") -> Shipping | None:
    """What sending a cart of this total costs; None where the shop does not send to, or counts in another currency."""
    rule = next((rule for rule in shop.shipping if (rule.country, rule.currency) == (country, currency)), None)
    if rule is None:
        return None
    free = rule.free_from is not None and total >= rule.free_from
    missing = None if rule.free_from is None else max(Decimal(0), rule.free_from - total)
    return Shipping(
        Decimal("0.00") if free else rule.cost, rule.currency, rule.free_from, missing, rule.days_min, rule.days_max
    )


def return_deadline(shop: Shop, purchased_on: date, today: date) -> ReturnDeadline:
    """Until when what was bought on a day may come back."""
    last = purchased_on + timedelta(days=shop.returns.days)
    return ReturnDeadline(last, (last - today).days)


def answer_discount(
    shop: Shop, today: date, total: Decimal | None = None, currency: str = "EUR"
) -> DiscountAnswer | None:
    """The discount that holds today, or None: then there is none, and none is promised."""
    discount = shop.discount
    if discount is None or not discount.from_on <= today <= discount.until_on:
        return None
    if total is None or currency != discount.currency:
        return DiscountAnswer(discount, None, None)
    if total < discount.minimum:
        return DiscountAnswer(discount, None, discount.minimum - total)
    return DiscountAnswer(discount, (total * discount.percent / 100).quantize(CENT, ROUND_HALF_UP), None)


def read_cart(data: Mapping[str, Any], products: Sequence[Product], language: str, currency: str = "EUR") -> Cart:
    """The cart of an event `cart_abandoned`, whose data is

        {"items": [{"sku": "RUN-01", "name": "...", "quantity": 1, "price": "89.90"}], "currency": "EUR",
         "url": "https://..."}

    Every part may be missing: quantity is then 1; name and price (of one piece) come from the catalogue by sku, the
    price only in the cart's currency. An item of which nothing is known is left out.
    """
    entries = data.get("items")
    written = data.get("currency")
    currency = written.strip().upper() if isinstance(written, str) and written.strip() else currency
    known = {product.sku: product for product in products}
    lines = [
        line
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, Mapping) and (line := read_line(entry, known, language, currency))
    ]
    prices = [None if line.price is None else line.price * line.quantity for line in lines]
    total = None if None in prices or not lines else sum((price for price in prices if price is not None), Decimal(0))
    url = data.get("url")
    address = url if isinstance(url, str) and re.fullmatch(r"https?://[^\s/]+\S*", url) else None
    return Cart(tuple(lines), sum(line.quantity for line in lines), total, currency, address)


def read_line(entry: Mapping[str, Any], known: Mapping[str, Product], language: str, currency: str) -> CartLine | None:
    sku = str(entry["sku"]).strip() if entry.get("sku") else None
    product = known.get(sku) if sku else None
    name = str(entry.get("name") or "").strip() or (product.name.say(language) if product else sku)
    quantity = read_quantity(entry.get("quantity"))
    if not name or not quantity:
        return None
    price = read_price(entry.get("price"))
    if price is None and product is not None and product.currency == currency:
        price = product.price
    return CartLine(sku, name, quantity, price, product)


def read_quantity(value: object) -> int:
    """Pieces; 1 if nothing is written, 0 if it is no such number."""
    if value is None:
        return 1
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return 0
    return int(number) if number.is_finite() and 1 <= number <= HIGHEST_QUANTITY and number == int(number) else 0


def read_price(value: object) -> Decimal | None:
    """29.9, "29,90", "1.299,00 €" or "1,299.00" to the cent; None if it is no price or, like "1.299", may be two."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        price = Decimal(str(value))
    else:
        match = PRICE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None or (match["cents"] is None and not match["whole"].isdigit()):
            return None
        price = Decimal(f"{re.sub(r'[.,]', '', match['whole'])}.{match['cents'] or 0}")
    return price.quantize(CENT, ROUND_HALF_UP) if price.is_finite() and 0 <= price < HIGHEST_PRICE else None
