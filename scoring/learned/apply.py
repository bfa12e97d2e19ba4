"""Gives every contact the model's chance with its reasons."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from scoring.learned.model import Floats, Model, read_model, to_chance
from scoring.learned.outcomes import Outcome, read_cases
from scoring.learned.past import NAMES, read_features

CHUNK = 2_000
REASONS = 3
LEAST = 0.05  # log-odds; below that a reason says nothing

IDS = text("SELECT id FROM contact WHERE id > :after AND erased_at IS NULL ORDER BY id LIMIT :limit")
COUNT = text("SELECT count(*) FROM contact WHERE erased_at IS NULL")
STORE = text(
    """
    INSERT INTO learned_score (contact_id, outcome, model_id, chance, reasons, computed_at)
    SELECT c.id, :outcome, :model_id, new.chance, CAST(new.reasons AS jsonb), :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:chances AS float[]), CAST(:reasons AS text[]))
         AS new (id, chance, reasons)
    JOIN (SELECT id FROM contact WHERE id = ANY (:ids) AND erased_at IS NULL ORDER BY id FOR KEY SHARE) c
      ON c.id = new.id
    ON CONFLICT (contact_id, outcome) DO UPDATE SET model_id = excluded.model_id, chance = excluded.chance,
        reasons = excluded.reasons, computed_at = excluded.computed_at
    """
)
FORGET = text(
    "DELETE FROM learned_score WHERE outcome = :outcome AND contact_id = ANY (:ids) AND NOT contact_id = ANY (:known)"
)
# One model of each outcome may be trusted.
PROMOTE = text(
    """
    UPDATE learned_model SET promoted_at = CASE WHEN id = :id THEN CAST(:now AS timestamptz) END
    WHERE id = :id OR promoted_at IS NOT NULL AND (
        CAST(:id AS bigint) IS NULL OR outcome = (SELECT outcome FROM learned_model WHERE id = :id)) RETURNING id
    """
)
TRUSTED = text(
    """
    SELECT id, model FROM learned_model WHERE outcome = :outcome
    ORDER BY promoted_at DESC NULLS LAST, trained_at DESC, id DESC LIMIT 1
    """
)


async def apply_model(
    sessions: Sessions,
    outcome: Outcome,
    model_id: int,
    model: Model,
    now: datetime,
    zone: str,
    tell: Callable[[str, int, int], None] = lambda what, done, all_: None,
) -> int:
    """Stores chances in chunks, each in a short transaction; how many contacts got one.

    While a promoted model is trusted, that one goes on speaking; the new one is stored and compared only.
    """
    async with sessions() as session:
        people = int(await session.scalar(COUNT) or 0)
        trusted = (await session.execute(TRUSTED, {"outcome": outcome})).one_or_none()
    if trusted and trusted.id != model_id:
        model_id, model = trusted.id, read_model(trusted.model)
    after, seen, stored = 0, 0, 0
    while True:
        async with sessions.begin() as session:
            ids = list(await session.scalars(IDS, {"after": after, "limit": CHUNK}))
            if not ids:
                return stored
            stored += await score_chunk(session, outcome, ids, model_id, model, now, zone)
        after, seen = ids[-1], seen + len(ids)
        tell("score", seen, people)


async def score_chunk(
    session: AsyncSession, outcome: Outcome, ids: list[int], model_id: int, model: Model, now: datetime, zone: str
) -> int:
    """Stores the chances of some contacts; of whom nothing is known or the outcome cannot be asked, there is none."""
    known, values, _ = await read_features(session, ids, now, zone)
    asked = np.isin(known, list(await read_cases(session, outcome, known.tolist(), now)))
    known, values = known[asked], values[asked]
    await session.execute(FORGET, {"outcome": outcome, "ids": ids, "known": known.tolist()})
    if not len(known):
        return 0
    weights = model.read_weights(pick_columns(values, model))
    chances = to_chance(model.base + weights.sum(axis=1))
    reasons = [
        json.dumps(list_reasons(model, own, row)) for own, row in zip(weights, pick_columns(values, model), strict=True)
    ]
    row = {"ids": known.tolist(), "chances": chances.tolist(), "reasons": reasons}
    await session.execute(STORE, row | {"outcome": outcome, "model_id": model_id, "now": now})
    return len(known)


def pick_columns(values: Floats, model: Model) -> Floats:
    """The columns a stored model knows, in its order; features that are gone count as unknown."""
    unknown = np.full(len(values), np.nan)
    places = {name: at for at, name in enumerate(NAMES)}
    return np.column_stack([values[:, places[name]] if name in places else unknown for name in model.names])


def list_reasons(model: Model, weights: Floats, values: Floats) -> list[dict[str, Any]]:
    """What moves this contact's chance most: feature, value (None: unknown), weight in log-odds."""
    strongest = [at for at in np.argsort(-np.abs(weights), kind="stable")[:REASONS] if abs(weights[at]) >= LEAST]
    return [
        {
            "feature": model.names[at],
            "value": None if np.isnan(values[at]) else round(float(values[at]), 2),
            "weight": round(float(weights[at]), 3),
        }
        for at in strongest
    ]


async def promote_model(session: AsyncSession, model_id: int | None, now: datetime) -> bool:
    """Lets a model speak until another is promoted (None: none any more); False if there is no such model."""
    changed = set(await session.scalars(PROMOTE, {"id": model_id, "now": now}))
    return model_id is None or model_id in changed
