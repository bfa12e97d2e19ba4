"""The phone page: its files, live updates, and what it asks of Pronto."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import orjson
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from sandbox.graph import Graph
from sandbox.ladder import Ladder
from sandbox.objects import serve_file
from sandbox.parts import Parts
from sandbox.people import find, show_customers
from sandbox.troubles import DOWN
from sandbox.world import World

PAGE = Path(__file__).parent / "page"
BEAT_SECONDS = 15
FIRST = "energy_value"  # what is written first to somebody nothing is known about
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src * data: blob:; media-src * blob:; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_routes(parts: Parts) -> APIRouter:
    """The page at / and its needs under /control."""
    router = APIRouter()
    world, graph = parts.world, parts.graph

    @router.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def show_page() -> HTMLResponse:
        """The state comes inside the page, so that the first paint needs no second request."""
        state = orjson.dumps(read_state(world, graph)).decode().replace("<", "\\u003c")
        html = (PAGE / "index.html").read_text(encoding="utf-8")
        return HTMLResponse(html.replace("/*state*/null", state), headers=HEADERS)

    @router.get("/control/state")
    async def show_state() -> dict[str, Any]:
        """What the page starts from."""
        return read_state(world, graph)

    @router.get("/control/live")
    async def follow(request: Request, customer: str = "") -> StreamingResponse:
        """Server-sent events; while this is open for a customer, that chat counts as looked at."""
        return StreamingResponse(
            stream_events(world, parts.ladder, request, customer),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    @router.get("/control/media/{media_id}")
    async def show_media(request: Request, media_id: str) -> Response:
        """A file of a message, for the page (the Graph API's own way needs the token)."""
        file = world.media.files.get(media_id)
        if file is None:
            raise HTTPException(404, "no such file")
        return serve_file(request, file)

    @router.get("/control/customers/{key}/pronto")
    async def read_contact(key: str, language: Literal["it", "de", "en"] = "en") -> dict[str, Any]:
        """What Pronto knows about this customer; the receipt's words in this language."""
        return await parts.pronto.read_contact(find(world, key), language)

    @router.post("/control/customers/{key}/first")
    async def write_first(key: str, template: str | None = None) -> dict[str, Any]:
        """Lets Pronto write first, with the template that fits the customer or another one."""
        customer = find(world, key)
        return await parts.pronto.write_first(customer, template or customer.template or FIRST)

    return router


def read_state(world: World, graph: Graph) -> dict[str, Any]:
    return {
        "business": world.config.business_name,
        "pages": world.config.pronto_url,
        "now": world.now(),
        "moved_seconds": world.moved_seconds,
        "down": any(fault.id == DOWN for fault in graph.faults),
        "customers": show_customers(world),
    }


async def stream_events(world: World, ladder: Ladder, request: Request, key: str) -> AsyncIterator[bytes]:
    customer = world.find_customer(key) if key else None
    queue = world.live.listen()
    try:
        if customer:
            customer.watching += 1
            ladder.read_chat(customer)
        yield b": hello\n\n"
        while not await request.is_disconnected():
            try:
                event = await asyncio.wait_for(queue.get(), BEAT_SECONDS)
            except TimeoutError:
                yield b": beat\n\n"
                continue
            yield b"data: " + orjson.dumps(event) + b"\n\n"
    finally:
        world.live.leave(queue)
        if customer:
            customer.watching -= 1
