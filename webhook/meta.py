"""WhatsApp's webhook: the handshake, and deliveries that are stored before they are answered."""

from __future__ import annotations

import contextlib
import hmac
import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from conversations.intake import Intake, StoreDownError
from core.db import Sessions
from core.settings import Settings
from whatsapp.parse import ParseError, parse_webhook
from whatsapp.signature import verify_signature

log = logging.getLogger(__name__)

MAX_BODY = 3 * 1024 * 1024  # what Meta sends at most


class App(FastAPI):
    """FastAPI, but what WhatsApp sends goes past its layers: they cost more than the work itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/webhook":
            scope["app"] = self
            answer = await answer_whatsapp(Request(scope, receive))
            await answer(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@contextlib.asynccontextmanager
async def running(app: FastAPI, sessions: Sessions, settings: Settings) -> AsyncIterator[None]:
    """Takes deliveries in while the app runs, and finishes the last commit before it stops."""
    app.state.intake = Intake(sessions, settings.burst_seconds, settings.phone_number_id)
    yield
    await app.state.intake.finish()


async def answer_whatsapp(request: Request) -> Response:
    """A delivery, or the handshake before the first one."""
    match request.method:
        case "POST":
            return await take_delivery(request)
        case "GET" | "HEAD":
            return answer_handshake(request)
    return PlainTextResponse("method not allowed", 405, headers={"Allow": "GET, HEAD, POST"})


def answer_handshake(request: Request) -> Response:
    """Meta checks that the webhook is ours: the right word brings its challenge back, anything else 403."""
    settings: Settings = request.app.state.settings
    query = request.query_params
    given, expected = query.get("hub.verify_token", ""), settings.verify_token.get_secret_value()
    known = hmac.compare_digest(given.encode(errors="replace"), expected.encode())
    challenge = query.get("hub.challenge", "")
    if not (known and expected and challenge and query.get("hub.mode") == "subscribe"):
        return PlainTextResponse("forbidden", 403)
    return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})


async def take_delivery(request: Request) -> Response:
    """200 once everything in the body is stored; 503 if the store is away, so that Meta delivers again."""
    settings: Settings = request.app.state.settings
    try:
        body = await read_body(request)
    except ClientDisconnect:
        return Response(status_code=400)
    if body is None:
        return PlainTextResponse("too large", 413, headers={"Connection": "close"})
    secret = settings.app_secret.get_secret_value()
    if not verify_signature(secret, body, request.headers.get("x-hub-signature-256")):
        log.warning("delivery refused: signature missing or wrong; is PRONTO_APP_SECRET the secret of the Meta app?")
        return PlainTextResponse("signature missing or wrong", 401)
    try:
        updates = parse_webhook(body)
    except ParseError as error:
        log.warning("signed delivery refused: %s", error)
        return PlainTextResponse(str(error), 400)
    if updates:
        intake: Intake = request.app.state.intake
        try:
            await intake.store(updates)
        except StoreDownError:
            return PlainTextResponse("not stored, deliver again", 503, headers={"Retry-After": "5"})
    return PlainTextResponse("ok")


async def read_body(request: Request) -> bytes | None:
    """The raw bytes, or None as soon as they are more than Meta sends."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and (len(announced) > 12 or int(announced) > MAX_BODY):
        return None
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
