"""`pronto campaign`: release, foresee and judge campaigns from the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import COMMAND_LINE, Actor
from campaigns.journeys.reading import list_files, parse_journey
from campaigns.pages.read import list_campaigns
from campaigns.pages.said import (
    RELEASE_WORDS,
    say_dry_run,
    say_error,
    say_held,
    say_refusal,
    say_refusals,
    say_replay,
    say_sample,
)
from campaigns.pages.said import say_why as say_state_why
from campaigns.release import release
from campaigns.release.adding import add_people, foresee_adding
from campaigns.release.dry_run import foresee_day, replay_month
from campaigns.release.states import ReleaseError
from campaigns.release.texts import read_content
from campaigns.results.effect import read_effects
from campaigns.results.read import read_groups
from campaigns.results.table import write_csv
from core import clock
from core.db import open_once
from core.settings import Settings
from core.types import Language
from offers.yaml_file import FileError
from pages.words import Words
from webhook.starting import load_settings

app = typer.Typer(no_args_is_help=True, help="Campaigns: check, foresee, release, stop, judge.")
ACTOR = Actor(None, COMMAND_LINE)
WORDS = Words(Language.EN, RELEASE_WORDS)

type Name = Annotated[str, typer.Argument(help="Of its file: energy for campaigns/energy.yml")]
type Why = Annotated[str, typer.Option(help="In your own words; others read it")]
type Effect = Annotated[float | None, typer.Option(help="Points of a hundred hoped for, such as 1.5", min=0.01)]


def run(act: Callable[[AsyncSession, Settings, datetime], Awaitable[str]]) -> None:
    """Prints what an act in a transaction of its own says; ends with one sentence where it cannot be done."""
    settings = load_settings()

    async def inside() -> str:
        async with open_once(settings.database_url) as session:
            await clock.sync_clock(session)
            return await act(session, settings, clock.now())

    try:
        typer.echo(asyncio.run(inside()))
    except ReleaseError as error:
        raise SystemExit(say_error(WORDS, error)) from error
    except FileError as error:
        raise SystemExit(str(error)) from error


@app.command("list", epilog="Example: pronto campaign list")
def show_all() -> None:
    """Every campaign, its state and why."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        rows = {row.name: row for row in await list_campaigns(session)}
        lines = []
        for name in sorted({*rows, *(file.stem for file in list_files())}):
            row = rows.get(name)
            state = WORDS(f"state_{row.state if row else 'draft'}")
            lines.append(f"{name:20} {state:10} {say_state_why(WORDS, row.why) if row else ''}".rstrip())
        return "\n".join(lines)

    run(act)


@app.command(epilog="Example: pronto campaign check energy")
def check(name: Name) -> None:
    """Read the campaign's file; if it holds together it is the version that is released next."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        campaign = await release.check(session, name, ACTOR, now)
        return f"{name}: {WORDS(f'state_{campaign.state}')}. {say_state_why(WORDS, campaign.why)}"

    run(act)


@app.command("dry-run", epilog="Example: pronto campaign dry-run energy --replay --effect 1.5")
def dry_run(
    name: Name,
    replay: Annotated[bool, typer.Option(help="Also last month, as if it had run, and the sample it needs")] = False,
    effect: Effect = None,
) -> None:
    """Say what the campaign would do today. Nothing is written, nothing is sent."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        journey = parse_journey(name, await read_content(session, name))
        dry = await foresee_day(session, settings, name, journey, now)
        lines = list(say_dry_run(WORDS, dry, f"{dry.day:%Y-%m-%d}"))
        lines += [f"  {people:6} {why}" for why, people in say_refusals(WORDS, dry.refused)]
        lines += [f"  {messages:6} {why}" for why, messages in say_held(WORDS, dry.held)]
        if replay:
            month = await replay_month(session, settings, name, journey, now)
            lines += say_replay(WORDS, month)
            lines += say_sample(WORDS, settings, journey, month, effect / 100 if effect else None)
        return "\n".join(lines)

    run(act)


@app.command(epilog='Example: pronto campaign approve energy --why "prices checked"')
def approve(name: Name, why: Why = "") -> None:
    """Release what was checked."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        campaign = await release.approve(session, settings, name, ACTOR, why, now)
        return f"{name}: {WORDS(f'state_{campaign.state}')}."

    run(act)


@app.command(epilog='Example: pronto campaign schedule energy --at "2027-01-11 09:00" --until "2027-03-31 18:00"')
def schedule(
    name: Name,
    at: Annotated[datetime, typer.Option(help="On the company's clock", formats=["%Y-%m-%d %H:%M"])],
    until: Annotated[datetime | None, typer.Option(help="It ends by itself", formats=["%Y-%m-%d %H:%M"])] = None,
) -> None:
    """Have an approved campaign start by itself."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        zone = ZoneInfo(settings.timezone)
        ends_at = until.replace(tzinfo=zone) if until else None
        await release.schedule(session, name, ACTOR, now, at.replace(tzinfo=zone), ends_at)
        return f"{name}: {WORDS('scheduled', at=f'{at:%Y-%m-%d %H:%M}')}"

    run(act)


