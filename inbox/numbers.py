"""Numbers of the handoffs of a span of time: how fast people answer, why they are needed, how content customers are."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

GROUPS = {
    "all": "'all'",
    "agent": "coalesce(a.name, '-')",
    "language": "coalesce(c.language, '-')",
    "reason": "h.reason",
}
READ = """
    SELECT {group} AS key, count(*) AS handoffs, count(h.closed_at) AS closed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM h.first_response_at - h.opened_at) / 60)
            AS response_median,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM h.first_response_at - h.opened_at) / 60)
            AS response_p90,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM h.closed_at - h.opened_at) / 60)
            AS close_median,
        count(s.stars) AS ratings, avg(s.stars) AS stars
    FROM handoff h JOIN contact c ON c.id = h.contact_id LEFT JOIN account a ON a.id = h.account_id
    LEFT JOIN satisfaction s ON s.handoff_id = h.id
    WHERE h.opened_at >= :since AND h.opened_at < :until GROUP BY 1 ORDER BY 1
"""
# A conversation is a contact's session with at least one turn of the assistant. It needed a person if a handoff was
# opened in it, by whomever, or within a day after its last turn: an agent who steps in answers what it left open.
CONTAINED = text("""
    SELECT count(*) AS talks, count(*) FILTER (WHERE NOT EXISTS (
        SELECT 1 FROM handoff h WHERE h.contact_id = talk.contact_id AND h.opened_at >= talk.began_at
        AND h.opened_at < talk.ended_at + interval '1 day'
        AND (talk.next_at IS NULL OR h.opened_at < talk.next_at))) AS contained
    FROM (
        SELECT t.contact_id, min(t.started_at) AS began_at, max(coalesce(t.finished_at, t.started_at)) AS ended_at,
               lead(min(t.started_at)) OVER (PARTITION BY t.contact_id ORDER BY min(t.started_at)) AS next_at
        FROM turn t WHERE t.started_at >= :since AND t.started_at < :until
            AND t.decision IN ('ask_rasa', 'rasa_down')
        GROUP BY t.contact_id, t.session_number) AS talk
""")


@dataclass(frozen=True)
class Line:
    """One line: of all, an agent, a language or a reason. Times in minutes, None where there is nothing to measure."""

    group: str
    key: str
    handoffs: int
    closed: int
    response_median: float | None
    response_p90: float | None
    close_median: float | None
    ratings: int
    stars: float | None


@dataclass(frozen=True)
class Rate:
    """How often people are needed for a reason: handoffs per 100 conversations of the assistant."""

    reason: str
    handoffs: int
    per_cent: float


@dataclass(frozen=True)
class Numbers:
    """lines: by group and key. talks: conversations of the assistant; contained: those that needed no person."""

    lines: tuple[Line, ...]
    talks: int
    contained: int

    @property
    def rates(self) -> tuple[Rate, ...]:
        """By reason, the most frequent first; none without a conversation."""
        reasons = [(line.key, line.handoffs) for line in self.lines if line.group == "reason"] if self.talks else []
        rates = [Rate(reason, count, round(100 * count / self.talks, 1)) for reason, count in reasons]
        return tuple(sorted(rates, key=lambda one: (-one.handoffs, one.reason)))


async def read_numbers(session: AsyncSession, since: datetime, until: datetime) -> Numbers:
    """The numbers of the handoffs opened in a span of time."""
    span = {"since": since, "until": until}
    lines = []
    for group, key in GROUPS.items():
        rows = (await session.execute(text(READ.format(group=key)), span)).mappings()
        lines += [Line(group, **{name: tidy(value) for name, value in row.items()}) for row in rows]
    talks = (await session.execute(CONTAINED, span)).one()
    return Numbers(tuple(lines), talks.talks, talks.contained)


def tidy(value: Any) -> Any:
    """Minutes and stars to two places; counts and names as they are."""
    return value if value is None or isinstance(value, int | str) else round(float(value), 2)


def write_csv(numbers: Numbers) -> str:
    """The lines as CSV with a heading, then how often each reason occurs; how many needed no person stands last."""
    out = io.StringIO()
    names = [*(field.name for field in fields(Line)), "talks", "contained", "per_cent"]
    writer = csv.DictWriter(out, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({name: guard(value) for name, value in asdict(line).items()} for line in numbers.lines)
    for rate in numbers.rates:
        row = {"group": "rate", "key": rate.reason, "handoffs": rate.handoffs, "talks": numbers.talks}
        writer.writerow(row | {"per_cent": rate.per_cent})
    share = {"per_cent": round(100 * numbers.contained / numbers.talks, 1)} if numbers.talks else {}
    row = {"group": "assistant", "key": "all", "talks": numbers.talks, "contained": numbers.contained}
    writer.writerow(row | share)
    return out.getvalue()


def guard(value: object) -> object:
    """A name a spreadsheet would read as a formula is kept as words."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+@\t" else value
