"""The API and the links behind a real HTTP server, and a client with the key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from core.db import Sessions
from core.settings import Settings
from offers.catalogue import load_catalogue
from webhook import api, campaigns_api, campaigns_deeds, inbox_api, links, media, stock


@pytest_asyncio.fixture
async def address(sessions: Sessions, settings: Settings) -> AsyncIterator[str]:
    """Where a server with the routes under test listens."""
    async with sessions.begin() as session:
        await load_catalogue(session)
    app = FastAPI()
    app.state.sessions, app.state.settings = sessions, settings
    app.include_router(api.router)
    app.include_router(inbox_api.router)
    app.include_router(campaigns_api.router)
    app.include_router(campaigns_deeds.router)
    app.include_router(stock.router)
    app.include_router(links.router)
    app.include_router(media.router)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


@pytest_asyncio.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer demo"}
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=30) as client:
        yield client
