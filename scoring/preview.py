"""What other rules would do to the contacts there are, before anybody publishes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal_column, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Contact, Score
from scoring.editions import read_content
from scoring.expressions import score_all
from scoring.refresh import ZONE
from scoring.rules import BANDS, RuleBook

MOVERS = 20
KNOWN = Score.__table__.c


@dataclass(frozen=True)
class Move:
    """How many contacts of a pack go from one band to another; before is None where there was no score yet."""

    pack: str
    before: str | None
    after: str
    contacts: int


@dataclass(frozen=True)
class Mover:
    """A contact whose points change much. token and name: as pages show them."""

    contact_id: int
    token: str
    name: str | None
    pack: str
    points_before: int
    points: int
    band_before: str
    band: str


@dataclass(frozen=True)
class Preview:
    """moves: between different bands only; contacts: all that were looked at; changed: whose points would change."""

    contacts: int
    changed: int
    bands: dict[str, int]  # contacts in each band afterwards
    moves: list[Move]
    movers: list[Mover]  # the greatest changes first

    def count_into(self, band: str) -> int:
        """How many would get into a band."""
        return sum(move.contacts for move in self.moves if move.after == band)

    def count_out_of(self, band: str) -> int:
        """How many would leave a band."""
        return sum(move.contacts for move in self.moves if move.before == band)


async def preview(session: AsyncSession, content: str, now: datetime, zone: str = ZONE) -> Preview:
    """What the rules in `content` (YAML) would change today, counted exactly. Raises RulesError."""
    rows = (await session.execute(build_query(read_content(content)), {"now": now, "zone": zone})).one()
    moves = [Move(*row) for row in rows.moves]
    bands = {band: sum(move.contacts for move in moves if move.after == band) for band in BANDS}
    movers = [Mover(**row) for row in rows.movers or []]
    return Preview(
        contacts=sum(bands.values()),
        changed=rows.changed,
        bands=bands,
        moves=[move for move in moves if move.before != move.after],
        movers=movers,
    )


def build_query(book: RuleBook) -> Select[Any]:
    """One pass over all contacts without receipts; what is compared with is the stored score."""
    fresh = score_all(book, true(), receipts=False).subquery("fresh")
    row = (
        select(
            fresh.c.contact_id,
            fresh.c.pack,
            fresh.c.points,
            fresh.c.band,
            KNOWN.points.label("points_before"),
            KNOWN.band.label("band_before"),
        )
        .join_from(fresh, Score, KNOWN.contact_id == fresh.c.contact_id, isouter=True)
        .cte("both_scores")
    ).c
    group = select(row.pack, row.band_before, row.band, func.count().label("contacts"))
    group = group.group_by(row.pack, row.band_before, row.band).order_by(row.pack, row.band_before, row.band)
    moves = group.subquery()
    listed = func.jsonb_build_array(moves.c.pack, moves.c.band_before, moves.c.band, moves.c.contacts)
    great = (
        select(row.contact_id, Contact.token, Contact.name, row.pack, row.points_before, row.points, row.band_before)
        .add_columns(row.band)
        .join(Contact, Contact.id == row.contact_id)
        .where(row.points != row.points_before)
        .order_by(func.abs(row.points - row.points_before).desc(), row.contact_id)
        .limit(MOVERS)
        .subquery("great")
    )
    return select(
        select(func.coalesce(func.jsonb_agg(listed), literal_column("'[]'::jsonb"))).scalar_subquery().label("moves"),
        select(func.count()).where(row.points.is_distinct_from(row.points_before)).scalar_subquery().label("changed"),
        select(func.jsonb_agg(func.to_jsonb(literal_column("great"))))
        .select_from(great)
        .scalar_subquery()
        .label("movers"),
    )
