"""How many pieces there are: what a shop system told last (PUT /api/stock), else what stands in products.yml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.facts import ONE_SIZE, Product

TOLD = text("SELECT sku, size, pieces FROM stock WHERE sku = ANY(CAST(:skus AS text[]))")
STORE = text(
    "INSERT INTO stock (sku, size, pieces, updated_at)"
    " SELECT sku, size, pieces, :now FROM unnest(CAST(:skus AS text[]), CAST(:sizes AS text[]),"
    " CAST(:pieces AS bigint[])) AS told (sku, size, pieces) ORDER BY sku, size"
    " ON CONFLICT (sku, size) DO UPDATE SET pieces = excluded.pieces, updated_at = excluded.updated_at"
)
FORGET = text("DELETE FROM stock WHERE sku = ANY(CAST(:skus AS text[]))")

type Pieces = Mapping[str, int]  # per size; a thing without sizes has `one`


class UnknownStockError(Exception):
    """Pieces of a product or a size the shop does not have; the message says what to do."""


async def count_stock(session: AsyncSession, products: Iterable[Product]) -> tuple[Product, ...]:
    """The products with the pieces that were told last; of a size nobody told anything, the file's."""
    wanted = tuple(products)
    if not wanted:
        return ()
    rows = (await session.execute(TOLD, {"skus": [product.sku for product in wanted]})).all()
    told: dict[str, dict[str, int]] = {}
    for row in rows:
        told.setdefault(row.sku, {})[row.size] = row.pieces
    return tuple(replace_stock(product, told.get(product.sku, {})) for product in wanted)


def replace_stock(product: Product, pieces: Pieces) -> Product:
    """The product with other pieces; a size it is no longer made in is left out."""
    known = {size: count for size, count in pieces.items() if size in product.stock}
    return product.model_copy(update={"stock": {**product.stock, **known}}) if known else product


async def store_stock(
    session: AsyncSession, products: Sequence[Product], told: Mapping[str, Pieces | None], now: datetime
) -> None:
    """Keeps the pieces told per sku, all or none; None makes the file's count again. Raises UnknownStockError."""
    check_known(products, told)
    await session.execute(FORGET, {"skus": [sku for sku, pieces in told.items() if pieces is None]})
    rows = [(sku, size, count) for sku, pieces in told.items() for size, count in (pieces or {}).items()]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    await session.execute(STORE, dict(zip(("skus", "sizes", "pieces"), columns, strict=True)) | {"now": now})


def check_known(products: Sequence[Product], told: Mapping[str, Pieces | None]) -> None:
    """Every sku and size stands in products.yml."""
    known = {product.sku: product for product in products}
    for sku, pieces in told.items():
        if sku not in known:
            raise UnknownStockError(f"there is no product {sku!r}: use the sku of one in products.yml")
        if strange := [size for size in pieces or {} if size not in known[sku].stock]:
            sizes = ", ".join(known[sku].sizes) or f"{ONE_SIZE}, as it has no sizes"
            raise UnknownStockError(f"{sku} is not made in size {strange[0]!r}: use {sizes}")
