"""The web app: WhatsApp's webhook, Rasa's custom actions, the API for other systems, tracked links, pages."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import psycopg
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

import campaigns.pages.pages  # noqa: F401
import inbox.pages  # noqa: F401
import pages.app
import studio.pages  # noqa: F401  (importing a page is what makes it one)
from core import clock
from core.db import Sessions, listen, open_engine, open_sessions
from core.settings import Settings
from offers.catalogue import load_catalogue
from webhook import (
    actions,
    api,
    campaigns_api,
    campaigns_deeds,
    chatwoot,
    health,
    inbox_api,
    links,
    media,
    meta,
    stock,
)
from whatsapp.door import BEAT_SECONDS, beat_door, open_door

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
            door_id = await open_door(session, clock.now())
            await session.commit()
        beside = [
            asyncio.create_task(follow_clock(settings.database_url, sessions)),
            asyncio.create_task(keep_door(sessions, door_id)),
        ]
        async with (
            actions.running(sessions, settings),
            meta.running(app, sessions, settings),
            pages.app.running(sessions, settings),
        ):
            yield
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await engine.dispose()

    app = meta.App(title="Pronto", lifespan=lifespan, docs_url="/api/docs", openapi_url="/api/openapi.json")
    app.state.settings = settings
    desks = (inbox_api.router, chatwoot.router)
    machines = (campaigns_api.router, campaigns_deeds.router, stock.router, links.router, media.router, health.router)
    routers = (actions.router, api.router, *desks, *machines)
    for router in routers:
        app.include_router(router)
    pages.app.mount_pages(app, routers)
    return app


async def keep_door(sessions: Sessions, door_id: int) -> None:
    """Writes down every few seconds that webhooks can come in."""
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        try:
            async with sessions.begin() as session:
                await beat_door(session, door_id, clock.now())
        except (SQLAlchemyError, OSError) as error:
            log.warning("the database is away: %s", type(error).__name__)


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
