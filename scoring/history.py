"""Why a score is another one than some days ago, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from scoring.explain import choose_language, explain_difference, load_words, write_date

NEWEST = text(
    "SELECT at, version, points_before, points, band_before, band, receipt FROM score_change"
    " WHERE contact_id = :id ORDER BY at DESC, id DESC LIMIT :limit"
)
AT = text(
    "SELECT at, version, points, band, receipt FROM score_change"
    " WHERE contact_id = :id AND at <= :at ORDER BY at DESC, id DESC LIMIT 1"
)


@dataclass(frozen=True)
class Difference:
    """One line of a receipt that came, went or counts otherwise. line: as it is now, or was where it went."""

    rule: str
    before: int
    after: int
    line: Mapping[str, Any]

    @property
    def points(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class ScoreThen:
    """A score as it was from a time on."""

    at: datetime
    version: str
    points: int
    band: str
    receipt: list[dict[str, Any]]


def compare_receipts(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """What is different, in the order of the newer receipt, and then what went; the points add up to the change."""
    old, new = ({line["rule"]: line for line in receipt} for receipt in (before, after))
    found = [
        Difference(rule, old[rule]["points"] if rule in old else 0, line["points"], line) for rule, line in new.items()
    ]
    found += [Difference(rule, line["points"], 0, line) for rule, line in old.items() if rule not in new]
    return [one for one in found if one.points]


def tell_differences(differences: Sequence[Difference], language: str) -> list[dict[str, Any]]:
    """[{"rule", "before", "after", "points", "words"}], with words in it, de or en."""
    return [
        {
            "rule": one.rule,
            "before": one.before,
            "after": one.after,
            "points": one.points,
            "words": explain_difference(one.line, one.before, one.after, language),
        }
        for one in differences
    ]


def tell_since(
    then: ScoreThen | None, differences: Sequence[Difference], points: int, since: date, language: str
) -> list[str]:
    """Why the score is what it is, compared with a day: a sentence, and a line per difference."""
    words, own, on = load_words(), choose_language(language), write_date(since, language)
    if then is None:
        return [str(words["since_none"][own].format(on=on))]
    if not differences:
        return [str(words["since_same"][own].format(on=on))]
    head = words["since"][own].format(on=on, before=then.points, after=points)
    told = tell_differences(differences, language)
    return [str(head), *(f"  {one['points']:+4d}  {one['words']}" for one in told)]


async def read_score_at(session: AsyncSession, contact_id: int, at: datetime) -> ScoreThen | None:
    """The score as it was at a time; None if there was none yet."""
    row = (await session.execute(AT, {"id": contact_id, "at": at})).one_or_none()
    return ScoreThen(row.at, row.version, row.points, row.band, row.receipt) if row else None


def tell_history(rows: Sequence[Mapping[str, Any]], limit: int, language: str) -> list[dict[str, Any]]:
    """The changes of NEWEST, which are one more than `limit` if there are as many."""
    history = []
    for row, older in zip(rows[:limit], [*rows[1:], None], strict=False):
        told = {name: value for name, value in row.items() if name != "receipt"}
        differences = compare_receipts(older["receipt"] if older else [], row["receipt"])
        history.append(told | {"differences": tell_differences(differences, language)})
    return history


async def compare_since(
    session: AsyncSession, contact_id: int, since: datetime, receipt: Sequence[Mapping[str, Any]]
) -> tuple[ScoreThen | None, list[Difference]]:
    """The score at `since`, and how the receipt of now differs from it."""
    then = await read_score_at(session, contact_id, since)
    return then, compare_receipts(then.receipt if then else [], receipt)
