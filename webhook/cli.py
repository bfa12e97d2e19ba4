"""The command line `pronto`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.db import open_once
from core.postgres import attach_postgres, stop_postgres
from core.settings import Settings
from core.types import Language
from webhook import campaigns, numbers, templates, users
from webhook.starting import ENGINE_PYTHON, configure_logging, engine_environment, load_settings, run_engine

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(users.app, name="user")
app.add_typer(numbers.app, name="number")
app.add_typer(templates.app, name="templates")
app.add_typer(campaigns.app, name="campaign")


@app.command(epilog="Example: pronto demo --port 8300")
def demo(port: Annotated[int, typer.Option(help="Port of the one page that shows everything")] = 8300) -> None:
    """Start everything, with a WhatsApp of its own, on this machine."""
    from webhook.demo import run_demo  # noqa: PLC0415  (not needed by the other commands)

    sys.exit(run_demo(port))


@app.command(epilog="Example: pronto serve --host 0.0.0.0 --port 8000")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on")] = 8000,
) -> None:
    """Start the web app: webhook, actions, API, links."""
    from webhook.app import create_app  # noqa: PLC0415

    configure_logging()
    uvicorn.run(create_app(load_settings()), host=host, port=port, access_log=False, log_level="warning")


@app.command(epilog="Example: pronto worker")
def worker() -> None:
    """Start a worker: it answers messages and sends what is queued. Start as many as you like."""
    from webhook.worker import run_worker  # noqa: PLC0415

    configure_logging()
    loop_factory = uvicorn.Config(app="").get_loop_factory()  # the web app's, which is faster where there is one
    asyncio.run(run_worker(load_settings()), loop_factory=loop_factory)


@app.command(epilog="Example: pronto rasa --port 5005")
def rasa(port: Annotated[int, typer.Option(help="Port on loopback")] = 5005) -> None:
    """Start the conversation engine with the trained model."""
    settings = load_settings()
    os.environ |= engine_environment(settings)
    os.execv(ENGINE_PYTHON, [str(ENGINE_PYTHON), "bot/run.py", "--port", str(port)])  # noqa: S606


@app.command(epilog="Example: pronto train --force")
def train(force: Annotated[bool, typer.Option(help="Train even if nothing changed")] = False) -> None:
    """Train the assistant from domain.yml, config.yml and data/, if they changed."""
    sys.exit(run_engine("bot/train.py", *(["--force"] if force else [])))


@app.command(epilog="Example: pronto check")
def check() -> None:
    """Check what marketers edit: training data, texts, templates, the company's facts, score rules."""
    from scoring.nodes import RulesError  # noqa: PLC0415
    from scoring.reading import load_rules  # noqa: PLC0415
    from webhook.check import list_problems  # noqa: PLC0415

    problems = list_problems(Settings(demo=True))  # checking needs no secrets
    try:
        load_rules()
    except RulesError as error:
        problems.append(str(error))
    if problems:
        raise SystemExit("\n".join(problems))
    sys.exit(run_engine("bot/train.py", "--check"))


@app.command(epilog="Example: pronto score")
def score(
    anew: Annotated[bool, typer.Option(help="Read everybody's rows again, not only what is new")] = False,
) -> None:
    """Score all contacts for today. Broken off, it goes on where it was; workers do it every night by themselves."""
    from webhook.score_all import score_all  # noqa: PLC0415

    typer.echo(asyncio.run(score_all(load_settings(), anew)))


@app.command(epilog='Example: pronto explain "+390200000001" --language de')
def explain(
    contact: Annotated[str, typer.Argument(help="Phone, user id, external id or Pronto's own id")],
    language: Annotated[Language, typer.Option(help="Of the explanation")] = Language.EN,
    since: Annotated[int | None, typer.Option(min=0, help="Also why it is another one than so many days ago")] = None,
    campaign: Annotated[
        str | None, typer.Option(help="Instead: why this campaign writes to the contact, or not")
    ] = None,
) -> None:
    """Say what is known about a contact and why the score is what it is."""
    from webhook.approving import say_why  # noqa: PLC0415
    from webhook.profile import explain_contact  # noqa: PLC0415

    settings = load_settings()

    async def tell(session: AsyncSession, found: int) -> str | None:
        if campaign:
            return await say_why(session, settings, found, campaign, language)
        then = clock.now() - timedelta(days=since) if since is not None else None
        return await explain_contact(session, contact, language, then, settings.timezone)

    typer.echo(with_contact(settings, contact, tell))


