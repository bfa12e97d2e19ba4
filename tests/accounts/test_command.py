"""`pronto user add`, as a person types it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from core.settings import Settings
from core.tables import Account, AuditLog
from webhook.cli import app

GOOD = "tre pizze e un gatto"


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**settings.as_environment(), "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)


async def add(*arguments: str, answer: str = "") -> tuple[int, str]:
    """Exit code and everything that was printed."""
    run = await asyncio.to_thread(CliRunner().invoke, app, ["user", "add", *arguments], answer)
    return run.exit_code, run.output


async def test_the_first_admin_is_made_on_the_command_line(
    settings: Settings, session: AsyncSession, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{GOOD}\n")
    code, out = await add("Ada@example.org", "--role", "admin", "--password-file", str(secret))
    assert (code, out) == (0, f"ada@example.org can log in at {settings.public_url}/login\n")
    account = (await session.scalars(select(Account))).one()
    assert (account.email, account.name, account.role) == ("ada@example.org", "ada", "admin")
    assert account.password_hash
    assert account.password_hash.startswith("$argon2id$")
    assert (await session.execute(select(AuditLog.who, AuditLog.deed))).all() == [("pronto", "account_created")]
    code, out = await add("ada@example.org", "--role", "admin", "--password-file", "-", answer=GOOD)
    assert (code, "there is an account" in out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "answer", "words"),
    [
        (("ada@example.org", "--role", "admin", "--password-file", "-"), "short\n", "at least 10 characters"),
        (("ada", "--role", "admin", "--password-file", "-"), GOOD, "is not an email address"),
        (("ada@example.org", "--role", "admin", "--password-file", "/none"), "", "cannot be read"),
        (("ada@example.org", "--role", "king", "--password-file", "-"), GOOD, "'agent', 'marketer', 'admin'"),
    ],
)
async def test_what_is_wrong_is_told_in_one_sentence(
    session: AsyncSession, arguments: tuple[str, ...], answer: str, words: str
) -> None:
    code, out = await add(*arguments, answer=answer)
    assert code != 0
    assert words in out
    assert (await session.scalars(select(Account))).all() == []
