"""Canned replies: texts agents use again and again, with a customer's values filled in before they are sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import CannedReply
from core.types import Language
from inbox.words import RefusedError

NAMES = ("name", "agent", "company")  # what may stand in curly brackets
BLANK = re.compile(r"\{(\w*)\}")
MOST_NAME, MOST_TEXT = 40, 4000


async def list_canned(session: AsyncSession) -> list[CannedReply]:
    """Every canned reply, by name."""
    return list(await session.scalars(select(CannedReply).order_by(CannedReply.name)))


async def save_canned(session: AsyncSession, name: str, language: Language, words: str, by: int, now: datetime) -> None:
    """Stores a text under a name, in one language; the other languages stay. RefusedError: nothing to store."""
    name, words = " ".join(name.split())[:MOST_NAME], words.strip()[:MOST_TEXT]
    if not name or not words:
        raise RefusedError("empty")
    row = insert(CannedReply).values(name=name, texts={language.value: words}, account_id=by, updated_at=now)
    changed = {"texts": CannedReply.texts.op("||")(row.excluded.texts), "account_id": by, "updated_at": now}
    await session.execute(row.on_conflict_do_update(index_elements=["name"], set_=changed))


async def drop_canned(session: AsyncSession, canned_id: int) -> None:
    await session.execute(delete(CannedReply).where(CannedReply.id == canned_id))


def choose_text(texts: Mapping[str, str], language: str | None) -> tuple[str, bool]:
    """The text in the customer's language, else the first there is; and whether it is the customer's."""
    if language is not None and language in texts:
        return texts[language], True
    return next(iter(texts.values())), False


def fill_text(words: str, values: Mapping[str, str]) -> str:
    """Puts the values in; what has no value stays as it is, so that the agent sees the gap."""
    return BLANK.sub(lambda found: values.get(found[1]) or found[0], words)
