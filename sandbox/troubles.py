"""Trouble by HTTP: fault rules under /control/faults, the switch "down", and the ways of webhooks."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

import httpx
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from sandbox.faults import Fate, Fault
from sandbox.graph import Graph
from sandbox.parts import Parts
from sandbox.payloads import encode, envelope
from sandbox.webhooks import Post, Webhooks
from sandbox.world import World

DOWN = -1  # id of the rule behind the switch "WhatsApp is down"


class FaultRule(BaseModel):
    """Trouble to come. Say what (code, http_status, timeout, drop, held, delay_ms) and when (times, every, always).

    timeout and drop tell the message's fate: "accepted" (counted as sent, statuses come) or "lost".
    drop_after_accept is short for drop="accepted". match: customer, type, template, callback, contains.
    """

    model_config = ConfigDict(extra="forbid")

    code: int | None = None
    http_status: int | None = Field(None, ge=400, le=599)
    details: str = ""
    late: bool = Field(False, description="the code comes as a `failed` status after a 200")
    timeout: Fate | None = None
    drop: Fate | None = None
    drop_after_accept: bool = False
    held: bool = False
    delay_ms: int = Field(0, ge=0)
    times: int | None = Field(None, ge=1)
    every: int | None = Field(None, ge=1)
    always: bool = False
    match: dict[Literal["customer", "type", "template", "callback", "contains"], str] = {}


class Raw(BaseModel):
    """A webhook of your own: a whole body (JSON or text), or one change's field and value."""

    body: Any = None
    field: str = "messages"
    value: Any = None
    signature: Literal["right", "wrong", "none"] = "right"


class Switch(BaseModel):
    on: bool


def trouble_routes(parts: Parts) -> APIRouter:
    """Faults and webhooks under /control."""
    router = APIRouter(prefix="/control")
    add_fault_routes(router, parts.graph, parts.webhooks)
    add_webhook_routes(router, parts.world, parts.webhooks)
    return router


def add_fault_routes(router: APIRouter, graph: Graph, webhooks: Webhooks) -> None:
    @router.get("/faults")
    async def list_faults() -> list[Fault]:
        return graph.faults

    @router.post("/faults")
    async def add_fault(rule: FaultRule) -> Fault:
        """Adds a rule; the first that matches a send strikes. Without times, every or always it strikes once."""
        values = rule.model_dump(exclude={"drop_after_accept", "always"})
        if rule.drop_after_accept:
            values["drop"] = "accepted"
        other = (values["http_status"], values["timeout"], values["drop"], rule.held, rule.delay_ms)
        if values["code"] is None and not any(other):
            raise HTTPException(422, "say what goes wrong: code, http_status, timeout, drop, held or delay_ms")
        if not (rule.always or rule.every or rule.times):
            values["times"] = 1
        fault = Fault(id=len(graph.faults) + int(time.time() * 1000), **values)
        graph.faults.append(fault)
        return fault

    @router.delete("/faults")
    async def clear_faults() -> dict[str, bool]:
        graph.faults.clear()
        webhooks.pause(False)
        return {"success": True}

    @router.delete("/faults/{fault_id}")
    async def drop_fault(fault_id: int) -> dict[str, bool]:
        graph.faults[:] = [fault for fault in graph.faults if fault.id != fault_id]
        return {"success": True}

    @router.post("/down")
    async def switch_down(switch: Switch) -> dict[str, bool]:
        """WhatsApp is down: sends get 503 (131016) and no webhook leaves until it is up again."""
        graph.faults[:] = [fault for fault in graph.faults if fault.id != DOWN]
        if switch.on:
            graph.faults.insert(0, Fault(id=DOWN, code=131016, http_status=503))
        webhooks.pause(switch.on)
        graph.world.live.publish({"kind": "down", "on": switch.on})
        return {"on": switch.on}


def add_webhook_routes(router: APIRouter, world: World, webhooks: Webhooks) -> None:
    @router.get("/webhook")
    async def read_webhook() -> dict[str, Any]:
        """How the delivery of webhooks stands."""
        return {"url": world.config.webhook_url, "paused": not webhooks.open.is_set(), **vars(webhooks.counts)}

    @router.post("/webhook/pause")
    async def pause_webhook(switch: Switch) -> dict[str, bool]:
        """Keeps webhooks back, or lets them go."""
        webhooks.pause(switch.on)
        return {"on": switch.on}

    @router.post("/webhook/settle")
    async def settle_webhook(seconds: Annotated[float, Query(gt=0, le=300)] = 30) -> dict[str, bool]:
        """Waits until every status and message has reached the application."""
        return {"settled": await webhooks.settle(seconds)}

    @router.post("/webhook/handshake")
    async def shake_hands() -> dict[str, bool]:
        """Asks the application to verify itself, as Meta does when a callback is set up."""
        return {"verified": await webhooks.shake_hands()}

    @router.post("/webhook/raw")
    async def send_raw(raw: Raw) -> Response:
        """Sends any body, well or badly signed, once, and hands the application's answer back."""
        wrapped = envelope(world.config.waba_id, [{"field": raw.field, "value": raw.value}])
        body = raw.body if raw.body is not None else wrapped
        data = body.encode() if isinstance(body, str) else encode(body)
        signature = {"right": None, "wrong": "sha256=" + "0" * 64, "none": ""}[raw.signature]
        try:
            answer = await webhooks.request(Post(data, signature=signature))
        except httpx.HTTPError as error:
            raise HTTPException(502, type(error).__name__) from None
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
