"""The web app: WhatsApp's webhook, Rasa's custom actions, the API for other systems, tracked links."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import psycopg
from fastapi import FastAPI

from core import clock
from core.db import Sessions, listen, open_engine, open_sessions
from core.settings import Settings
from offers.catalogue import load_catalogue
from webhook import actions, api, health, links, meta

log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """The app on the database of settings.database_url, which has the newest schema (core.db.migrate)."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = open_engine(settings.database_url, connections=20)
        sessions = open_sessions(engine)
        app.state.sessions = sessions
        async with sessions() as session:
            await clock.sync_clock(session)
            await load_catalogue(session)
            await session.commit()
        following = asyncio.create_task(follow_clock(settings.database_url, sessions))
        async with actions.running(sessions, settings), meta.running(app, sessions, settings):
            yield
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await engine.dispose()

    app = meta.App(title="Pronto", lifespan=lifespan, docs_url="/api/docs", openapi_url="/api/openapi.json")
    app.state.settings = settings
    for router in (actions.router, api.router, links.router, health.router):
        app.include_router(router)
    return app


async def follow_clock(url: str, sessions: Sessions) -> None:
    """Keeps this process's clock with the database's, and with the demo's when someone moves it."""
    while True:
        try:
            async for _ in listen(url, "clock"):
                async with sessions() as session:
                    await clock.sync_clock(session)
        except psycopg.OperationalError as error:
            log.warning("the database is away, the clock runs on alone: %s", error)
            await asyncio.sleep(1)
