"""What a template may say about the cart a contact left behind."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from core.types import Language
from offers.cart import load_cart


async def read_cart_values(session: AsyncSession, contact_id: int, language: Language) -> dict[str, str]:
    """What is in it and where it is paid; nothing where it was bought or declined, so that no reminder can leave."""
    found = await load_cart(session, contact_id, language)
    if found is None or found.declined:
        return {}
    values = {"cart_items": ", ".join(line.name for line in found.cart.lines)}
    return values | ({"cart_url": found.url} if found.url else {})
