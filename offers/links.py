"""Tracked links: an address of ours that leads to an offer and tells that it was opened."""

from __future__ import annotations

import secrets
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

MAKE = text(
    """
    INSERT INTO link (token, contact_id, url, offer_code, created_at) VALUES (:token, :contact_id, :url, :offer, :now)
    ON CONFLICT (contact_id, url) DO UPDATE SET offer_code = coalesce(excluded.offer_code, link.offer_code)
    RETURNING token
    """
)


async def track_link(
    session: AsyncSession, contact_id: int, url: str, now: datetime, offer_code: str | None = None
) -> str:
    """The token of this contact's link to url, the same each time; customers open {public_url}/l/{token}."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not a web address")
    values = {"token": secrets.token_urlsafe(9), "contact_id": contact_id, "url": url, "offer": offer_code, "now": now}
    return str(await session.scalar(MAKE, values))
