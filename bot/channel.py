"""Pronto's door to Rasa: one message in, one answer out, and the same message id never counts twice."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.action_endpoint import watch_failures
from bot.answer import build_answer, find_turn
from bot.order import Order, OrderError, read_order
from bot.tracker_store import ProntoTrackerStore, StaleConversationError

log = logging.getLogger(__name__)


class NotNowError(Exception):
    """The turn could not be done and nothing of it is stored; asking again is safe. Answered with 503."""


class ProntoInput(InputChannel):
    """POST /webhooks/pronto/webhook and GET /webhooks/pronto/, both described in bot/README.md."""

    @classmethod
    def name(cls) -> str:
        return "pronto"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ProntoInput:
        return cls()

    def __init__(self) -> None:
        self._token = os.environ.get("PRONTO_INTERNAL_TOKEN", "")
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Rasa's handler of messages is not used: a repeat must be seen before the tracker moves."""
        blueprint = Blueprint("pronto_webhook")

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = _read_agent(request)
            if agent is None:
                return response.json({"status": "starting"}, status=503)
            return response.json({"status": "ok", "model": agent.model_name})

        @blueprint.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_ours(request):
                return response.json({"error": "wrong or missing bearer token"}, status=401)
            agent = _read_agent(request)
            if agent is None:
                return response.json({"error": "no model is loaded yet"}, status=503)
            try:
                return response.json(await self._answer(agent, read_order(request.body)))
            except OrderError as error:
                return response.json({"error": str(error)}, status=400)
            except NotNowError as error:
                log.warning("turn not done: %s", error)
                return response.json({"error": str(error)}, status=503)

        return blueprint

    def _is_ours(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return bool(self._token) and hmac.compare_digest(given, f"Bearer {self._token}".encode())

    async def _answer(self, agent: Agent, order: Order) -> dict[str, Any]:
        """The answer, recorded or new; one message of a conversation at a time."""
        store = _open_store(agent)
        lock = self._locks.setdefault(order.sender, asyncio.Lock())
        async with lock:
            for last_try in (False, True):
                try:
                    return await _do_turn(agent, store, order)
                except StaleConversationError as error:
                    if last_try:
                        raise NotNowError("another server holds this conversation") from error
                except SQLAlchemyError as error:
                    store.forget(order.sender)
                    raise NotNowError(f"database: {type(error).__name__}") from error
                except BaseException:
                    store.forget(order.sender)
                    raise
        raise AssertionError("unreachable")


async def _do_turn(agent: Agent, store: ProntoTrackerStore, order: Order) -> dict[str, Any]:
    processor = agent.processor
    output = CollectingOutputChannel()
    failures = watch_failures()
    tracker = await processor.fetch_tracker_and_update_session(order.sender, output)
    if find_turn(tracker, order.message_id) is not None:
        return build_answer(tracker, order.message_id, agent.domain, replayed=True)
    _set_slots(tracker, order.slots)
    message = UserMessage(order.text, output, order.sender, None, ProntoInput.name(), order.message_id, order.metadata)
    await processor._handle_message_with_tracker(message, tracker)
    tracker = await processor.run_action_extract_slots(output, tracker)
    await processor._run_prediction_loop(output, tracker)
    if failures:
        store.forget(order.sender)
        raise NotNowError("actions: " + "; ".join(failures))
    await store.save(tracker)
    return build_answer(tracker, order.message_id, agent.domain, replayed=False)


def _set_slots(tracker: DialogueStateTracker, slots: dict[str, Any]) -> None:
    """Before understanding, so that language and proposal count for this very message; unknown slots are ignored."""
    for name, value in slots.items():
        if name in tracker.slots and tracker.slots[name].value != value:
            tracker.update(SlotSet(name, value))


def _open_store(agent: Agent) -> ProntoTrackerStore:
    """The store without Rasa's safety net, which would keep a turn in memory only when the database is away."""
    if isinstance(agent.tracker_store, FailSafeTrackerStore):
        agent.tracker_store = agent.processor.tracker_store = agent.tracker_store._tracker_store
    return agent.tracker_store


def _read_agent(request: Request) -> Agent | None:
    agent = getattr(request.app.ctx, "agent", None)
    return agent if agent is not None and agent.is_ready() else None
