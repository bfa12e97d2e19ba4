"""What a message to the shop is about: the products it names, the cart left behind, the country."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from actions.wording import COUNTRIES, format_money
from core.tables import Contact
from offers.company import load_company
from offers.facts import Product
from offers.find_product import find_products
from offers.shop import Cart, Stock, check_stock, read_cart

NEARLY = 0.1  # products named about as surely as the first one are asked about
NEWEST_CART = text("""
    SELECT cart.data, EXISTS (
        SELECT 1 FROM event AS said
        WHERE said.contact_id = cart.contact_id AND said.kind = 'cart_declined' AND said.at >= cart.at) AS declined
    FROM event AS cart
    WHERE cart.contact_id = :contact_id AND cart.kind = 'cart_abandoned' AND NOT EXISTS (
        SELECT 1 FROM event AS bought
        WHERE bought.contact_id = cart.contact_id AND bought.kind = 'purchase' AND bought.at >= cart.at)
    ORDER BY cart.at DESC, cart.id DESC LIMIT 1
""")


@dataclass(frozen=True)
class OpenCart:
    """The newest cart that became no purchase. declined: the customer does not want it, so we never bring it up."""

    cart: Cart
    declined: bool

    @property
    def url(self) -> str | None:
        """Where it is paid: the shop's own address, or the product's if there is but one."""
        only = self.products[0] if len(self.cart.lines) == len(self.products) == 1 else None
        return self.cart.url or (only.checkout_url if only else None)

    @property
    def products(self) -> tuple[Product, ...]:
        """What of it is in our catalogue, each once."""
        return tuple({line.product.sku: line.product for line in self.cart.lines if line.product}.values())


async def load_cart(session: AsyncSession, contact_id: int, language: str) -> OpenCart | None:
    """The cart a contact left, None if there is none or nothing is in it."""
    row = (await session.execute(NEWEST_CART, {"contact_id": contact_id})).one_or_none()
    if row is None:
        return None
    cart = read_cart(row.data, load_company().products, language)
    return OpenCart(cart, row.declined) if cart.lines else None


def read_words(tracker: Any) -> str:
    """What the customer wrote; nothing for a tap, whose meaning is in its payload."""
    said = str(tracker.latest_message.get("text") or "")
    return "" if said.startswith("/") else said


def find_named(tracker: Any) -> list[str]:
    """The products this message names, by sku; several where we must ask which."""
    found = find_products(load_company().products, read_words(tracker))
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


def price_of(product: Product, language: str) -> str:
    return format_money(product.price, product.currency, language)
