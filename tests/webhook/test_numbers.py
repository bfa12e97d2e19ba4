"""`pronto number`, as a person types it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from core.settings import Settings
from webhook.cli import app

RESTS = text("""
    INSERT INTO sender (phone_number_id, paused_until, pause_reason)
    VALUES ('900', '9999-01-01', 'complaints (131048)'), ('901', now() + interval '1 hour', 'busy'), ('902', NULL, NULL)
""")


async def run(*arguments: str) -> tuple[int, str]:
    done = await asyncio.to_thread(CliRunner().invoke, app, ["number", *arguments])
    return done.exit_code, done.output


async def test_who_rests_is_told_and_woken_by_hand(
    settings: Settings, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.as_environment().items():
        monkeypatch.setenv(name, value)
    assert await run("list") == (0, "No message was ever queued, so no number is known yet.\n")
    await session.execute(RESTS)
    await session.commit()
    code, out = await run("list")
    first, second, third = out.splitlines()
    assert (code, first) == (0, "900: 0 waiting, rests until somebody resumes it: complaints (131048)")
    assert second.startswith("901: 0 waiting, rests until 20")
    assert third == "902: 0 waiting, sends"
    assert await run("resume", "900") == (0, "900 sends again.\n")
    assert (await run("list"))[1].splitlines()[0] == "900: 0 waiting, sends"
    code, out = await run("resume", "77")
    assert (code, "none of our numbers" in out) == (1, True)
