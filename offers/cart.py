"""The cart a contact left behind, as long as it became no purchase."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.company import load_company
from offers.facts import Product
from offers.shop import Cart, read_cart
from offers.stock import count_stock

NEWEST_CARTS = text("""
    SELECT cart.contact_id, cart.data, EXISTS (
        SELECT 1 FROM event AS said
        WHERE said.contact_id = cart.contact_id AND said.kind = 'cart_declined' AND said.at >= cart.at) AS declined
    FROM unnest(CAST(:ids AS bigint[])) AS n (id) CROSS JOIN LATERAL (
        SELECT e.contact_id, e.at, e.data FROM event AS e
        WHERE e.contact_id = n.id AND e.kind = 'cart_abandoned' ORDER BY e.at DESC, e.id DESC LIMIT 1) AS cart
    WHERE NOT EXISTS (
        SELECT 1 FROM event AS bought
        WHERE bought.contact_id = cart.contact_id AND bought.kind = 'purchase' AND bought.at >= cart.at)
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
    return (await load_carts(session, {contact_id: language})).get(contact_id)


async def load_carts(session: AsyncSession, languages: Mapping[int, str]) -> dict[int, OpenCart]:
    """The same for many in one statement. languages: in which to tell whose cart, by contact."""
    rows = (await session.execute(NEWEST_CARTS, {"ids": list(languages)})).all() if languages else []
    if not rows:
        return {}
    products = await count_stock(session, load_company().products)
    carts = [(row, read_cart(row.data, products, languages[row.contact_id])) for row in rows]
    return {row.contact_id: OpenCart(cart, row.declined) for row, cart in carts if cart.lines}
