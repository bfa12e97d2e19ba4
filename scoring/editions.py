"""The rules that count now: what a marketer published last, else the file that is shipped."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import RuleEdition
from scoring.reading import RULES, load_rules, read_rules
from scoring.rules import RuleBook

PUBLISHED = Path("rules")  # what errors call an edition
BEGIN_RUN = text(
    "INSERT INTO score_run (zone, day, rules, position, started_at) VALUES ('', :day, :rules, 0, :now)"
    " ON CONFLICT (zone, day, rules) DO UPDATE SET finished_at = NULL,"
    " position = CASE WHEN score_run.finished_at IS NULL THEN score_run.position ELSE 0 END RETURNING position"
)


@lru_cache(maxsize=8)
def read_content(content: str) -> RuleBook:
    """The rules of an edition. Raises RulesError."""
    return read_rules(PUBLISHED, content)


async def read_edition(session: AsyncSession) -> RuleBook:
    """The rules that count now."""
    content = await session.scalar(select(RuleEdition.content).order_by(RuleEdition.id.desc()).limit(1))
    return load_rules() if content is None else read_content(content)


async def read_text(session: AsyncSession) -> str:
    """The text of the rules that count now, for an editor."""
    content = await session.scalar(select(RuleEdition.content).order_by(RuleEdition.id.desc()).limit(1))
    return RULES.read_text(encoding="utf-8") if content is None else content


async def publish_edition(
    session: AsyncSession, content: str, by: str, now: datetime, note: str = "", zone: str = "Europe/Rome"
) -> RuleEdition:
    """Stores rules as the ones that count and has a worker score everyone by them. Raises RulesError.

    by: who publishes. The caller commits.
    """
    book = read_content(content)
    edition = RuleEdition(content=content, note=note, published_by=by, published_at=now)
    session.add(edition)
    await session.flush()
    day = now.astimezone(ZoneInfo(zone)).date()
    await session.execute(BEGIN_RUN, {"day": day, "rules": book.checksum, "now": now})
    return edition
