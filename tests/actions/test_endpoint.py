"""Rasa's door to the actions, over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from core.db import Sessions
from core.settings import Settings
from webhook import actions


@pytest_asyncio.fixture
async def client(connected: Sessions, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.sessions, app.state.settings = connected, settings
    app.include_router(actions.router)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    bearer = {"Authorization": f"Bearer {settings.internal_token()}"}
    async with (
        actions.running(connected, settings),
        httpx.AsyncClient(base_url=address, headers=bearer, trust_env=False) as client,
    ):
        yield client
    server.should_exit = True
    await serving


def make_call(action: str, token: str = "ada") -> dict[str, Any]:
    """What Rasa posts; it leaves out the domain."""
    message = {"message_id": "t1", "text": "ciao", "intent": {"name": "greet"}, "entities": []}
    tracker = {"sender_id": f"{token}.1", "slots": {"language": "it"}, "latest_message": message, "events": []}
    return {"next_action": action, "sender_id": f"{token}.1", "tracker": tracker}


async def test_an_action_answers_with_events_and_texts(client: httpx.AsyncClient) -> None:
    answer = await client.post("/actions/webhook", json=make_call("action_propose_person"))
    assert answer.status_code == 200
    assert answer.json()["events"][0]["value"] == "person"
    assert answer.json()["responses"][0]["response"] == "utter_propose_person"


async def test_a_caller_without_the_token_is_refused(client: httpx.AsyncClient) -> None:
    call = make_call("action_propose_person")
    answer = await client.post("/actions/webhook", json=call, headers={"Authorization": "Bearer demo"})
    assert answer.status_code == 401


async def test_an_unknown_action_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/actions/webhook", json=make_call("action_dance"))
    assert (answer.status_code, answer.json()["action_name"]) == (404, "action_dance")


async def test_a_conversation_with_nobody_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/actions/webhook", json=make_call("action_session_start", "nobody"))
    assert answer.status_code == 422
