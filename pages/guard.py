"""Stands before every page: who comes, may they, and what the browser is told about safety."""

from __future__ import annotations

import logging
from urllib.parse import quote

from nicegui import __version__ as nicegui_version
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accounts.sessions import Visitor, read_visitor
from pages.origin import COMMON_HEADERS, LIVE_POLICY, SAFE_METHODS, is_own
from pages.room import VISIT, Room, Visit, get_room, read_time
from pages.words import choose_language

log = logging.getLogger(__name__)

FILES = (f"/_nicegui/{nicegui_version}/", "/_look/")  # programs and styles, the same for everybody
OPEN = ("/login", "/logout", "/invite/", "/enter/", "/favicon.ico")
SOCKET = "/_nicegui_ws/"  # also where it is no WebSocket but asks again and again
YEAR = "public, max-age=31536000, immutable"


class Guard:
    """ASGI: lets our own pages' requests of people who are logged in through, with their Visit set."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, room, headers = scope["path"], get_room(), Headers(scope=scope)
        if scope["type"] == "websocket":
            visit = await read_visit(room, scope, headers)
            if visit is None or visit.visitor is None or not is_own(headers, room.settings.public_url):
                await send({"type": "websocket.close", "code": 4401})
                return
            VISIT.set(visit)
            await self.app(scope, receive, send)
            return
        answer: ASGIApp = self.app
        if not path.startswith(FILES):
            answer = await self.check(room, scope, headers) or self.app
        await answer(scope, receive, with_headers(send, path))

    async def check(self, room: Room, scope: Scope, headers: Headers) -> Response | None:
        """The answer to a request that may not pass; None if it may."""
        changes = scope["method"] not in SAFE_METHODS or scope["path"].startswith(SOCKET)
        if changes and not is_own(headers, room.settings.public_url):
            return PlainTextResponse("this did not come from a page of Pronto", 403)
        visit = await read_visit(room, scope, headers)
        if visit is None:
            return PlainTextResponse("Pronto's database is away. Try again in a moment.", 503, {"Retry-After": "5"})
        VISIT.set(visit)
        path = scope["path"]
        if visit.visitor is not None or path.startswith(OPEN):
            return None
        if scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            query = scope["query_string"].decode("latin-1")
            wanted = path + (f"?{query}" if query else "")
            return RedirectResponse("/login" + (f"?next={quote(wanted)}" if wanted != "/" else ""), 303)
        return PlainTextResponse("log in first", 401)


async def read_visit(room: Room, scope: Scope, headers: Headers) -> Visit | None:
    """Who makes this request, in which language; None if the database cannot tell."""
    token = cookie_parser(headers.get("cookie", "")).get(cookie_name(room), "")
    visitor: Visitor | None = None
    if token:
        try:
            async with room.sessions() as session:
                visitor = await read_visitor(session, token, room.secret, read_time(), room.lifetime)
        except (OperationalError, InterfaceError, PoolTimeoutError) as error:
            log.warning("the database is away: %s", type(error).__name__)
            return None
    chosen = visitor.language if visitor else None
    language = chosen or choose_language(headers.get("accept-language", ""), room.settings.language)
    return Visit(visitor, language, (scope.get("client") or ("unknown",))[0])


def with_headers(send: Send, path: str) -> Send:
    """Adds what every answer tells the browser; an answer's own word on a matter stands."""

    async def send_with(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in {**COMMON_HEADERS, "Content-Security-Policy": LIVE_POLICY}.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", YEAR if path.startswith(FILES) else "no-store")
        await send(message)

    return send_with


def is_secure(room: Room) -> bool:
    return room.settings.public_url.startswith("https://")


def cookie_name(room: Room) -> str:
    """__Host- makes browsers refuse the cookie from anywhere but this very host over TLS."""
    return "__Host-pronto" if is_secure(room) else "pronto"


def set_cookie(answer: Response, room: Room, token: str) -> None:
    """Gives the browser its session; an empty token takes it away."""
    age = int(room.lifetime.whole.total_seconds()) if token else 0
    answer.set_cookie(
        cookie_name(room), token, max_age=age, path="/", httponly=True, samesite="lax", secure=is_secure(room)
    )
