"""Campaigns over HTTP: read, foreseen, released by a person, people put in, and why (not) for one contact."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.plans import enter_due
from campaigns.walking import walk_due
from core import clock
from core.db import Sessions
from core.settings import Settings
from core.tables import Account, Consent, Contact

MARTA, SOFIA = {"by": "Marta@example.org"}, {"by": "sofia@example.org"}


@pytest_asyncio.fixture
async def people(session: AsyncSession) -> None:
    """A marketer, an agent, Ana who agreed, and Carla who did not say anything."""
    now = clock.now()
    for name, role in (("marta", "marketer"), ("sofia", "agent")):
        session.add(Account(email=f"{name}@example.org", name=name.title(), role=role, created_at=now))
    for number, name in enumerate(("ana", "carla")):
        phone = f"+3933312345{number:02}"
        session.add(Contact(token=name, phone=phone, name=name.title(), language="it", external_id=f"crm-{number}"))
    await session.flush()
    ana = await session.scalar(text("SELECT id FROM contact WHERE token = 'ana'"))
    agreed = {"purpose": "marketing", "given": True, "channel": "import", "wording": "sì", "at": now}
    session.add(Consent(contact_id=ana, **agreed))
    await session.commit()


async def tell(client: httpx.AsyncClient, deed: str, **body: Any) -> httpx.Response:
    return await client.post(f"/api/campaigns/cart/{deed}", json=MARTA | body)


async def release(client: httpx.AsyncClient) -> None:
    for deed in ("check", "approve", "start"):
        assert (await tell(client, deed)).status_code == 200


async def test_a_campaign_is_released_and_stopped_by_a_person(client: httpx.AsyncClient, people: None) -> None:
    drafts = (await client.get("/api/campaigns")).json()
    assert {one["state"] for one in drafts} == {"draft"}
    assert "check it first" in (await tell(client, "start")).json()["detail"]
    await release(client)
    paused = (await tell(client, "pause", why="a price is wrong")).json()
    assert (paused["state"], paused["why"], paused["changed"]) == ("paused", "a price is wrong", True)
    assert (await tell(client, "pause")).json()["changed"] is False
    assert (await tell(client, "promote", arm="nobody")).status_code == 409
    one = (await client.get("/api/campaigns/cart", params={"language": "de"})).json()
    assert (one["title"], one["version"], one["waiting"]) == ("Verlassener Warenkorb", 1, False)
    assert {"resume", "finish"} <= set(one["may"])
    assert one["steps"][0] == {"step": "remind", "kind": "send", "people": 0}
    late = await tell(client, "schedule", starts_at="2020-01-01T09:00:00Z")
    assert late.status_code == 409
    assert (await tell(client, "resume")).json()["state"] == "running"
    assert (await tell(client, "finish")).json()["state"] == "finished"
    assert "this is finished" in (await tell(client, "start")).json()["detail"]


async def test_only_those_may_who_may_on_the_pages(
    client: httpx.AsyncClient, people: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.post("/api/campaigns/cart/check", json=SOFIA)).status_code == 403
    unknown = await client.post("/api/campaigns/cart/check", json={"by": "nobody@example.org"})
    assert (unknown.status_code, "pronto user add" in unknown.text) == (422, True)
    assert (await client.post("/api/campaigns/cart/check", json={})).status_code == 422
    missing = await client.get("/api/campaigns/nothing")
    assert (missing.status_code, "use one of" in missing.json()["detail"]) == (404, True)
    assert (await client.get("/api/campaigns", headers={"Authorization": "Bearer wrong"})).status_code == 401
    monkeypatch.setattr(settings, "campaign_second_person", True)
    await tell(client, "check")
    assert "second person" in (await tell(client, "approve")).json()["detail"]


async def test_contacts_are_put_in_walk_and_are_explained(
    client: httpx.AsyncClient, people: None, sessions: Sessions, settings: Settings
) -> None:
    await release(client)
    wish = {"contacts": ["crm-0", "+393331234501", "crm-9"], "batch": "fair"}
    tried = (await tell(client, "contacts", try_only=True, **wish)).json()
    assert (tried["added"], tried["unknown"], sum(tried["would_hold"].values())) == (2, ["crm-9"], 2)
    assert (await client.get("/api/campaigns/cart/dry-run")).json()["meant"] == 0
    assert (await tell(client, "contacts", **wish)).json()["added"] == 2
    again = (await tell(client, "contacts", **wish)).json()
    assert (again["added"], again["before"]) == (0, 2)
    foreseen = (await client.get("/api/campaigns/cart/dry-run", params={"replay": True})).json()
    assert (foreseen["meant"], foreseen["entered"], foreseen["replay"]["days"]) == (2, 2, 30)
    assert {one["contact"] for one in foreseen["people"]} <= {"ana", "carla"}
    await enter_due(sessions, settings, clock.now())
    await walk_due(sessions, settings, clock.now())
    other = (await tell(client, "contacts", contacts=["ana"], batch="other")).json()
    assert [one["code"] for one in other["refused"]][:1] in (["already_under_way"], ["too_soon"])
    first = (await client.get("/api/campaigns/cart/people", params={"limit": 1})).json()
    rest = (await client.get("/api/campaigns/cart/people", params={"after": first[0]["id"]})).json()
    assert {one["contact"] for one in first + rest} == {"ana", "carla"}
    why = (await client.get("/api/campaigns/cart/contacts/crm-1", params={"language": "it"})).json()
    assert why["why"][1].startswith("Ora non può entrare: ")
    assert "_" not in why["why"][1]
    assert why["chain"][0]["kind"] == "planned"
    assert (await client.get("/api/campaigns/cart/contacts/crm-9")).status_code == 404


async def test_results_come_as_json_and_as_a_file(client: httpx.AsyncClient, people: None) -> None:
    empty = (await client.get("/api/campaigns/cart/results")).json()
    assert empty["groups"][0] | {"entered": 0, "by": "all"} == empty["groups"][0]
    file = await client.get("/api/campaigns/cart/results.csv", params={"since": "2026-01-01T00:00:00Z"})
    assert file.headers["content-type"].startswith("text/csv")
    assert file.text.startswith("by,arm,segment")
