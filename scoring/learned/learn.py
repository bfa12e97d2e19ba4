"""Learns from what came of contacts, validates on what came later, and stores model, report and chances."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from threadpoolctl import threadpool_limits

from core.db import Sessions
from core.settings import Settings
from scoring.learned.apply import apply_model
from scoring.learned.limits import store_limits
from scoring.learned.minimum import MONTH, Stock, TooLittle, check_stock, count_stock, judge_stock
from scoring.learned.model import Floats, Model, Rows
from scoring.learned.outcomes import Outcome, read_cases
from scoring.learned.past import NAMES, note_ends, read_features
from scoring.learned.patterns import find_patterns
from scoring.learned.validate import Rolling, compare_figures, fit_before, roll_forward

STEP = 30  # days between two reference days
EVERY = timedelta(days=30)  # S1-27: recalibrate every 30 days
LOOK_BACK = 24  # reference days at most: older customers were other customers
ROWS = 200_000  # learned from at most, so that memory stays flat; beyond, contacts are sampled by id
CHUNK = 2_000  # contacts per query

SAMPLE = text(
    """
    SELECT id FROM contact WHERE id > :after AND erased_at IS NULL AND abs(hashint8(id)) % 1000 < :share
    ORDER BY id LIMIT :limit
    """
)
COUNT = text("SELECT count(*) FROM contact WHERE erased_at IS NULL")
LAST_TRAINED = text("SELECT max(trained_at) FROM learned_model")
LOCK = text("SELECT pg_try_advisory_xact_lock(hashtext('pronto learn'))")
STORE = text(
    "INSERT INTO learned_model (outcome, trained_at, horizon_days, model, report)"
    " VALUES (:outcome, :now, :horizon, CAST(:model AS jsonb), CAST(:report AS jsonb)) RETURNING id"
)

type Tell = Callable[[str, int, int], None]  # what is done, how much of it, of how much


def stay_silent(_what: str, _done: int, _all: int) -> None:
    """For callers that show no progress."""


@dataclass(frozen=True)
class Learned:
    """What came of learning: the stored model's id, its report, and for how many contacts it has a chance.

    defection: the same of who is lost, learned beside; or why there is too little for it.
    """

    model_id: int
    report: dict[str, Any]
    contacts: int
    defection: Learned | str = ""


async def learn(
    sessions: Sessions, settings: Settings, now: datetime, due_only: bool = False, tell: Tell = stay_silent
) -> Learned | None:
    """Learns anew. TooLittle below the minimum; None if another process is learning, or nothing is due yet.

    Nobody's score changes: the chances stand beside the rules' points.
    """
    async with sessions.begin() as guard:
        if not await guard.scalar(LOCK):
            return None
        await note_facts(sessions, now)
        await store_limits(sessions, now)
        last = await guard.scalar(LAST_TRAINED)
        if due_only and last and now - last < EVERY:
            return None
        stock = await count_stock(guard, now)
        check_stock(stock, settings)
        learned = await learn_outcome(sessions, settings, Outcome.REPURCHASE, stock, now, tell)
        try:
            lost = await learn_outcome(sessions, settings, Outcome.DEFECTION, stock, now, tell)
        except TooLittle as refused:
            return replace(learned, defection=str(refused))
        return replace(learned, defection=lost)


async def learn_outcome(
    sessions: Sessions, settings: Settings, outcome: Outcome, stock: Stock, now: datetime, tell: Tell
) -> Learned:
    """Learns one outcome, stores its model and report, and gives chances by it. TooLittle below the minimum."""
    rows, contacts, rules = await gather_rows(sessions, outcome, now, stock, settings, tell)
    if outcome is Outcome.DEFECTION:  # few points are the rules' word for it
        rules = -rules
        stock = Stock(len(np.unique(contacts)), len(np.unique(contacts[rows.won == 1])), stock.months)
    ranges = check_stock(stock, settings, outcome)
    with threadpool_limits(1):  # the same figures on every machine, and cores left for the traffic
        model, report = judge_rows(rows, contacts, rules, ranges, outcome, tell)
    report |= {
        "records": stock.records,
        "wins": stock.wins,
        "months": stock.months,
        "data": judge_stock(stock, settings),
    }
    async with sessions.begin() as session:
        stored = {"model": json.dumps(model.as_json()), "report": json.dumps(report)}
        known = {"outcome": outcome, "now": now, "horizon": outcome.days}
        model_id = int(await session.scalar(STORE, stored | known) or 0)
    scored = await apply_model(sessions, outcome, model_id, model, now, settings.timezone, tell)
    return Learned(model_id, report, scored)


async def note_facts(sessions: Sessions, now: datetime) -> None:
    """Notes what keeps no history elsewhere, in short transactions."""
    async with sessions() as session:
        highest = int(await session.scalar(text("SELECT coalesce(max(id), 0) FROM contact")) or 0)
    for after in range(0, highest, CHUNK * 10):
        async with sessions.begin() as session:
            await note_ends(session, after, after + CHUNK * 10, now)


async def gather_rows(
    sessions: Sessions, outcome: Outcome, now: datetime, stock: Stock, settings: Settings, tell: Tell
) -> tuple[Rows, NDArray[np.int64], Floats]:
    """Rows of every reference day, the oldest first; whose they are; and the rules' score on that day."""
    number = min(LOOK_BACK, int((stock.months * MONTH - outcome.days) // STEP) + 1)
    days = [now - timedelta(days=outcome.days + STEP * (number - 1 - at)) for at in range(number)]
    async with sessions() as session:
        people = int(await session.scalar(COUNT) or 0)
    share = min(1000, max(1, 1000 * ROWS // max(people * max(number, 1), 1)))
    parts: list[tuple[Floats, Floats, NDArray[np.int64], NDArray[np.int64], Floats]] = []
    done = 0
    async for session, ids in pick_contacts(sessions, share):
        for period, day in enumerate(days):
            known, values, rules = await read_features(session, ids, day, settings.timezone)
            cases = await read_cases(session, outcome, known.tolist(), day)
            asked = np.isin(known, list(cases))
            if asked.any():
                came = np.array([cases[one] for one in known[asked].tolist()], dtype=np.float64)
                parts.append((values[asked], came, np.full(len(came), period), known[asked], rules[asked]))
        done += len(ids)
        tell("gather", done, people * share // 1000 or 1)
    if not parts:
        raise TooLittle(f"not enough to learn from: no contact is known longer than {outcome.days} days")
    features, outcomes, periods, contacts, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((contacts, periods))
    return Rows(NAMES, features[order], outcomes[order], periods[order]), contacts[order], scores[order]


async def pick_contacts(sessions: Sessions, share: int) -> AsyncIterator[tuple[AsyncSession, list[int]]]:
    """Contacts in chunks by id, so many of a thousand; which ones depends on the id alone."""
    after = 0
    while True:
        async with sessions() as session:
            ids = list(await session.scalars(SAMPLE, {"after": after, "share": share, "limit": CHUNK}))
            if not ids:
                return
            yield session, ids
            after = ids[-1]


def judge_rows(
    rows: Rows,
    contacts: NDArray[np.int64],
    rules: Floats,
    ranges: int,
    outcome: Outcome = Outcome.REPURCHASE,
    tell: Tell = stay_silent,
) -> tuple[Model, dict[str, Any]]:
    """The model for today and its report: how models made the same way did on the months after them."""
    periods = int(rows.period.max()) + 1
    gap = outcome.days // STEP - 1
    plan = Rolling(first=max(periods - max(periods // 3, 1), 1), gap=gap, ranges=ranges, boost=True)
    chances = roll_forward(rows, plan, lambda period: tell("validate", period + 1, periods))
    if np.isnan(chances).all():
        raise TooLittle("not enough to learn from: no earlier month holds both outcomes")
    model = fit_before(rows, periods, replace(plan, gap=0))  # today all of them are known
    if model is None:
        raise TooLittle("not enough to learn from: only one sort of outcome has been seen")
    report = compare_figures(rows, chances, rules)
    return model, report | {
        "rows": len(rows.won),
        "horizon_days": outcome.days,
        "patterns": find_patterns(rows, contacts) if outcome is Outcome.REPURCHASE and periods >= 3 else [],
        "weights": rank_features(model, rows),
    }


def rank_features(model: Model, rows: Rows) -> list[dict[str, Any]]:
    """How much each feature moves the log-odds on average, the strongest first."""
    moved = np.abs(model.read_weights(rows.values)).mean(axis=0)
    return [{"feature": model.names[at], "weight": float(moved[at])} for at in np.argsort(-moved)]