@app.command("import", epilog='Example: pronto import contacts.csv --map "Tel. 2=phone" --dry-run')
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or .xlsx with headings")],
    kind: Annotated[str, typer.Option("--as", help="contacts or events")] = "contacts",
    column: Annotated[list[str] | None, typer.Option("--map", help="HEADING=field; HEADING= leaves it out")] = None,
    dry_run: Annotated[bool, typer.Option(help="Check everything, store nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
    country: Annotated[str | None, typer.Option(help="Of numbers without one; without it PRONTO_COUNTRY")] = None,
    date_order: Annotated[str | None, typer.Option(help="dmy or mdy: what comes first in 03/04/2026")] = None,
    contract: Annotated[str | None, typer.Option(help="Kind of contract, where no column tells: electricity")] = None,
    event: Annotated[str | None, typer.Option("--kind", help="Kind of event, where no column tells: purchase")] = None,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV that is read wrongly, such as cp850")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of an Excel file, if not the first")] = None,
    language: Annotated[str, typer.Option(help="it, de or en")] = "en",
) -> None:
    """Bring in contacts or events from a file. The same file again changes nothing."""
    from contacts.importing.columns import Kind  # noqa: PLC0415
    from contacts.importing.dates import DateOrder  # noqa: PLC0415
    from contacts.importing.memory import Options  # noqa: PLC0415
    from webhook.import_file import Wishes, run_import  # noqa: PLC0415

    order = choose(DateOrder, date_order, "--date-order") if date_order else None
    options = Options(order, contract, event, country)
    words = choose(Language, language, "--language")
    wishes = Wishes(choose(Kind, kind, "--as"), column or (), dry_run, yes, options, encoding, sheet, words)
    sys.exit(asyncio.run(run_import(load_settings(), file, wishes)))


def choose[Choice: StrEnum](choices: type[Choice], word: str, option: str) -> Choice:
    """The choice a word names; ends with one sentence if there is none."""
    try:
        return choices(word.lower())
    except ValueError as error:
        raise SystemExit(f"{option} {word}: choose {' or '.join(choices)}") from error


@app.command(epilog="Example: pronto audit --language de")
def audit(
    language: Annotated[Language, typer.Option(help="Of the report")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="For machines")] = False,
) -> None:
    """Say how good the data are, and which features they justify."""
    from webhook.audit import run_audit  # noqa: PLC0415

    run_audit(load_settings(), language, as_json=as_json)


@app.command(epilog="Example: pronto learn --language de")
def learn(
    if_due: Annotated[bool, typer.Option("--if-due", help="Only if the newest model is older than 30 days")] = False,
    promote: Annotated[int | None, typer.Option(help="Trust the model of this number from now on; 0: none")] = None,
    language: Annotated[Language, typer.Option(help="Of the report")] = Language.EN,
    as_json: Annotated[bool, typer.Option("--json", help="The report for machines")] = False,
) -> None:
    """Learn from outcomes, compare with the rules, store chances beside the scores."""
    from webhook.learn import run_learn  # noqa: PLC0415

    run_learn(load_settings(), language, if_due=if_due, promote=promote, as_json=as_json)


@app.command(epilog='Example: pronto export "+390200000001" --out ada.json')
def export(
    contact: Annotated[str, typer.Argument(help="Phone, user id, external id or Pronto's own id")],
    out: Annotated[Path | None, typer.Option(help="File to write; without it, the copy is printed")] = None,
) -> None:
    """Give out everything held about a contact, as JSON."""
    from contacts.export import export_contact  # noqa: PLC0415

    copy = with_contact(load_settings(), contact, export_contact)
    written = json.dumps(copy, ensure_ascii=False, indent=2)
    if out:
        out.write_text(written + "\n", encoding="utf-8")
        typer.echo(f"written to {out}")
    else:
        typer.echo(written)


@app.command(epilog='Example: pronto erase "+390200000001"')
def erase(
    contact: Annotated[str, typer.Argument(help="Phone, user id, external id or Pronto's own id")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Erase everything personal about a contact, for ever."""
    from contacts.erase import KEPT, erase_contact  # noqa: PLC0415

    settings = load_settings()
    if not yes:
        typer.confirm(f"Erase everything about {contact}? There is no way back.", abort=True)
    secret = settings.secret_key.get_secret_value()
    done = with_contact(settings, contact, lambda session, found: erase_contact(session, found, clock.now(), secret))
    typer.echo(f"{done.deleted} rows deleted, {done.sent} sent messages emptied. Kept, as the law asks:")
    typer.echo("\n".join(f"- {kept}" for kept in KEPT))


@app.command(epilog="Example: pronto stop")
def stop() -> None:
    """Stop the embedded PostgreSQL, if it runs."""
    if server := attach_postgres(Settings(demo=True).data_dir):
        stop_postgres(server)


def with_contact[T](settings: Settings, name: str, act: Callable[[AsyncSession, int], Awaitable[T]]) -> T:
    """Does something with one contact in a transaction; ends with one sentence if nobody has this name."""
    from contacts.find import find_contact_id  # noqa: PLC0415

    async def run() -> T | None:
        async with open_once(settings.database_url) as session:
            await clock.sync_clock(session)
            contact_id = await find_contact_id(session, name)
            return await act(session, contact_id) if contact_id is not None else None

    done = asyncio.run(run())
    if done is None:
        raise SystemExit(f"no contact {name}: give a phone number with +, a user id, or the id of your own system")
    return done
