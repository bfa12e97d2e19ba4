"""Chatwoot to Pronto: an agent's answer goes to the customer once, a resolved conversation closes the handoff."""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.login import tidy_email
from core.settings import Settings
from core.tables import Account, ChatwootTalk, Handoff
from core.types import Language, Media, MessageKind, Role
from inbox import states
from inbox.chatwoot.tell import DESK, NOTE
from inbox.reply import key_of, reply
from inbox.words import RefusedError
from whatsapp.signature import sign_body

FRESH = timedelta(minutes=5)  # a signed call older than this may be somebody else's copy
KINDS = {"image": MessageKind.IMAGE, "video": MessageKind.VIDEO, "audio": MessageKind.AUDIO}
HEARD = text("SELECT 1 FROM outbox WHERE key = :key")
REFUSE = text("""
    INSERT INTO hook_call (contact_id, desk, kind, key, body, due_at, created_at)
    VALUES (:contact, :desk, :kind, :key, CAST(:body AS jsonb), :now, :now) ON CONFLICT (desk, key) DO NOTHING
""")


class Loose(BaseModel):
    """A part of what Chatwoot posts; what we do not need is left out."""

    model_config = ConfigDict(extra="ignore")


class Person(Loose):
    """Who wrote; a user is a person, an agent_bot is not."""

    name: str | None = None
    email: str | None = None
    type: str | None = None


class Attached(Loose):
    file_type: str = ""
    data_url: str = ""


class Talk(Loose):
    id: int


class Meta(Loose):
    assignee: Person | None = None


class MessageCreated(Loose):
    """`message_created`: id is the message's, conversation.id what agents see."""

    event: Literal["message_created"]
    id: int
    content: str | None = None
    message_type: str | int
    private: bool = False
    source_id: str | None = None
    sender: Person | None = None
    conversation: Talk
    attachments: list[Attached] = Field(default_factory=list)


class StatusChanged(Loose):
    """`conversation_status_changed`: id is the conversation's."""

    event: Literal["conversation_status_changed"]
    id: int
    status: str
    meta: Meta = Field(default_factory=Meta)


def is_chatwoot(settings: Settings, body: bytes, timestamp: str, signature: str, key: str, now: datetime) -> bool:
    """Whether a call is Chatwoot's: signed over its time and these bytes, or with our word in its address."""
    secret = settings.chatwoot_secret.get_secret_value()
    if not secret:
        return False
    if signature:
        fresh = timestamp.isdigit() and abs(now.timestamp() - int(timestamp[:12])) <= FRESH.total_seconds()
        expected = sign_body(secret, timestamp.encode(errors="replace") + b"." + body)
        return fresh and hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))
    return hmac.compare_digest(secret.encode(), key.encode(errors="replace"))


async def hear_message(session: AsyncSession, settings: Settings, told: MessageCreated, now: datetime) -> bool:
    """Sends an agent's answer; whether it was one. What cannot be sent becomes a note beside it. The caller commits."""
    person = told.sender
    if told.message_type not in ("outgoing", 1) or told.private or person is None or person.type not in (None, "user"):
        return False
    talk = await find_talk(session, told.conversation.id)
    if talk is None:
        return False
    try:
        by = await find_author(session, person, now)
        handoff = await states.lock_handoff(session, talk.handoff_id)
        if await session.scalar(HEARD, {"key": f"{key_of(handoff, by, f'chatwoot-{told.id}')}:0"}):
            return True
        if handoff.closed_at is None and handoff.account_id not in (None, by):
            await states.assign(session, handoff.id, by, None, now, "answered in Chatwoot")
        media = tuple(
            Media(KINDS.get(one.file_type, MessageKind.DOCUMENT), one.data_url)
            for one in told.attachments
            if one.data_url
        )
        await reply(session, settings, handoff.id, by, told.content or "", f"chatwoot-{told.id}", now, media)
    except RefusedError as error:
        await refuse(session, settings, talk, f"refused:{told.id}", error, now)
    return True


async def hear_status(session: AsyncSession, settings: Settings, told: StatusChanged, now: datetime) -> bool:
    """Closes or reopens the handoff; whether anything was to be done. The caller commits."""
    talk = await find_talk(session, told.id)
    if talk is None or told.status not in ("resolved", "open"):
        return False
    handoff = await session.get_one(Handoff, talk.handoff_id)
    if (told.status == "resolved") == (handoff.closed_at is not None):
        return False
    person = told.meta.assignee
    try:
        by = await find_author(session, person, now) if person and person.email else handoff.account_id
        if told.status == "resolved":
            await states.close(session, settings, handoff.id, by, now, "resolved in Chatwoot")
        elif by is not None:
            await states.reopen(session, handoff.id, by, now, "reopened in Chatwoot")
    except RefusedError as error:
        await refuse(session, settings, talk, f"refused:{told.id}:{told.status}:{now.timestamp():.0f}", error, now)
    return True


async def find_talk(session: AsyncSession, conversation: int) -> ChatwootTalk | None:
    query = select(ChatwootTalk).where(ChatwootTalk.conversation == conversation)
    return (await session.scalars(query)).one_or_none()


async def find_author(session: AsyncSession, person: Person, now: datetime) -> int:
    """The account of who writes in Chatwoot; a new one has no password, so nobody can log in with it."""
    email = tidy_email(person.email or "")
    if not email:
        raise RefusedError("unknown_person")
    account = (await session.scalars(select(Account).where(Account.email == email))).one_or_none()
    if account is None:
        account = Account(email=email, name=(person.name or email)[:80], role=Role.AGENT, created_at=now)
        session.add(account)
        await session.flush()
    if account.deactivated_at is not None:
        raise RefusedError("unknown_person")
    return account.id


async def refuse(
    session: AsyncSession, settings: Settings, talk: ChatwootTalk, key: str, error: RefusedError, now: datetime
) -> None:
    """Tells the agent in Chatwoot, beside their answer, why the customer did not get it."""
    body: dict[str, Any] = {
        "handoff": talk.handoff_id,
        "text": f"⚠ {error.say(Language(settings.language), settings.timezone)}",
    }
    row = {"contact": talk.contact_id, "desk": DESK, "kind": NOTE, "key": key, "body": json.dumps(body), "now": now}
    await session.execute(REFUSE, row)
