"""The yardstick of accepting: a FastAPI route that reads a JSON body and stores it in one committed INSERT.

No ORM and one round trip (autocommit), so nothing that is durable can be much faster on this stack.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

import psycopg
import uvicorn
from fastapi import FastAPI, Request
from psycopg.types.json import Jsonb

CONNECTIONS = 20  # as many as Pronto's web app has
TABLE = "CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb)"
INSERT = "INSERT INTO bare (body) VALUES (%s)"


def create_app(url: str) -> FastAPI:
    free: asyncio.LifoQueue[psycopg.AsyncConnection] = asyncio.LifoQueue()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        for _ in range(CONNECTIONS):
            free.put_nowait(await psycopg.AsyncConnection.connect(url, autocommit=True))
        async with borrowed() as connection:
            await connection.execute(TABLE)
        yield
        while not free.empty():
            await free.get_nowait().close()

    @contextlib.asynccontextmanager
    async def borrowed() -> AsyncIterator[psycopg.AsyncConnection]:
        connection = await free.get()
        try:
            yield connection
        finally:
            free.put_nowait(connection)

    app = FastAPI(lifespan=lifespan)

    @app.post("/webhook")
    async def store(request: Request) -> dict[str, bool]:
        body = await request.json()
        async with borrowed() as connection:
            await connection.execute(INSERT, (Jsonb(body),))
        return {"stored": True}

    @app.get("/healthz")
    async def answer() -> dict[str, bool]:
        return {"ok": True}

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvicorn.run(
        create_app(os.environ["PRONTO_DATABASE_URL"]),
        host="127.0.0.1",
        port=parser.parse_args().port,
        access_log=False,
        log_level="warning",
    )
