"""The cart a contact left behind, as long as it became no purchase."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.company import load_company
from offers.facts import Product
from offers.shop import Cart, read_cart
from offers.stock import count_stock

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
    cart = read_cart(row.data, await count_stock(session, load_company().products), language)
    return OpenCart(cart, row.declined) if cart.lines else None
