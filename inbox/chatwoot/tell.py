"""Pronto to Chatwoot: a handoff becomes a conversation with the card as a note, and what is said in it follows.

Everything carries a name of ours (source_id), and what may have arrived before is looked for before it is sent again.
What Pronto or an agent in Pronto says is a private note there: as a public message Chatwoot would give it back to us as
an agent's answer, and the customer would read it twice.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.settings import Settings
from core.tables import ChatwootTalk
from inbox.card import Card, read_card
from inbox.chatwoot.client import Chatwoot, ChatwootError
from inbox.hooks import BACK, ERASED, claim_news, collect_news, note_failed, note_told

log = logging.getLogger(__name__)

DESK = "chatwoot"
NOTE = "note"  # the kind of what is only told to the agent there
PREFIX = "pronto:"  # of every source_id
CONTACT = text("""
    SELECT c.id, c.token, coalesce(c.name, c.username, c.phone, c.user_id, c.token) AS name, c.phone
    FROM handoff h JOIN contact c ON c.id = h.contact_id WHERE h.id = :id
""")
# An answer written there that never reached the customer: its author is told, beside it.
FAILED = text("""
    INSERT INTO hook_call (contact_id, desk, kind, key, body, due_at, created_at)
    SELECT o.contact_id, 'chatwoot', 'note', 'failed:' || o.id, jsonb_build_object('handoff', t.handoff_id,
        'text', '⚠ ' || coalesce(o.reason, o.state) || ': «' || left(o.text, 200) || '»'), :now, :now
    FROM handoff h JOIN chatwoot_talk t ON t.handoff_id = h.id JOIN outbox o ON o.contact_id = h.contact_id
    WHERE (h.closed_at IS NULL OR h.closed_at > :since) AND o.created_at > :since
      AND o.state IN ('failed', 'blocked', 'expired') AND split_part(o.key, ':', 3) = CAST(h.id AS text)
      AND split_part(o.key, ':', 4) LIKE 'chatwoot-%'
    ON CONFLICT (desk, key) DO NOTHING
""")
WRITTEN = text("SELECT key FROM outbox WHERE id = :id")


async def tell_chatwoot(sessions: Sessions, settings: Settings, chatwoot: Chatwoot, now: datetime) -> int:
    """Collects what is new and tells it, per contact in order; how many things Chatwoot took."""
    async with sessions.begin() as session:
        await collect_news(session, DESK, now)
        await session.execute(FAILED, {"now": now, "since": now - BACK})
    async with sessions.begin() as session:
        rows = await claim_news(session, DESK, now, in_order=True)
    told = 0
    for row in rows:
        try:
            await tell_one(sessions, settings, chatwoot, row, now)
        except ChatwootError as error:
            log.warning("Chatwoot did not take %s: %s", row.key, error)
            async with sessions.begin() as session:
                await note_failed(session, row, str(error), now)
        else:
            async with sessions.begin() as session:
                await note_told(session, row.id, now)
            told += 1
    return told


async def tell_one(sessions: Sessions, settings: Settings, chatwoot: Chatwoot, row: Row[Any], now: datetime) -> None:
    """One piece of news. Raises ChatwootError."""
    if row.kind == "handoff.changed":
        return  # who has it is decided there
    if row.kind == ERASED:
        await erase_there(chatwoot, row.body["contact"], row.body["known"])
        return
    again, source_id = row.attempts > 1, f"{PREFIX}{row.key}"
    talk = await open_talk(sessions, chatwoot, row.body["handoff"], again, now)
    if row.kind == "handoff.closed":
        await chatwoot.resolve(talk.conversation)
        return
    async with sessions() as session:
        words = await write_words(session, settings, row)
    if words and not (again and source_id in await chatwoot.list_source_ids(talk.conversation)):
        await chatwoot.post_message(talk.conversation, words, source_id, private=row.kind != "message.received")


async def erase_there(chatwoot: Chatwoot, token: str, known: list[int]) -> None:
    """Deletes who was erased here, by the numbers we know, or who was made there and never written down here."""
    found = await chatwoot.find_contact(token, None)
    for contact in sorted({*known, *([found["id"]] if found else [])}):
        await chatwoot.delete_contact(contact)


async def open_talk(
    sessions: Sessions, chatwoot: Chatwoot, handoff_id: int, again: bool, now: datetime
) -> ChatwootTalk:
    """The conversation of a handoff, made if there is none. again: an earlier try may have made it."""
    async with sessions() as session:
        talk = await session.get(ChatwootTalk, handoff_id)
        if talk is not None:
            return talk
        contact = (await session.execute(CONTACT, {"id": handoff_id})).one()
    found = await chatwoot.find_contact(contact.token, contact.phone)
    found = found or await chatwoot.create_contact(contact.token, contact.name, contact.phone)
    conversation = await find_conversation(chatwoot, found["id"], handoff_id) if again else None
    if conversation is None:
        source_id = find_source_id(found, chatwoot.inbox) or await chatwoot.join_inbox(found["id"])
        attributes = {"pronto_handoff": handoff_id}
        conversation = await chatwoot.create_conversation(found["id"], source_id, attributes)
    talk = ChatwootTalk(handoff_id=handoff_id, contact_id=contact.id, chatwoot_contact=found["id"],
                        conversation=conversation, made_at=now)  # fmt: skip
    async with sessions.begin() as session:
        session.add(talk)
    return talk


async def find_conversation(chatwoot: Chatwoot, contact: int, handoff_id: int) -> int | None:
    """The conversation an earlier try made for this handoff."""
    for one in await chatwoot.list_conversations(contact):
        if (one.get("custom_attributes") or {}).get("pronto_handoff") == handoff_id:
            return int(one["id"])
    return None


def find_source_id(contact: dict[str, Any], inbox: int) -> str | None:
    """How a contact is called in our inbox."""
    inboxes = contact.get("contact_inboxes") or ()
    return next((str(one["source_id"]) for one in inboxes if (one.get("inbox") or {}).get("id") == inbox), None)


async def write_words(session: AsyncSession, settings: Settings, row: Row[Any]) -> str:
    """What Chatwoot is told; empty for what an agent wrote there."""
    if row.kind == "handoff.opened":
        card = await read_card(session, settings, row.body["handoff"], settings.language, settings.company)
        return write_card(card, settings)
    if row.kind == "message.received":
        return row.body["text"] or f"[{row.body['kind']}] {write_link(settings, row.body['contact'])}"
    if row.kind == "message.sent":
        key = str(await session.scalar(WRITTEN, {"id": row.body["message"]}) or "")
        return "" if ":chatwoot-" in key else f"→ {row.body['text']}"
    return str(row.body["text"])


def write_card(card: Card, settings: Settings) -> str:
    """The card as a note: who and why, what was told, score, consents, the next step, replies to start from."""
    lines = [card.summary]
    lines += [f"- {one.label}: {one.value} («{one.sentence}»)" for one in card.told]
    if card.points is not None:
        lines.append(f"**{card.points}/100** · " + "; ".join(f"{points:+d} {words}" for points, words in card.receipt))
    lines += [card.gates] if card.gates else []
    lines += card.offer
    lines += [f"{'✓' if given else '✗'} {purpose}" for purpose, given in sorted(card.consents.items())]
    lines += [f"→ {card.next_step}", *(f"> {reply}" for reply in card.replies), write_link(settings, card.token)]
    return "\n\n".join(lines)


def write_link(settings: Settings, token: str) -> str:
    """Where the whole conversation stands."""
    return f"{settings.public_url.rstrip('/')}/inbox?chat={token}"
