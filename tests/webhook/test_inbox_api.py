from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.types import HandoffReason
from inbox.handoff import open_handoff
from tests.inbox.conftest import add_account, add_contact

SOFIA = {"agent": "Sofia@example.org"}


@pytest_asyncio.fixture
async def handoff(session: AsyncSession) -> int:
    now = clock.now()
    for name in ("Sofia", "Jonas"):
        await add_account(session, name, now)
    dario = await add_contact(session, "dario", now, language="it", name="Dario Conti")
    opened = await open_handoff(session, dario, HandoffReason.WISH, "t1", {}, now)
    await session.commit()
    return opened


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/handoffs/{path}", json=SOFIA | body)


async def test_another_desk_works_a_handoff_to_its_end(client: httpx.AsyncClient, handoff: int) -> None:
    (listed,) = (await client.get("/api/handoffs")).json()
    assert (listed["id"], listed["contact"], listed["state"], listed["agent"]) == (handoff, "dario", "open", None)
    answered = await post(client, f"{handoff}/reply", text="Ciao Dario", key="k1")
    assert len(answered.json()["ids"]) == 1
    assert (await post(client, f"{handoff}/reply", text="Ciao Dario", key="k1")).json() == {"ids": []}
    assert (await post(client, f"{handoff}/assign", to="jonas@example.org")).status_code == 200
    refused = await post(client, f"{handoff}/close")
    assert (refused.status_code, refused.json()["detail"][:18]) == (409, "Jonas has it since")
    closed = await client.post(f"/api/handoffs/{handoff}/close", json={"agent": "jonas@example.org", "why": "fatto"})
    assert closed.json() == {"told": True}
    told = (await client.get(f"/api/handoffs/{handoff}", params={"language": "de"})).json()
    assert told["card"]["summary"].startswith("Dario Conti möchte mit einem Menschen sprechen")
    assert [(one["to"], one["by"]) for one in told["changes"]] == [
        ("open", None),
        ("waiting", "sofia@example.org"),
        ("waiting", "sofia@example.org"),
        ("closed", "jonas@example.org"),
    ]
    assert (await client.get("/api/handoffs")).json() == []
    assert [one["id"] for one in (await client.get("/api/handoffs", params={"state": "closed"})).json()] == [handoff]
    assert (await post(client, f"{handoff}/reopen")).json()["state"] == "assigned"


async def test_who_and_what_does_not_exist_is_named(client: httpx.AsyncClient, handoff: int) -> None:
    assert (await client.get("/api/handoffs/999")).status_code == 404
    unknown = await client.post(f"/api/handoffs/{handoff}/close", json={"agent": "nobody@example.org"})
    assert (unknown.status_code, "pronto user add" in unknown.text) == (422, True)


async def test_after_the_window_the_templates_are_offered(
    client: httpx.AsyncClient, handoff: int, session: AsyncSession
) -> None:
    await session.execute(text("UPDATE contact SET last_inbound_at = :at"), {"at": clock.now() - timedelta(days=2)})
    await session.commit()
    late = await post(client, f"{handoff}/reply", text="Ciao", key="k1")
    assert late.status_code == 409
    assert set(late.json()["detail"]) == {"problem", "templates"}


@pytest.mark.parametrize("path", ["numbers.csv", "satisfaction.csv", "teachings.yml?language=it"])
async def test_numbers_and_teachings_are_files(client: httpx.AsyncClient, handoff: int, path: str) -> None:
    answer = await client.get(f"/api/handoffs/{path}")
    assert answer.status_code == 200
    assert answer.text.startswith(("group,key,handoffs", "group,key,asked", "version"))
