"""A shift's conversations, as receiving, turns and handing over leave them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Account, Answer, Contact, Message, Outbox, Turn
from core.types import HandoffReason
from inbox.handoff import open_handoff


async def add_customer(session: AsyncSession, token: str, now: datetime, **columns: Any) -> int:
    """A contact who wrote a minute ago, unless columns say otherwise; its id."""
    written = {"last_inbound_at": now - timedelta(minutes=1), "name": token.capitalize(), "language": "it"}
    contact = Contact(token=token, phone=f"+39333{abs(hash(token)) % 10**7:07d}", created_at=now, **(written | columns))
    session.add(contact)
    await session.flush()
    return contact.id


async def receive(
    session: AsyncSession, contact_id: int, text: str | None, at: datetime, kind: str = "text", **payload: Any
) -> Message:
    """A message of the customer. payload: what WhatsApp sent below its kind."""
    wamid = f"wamid.in.{contact_id}.{at.timestamp()}.{kind}"
    message = Message(contact_id=contact_id, wamid=wamid, phone_number_id="900", kind=kind, text=text,
                      payload={"type": kind, kind: payload}, sent_at=at, received_at=at)  # fmt: skip
    session.add(message)
    await session.flush()
    return message


async def answer(
    session: AsyncSession, contact_id: int, text: str, at: datetime, state: str = "read", buttons: tuple[str, ...] = (),
    rows: tuple[str, ...] = (), **columns: Any,
) -> int:  # fmt: skip
    """A message of the assistant, with buttons or a list; its id."""
    turn = Turn(contact_id=contact_id, session_number=1, text="?", decision="ask_rasa", started_at=at, finished_at=at)
    session.add(turn)
    await session.flush()
    body: dict[str, Any] = {"type": "text", "text": {"body": text}}
    if buttons:
        action: dict[str, Any] = {"buttons": [{"type": "reply", "reply": {"id": one, "title": one}} for one in buttons]}
        body = {"type": "interactive", "interactive": {"type": "button", "body": {"text": text}, "action": action}}
    if rows:
        action = {"button": "Scegli", "sections": [{"rows": [{"id": one, "title": one} for one in rows]}]}
        body = {"type": "interactive", "interactive": {"type": "list", "body": {"text": text}, "action": action}}
    key = f"turn:{turn.id}"
    row = Outbox(contact_id=contact_id, phone_number_id="900", key=key, callback=key, kind="reply", purpose="service",
                 body=body, text=text, options=[{"id": one, "title": one} for one in buttons or rows], turn_id=turn.id,
                 state=state, due_at=at, created_at=at, **columns)  # fmt: skip
    session.add(row)
    await session.flush()
    return row.id


async def hand_over(
    session: AsyncSession, contact_id: int, at: datetime, reason: HandoffReason = HandoffReason.WISH
) -> int:
    """Opens a handoff; its id."""
    return await open_handoff(session, contact_id, reason, f"test:{contact_id}", {}, at)


async def tell(session: AsyncSession, contact_id: int, name: str, value: Any, sentence: str, at: datetime) -> None:
    """A value the customer told, with its sentence."""
    session.add(Answer(contact_id=contact_id, name=name, value=value, sentence=sentence, turn_key=f"t:{name}", at=at))
    await session.flush()


async def find_account(session: AsyncSession, email: str) -> int:
    account_id: int = (await session.execute(select(Account.id).where(Account.email == email))).scalar_one()
    return account_id
