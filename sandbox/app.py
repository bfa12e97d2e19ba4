"""A WhatsApp on your own machine: Meta's Graph API, customers with phones, and a page to play them.

Graph API (bearer token as configured; any version):
  POST /v25.0/{phone_number_id}/messages        send; also read receipts with typing indicator
  POST /v25.0/{phone_number_id}/media           upload; GET /v25.0/{media_id} gives an address, good for 5 minutes
  GET, POST, DELETE /v25.0/{waba_id}/message_templates; POST /v25.0/{template_id} edits one
  GET, POST, DELETE /v25.0/{waba_id}/subscribed_apps
  POST /v25.0/{phone_number_id}/register, /deregister
Control (JSON, no key: this belongs on your own machine only; everything is described under /docs):
  POST /control/inbound                         a customer writes: {"customer": "+39...", "text": "Ciao"} or a list
  GET, POST /control/customers ...              people, their chats, marketing switch, new number, phone off
  GET /control/messages                         every accepted send in order, with callback and states
  POST /control/faults                          trouble: {"code": 131056, "times": 3, "match": {"customer": "39..."}}
  POST /control/clock {"seconds"}               moves the time forward, Pronto's too
  GET /control/webhook, POST .../pause, /settle, /handshake, /raw
  PATCH /control/config, POST /control/token, /control/down, /control/reset, /control/templates/{id}/review, .../change
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.routing import BaseRoute, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from sandbox.answers import NoAnswer, PlainFailure, answer_error, answer_nothing, answer_plain
from sandbox.config import SandboxConfig
from sandbox.control import control_routes
from sandbox.errors import GraphError
from sandbox.graph import Graph
from sandbox.objects import Objects
from sandbox.pages import PAGE, page_routes
from sandbox.parts import build_parts
from sandbox.people import people_routes
from sandbox.troubles import trouble_routes

SENDS = re.compile(r"/v\d+\.\d+/(?P<phone_number_id>[^/]+)/(marketing_)?messages$")
GRAPH_PATH = re.compile(r"/v\d+\.\d+/|/media/")
GRAPH_ANSWERS: dict[Any, Any] = {GraphError: answer_error, NoAnswer: answer_nothing, PlainFailure: answer_plain}


class VersionConvertor(Convertor[str]):
    """A Graph API version in a path, like v25.0."""

    regex = r"v\d+\.\d+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("version", VersionConvertor())


class Sandbox(FastAPI):
    """Hands Graph API paths to a bare router before FastAPI's own layers, which cost as much as the send itself."""

    graph: Graph
    graph_router: Router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not GRAPH_PATH.match(scope["path"]):
            await super().__call__(scope, receive, send)
        elif scope["method"] == "POST" and (sends := SENDS.match(scope["path"])):
            await self.take_send({**scope, "path_params": sends.groupdict()}, receive, send)
        else:
            scope["starlette.exception_handlers"] = (GRAPH_ANSWERS, {})
            await self.graph_router(scope, receive, send)

    async def take_send(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The hot path, without a router."""
        request = Request(scope, receive, send)
        try:
            answer = await self.graph.post_message(request)
        except (GraphError, NoAnswer, PlainFailure) as error:
            answer = await GRAPH_ANSWERS[type(error)](request, error)
        await answer(scope, receive, send)


def create_app(config: SandboxConfig) -> FastAPI:
    """The whole sandbox as one app; its state lives in memory (app.state.parts)."""
    parts = build_parts(config)

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        await parts.webhooks.start()
        await parts.pronto.start()
        yield
        await parts.pronto.stop()
        await parts.webhooks.stop()

    app = Sandbox(title="Pronto sandbox", description=__doc__, lifespan=live)
    app.graph = parts.graph
    app.graph_router = Router(graph_routes(parts.objects))
    app.state.parts = parts
    for routes in (page_routes, control_routes, trouble_routes, people_routes):
        app.include_router(routes(parts))
    app.mount("/page", StaticFiles(directory=PAGE), name="page")
    return app


def graph_routes(objects: Objects) -> list[BaseRoute]:
    """The Graph API beside sending."""
    number = "/{version:version}/{phone_number_id}"
    account = "/{version:version}/{waba_id}"
    return [
        Route(f"{number}/media", objects.upload, methods=["POST"]),
        Route(f"{number}/register", objects.make_registration(True), methods=["POST"]),
        Route(f"{number}/deregister", objects.make_registration(False), methods=["POST"]),
        Route(f"{account}/message_templates", objects.list_templates, methods=["GET"]),
        Route(f"{account}/message_templates", objects.create_template, methods=["POST"]),
        Route(f"{account}/message_templates", objects.delete_template, methods=["DELETE"]),
        Route(f"{account}/subscribed_apps", objects.subscribe, methods=["GET", "POST", "DELETE"]),
        Route("/media/{token}", objects.download, methods=["GET"]),
        Route("/{version:version}/{object_id}", objects.get_object, methods=["GET"]),
        Route("/{version:version}/{object_id}", objects.edit_template, methods=["POST"]),
    ]
