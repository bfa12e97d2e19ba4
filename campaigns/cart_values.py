"""What a template may say about the cart a contact left behind."""

from __future__ import annotations

from offers.cart import OpenCart


def write_cart(found: OpenCart) -> dict[str, str]:
    """What is in it and where it is paid; nothing where it was declined, so that no reminder can leave."""
    if found.declined:
        return {}
    values = {"cart_items": ", ".join(line.name for line in found.cart.lines)}
    return values | ({"cart_url": found.url} if found.url else {})
