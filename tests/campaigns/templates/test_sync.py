"""Templates handed in at the sandbox, and what becomes of WhatsApp's word about them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.templates.definitions import load_templates
from campaigns.templates.status import apply_reports, find_stopped
from campaigns.templates.sync import What, push_templates, sync_daily, sync_templates
from core.db import Sessions
from core.postgres import free_port
from core.settings import Settings
from core.types import AddressForm
from sandbox.app import create_app
from sandbox.config import SandboxConfig
from sandbox.payloads import category_change, quality_change, template_change
from sandbox.templates import Template
from tests.sandbox.conftest import Server
from whatsapp.management import ManagementError, TemplateClient


@pytest.fixture(scope="module")
def graph_url() -> Iterator[str]:
    port = free_port()
    config = SandboxConfig(port=port, webhook_url=f"http://127.0.0.1:{port}/nowhere", template_review_ms=None)
    server = Server(create_app(config), port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest_asyncio.fixture
async def graph(graph_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The sandbox as it begins: Pronto's templates are approved."""
    headers = {"Authorization": "Bearer demo"}
    async with httpx.AsyncClient(base_url=graph_url, headers=headers, trust_env=False) as client:
        await client.post("/control/reset")
        yield client


@pytest.fixture
def settings(settings: Settings, graph_url: str) -> Settings:
    return settings.model_copy(update={"graph_url": graph_url, "public_url": "http://127.0.0.1:8000"})


async def delete(graph: httpx.AsyncClient, name: str) -> None:
    assert (await graph.delete("/v25.0/700/message_templates", params={"name": name})).status_code == 200


async def read_states(session: AsyncSession, name: str) -> dict[str, tuple[str, str, str | None]]:
    rows = await session.execute(
        text("SELECT language, status, category, quality FROM template_state WHERE name = :name"), {"name": name}
    )
    return {row.language: (row.status, row.category, row.quality) for row in rows}


async def test_a_sync_reads_all_pages(
    session: AsyncSession, settings: Settings, graph: httpx.AsyncClient, now: datetime
) -> None:
    async with TemplateClient(settings) as client:
        counts = await sync_templates(session, client, now)
    both = {
        (name + wording.suffix, language)
        for address in AddressForm
        for name, definition in load_templates(address).items()
        for language, wording in definition.texts.items()
    }
    assert counts == {"APPROVED": len(both)}
    assert len(both) > 25  # more than one page of WhatsApp's
    assert set(await read_states(session, "energy_value")) == {"it", "de", "en"}


async def test_what_is_missing_is_created_and_what_changed_is_edited(
    session: AsyncSession, settings: Settings, graph: httpx.AsyncClient, now: datetime
) -> None:
    await delete(graph, "win_back")
    listed = (await graph.get("/v25.0/700/message_templates?name=energy_value&language=it")).json()["data"][0]
    changed = [{"type": "BODY", "text": "Ciao, un testo vecchio."}]
    assert (await graph.post(f"/v25.0/{listed['id']}", json={"components": changed})).json() == {"success": True}
    async with TemplateClient(settings) as client:
        pushed = await push_templates(session, client, settings, now)
        again = await push_templates(session, client, settings, now)
    done = {(one.name, one.language): one.what for one in pushed if one.what is not What.SAME}
    created = {("win_back", language): What.CREATED for language in ("it", "de", "en")}
    assert done == created | {("energy_value", "it"): What.EDITED}
    assert {one.what for one in again} == {What.SAME}
    assert (await read_states(session, "win_back"))["de"][:2] == ("PENDING", "MARKETING")


async def test_a_refused_one_is_told_and_the_others_go_on(
    session: AsyncSession, settings: Settings, graph: httpx.AsyncClient, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await delete(graph, "win_back")
    monkeypatch.setattr("sandbox.templates.MOST_TITLE", 20)
    async with TemplateClient(settings) as client:
        pushed = await push_templates(session, client, settings, now)
    told = {(one.language, one.what) for one in pushed if one.name == "win_back"}
    assert told == {("it", What.CREATED), ("de", What.REFUSED), ("en", What.CREATED)}
    assert "1 to 20 characters" in next(one.problem or "" for one in pushed if one.what is What.REFUSED)


async def test_without_access_nothing_is_pushed(session: AsyncSession, settings: Settings, now: datetime) -> None:
    stranger = settings.model_copy(update={"waba_id": "701"})
    async with TemplateClient(stranger) as client:
        with pytest.raises(ManagementError, match="error 100"):
            await push_templates(session, client, stranger, now)
    away = settings.model_copy(update={"graph_url": f"http://127.0.0.1:{free_port()}"})
    async with TemplateClient(away) as client:
        with pytest.raises(ManagementError, match="cannot be reached"):
            await push_templates(session, client, away, now)


async def test_a_daily_sync_is_done_once_a_day_and_sees_what_is_gone(
    sessions: Sessions, settings: Settings, graph: httpx.AsyncClient, now: datetime
) -> None:
    assert await sync_daily(sessions, settings, now)
    await delete(graph, "win_back")
    assert not await sync_daily(sessions, settings, now + timedelta(hours=23))
    assert await sync_daily(sessions, settings, now + timedelta(days=1))
    async with sessions() as session:
        assert {status for status, *_ in (await read_states(session, "win_back")).values()} == {"DELETED"}


TEMPLATE = Template("801", "energy_value", "it", "MARKETING", [], quality="RED")


async def report(session: AsyncSession, change: dict[str, Any], key: str, at: datetime) -> None:
    await session.execute(
        text(
            "INSERT INTO platform_report (key, field, account_id, value, received_at)"
            " VALUES (:key, :field, '700', CAST(:value AS jsonb), :at)"
        ),
        {"key": key, "field": change["field"], "value": orjson.dumps(change["value"]).decode(), "at": at},
    )


async def test_whatsapps_reports_become_the_templates_state(sessions: Sessions, now: datetime) -> None:
    async with sessions.begin() as session:
        await report(session, template_change(TEMPLATE, "APPROVED"), "1", now)
        await report(session, quality_change(TEMPLATE, "GREEN"), "2", now)
        await report(session, category_change(TEMPLATE, "UTILITY"), "3", now)
        await report(session, {"field": "message_template_status_update", "value": "strange"}, "4", now)
        await report(session, {"field": "account_alerts", "value": {}}, "5", now)
    assert await apply_reports(sessions, now) == 4
    assert await apply_reports(sessions, now) == 0
    async with sessions() as session:
        assert await read_states(session, "energy_value") == {"it": ("APPROVED", "MARKETING", "RED")}


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("PAUSED", "PAUSED"),
        ("DISABLED", "DISABLED"),
        ("REJECTED", "REJECTED"),
        ("FLAGGED", "APPROVED"),
        ("UNARCHIVED", "APPROVED"),
    ],
)
async def test_a_pause_is_known_until_it_is_lifted(
    sessions: Sessions, settings: Settings, now: datetime, event: str, status: str
) -> None:
    async with sessions.begin() as session:
        await report(session, template_change(TEMPLATE, event), "1", now)
    await apply_reports(sessions, now)
    async with sessions.begin() as session:
        stopped = await find_stopped(session, settings, ["energy_value"])
        assert [(one.name, one.language, one.status) for one in stopped] == (
            [("energy_value", "it", status)] if status != "APPROVED" else []
        )
        assert await find_stopped(session, settings, ["win_back"]) == []
        await report(session, template_change(TEMPLATE, "REINSTATED"), "2", now)
    await apply_reports(sessions, now)
    async with sessions() as session:
        assert await find_stopped(session, settings, ["energy_value"]) == []
