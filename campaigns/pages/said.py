"""What is said about campaigns, on pages and on the command line alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from campaigns.arms import CONTROL, split_arms
from campaigns.gate.explain import name_reason
from campaigns.journeys.journey import Journey
from campaigns.release.dry_run import DryRun, Replay
from campaigns.release.states import ReleaseError
from campaigns.release.whys import read_why
from campaigns.results.uplift import size_sample
from core.settings import Settings
from core.types import HoldReason
from core.wording import format_money, format_number
from offers.yaml_file import FileError
from pages.times import write_moment
from pages.words import Words

RELEASE_WORDS = Path(__file__).parents[1] / "release" / "words.yml"
EFFECT = 0.2  # of the base rate, that is hoped for unless told otherwise
LEAST_EFFECT = 0.01


def say_why(words: Words, why: str | None, zone: str | None = None) -> str:
    """The reason of a state: a person's own words, or Pronto's in the reader's language, on the clock of a zone."""
    if not why:
        return ""
    own = read_why(why)
    if own is None:
        return why
    code, facts = own
    told = {name: say_fact(words, name, fact, zone) for name, fact in facts.items()}
    return words(code, **told) if told else words(code)


def say_fact(words: Words, name: str, fact: str, zone: str | None) -> str:
    """A number, a time or a state of WhatsApp's as the reader writes it."""
    match name:
        case "at" if zone:
            return write_moment(datetime.fromisoformat(fact), words.language, zone)
        case "count" | "messages" | "percent" | "limit":
            return format_number(Decimal(fact), words.language, len(fact.partition(".")[2]))
        case "status":
            return words(f"template_{fact.lower()}") if f"template_{fact.lower()}" in words else fact
    return fact


def say_fault(words: Words, error: FileError) -> str:
    """What is wrong with a journey or with templates, and in which line."""
    return words("fault", file=error.file.name, line=error.line, problem=error.tell(words.language))


def say_error(words: Words, error: ReleaseError | FileError) -> str:
    """Why something cannot be done."""
    if isinstance(error, FileError):
        return say_fault(words, error)
    facts = dict(error.facts)
    if "state" in facts:
        facts["state"] = words(f"state_{facts['state']}")
    return words(error.code, **facts) if facts else words(error.code)


def say_refusals(words: Words, refused: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Why people do not enter, the commonest first."""
    for reason, people in sorted(refused.items(), key=lambda pair: -pair[1]):
        yield say_refusal(words, reason), people


def say_refusal(words: Words, reason: str) -> str:
    """Why somebody does not enter, with the condition that does not hold."""
    outcome, _, condition = reason.partition(":")
    told = words(f"outcome_{outcome}")
    if not condition:
        return told
    return f"{told} ({words(f'unmet_{condition}') if f'unmet_{condition}' in words else condition})"


def say_held(words: Words, held: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Why messages do not go, in the order in which the gate asks."""
    order = [reason.value for reason in HoldReason]
    for reason, messages in sorted(held.items(), key=lambda pair: order.index(pair[0])):
        yield name_reason(reason, words.language), messages


def say_dry_run(words: Words, dry: DryRun, day: str) -> Iterator[str]:
    """A day, in sentences. day: as the reader writes it."""
    language = words.language
    if not dry.meant:
        yield words("dry_nobody", day=day)
        return
    held = sum(dry.held.values())
    yield words(
        "dry_day", day=day, sent=count(words, dry.sent), held=count(words, held), control=count(words, dry.control)
    )
    yield words("dry_meant", meant=count(words, dry.meant), entered=count(words, dry.entered))
    if dry.sent:
        yield words("dry_cost", cost=format_money(dry.cost, dry.currency, language))
        if dry.percent is not None:
            yield words("dry_limit", percent=format_number(dry.percent, language, 1))
    if dry.later:
        yield words("dry_later", later=count(words, dry.later))
    if dry.silent:
        yield words("dry_silent", silent=count(words, dry.silent))
    yield words("dry_bounds")


def say_follow_ups(words: Words, templates: Mapping[str, int]) -> Iterator[str]:
    """What a dry run does not count: the next messages of those under way."""
    for template, people in sorted(templates.items()):
        yield words("dry_follow", template=template, people=count(words, people))


def say_replay(words: Words, replay: Replay) -> Iterator[str]:
    """Last month, in sentences."""
    days, language = replay.days, words.language
    currency = days[-1].currency if days else "EUR"
    yield words(
        "replay_days",
        days=len(days),
        entered=count(words, replay.entered),
        daily=format_number(replay.entered / max(len(days), 1), language, 1),
        sent=count(words, sum(day.sent for day in days)),
        held=count(words, sum(sum(day.held.values()) for day in days)),
        cost=format_money(sum((day.cost for day in days), Decimal(0)), currency, language),
    )
    if replay.base_rate is not None:
        rate = format_number(100 * replay.base_rate, language, 1)
        yield words("replay_base", converted=count(words, replay.converted), rate=rate)
    yield words("replay_bounds")


def say_sample(
    words: Words, settings: Settings, journey: Journey, replay: Replay, effect: float | None = None
) -> Iterator[str]:
    """How many have to enter until anything can be said. effect: hoped for, 0.01 is one point of a hundred."""
    shares = split_arms(journey.arms, journey.control_percent)
    base = replay.base_rate
    if not base or base >= 1 or CONTROL not in shares:
        return
    wished = effect or min(max(EFFECT * base, LEAST_EFFECT), (1 - base) / 2)
    share = min(share for arm, share in shares.items() if arm != CONTROL)
    contacts = size_sample(base, wished, share, shares[CONTROL], settings.campaign_minimum_contacts)
    yield words(
        "sample",
        effect=format_number(100 * wished, words.language, 1),
        base=format_number(100 * base, words.language, 1),
        contacts=count(words, contacts),
        minimum=count(words, settings.campaign_minimum_contacts),
        weeks=f"{settings.campaign_minimum_weeks:g}",
    )
    if replay.entered:
        days = max(contacts * len(replay.days) / replay.entered, 7 * settings.campaign_minimum_weeks)
        yield words("sample_days", days=count(words, round(days)))


def count(words: Words, number: int) -> str:
    return format_number(number, words.language)
