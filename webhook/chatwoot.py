"""What Chatwoot tells: the address of its webhook, for the inbox and for the account."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from core import clock
from inbox.chatwoot.hear import MessageCreated, StatusChanged, hear_message, hear_status, is_chatwoot
from pages.room import read_time
from webhook.deps import AppSettings, Session

router = APIRouter(tags=["handoffs"])
MOST = 2 * 1024 * 1024  # bytes


@router.post("/chatwoot/webhook", include_in_schema=False)
async def take_event(request: Request, session: Session, settings: AppSettings, key: str = "") -> dict[str, bool]:
    """200 once it is stored, also for what is none of our business; `heard` tells whether it was."""
    body = await request.body()
    timestamp, signature = (request.headers.get(f"x-chatwoot-{name}", "") for name in ("timestamp", "signature"))
    if len(body) > MOST:
        raise HTTPException(413)
    if not is_chatwoot(settings, body, timestamp, signature, key, read_time()):
        raise HTTPException(401, "sign with PRONTO_CHATWOOT_SECRET, or add ?key= and it to the webhook's address")
    try:
        told = orjson.loads(body)
        event = told.get("event") if isinstance(told, dict) else None
        if event == "message_created":
            heard = await hear_message(session, settings, MessageCreated.model_validate(told), clock.now())
        elif event == "conversation_status_changed":
            heard = await hear_status(session, settings, StatusChanged.model_validate(told), clock.now())
        else:
            heard = False
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise HTTPException(400, "not an event of Chatwoot's") from error
    await session.commit()
    return {"heard": heard}
