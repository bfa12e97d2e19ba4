"""The WhatsApp numbers messages leave from: what waits, whether sending rests and why; ends a rest by hand."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer
from sqlalchemy import Row, text

from core import clock
from core.db import open_once
from core.settings import Settings
from webhook.starting import load_settings
from whatsapp.errors import BY_HAND
from whatsapp.outbox import resume_sender

app = typer.Typer(no_args_is_help=True, help=__doc__)

NUMBERS = text("""
    SELECT s.phone_number_id, s.paused_until, s.pause_reason,
           (SELECT count(*) FROM outbox o WHERE o.phone_number_id = s.phone_number_id AND o.state = 'queued') AS queued
    FROM sender s ORDER BY s.phone_number_id
""")


@app.command("list", epilog="Example: pronto number list")
def list_numbers() -> None:
    """Say of each number how many messages wait, and until when and why sending rests."""
    rows = asyncio.run(read_numbers(load_settings()))
    for row in rows:
        typer.echo(describe_number(row))
    if not rows:
        typer.echo("No message was ever queued, so no number is known yet.")


@app.command(epilog="Example: pronto number resume 106540352242922")
def resume(phone_number_id: Annotated[str, typer.Argument(help="As `pronto number list` names it")]) -> None:
    """End a rest, once what WhatsApp objected to is put right: the next message leaves at once."""
    if not asyncio.run(end_rest(load_settings(), phone_number_id)):
        raise SystemExit(f"{phone_number_id} is none of our numbers: `pronto number list` names them")
    typer.echo(f"{phone_number_id} sends again.")


def describe_number(row: Row[Any]) -> str:
    """One line on a number."""
    waiting = f"{row.phone_number_id}: {row.queued} waiting"
    if row.paused_until is None or row.paused_until <= clock.now():
        return f"{waiting}, sends"
    until = (
        "until somebody resumes it" if row.paused_until >= BY_HAND else f"until {row.paused_until:%Y-%m-%d %H:%M} UTC"
    )
    return f"{waiting}, rests {until}: {row.pause_reason}"


async def read_numbers(settings: Settings) -> list[Row[Any]]:
    """All our numbers; also sets the clock, which may have been moved."""
    async with open_once(settings.database_url) as session:
        await clock.sync_clock(session)
        return list((await session.execute(NUMBERS)).all())


async def end_rest(settings: Settings, phone_number_id: str) -> bool:
    """False: there is no such number."""
    async with open_once(settings.database_url) as session:
        if phone_number_id not in {row.phone_number_id for row in await session.execute(NUMBERS)}:
            return False
        await resume_sender(session, phone_number_id)
        return True
