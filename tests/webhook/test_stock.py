from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from tests.actions.shopping import open_shop

__all__ = ["open_shop"]


async def test_pieces_told_are_kept_per_size(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await client.put("/api/stock", json=[{"sku": "RUN-01", "stock": {"41": 3}}, {"sku": "MAT-01", "stock": {"one": 2}}])
    answer = await client.put("/api/stock", json={"sku": "RUN-01", "stock": {"41": 0, "44": 5}})
    assert answer.json() == {"stored": 1}
    rows = (await session.execute(text("SELECT sku, size, pieces FROM stock ORDER BY sku, size"))).all()
    assert [tuple(row) for row in rows] == [("MAT-01", "one", 2), ("RUN-01", "41", 0), ("RUN-01", "44", 5)]


async def test_null_gives_the_file_the_word_again(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await client.put("/api/stock", json={"sku": "MAT-01", "stock": {"one": 2}})
    await client.put("/api/stock", json={"sku": "MAT-01", "stock": None})
    assert await session.scalar(text("SELECT count(*) FROM stock")) == 0


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"sku": "NO-1", "stock": {"one": 1}}, "products.yml"),
        ({"sku": "RUN-01", "stock": {"99": 1}}, "39, 40, 41"),
        ({"sku": "RUN-01", "stock": {"41": -1}}, "greater than or equal to 0"),
        ({"sku": "RUN-01"}, "Field required"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_remedy(
    client: httpx.AsyncClient, session: AsyncSession, body: dict[str, object], problem: str
) -> None:
    answer = await client.put("/api/stock", json=[{"sku": "MAT-01", "stock": {"one": 1}}, body])
    assert answer.status_code == 422
    assert problem in answer.text
    assert await session.scalar(text("SELECT count(*) FROM stock")) == 0
