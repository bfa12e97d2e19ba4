"""The pages as one part of the web app: mounted beside the machines' routes, running as long as it runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable
from functools import cache

from fastapi import APIRouter, FastAPI, Response
from nicegui import app as nicegui_app
from nicegui import ui
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from core.db import Sessions
from core.settings import Settings
from pages import account, audit, enter, people
from pages.guard import Guard
from pages.live import Live
from pages.look import FOLDER
from pages.missing import show_failed, show_missing
from pages.room import Room, get_room, open_room
from pages.watch import end_pages, keep_watch

__all__ = ["account", "audit", "people"]  # importing a page is what makes it one
logging.getLogger("nicegui").setLevel(logging.WARNING)


class PagesMount(Mount):
    """Pages under /, but never under the first part of a machine's path: a wrong method there is no page."""

    def __init__(self, app: Guard, machines: frozenset[str]) -> None:
        super().__init__("/", app)
        self.machines = machines

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] in ("http", "websocket") and scope["path"].split("/", 2)[1] in self.machines:
            return Match.NONE, {}
        return super().matches(scope)


def mount_pages(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Puts the pages behind every other route. routers: those for machines; what begins as their paths is no page."""
    paths = [getattr(route, "path", "/") for router in routers for route in router.routes]
    app.router.routes.append(PagesMount(Guard(build_pages()), frozenset(path.split("/")[1] for path in paths)))


@cache
def build_pages() -> FastAPI:
    """Plain pages and NiceGUI's. One per process, as NiceGUI is."""
    pages = FastAPI(title="Pronto's pages", docs_url=None, redoc_url=None, openapi_url=None)
    pages.mount("/_look", StaticFiles(directory=FOLDER))
    pages.include_router(enter.router)
    pages.add_api_route("/session", lambda: Response(status_code=204))
    ui.run_with(
        pages,
        root=show_missing,
        title="Pronto",
        favicon=FOLDER / "logo.svg",
        dark=None,
        tailwind=False,
        binding_refresh_interval=None,  # nothing here is bound to what changes behind its back
        reconnect_timeout=10,
        show_welcome_message=False,
    )
    nicegui_app.on_page_exception(show_failed)
    return pages


@contextlib.asynccontextmanager
async def running(sessions: Sessions, settings: Settings) -> AsyncIterator[None]:
    """Pages work while this is open: they hear what is new, and end with their sessions."""
    room = Room(settings, sessions, Live(settings.database_url))
    open_room(room)
    room.live.subscribe("account", lambda _: end_pages(get_room()))
    beside = [asyncio.create_task(room.live.follow()), asyncio.create_task(keep_watch(room))]
    pages = build_pages()
    async with pages.router.lifespan_context(pages):
        yield
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
