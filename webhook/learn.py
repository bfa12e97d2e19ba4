"""`pronto learn`: learns, and says how the learned score does beside the rules."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from core import clock
from core.db import Sessions, open_engine, open_sessions
from core.settings import Settings
from core.types import Language
from scoring.learned.apply import promote_model
from scoring.learned.learn import Learned, learn
from scoring.learned.limits import read_limits
from scoring.learned.minimum import TooLittle, note_day
from scoring.learned.words import explain_pattern, explain_topic, load_words, write_percent

WIDTH = 120  # letters, where no terminal tells
STEPS = {"gather": "Reading the past", "validate": "Validating by month", "score": "Giving chances"}
COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())


def run_learn(settings: Settings, language: Language, *, if_due: bool, promote: int | None, as_json: bool) -> None:
    """Ends with one sentence where there is too little to learn from, or no such model to promote."""
    asyncio.run(work(settings, language, if_due, promote, as_json))


async def work(settings: Settings, language: str, if_due: bool, promote: int | None, as_json: bool) -> None:
    engine = open_engine(settings.database_url, connections=4)
    sessions = open_sessions(engine)
    try:
        async with sessions.begin() as session:
            await clock.sync_clock(session)
            if promote is not None:
                if not await promote_model(session, promote or None, clock.now()):
                    raise SystemExit(f"there is no model {promote}: pronto learn says the number of each")
                print(f"model {promote} speaks from now on" if promote else "no model is promoted any more")
                return
        learned = await learn_once(sessions, settings, if_due)
        if learned is None:
            print("nothing to do: the newest model is younger than 30 days, or another process is learning")
        elif as_json:
            lost = learned.defection
            told = learned.report | {"defection": lost if isinstance(lost, str) else lost.report}
            print(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            async with sessions() as session:
                limits = await read_limits(session)
            width = None if sys.stdout.isatty() else WIDTH
            show_report(Console(highlight=False, width=width), learned, limits, language)
    finally:
        await engine.dispose()


async def learn_once(sessions: Sessions, settings: Settings, if_due: bool) -> Learned | None:
    """Learns with a bar, and keeps what came of it in words."""
    now = clock.now()
    day = now.astimezone(ZoneInfo(settings.timezone)).date()
    with Progress(*COLUMNS, transient=True) as bar:
        tasks = {name: bar.add_task(words, total=None, visible=False) for name, words in STEPS.items()}

        def tell(what: str, done: int, of: int) -> None:
            bar.update(tasks[what], completed=done, total=of, visible=True)

        try:
            learned = await learn(sessions, settings, now, if_due, tell)
        except TooLittle as refused:
            async with sessions.begin() as session:
                await note_day(session, day, str(refused))
            if if_due:
                return None
            raise SystemExit(str(refused)) from refused
    if learned:
        async with sessions.begin() as session:
            await note_day(session, day, f"model {learned.model_id} learned, chances of {learned.contacts} contacts")
    return learned


def show_report(console: Console, learned: Learned, limits: dict[str, Any], language: str) -> None:
    """Champion and challenger, what decides, patterns, who is lost, limits."""
    words, report = load_words().get(language, load_words()["en"])["report"], learned.report
    show_figures(console, learned, words["head"], language)
    for pattern in report["patterns"]:
        console.print(words["pattern"].format(pattern=explain_pattern(pattern, language)))
    if not report["patterns"]:
        console.print(words["no_pattern"])
    if isinstance(learned.defection, Learned):
        show_figures(console, learned.defection, words["head_defection"], language)
    else:
        console.print(words["no_defection"].format(reason=learned.defection))
    for segment, limit in limits.items():
        console.print(
            words["limit"].format(segment=words["segments"][segment], days=limit.defecting, inactive=limit.inactive)
        )
    console.print(words["beside"])


def show_figures(console: Console, learned: Learned, head: str, language: str) -> None:
    """How one model does beside the rules on later months, and what decides in it."""
    words, report = load_words().get(language, load_words()["en"])["report"], learned.report
    named = {name: report[name] for name in ("rows", "records", "wins", "horizon_days")}
    months = f"{report['months']:.1f}"
    console.print(head.format(id=learned.model_id, contacts=learned.contacts, months=months, **named))
    table = Table(words["figure"], "n", words["rate"], "AUC", words["lift"])
    compared = report["compared"]
    for name, row in (("all", report["learned"]), ("learned", compared["learned"]), ("rules", compared["rules"])):
        table.add_row(
            words[name],
            f"{row['rows']:,}",
            write_percent(row["rate"], language),
            *("-" if row[column] is None else f"{row[column]:.3f}" for column in ("auc", "lift")),
        )
    console.print(table)
    console.print(words["calibration"].format(error=write_percent(report["calibration_error"], language)))
    topics = dict.fromkeys(explain_topic(one["feature"], language) for one in report["weights"][:6])
    console.print(words["decides"].format(topics=", ".join(topics)))
