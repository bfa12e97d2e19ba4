"""Who asks the shop about what: everything an answer needs, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from actions import store
from actions.contracts import read_today
from actions.conversation import FORM
from actions.message import read_language
from actions.shop.context import find_named, find_product, read_country
from core import clock
from offers.cart import OpenCart, load_cart
from offers.company import load_company
from offers.facts import Product
from offers.stock import count_stock
from offers.terms import Shop

TALKS = frozenset({"cart_checkout", "buy", "how_to"})
PURCHASE = text("SELECT at FROM event WHERE contact_id = :contact_id AND kind = 'purchase' ORDER BY at DESC LIMIT 1")


@dataclass(frozen=True)
class Subject:
    """named: products in the message. current: the one talked about before. bought_on: the newest purchase."""

    shop: Shop
    language: str
    country: str
    today: date
    cart: OpenCart | None
    named: tuple[Product, ...]
    current: Product | None
    bought_on: date | None
    elsewhere: bool

    @property
    def products(self) -> tuple[Product, ...]:
        """What the question is about: what it names, else what we talk about, else what is in the cart."""
        if self.named:
            return self.named
        if self.current:
            return (self.current,)
        return self.cart.products if self.cart else ()

    @property
    def total(self) -> Decimal | None:
        """What would be sent: the product talked about, else the cart. None: nothing, or its price is not known."""
        if product := self.current or (self.named[0] if self.named else None):
            return product.price
        return self.cart.cart.total if self.cart else None

    @property
    def currency(self) -> str:
        product = self.current or (self.named[0] if self.named else None)
        return product.currency if product else self.cart.cart.currency if self.cart else "EUR"


async def read_subject(tracker: Any) -> Subject:
    """Reads it from the message, the conversation and the store."""
    language, now = read_language(tracker), clock.now()
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        cart = await load_cart(session, contact.id, language)
        bought_at = await session.scalar(PURCHASE, {"contact_id": contact.id})
        found = [product for sku in find_named(tracker) if (product := find_product(sku))]
        named = await count_stock(session, found)
        spoken_of = find_product(tracker.get_slot("product"))
        current = next(iter(await count_stock(session, [spoken_of] if spoken_of else [])), None)
    in_cart = tracker.get_slot("conversation") == "cart_checkout" or tracker.get_slot("proposal") == "cart_checkout"
    return Subject(
        load_company().shop,
        language,
        read_country(contact),
        read_today(contact, now),
        cart,
        named,
        None if in_cart else current,
        read_today(contact, bought_at) if bought_at else None,
        is_elsewhere(tracker),
    )


def is_elsewhere(tracker: Any) -> bool:
    """Whether the talk is about something that is no shop: an energy contract, a policy, a membership."""
    under_way = (tracker.active_loop or {}).get("name") == FORM
    topic = tracker.get_slot("conversation") if under_way else tracker.get_slot("proposal")
    return topic is not None and topic not in TALKS
