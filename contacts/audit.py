"""The data audit: what the store holds against what is needed, and which features its size justifies.

The limits are settings, because the sources they come from disagree; each setting names its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from contacts.audit_figures import FIELDS, PROBLEMS, Figures, read_figures
from core.settings import Settings

DAYS_PER_MONTH = 365.25 / 12
GAPS_NEEDED = 100  # between two purchases, for a defection limit (scoring/learned/defection.py needs as many)
# People per group to see, in four of five cases and with 5 % false alarms, that 5 % became 7.5 %: 15.7 p (1 - p) / d²
# with p the mean of both and d their difference.
PER_GROUP = 1472

type Grade = Literal["optimal", "enough", "too_low", "unknown"]
type Level = Literal["optimal", "yes", "no"]


@dataclass(frozen=True)
class Check:
    """One measure against its limits. unit: %, months or contacts; value None: nothing to measure yet."""

    name: str
    value: float | None
    unit: str
    minimum: float
    optimal: float

    @property
    def grade(self) -> Grade:
        if self.value is None:
            return "unknown"
        return "optimal" if self.value >= self.optimal else "enough" if self.value >= self.minimum else "too_low"


@dataclass(frozen=True)
class Count:
    """So many contacts, and their share in %."""

    name: str
    number: int
    percent: float


@dataclass(frozen=True)
class Need:
    """What a feature lives on: how much there is, from how much it is justified, and how much is best."""

    name: str
    have: float
    minimum: float
    optimal: float


@dataclass(frozen=True)
class Feature:
    """Whether the data justify a feature."""

    name: str
    needs: tuple[Need, ...]

    @property
    def level(self) -> Level:
        if any(need.have < need.minimum for need in self.needs):
            return "no"
        return "optimal" if all(need.have >= need.optimal for need in self.needs) else "yes"

    @property
    def missing(self) -> dict[str, float]:
        """How much of what is missing until it is justified, or, once it is, until it is at its best."""
        limits = [(need, need.minimum if self.level == "no" else need.optimal) for need in self.needs]
        return {need.name: limit - need.have for need, limit in limits if need.have < limit}


@dataclass(frozen=True)
class Audit:
    """The whole report. clean: contacts without what should be settled before anybody writes to them."""

    at: datetime
    contacts: int
    clean: Count
    checks: tuple[Check, ...]
    fields: tuple[Count, ...]
    consent: tuple[Count, ...]
    problems: tuple[Count, ...]
    features: tuple[Feature, ...]


async def audit_data(session: AsyncSession, settings: Settings, now: datetime) -> Audit:
    """Counts and judges everything."""
    figures = await read_figures(session, now, settings.timezone, settings.audit_current_months)
    return judge(figures, settings, now)


def judge(figures: Figures, settings: Settings, now: datetime) -> Audit:
    every = int(figures["contacts"])
    problems = [count(f"is_{name}", figures, every) for name in PROBLEMS]
    return Audit(
        at=now,
        contacts=every,
        clean=count("clean", figures, every),
        checks=check_quality(figures, settings),
        fields=tuple(count(f"has_{name}", figures, every) for name in (*FIELDS, "external_id")),
        consent=tuple(count(name, figures, every) for name in ("agreed", "refused", "reachable")),
        problems=tuple(sorted((one for one in problems if one.number), key=lambda one: -one.number)),
        features=judge_features(figures, settings),
    )


def check_quality(figures: Figures, settings: Settings) -> tuple[Check, ...]:
    """Completeness, freshness, deliverability, history and number of contacts against their limits."""
    every = figures["contacts"]
    complete = share(figures["complete"], every)
    current = share(every - figures["is_not_current"], every)
    start = settings.audit_complete_start
    rows = (
        ("complete", complete, "%", settings.audit_complete_minimum, settings.audit_complete_optimal),
        ("complete_start", complete, "%", start, start),
        ("current", current, "%", settings.audit_current_minimum, settings.audit_current_optimal),
        (
            "deliverable",
            share(figures["arrived"], figures["sent"]),
            "%",
            settings.audit_deliverable_minimum,
            settings.audit_deliverable_optimal,
        ),
        (
            "history",
            count_months(figures["first_at"], figures["last_at"]),
            "months",
            settings.audit_history_minimum,
            settings.audit_history_optimal,
        ),
        ("active", float(figures["active"]), "contacts", settings.records_minimum, settings.records_optimal),
    )
    return tuple(Check(*row) for row in rows)


def judge_features(figures: Figures, settings: Settings) -> tuple[Feature, ...]:
    """The rules need no history; whatever is learned or compared needs enough of it."""
    history = count_months(figures["first_at"], figures["last_at"]) or 0.0
    bought = count_months(figures["bought_first_at"], figures["bought_last_at"]) or 0.0
    least, usual, best = settings.audit_history_minimum, settings.audit_history_optimal, settings.audit_history_learning
    simple, minimum, optimal = settings.records_simple, settings.records_minimum, settings.records_optimal
    outcomes = figures["with_outcome"]
    return (
        Feature("rules_score", (Need("contacts", figures["contacts"], 1, 1),)),
        Feature(
            "segments",
            (Need("buyers", figures["buyers"], simple, minimum), Need("bought_months", bought, least, usual)),
        ),
        Feature(
            "simple_learned_score",
            (Need("outcomes", outcomes, simple, minimum), Need("months", history, least, usual)),
        ),
        Feature(
            "learned_score",
            (Need("outcomes", outcomes, minimum, optimal), Need("months", history, least, best)),
        ),
        Feature(
            "defection_limit",
            (
                Need("gaps", figures["gaps"], GAPS_NEEDED, 10 * GAPS_NEEDED),
                Need("bought_months", bought, least, usual),
            ),
        ),
        Feature("ab_verdicts", (Need("reachable", figures["reachable"], 2 * PER_GROUP, 10 * PER_GROUP),)),
    )


def count(name: str, figures: Figures, every: int) -> Count:
    number = int(figures[name])
    return Count(name.removeprefix("has_").removeprefix("is_"), number, share(number, every) or 0.0)


def share(part: float, whole: float) -> float | None:
    """In %, rounded down to one decimal, so that no limit is reached by rounding; None of nothing."""
    return int(1000 * part / whole) / 10 if whole else None


def count_months(first: datetime | None, last: datetime | None) -> float | None:
    """From the first to the last moment, rounded down to one decimal."""
    return int((last - first).total_seconds() / 86400 / DAYS_PER_MONTH * 10) / 10 if first and last else None


def make_json(audit: Audit) -> dict[str, Any]:
    """The report for machines, with the grades and what is missing."""

    def plain(counts: Iterable[Count]) -> list[dict[str, Any]]:
        return [{"name": one.name, "number": one.number, "percent": one.percent} for one in counts]

    return {
        "at": audit.at.isoformat(),
        "contacts": audit.contacts,
        "clean": plain([audit.clean])[0],
        "checks": [vars(check) | {"grade": check.grade} for check in audit.checks],
        "fields": plain(audit.fields),
        "consent": plain(audit.consent),
        "problems": plain(audit.problems),
        "features": [
            {
                "name": feature.name,
                "level": feature.level,
                "needs": [vars(need) for need in feature.needs],
                "missing": feature.missing,
            }
            for feature in audit.features
        ],
    }
