"""Tells those who asked for it that a product is there again: once per wish, by day, and only to whom still waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.deciding import decide_many
from campaigns.gate.wishes import Origin, SendWish, Sent
from core.db import Sessions
from core.settings import Settings
from core.types import Language
from offers.company import find_folder, read_company
from offers.facts import Product
from offers.links import track_link
from offers.shop import FEW
from offers.stock import count_stock

BATCH = 100  # wishes per transaction
LASTS = timedelta(days=365)  # nobody remembers an older wish
BY_DAY = {"opens": "08:00", "closes": "21:00"}  # on the contact's own clock

# Whoever wished first is told first. Not told: who has bought it since or asked again later, with whom a person talks,
# where it is night, and about whom the gate said later. The key of the message in the outbox makes a wish count once,
# also with several workers.
WAITING = text(
    """
    WITH there AS (
        SELECT * FROM unnest(CAST(:skus AS text[]), CAST(:sizes AS text[]), CAST(:pieces AS bigint[]))
            AS t (sku, size, pieces))
    SELECT w.id, w.contact_id, there.sku, w.data ->> 'size' AS size, there.pieces, c.language
    FROM event w
    JOIN there ON there.sku = w.data ->> 'sku' AND there.size = coalesce(w.data ->> 'size', '')
    JOIN contact c ON c.id = w.contact_id
    WHERE w.kind = 'restock_wanted' AND w.at > :since AND c.erased_at IS NULL AND c.erase_at IS NULL
      AND CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS time) >= CAST(:opens AS time)
      AND CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS time) < CAST(:closes AS time)
      AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.key = 'restock:' || w.id)
      AND NOT EXISTS (SELECT 1 FROM send_decision d WHERE d.contact_id = c.id AND d.step = 'restock:' || w.id
                      AND NOT d.send AND coalesce(d.again_at, d.at + interval '1 day') > :now)
      AND NOT EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL)
      AND NOT EXISTS (
        SELECT 1 FROM event later WHERE later.contact_id = c.id AND later.at >= w.at AND later.id <> w.id
        AND (later.kind = 'restock_wanted' AND (later.at, later.id) > (w.at, w.id)
             AND later.data ->> 'sku' = there.sku AND later.data ->> 'size' IS NOT DISTINCT FROM w.data ->> 'size'
             OR later.kind = 'purchase' AND (later.data ->> 'sku' = there.sku OR later.data @> jsonb_build_object(
                'items', jsonb_build_array(jsonb_build_object('sku', there.sku))))))
    ORDER BY w.at, w.id LIMIT :limit FOR UPDATE OF w SKIP LOCKED
    """
)


async def tell_back_in_stock(sessions: Sessions, settings: Settings, now: datetime) -> int:
    """Queues the message for a batch of those who wait for what is there, if the gate lets it; how many."""
    async with sessions.begin() as session:
        products = await count_stock(session, read_company(find_folder(settings)).products)
        there = list_there(products)
        values: dict[str, Any] = {"now": now, "since": now - LASTS, "zone": settings.timezone, "limit": BATCH}
        skus, sizes, pieces = zip(*there, strict=True) if there else ((), (), ())
        columns = {"skus": list(skus), "sizes": list(sizes), "pieces": list(pieces)}
        waiting = (await session.execute(WAITING, values | BY_DAY | columns)).all()
        by_sku = {product.sku: product for product in products}
        wishes = [await make_wish(session, settings, wish, by_sku[wish.sku], now) for wish in waiting]
        verdicts = await decide_many(session, settings, wishes, now)
    return sum(isinstance(verdict, Sent) for verdict in verdicts)


def list_there(products: tuple[Product, ...]) -> list[tuple[str, str, int]]:
    """Sku, size and pieces of all that can be bought; the size is empty for the product as a whole."""
    whole = [(product.sku, "", sum(product.stock.values())) for product in products]
    sized = [(product.sku, size, product.stock[size]) for product in products for size in product.sizes]
    return [one for one in (*whole, *sized) if one[2]]


async def make_wish(
    session: AsyncSession, settings: Settings, wish: Row[Any], product: Product, now: datetime
) -> SendWish:
    """The approved message in the contact's language; how many are left is told only where they are few."""
    language = Language(wish.language) if wish.language in set(Language) else settings.language
    token = await track_link(session, wish.contact_id, product.checkout_url, now, product.sku)
    title, key = product.name.say(language), f"restock:{wish.id}"
    values = {
        "product": f"{title} ({wish.size})" if wish.size else title,
        "pieces": str(wish.pieces),
        "link": f"{settings.public_url}/l/{token}",
    }
    name = "back_in_stock_few" if wish.pieces <= FEW else "back_in_stock"
    return SendWish(wish.contact_id, name, key, step=key, values=values, origin=Origin.ASKED)
