"""The command line, as a person types it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from core.tables import Contact
from webhook.starting import ENGINE_PYTHON, run_engine

PRONTO = "from webhook.cli import app; app()"


@pytest_asyncio.fixture
async def ada(session: AsyncSession) -> str:
    session.add(Contact(token="ada", phone="+390200000001", name="Ada"))
    await session.commit()
    return "+390200000001"


async def run(settings: Settings, *arguments: str, answer: str = "") -> tuple[int, str]:
    """Exit code and everything that was printed."""
    environment = settings.as_environment() | {"PATH": "/usr/bin:/bin"}
    command = (sys.executable, "-c", PRONTO, *arguments)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate(answer.encode())
    return process.returncode or 0, out.decode()


def test_the_engine_hears_what_stands_in_env_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = tmp_path / ENGINE_PYTHON
    engine.parent.mkdir(parents=True)
    engine.write_text('#!/bin/sh\necho "$1 $PRONTO_ADDRESS $PRONTO_TIMEZONE $PRONTO_DATA_DIR" > heard\n')
    engine.chmod(0o700)
    (tmp_path / ".env").write_text("PRONTO_ADDRESS=formal\nPRONTO_TIMEZONE=Europe/Berlin\nPRONTO_DATA_DIR=store\n")
    monkeypatch.chdir(tmp_path)
    assert run_engine("bot/train.py") == 0
    assert (tmp_path / "heard").read_text() == "bot/train.py formal Europe/Berlin store\n"


async def test_export_prints_or_writes_the_copy(settings: Settings, ada: str, tmp_path: Path) -> None:
    code, out = await run(settings, "export", ada)
    assert (code, json.loads(out)["profile"]["name"]) == (0, "Ada")
    code, _ = await run(settings, "export", "ada", "--out", str(tmp_path / "ada.json"))
    assert (code, json.loads((tmp_path / "ada.json").read_text())) == (0, json.loads(out))


async def test_erase_asks_before_and_says_what_is_kept(settings: Settings, session: AsyncSession, ada: str) -> None:
    code, _ = await run(settings, "erase", ada, answer="n\n")
    assert (code, await session.scalar(select(Contact.name))) == (1, "Ada")
    code, out = await run(settings, "erase", ada, "--yes")
    assert code == 0
    assert "keyed hash" in out
    session.expire_all()
    assert (await session.scalars(select(Contact))).one().phone is None


async def test_an_unknown_contact_is_one_sentence(settings: Settings) -> None:
    code, out = await run(settings, "export", "+390200000009")
    assert (code, out.strip().count("\n")) == (1, 0)
    assert "no contact +390200000009" in out


async def test_the_audit_is_printed_and_given_to_machines(settings: Settings, ada: str) -> None:
    code, out = await run(settings, "audit", "--language", "de")
    assert code == 0
    assert out.startswith("Datenqualität: 1 Kontakte")
    code, out = await run(settings, "audit", "--json")
    assert (code, json.loads(out)["contacts"]) == (0, 1)
