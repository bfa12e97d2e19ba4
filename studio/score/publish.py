"""Publishing rules: only what was read before, never over somebody else's newer edition, always noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Deed, note_deed
from accounts.sessions import Visitor, require_role
from core.tables import RuleEdition
from core.types import Role
from scoring.editions import publish_edition, read_text

MAY_PUBLISH = (Role.MARKETER, Role.ADMIN)
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7768)")


class OvertakenError(Exception):
    """Somebody published after the text was read; args[0]: who."""


class UnchangedError(Exception):
    """The text is the one that counts already."""


@dataclass(frozen=True)
class Counting:
    """The text that counts, and the id of its edition (0: the shipped file)."""

    edition_id: int
    content: str


async def read_counting(session: AsyncSession) -> Counting:
    latest = await session.scalar(select(RuleEdition.id).order_by(RuleEdition.id.desc()).limit(1))
    return Counting(latest or 0, await read_text(session))


async def list_editions(session: AsyncSession, limit: int = 50) -> list[RuleEdition]:
    """What was published, newest first."""
    return list(await session.scalars(select(RuleEdition).order_by(RuleEdition.id.desc()).limit(limit)))


async def publish_rules(
    session: AsyncSession,
    visitor: Visitor,
    content: str,
    note: str,
    based_on: int,
    now: datetime,
    at: datetime,
    zone: str,
) -> RuleEdition:
    """A new edition; now is the clock scores follow, at the wall clock of the audit log. The caller commits.

    RulesError, NotAllowedError, OvertakenError if an edition newer than based_on counts, UnchangedError.
    """
    await require_role(session, visitor, *MAY_PUBLISH)
    await session.execute(ONE_AT_A_TIME)
    counting = await read_counting(session)
    if counting.edition_id != based_on:
        who = await session.scalar(select(RuleEdition.published_by).where(RuleEdition.id == counting.edition_id))
        raise OvertakenError(who or "")
    if counting.content == content:
        raise UnchangedError
    edition = await publish_edition(session, content, visitor.email, now, note.strip()[:500], zone)
    await note_deed(session, visitor.actor, Deed.RULES_PUBLISHED, at, str(edition.id), note=edition.note)
    return edition
