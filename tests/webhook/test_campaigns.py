"""`pronto campaign` from the command line: every command, with an example in its help."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.db import Sessions
from core.settings import Settings
from core.tables import Contact
from webhook import campaigns

app = campaigns.app
COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


@pytest.fixture
def pronto(sessions: object, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(campaigns, "load_settings", lambda: settings)
    return CliRunner()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command: str) -> None:
    told = CliRunner().invoke(app, [command, "--help"]).output
    assert f"Example: pronto campaign {command}" in " ".join(told.split())


async def test_a_campaign_goes_from_its_file_to_its_end(pronto: CliRunner, tmp_path: Path) -> None:
    async def say(*words: str) -> str:
        done = await asyncio.to_thread(pronto.invoke, app, list(words))
        return done.output or str(done.exception)

    assert "cart                 draft" in await say("list")
    assert "check it first" in await say("start", "cart")
    assert "use one of" in await say("check", "nothing")
    assert "cart: checked. Version 1" in await say("check", "cart")
    assert "nobody would enter" in await say("dry-run", "cart", "--replay")
    assert "cart: approved." in await say("approve", "cart", "--why", "looks good")
    assert "Starts by itself: 2099-01-11 09:00" in await say("schedule", "cart", "--at", "2099-01-11 09:00")
    assert "Started" in await say("start", "cart")
    assert "withdrawn before they left: 0" in await say("pause", "cart", "--why", "a price is wrong")
    assert "cart                 paused     a price is wrong" in await say("list")
    assert "Resumed" in await say("resume", "cart")
    assert "95 of 100" in await say("promote", "cart", "message")
    file = tmp_path / "cart.csv"
    assert "converted" in await say("results", "cart", "--csv", str(file))
    assert file.read_text(encoding="utf-8").startswith("by,arm,")
    assert "Finished" in await say("finish", "cart")
    assert "can be paused; this is finished" in await say("pause", "cart")


async def test_contacts_are_added_by_hand_once(pronto: CliRunner, sessions: Sessions, tmp_path: Path) -> None:
    async with sessions.begin() as session:
        session.add(Contact(token="ada", phone="+393331234567", external_id="crm-1"))
        session.add(Contact(token="bob", phone="+393331234568", external_id="crm-2"))
    file = tmp_path / "fair.txt"
    file.write_text("crm-2\n\n+393331234567\ncrm-9\n", encoding="utf-8")

    async def say(*words: str) -> str:
        done = await asyncio.to_thread(pronto.invoke, app, list(words))
        return done.output or str(done.exception)

    assert "check it first" in await say("add", "cart", "crm-1")
    await say("check", "cart")
    assert "People added: 1; there before: 0." in await say("add", "cart", "crm-1")
    told = await say("add", "cart", "--file", str(file))
    assert "People added: 1; there before: 1. Unknown: crm-9." in told
    assert "People added: 1; there before: 0." in await say("add", "cart", "crm-1", "--batch", "fair")


async def test_what_is_refused_is_told_in_a_sentence(pronto: CliRunner, sessions: Sessions, settings: Settings) -> None:
    async with sessions.begin() as session:
        session.add(Contact(token="ada", phone="+393331234567", external_id="crm-1"))
    settings.campaign_second_person = True

    async def say(*words: str) -> str:
        done = await asyncio.to_thread(pronto.invoke, app, list(words))
        return done.output or str(done.exception)

    await say("check", "energy")
    assert "A second person who is known is needed" in await say("approve", "energy")
    told = await say("add", "energy", "crm-1", "crm-9")
    assert "May not enter: crm-1 (a condition of entry is not met (the score))." in told
    assert "Unknown: crm-9." in told
