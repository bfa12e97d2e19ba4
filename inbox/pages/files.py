"""Files of conversations for people who are logged in: shown where they stand, and taken from agents to be sent."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import HTTPException, Request, Response
from fastapi.responses import PlainTextResponse
from nicegui import app
from starlette.requests import ClientDisconnect

from accounts.sessions import Visitor, require_role
from core import clock
from inbox.attachments import SAFE_INLINE, attach, read_attachment, store_upload
from inbox.pages.parts import WORDS
from inbox.pages.read import read_chat
from inbox.reply import reply
from inbox.words import RefusedError
from pages.page import WORDS as PAGE_WORDS
from pages.room import VISIT, get_room
from pages.words import Words
from whatsapp.media import MOST_BYTES

# Whatever a customer sent can do nothing here: no scripts, no forms, no origin. PDF viewers do not work in a sandbox.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; object-src 'self'"


@app.get("/inbox/files/{attachment_id}", include_in_schema=False)
async def send_file(attachment_id: int) -> Response:
    """The bytes; what is not known to be harmless is offered for download only."""
    visitor = find_visitor()
    async with get_room().sessions() as session:
        await require_role(session, visitor)
        found = await read_attachment(session, attachment_id)
    if found is None or found.data is None:
        raise HTTPException(404)
    inline = found.mime_type in SAFE_INLINE
    shows = "inline" if inline else "attachment"
    headers = {
        "Content-Disposition": f"{shows}; filename*=UTF-8''{quote(found.name or 'file')}",
        "Content-Security-Policy": POLICY if found.mime_type == "application/pdf" else f"{POLICY}; sandbox",
        "Cache-Control": "private, max-age=600",
    }
    return Response(found.data, media_type=found.mime_type if inline else "application/octet-stream", headers=headers)


@app.post("/inbox/files", include_in_schema=False)
async def take_file(request: Request, chat: str, name: str, key: str, caption: str = "") -> Response:
    """Keeps a file (the body) and queues it as the agent's answer, both or neither; what is wrong as words with 409."""
    visitor, room = find_visitor(), get_room()
    words = Words(VISIT.get().language, PAGE_WORDS, WORDS)
    try:
        data = await read_body(request)
    except ClientDisconnect:
        raise HTTPException(400) from None
    kind, now = request.headers.get("content-type", ""), clock.now()
    try:
        async with room.sessions.begin() as session:
            await require_role(session, visitor)
            row = await read_chat(session, chat)
            if row is None or row.handoff_id is None:
                return PlainTextResponse(words("assistant_answers"), 409)
            stored = await store_upload(session, row.contact_id, visitor.account_id, name[:200], kind, data, now)
            media = (attach(stored, caption.strip() or None),)
            by, settings = visitor.account_id, room.settings
            queued = await reply(session, settings, row.handoff_id, by, "", f"file:{key[:40]}", now, media)
            if not queued:  # the same press of the button came twice: the file is kept once
                await session.delete(stored)
    except RefusedError as error:
        return PlainTextResponse(error.say(words.language, room.settings.timezone), 409)
    return Response(status_code=204)


async def read_body(request: Request) -> bytes:
    """The body, but no more of it than WhatsApp would take, by which it is known to be too long."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            break
    return bytes(data)


def find_visitor() -> Visitor:
    visitor = VISIT.get().visitor
    if visitor is None:  # the guard lets nobody through who is not logged in
        raise HTTPException(401)
    return visitor