@app.command(epilog="Example: pronto campaign start energy")
def start(name: Name, why: Why = "") -> None:
    """Let people in from now on."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        await release.start(session, name, ACTOR, why, now)
        return f"{name}: {WORDS('started')}"

    run(act)


@app.command(epilog="Example: pronto campaign add energy --file fair.txt --batch fair-2027")
def add(
    name: Name,
    contacts: Annotated[list[str] | None, typer.Argument(help="Ids of other systems, phones or tokens")] = None,
    file: Annotated[Path | None, typer.Option(help="More of them, one in a line", exists=True, dir_okay=False)] = None,
    batch: Annotated[str, typer.Option(help="Nobody is added twice under the same name")] = "by hand",
) -> None:
    """Put contacts into a campaign by hand; they enter while it runs, if they meet its conditions."""
    lines = file.read_text(encoding="utf-8-sig").splitlines() if file else []
    names = [*(contacts or []), *lines]

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        found = await foresee_adding(session, settings, name, names, batch, now)
        added = await add_people(session, name, found.entering, batch, ACTOR, now)
        told = [f"{name}: {WORDS('added', people=len(added), before=found.before)}"]
        if found.refused:
            refused = ", ".join(f"{found.names[one]} ({say_refusal(WORDS, why)})" for one, why in found.refused.items())
            told.append(WORDS("refused_names", names=refused))
        if found.unknown:
            told.append(WORDS("unknown", names=", ".join(found.unknown)))
        return " ".join(told)

    run(act)


@app.command(epilog='Example: pronto campaign pause energy --why "a price is wrong"')
def pause(name: Name, why: Why = "") -> None:
    """Stop it at once; what is queued and has not left is withdrawn."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        done = await release.pause(session, name, ACTOR, why, now)
        return f"{name}: {WORDS('paused')} {WORDS('withdrawn', messages=done.cancelled)}"

    run(act)


@app.command(epilog="Example: pronto campaign resume energy")
def resume(name: Name, why: Why = "") -> None:
    """Go on after a pause; whoever's message was withdrawn is asked about anew."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        done = await release.resume(session, name, ACTOR, why, now)
        return f"{name}: {WORDS('resumed')} {WORDS('taken_back', people=done.moved)}"

    run(act)


@app.command(epilog="Example: pronto campaign finish energy")
def finish(name: Name, why: Why = "") -> None:
    """End it for all who are under way; conversions are counted on."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        done = await release.finish(session, name, ACTOR, why, now)
        told = f"{WORDS('withdrawn', messages=done.cancelled)} {WORDS('ended', people=done.moved)}"
        return f"{name}: {WORDS('finished')} {told}"

    run(act)


@app.command(epilog="Example: pronto campaign promote energy short")
def promote(
    name: Name, arm: Annotated[str, typer.Argument(help="The winner; empty: back to the file's shares")]
) -> None:
    """Give 95 of 100 newcomers one arm; the others go on beside it."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        campaign = await release.promote(session, name, arm or None, ACTOR, now)
        return f"{name}: {say_state_why(WORDS, campaign.why)}"

    run(act)


@app.command(epilog="Example: pronto campaign results energy --csv energy.csv")
def results(
    name: Name, csv: Annotated[Path | None, typer.Option(help="Write every number to this file")] = None
) -> None:
    """What it did per arm, and what each arm adds to what comes by itself."""

    async def act(session: AsyncSession, settings: Settings, now: datetime) -> str:
        groups = await read_groups(session, name)
        effects = await read_effects(session, settings, name, now)
        if csv:
            csv.write_text(write_csv(groups, effects), encoding="utf-8")
        lines = [f"{'':12} {'entered':>8} {'sent':>8} {'replied':>8} {'converted':>9} {'revenue':>10} {'cost':>8}"]
        for one in groups:
            if one.by in ("all", "arm"):
                told = (
                    f"{one.entered:8} {one.sent:8} {one.replied:8} {one.converted:9} {one.revenue:10} {one.cost:8.2f}"
                )
                lines.append(f"{one.arm or 'all':12} {told}")
        for effect in effects:
            if effect.by == "all" and effect.rate:
                rate = effect.rate
                told = f"{100 * rate.value:+.2f} points ({100 * rate.low:+.2f} to {100 * rate.high:+.2f})"
                verdict = WORDS(f"verdict_{effect.verdict}")
                lines.append(f"{effect.arm} beside {effect.beside}: {told}: {verdict}")
        return "\n".join(lines)

    run(act)
