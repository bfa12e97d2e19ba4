"""How the Graph API answers: JSON, Meta's errors, and on demand nothing at all."""

from __future__ import annotations

import secrets
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from sandbox.errors import GraphError, error_body


class NoAnswer(Exception):  # noqa: N818  (it is no error of ours: the rule wants it)
    """The request never gets an answer; cut: its connection breaks at once."""

    def __init__(self, cut: bool) -> None:
        self.cut = cut


class PlainFailure(Exception):  # noqa: N818
    """An answer that is not Meta's JSON, as a proxy in between gives it."""

    def __init__(self, status: int) -> None:
        self.status = status


def json_answer(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")


async def answer_error(_: Request, error: GraphError) -> Response:
    """Meta's JSON for a GraphError."""
    trace = "A" + secrets.token_urlsafe(16)
    headers = {"x-fb-trace-id": trace}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token" "' + error.details + '"'
    return Response(orjson.dumps(error_body(error, trace)), error.status, headers, "application/json")


async def answer_plain(_: Request, error: PlainFailure) -> Response:
    return Response("Service temporarily unavailable", error.status, media_type="text/plain")


async def answer_nothing(request: Request, error: NoAnswer) -> Response:
    """Keeps the connection open until the caller gives up, or cuts it in the middle of an answer."""
    if not error.cut:
        while (await request.receive())["type"] != "http.disconnect":
            pass
    return CutAnswer(headers={"Content-Length": "200"})


class CutAnswer(Response):
    """An answer that stops after its first bytes; the server then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b'{"messaging_product":"what', "more_body": True})
