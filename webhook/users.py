"""`pronto user`: accounts of the people who work with Pronto, from the command line."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from accounts.audit import COMMAND_LINE, Actor
from accounts.login import tidy_email
from accounts.passwords import LONGEST, SHORTEST, PasswordError, check_password, hash_password
from accounts.people import AccountError, create_account
from core.db import open_once
from core.settings import Settings
from core.types import Role
from pages.room import read_time
from webhook.starting import load_settings

PROBLEMS = {
    "email": "{email} is not an email address",
    "taken": "there is an account for {email} already: change its role, or make a link for a new password, on the page"
    " People",
}
WEAK = {
    "short": f"the password is too short: at least {SHORTEST} characters, a few words in a row are good",
    "long": f"the password is too long: at most {LONGEST} characters",
    "common": "this password is one of those tried first: choose another",
    "personal": "the password is made of the email address: choose another",
}


def read_password(email: str, file: Path | None) -> str:
    """From the first line of a file (- is standard input), else asked twice. Ends with one sentence if it is weak."""
    if file is None:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SystemExit(f"{file} cannot be read: {error}") from error
        password = text.partition("\n")[0].rstrip("\r")
    try:
        check_password(password, tidy_email(email))
    except PasswordError as error:
        raise SystemExit(WEAK[str(error)]) from error
    return str(password)


def store_account(settings: Settings, email: str, name: str, role: Role, password: str) -> None:
    """Makes the account; ends with one sentence if it cannot be."""

    async def run() -> None:
        password_hash = await hash_password(password)
        async with open_once(settings.database_url) as session:
            actor = Actor(None, COMMAND_LINE)
            await create_account(session, email, name, role, password_hash, actor, read_time())

    try:
        asyncio.run(run())
    except AccountError as error:
        raise SystemExit(PROBLEMS[str(error)].format(email=email)) from error


app = typer.Typer(no_args_is_help=True, help="Accounts of the people who work with Pronto.")


@app.command(epilog="Example: pronto user add ada@example.org --role admin --name Ada")
def add(
    email: Annotated[str, typer.Argument(help="With this the person logs in")],
    role: Annotated[Role, typer.Option(help="agent: customers; marketer: also what is sent; admin: also people")],
    name: Annotated[str, typer.Option(help="What colleagues read; without it, the beginning of the email")] = "",
    password_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the password, - for standard input; else it is asked")
    ] = None,
) -> None:
    """Make an account. Everybody after the first admin can be invited by link on the page People."""
    password = read_password(email, password_file)
    settings = load_settings()
    store_account(settings, email, name, role, password)
    typer.echo(f"{tidy_email(email)} can log in at {settings.public_url.rstrip('/')}/login")
