"""The tracked address of an offer, which tells us when it was opened."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from actions import store
from core import clock
from offers.links import track_link


async def make_link(session: AsyncSession, contact_id: int, url: str, offer_code: str) -> str:
    """The address of ours that leads this contact to url; asked again it stays the same."""
    token = await track_link(session, contact_id, url, clock.now(), offer_code)
    return f"{store.get_settings().public_url}/l/{token}"
