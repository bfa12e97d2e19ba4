"""Tracked links: an address of ours that leads to an offer and tells that it was opened."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
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

MAKE_MANY = text(
    """
    INSERT INTO link (token, contact_id, url, created_at)
    SELECT DISTINCT ON (n.contact_id, n.url) n.token, n.contact_id, n.url, :now
    FROM unnest(CAST(:tokens AS text[]), CAST(:contacts AS bigint[]), CAST(:urls AS text[]))
         AS n (token, contact_id, url)
    ORDER BY n.contact_id, n.url
    ON CONFLICT (contact_id, url) DO UPDATE SET url = excluded.url RETURNING contact_id, url, token
    """
)


async def track_link(
    session: AsyncSession, contact_id: int, url: str, now: datetime, offer_code: str | None = None
) -> str:
    """The token of this contact's link to url, the same each time; customers open {public_url}/l/{token}."""
    require_address(url)
    values = {"token": secrets.token_urlsafe(9), "contact_id": contact_id, "url": url, "offer": offer_code, "now": now}
    return str(await session.scalar(MAKE, values))


async def track_links(
    session: AsyncSession, wanted: Sequence[tuple[int, str]], now: datetime
) -> dict[tuple[int, str], str]:
    """The tokens of many contacts' links, by contact and web address."""
    if not wanted:
        return {}
    for _, url in wanted:
        require_address(url)
    contacts, urls = zip(*wanted, strict=True)
    tokens = [secrets.token_urlsafe(9) for _ in wanted]
    values = {"tokens": tokens, "contacts": list(contacts), "urls": list(urls), "now": now}
    return {(row.contact_id, row.url): row.token for row in await session.execute(MAKE_MANY, values)}


def require_address(url: str) -> None:
    """ValueError unless it leads to a web page."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not a web address")
