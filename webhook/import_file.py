"""`pronto import`: reads a file, shows how, asks, stores, and says what became of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from contacts.importing.cells import read_word
from contacts.importing.columns import Columns, Kind, MappingError, map_columns, sign_headings
from contacts.importing.errors_file import ErrorsFile
from contacts.importing.memory import Options, recall_mapping, remember_mapping
from contacts.importing.plan import Plan, check_kinds, choose_orders, gather_evidence
from contacts.importing.problems import CellError, explain, say
from contacts.importing.report import show_columns, show_ignored, sum_up
from contacts.importing.run import import_sheet
from contacts.importing.sheet import Sheet, SheetError, read_sheet
from core import clock
from core.db import open_engine, open_sessions
from core.settings import Settings
from offers.catalogue import load_catalogue

REPLAN = "-c plan_cache_mode=force_custom_plan"  # a plan made for empty tables is wrong a million rows later


@dataclass(frozen=True)
class Wishes:
    """What the user says about a file. maps: HEADING=field, an empty field leaves the column out."""

    kind: Kind = Kind.CONTACTS
    maps: Sequence[str] = ()
    dry: bool = False
    yes: bool = False
    options: Options = Options()  # noqa: RUF009  (frozen)
    encoding: str | None = None
    sheet: str | None = None
    language: str = "en"


async def run_import(settings: Settings, path: Path, wishes: Wishes) -> int:
    """Exit code 1 if a row could not be stored. SystemExit with one sentence if the file cannot be used at all."""
    console = Console(highlight=False, soft_wrap=True)
    url = make_url(settings.database_url).update_query_dict({"options": REPLAN})
    engine = open_engine(url.render_as_string(hide_password=False), connections=2)
    try:
        told = read_maps(wishes.maps)
        sheet = read_sheet(path, wishes.kind, list(told), wishes.encoding, wishes.sheet)
        try:
            return await import_read(engine, settings, path, wishes, sheet, told, console)
        finally:
            sheet.close()
    except (SheetError, MappingError) as error:
        raise SystemExit(str(error)) from error
    finally:
        await engine.dispose()


async def import_read(
    engine: AsyncEngine,
    settings: Settings,
    path: Path,
    wishes: Wishes,
    sheet: Sheet,
    told: dict[str, str],
    console: Console,
) -> int:
    async with open_sessions(engine).begin() as session:
        await clock.sync_clock(session)
        await load_catalogue(session)  # for the places of postcodes
        remembered = await recall_mapping(session, sign_headings(sheet.headings, wishes.kind))
    columns = map_columns(sheet.headings, wishes.kind, told, remembered.columns if remembered else None)
    options = wishes.options.fill(remembered.options) if remembered else wishes.options
    plan = make_plan(settings, path, wishes.kind, sheet, columns, options)
    show_plan(console, sheet, columns, wishes.language)
    known = remembered is not None and not told
    asks = sys.stdin.isatty() and not (wishes.dry or wishes.yes or known)
    if asks and not typer.confirm(say("ask_store", wishes.language), default=True):
        raise SystemExit(say("stopped", wishes.language))
    if not wishes.dry:
        async with open_sessions(engine).begin() as session:
            await remember_mapping(session, columns, wishes.kind, options, clock.now())
    errors = ErrorsFile(path, sheet.headings, sheet.delimiter, wishes.language)
    secret = settings.secret_key.get_secret_value()
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*bar, console=console, transient=True) as progress:
            task = progress.add_task(path.name, total=sheet.number)
            report = await import_sheet(
                engine, sheet, plan, secret, errors, dry=wishes.dry, advance=lambda rows: progress.advance(task, rows)
            )
        written = errors.finish()
    except OSError as error:
        raise SystemExit(f"the file of errors beside {path.name} cannot be written: {error}") from error
    for line in sum_up(report, plan, wishes.language, dry=wishes.dry):
        console.print(line, markup=False)
    if written:
        console.print(say("sum_errors", wishes.language, file=written), markup=False)
    return int(report.counts["errors"] > 0)


def read_maps(maps: Sequence[str]) -> dict[str, str]:
    """Heading to field, from HEADING=field."""
    told = {}
    for one in maps:
        heading, sign, field = one.rpartition("=")
        if not sign or not heading.strip():
            raise MappingError(f'--map {one!r}: write it like --map "Tel. 2=phone"; --map "Tel. 2=" leaves it out')
        told[heading.strip()] = field.strip()
    return told


def make_plan(settings: Settings, path: Path, kind: Kind, sheet: Sheet, columns: Columns, options: Options) -> Plan:
    """Everything that has to be known before the first row is read."""
    try:
        country = read_word(options.country, "--country", "country") if options.country else settings.country
        event_kind = read_word(options.event_kind, "--kind", "event_kind") if options.event_kind else None
    except CellError as error:
        raise MappingError(" | ".join(explain(error.problem, "en"))) from error
    check_kinds(columns, kind, options.contract_kind, event_kind)
    evidence = gather_evidence(sheet.rows(), columns)
    orders = choose_orders(evidence, columns, options.date_order)
    zone = ZoneInfo(settings.timezone)
    kinds = options.contract_kind, event_kind
    return Plan(kind, columns, country, zone, path.name, orders, evidence.decimal(), *kinds)


def show_plan(console: Console, sheet: Sheet, columns: Columns, language: str) -> None:
    """The columns as they will be read, before anything is stored."""
    console.print(f"{sheet.how}, {sheet.number} rows", markup=False)
    if columns.remembered:
        console.print(say("sum_remembered", language))
    table = Table(*(say(f"head_{name}", language) for name in ("column", "field", "example")))
    for cells in show_columns(columns, next(iter(sheet.rows()))):
        table.add_row(*map(escape, cells))
    console.print(table)
    if ignored := show_ignored(columns, language):
        console.print(ignored, markup=False)
