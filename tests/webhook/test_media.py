from __future__ import annotations

import httpx
import pytest


@pytest.fixture(autouse=True)
def in_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's facts are the sample's."""
    monkeypatch.setenv("PRONTO_DEMO", "1")


async def test_a_picture_of_a_how_to_can_be_fetched(client: httpx.AsyncClient) -> None:
    answer = await client.get("/media/lacing.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


@pytest.mark.parametrize("name", ["products.yml", "..%2Fproducts.yml", "none.png"])
async def test_nothing_else_can_be(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/media/{name}")).status_code == 404
