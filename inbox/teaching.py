"""Sentences the assistant misunderstood: marked by agents, reviewed by marketers, exported as training data."""

from __future__ import annotations

from datetime import datetime

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Message, Teaching, Turn
from core.types import Language
from inbox.words import RefusedError


async def mark_misunderstood(
    session: AsyncSession, message_id: int, intent: str, by: int, now: datetime, known: frozenset[str]
) -> int:
    """Puts a customer's sentence on the review list with the right intent; marked again, the new intent counts.

    known: the intents there are. LookupError: no such message. RefusedError: without words, or no such intent.
    """
    message = await session.get(Message, message_id)
    if message is None:
        raise LookupError(f"message {message_id} does not exist")
    if not (message.text or "").strip():
        raise RefusedError("empty")
    if intent not in known:
        raise RefusedError("bad_value", name="intent", value=intent, problem=", ".join(sorted(known)))
    turn = await session.get(Turn, message.turn_id) if message.turn_id else None
    row = {
        "contact_id": message.contact_id,
        "message_id": message_id,
        "sentence": " ".join((message.text or "").split()),
        "language": (turn and turn.language) or Language.IT.value,
        "heard": turn.intent if turn else None,
        "intent": intent,
        "account_id": by,
        "at": now,
    }
    again = {"intent": intent, "account_id": by, "at": now, "accepted": None, "reviewed_by": None, "reviewed_at": None}
    made = insert(Teaching).values(row).on_conflict_do_update(index_elements=["message_id"], set_=again)
    return (await session.scalars(made.returning(Teaching.id))).one()


async def list_teachings(session: AsyncSession, accepted: bool | None = None) -> list[Teaching]:
    """The review list, oldest first: what waits (None), was accepted or refused."""
    wanted = Teaching.accepted.is_(None) if accepted is None else Teaching.accepted.is_(accepted)
    return list(await session.scalars(select(Teaching).where(wanted).order_by(Teaching.at, Teaching.id)))


async def review_teaching(session: AsyncSession, teaching_id: int, accepted: bool, by: int, now: datetime) -> None:
    """Accepts a sentence as training data or not. LookupError: it is not on the list."""
    teaching = await session.get(Teaching, teaching_id, with_for_update=True)
    if teaching is None:
        raise LookupError(f"teaching {teaching_id} does not exist")
    teaching.accepted, teaching.reviewed_by, teaching.reviewed_at = accepted, by, now


async def export_teachings(session: AsyncSession, language: Language) -> str:
    """The accepted sentences of a language as a file for data/nlu, in Rasa's YAML; each once."""
    examples: dict[str, list[str]] = {}
    for one in await list_teachings(session, accepted=True):
        if one.language == language and one.sentence not in examples.setdefault(one.intent, []):
            examples[one.intent].append(one.sentence)
    nlu = [
        {"intent": intent, "examples": "".join(f"- {escape_example(sentence)}\n" for sentence in sentences)}
        for intent, sentences in sorted(examples.items())
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False, default_style=None)


def escape_example(sentence: str) -> str:
    """A sentence without the signs that mark entities in Rasa's examples."""
    return " ".join(sentence.translate(str.maketrans("[]{}()", "      ")).split())
