"""What a message to the shop is about: the products it names, their stock, the country."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from actions import store
from actions.wording import COUNTRIES, format_money
from core.tables import Contact
from offers.company import load_company
from offers.facts import Product
from offers.find_product import find_products
from offers.shop import Stock, check_stock

TITLE = 20  # characters of a button
SMALL = 3  # letters of words like per, und
MOST_LISTED = 10  # rows of a WhatsApp list
NEARLY = 0.1  # products named about as surely as the first one are asked about


def read_words(tracker: Any) -> str:
    """What the customer wrote; nothing for a tap, whose meaning is in its payload."""
    said = str(tracker.latest_message.get("text") or "")
    return "" if said.startswith("/") else said


def find_named(tracker: Any) -> list[str]:
    """The products this message names, by sku; several where we must ask which."""
    return list_nearest(load_company().products, tracker)


def list_nearest(products: Sequence[Product], tracker: Any) -> list[str]:
    """Of these products those the message names about as surely as the likeliest, by sku."""
    found = find_products(products, read_words(tracker))
    return [one.product.sku for one in found if one.score >= found[0].score - NEARLY]


def find_product(sku: str | None) -> Product | None:
    return load_company().product(sku) if sku else None


def stock_of(product: Product, size: str | None, today: date) -> Stock:
    return check_stock(product, size if product.sizes else None, today)


def read_country(contact: Contact) -> str:
    return contact.country or store.get_settings().country


def name_country(code: str, language: str) -> str:
    return COUNTRIES.get(code, {}).get(language, code)


def name_product(product: Product, size: str | None, language: str) -> str:
    """The name with the size in brackets."""
    name = product.name.say(language)
    return f"{name} ({size})" if size and product.sizes else name


def list_products(products: Sequence[Product], slot: str, language: str) -> list[dict[str, str]]:
    """A row for each: a short title, and below it the whole name with the price."""
    return [
        {
            "title": shorten(one.name.say(language)),
            "description": f"{one.name.say(language)}, {price_of(one, language)}",
            "payload": f'/inform{{"{slot}":"{one.sku}"}}',
        }
        for one in products[:MOST_LISTED]
    ]


def shorten(name: str) -> str:
    """As many whole words as fit on a button, without a small word at the end."""
    if len(name) <= TITLE:
        return name
    words = name[: TITLE + 1].rsplit(" ", 1)[0].split()
    while len(words) > 1 and len(words[-1]) <= SMALL:
        words.pop()
    return " ".join(words)[:TITLE].rstrip(" ,;:")


def price_of(product: Product, language: str) -> str:
    return format_money(product.price, product.currency, language)
