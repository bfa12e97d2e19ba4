"""The strings of the sandbox: what tests and the phone page pull. JSON under /control, described in /docs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from sandbox.errors import GraphError
from sandbox.inbound import Inbound
from sandbox.parts import Parts
from sandbox.payloads import category_change, quality_change
from sandbox.view import show_bubble
from sandbox.world import Message

GOOD = {"REINSTATED": "APPROVED", "UNPAUSED": "APPROVED"}


class ByHand(BaseModel):
    status: Literal["sent", "delivered", "read", "played", "failed"]
    code: int | None = None


class Review(BaseModel):
    status: Literal["APPROVED", "REJECTED", "PAUSED", "DISABLED", "PENDING", "FLAGGED", "REINSTATED"]
    reason: str = "NONE"


class Change(BaseModel):
    quality: Literal["GREEN", "YELLOW", "RED", "UNKNOWN"] | None = None
    category: Literal["MARKETING", "UTILITY", "AUTHENTICATION"] | None = None


class Clock(BaseModel):
    seconds: float = Field(ge=0)


class Token(BaseModel):
    state: Literal["valid", "expired", "revoked"]


def control_routes(parts: Parts) -> APIRouter:
    """Clock, settings, templates and messages under /control."""
    router = APIRouter(prefix="/control")
    world = parts.world
    add_message_routes(router, parts)

    @router.post("/clock")
    async def move_clock(clock: Clock) -> dict[str, Any]:
        """Moves the sandbox's clock forward, and Pronto's demo clock if the sandbox knows where Pronto is."""
        world.moved_seconds += clock.seconds
        told = await parts.pronto.move_clock(clock.seconds) if world.config.pronto_url else None
        world.live.publish({"kind": "clock", "now": world.now()})
        return {"now": world.now(), "moved_seconds": world.moved_seconds, "pronto": told}

    @router.get("/clock")
    async def read_clock() -> dict[str, Any]:
        return {"now": world.now(), "moved_seconds": world.moved_seconds}

    @router.post("/reset")
    async def reset() -> dict[str, bool]:
        """Forgets customers, messages, templates, faults and what waits; settings and clock stay."""
        parts.webhooks.forget()
        parts.webhooks.pause(False)
        parts.graph.reset()
        world.reset()
        return {"success": True}

    @router.get("/config")
    async def read_config() -> dict[str, Any]:
        return world.config.show()

    @router.patch("/config")
    async def change_config(values: dict[str, Any]) -> dict[str, Any]:
        """Changes delays, limits and the ways of webhooks while running."""
        try:
            world.config.change(values)
        except (ValueError, TypeError) as error:
            raise HTTPException(422, str(error)) from None
        return world.config.show()

    @router.post("/token")
    async def change_token(token: Token) -> dict[str, bool]:
        """Lets the access token expire (190/463), be revoked, or be good again."""
        world.token_state = token.state
        return {"success": True}

    @router.post("/templates/{template_id}/review")
    async def review_template(template_id: str, review: Review) -> dict[str, Any]:
        """Approves, rejects, pauses ... a template and tells the application."""
        template = world.templates.get(template_id)
        if template is None:
            raise HTTPException(404, "no such template")
        parts.objects.review(template, review.status, review.reason)
        template.status = GOOD.get(review.status, review.status)
        return template.as_meta()

    @router.post("/templates/{template_id}/change")
    async def change_template(template_id: str, change: Change) -> dict[str, Any]:
        """Gives a template another quality or category, as WhatsApp does without asking, and tells the application."""
        template = world.templates.get(template_id)
        if template is None:
            raise HTTPException(404, "no such template")
        if change.quality:
            before, template.quality = template.quality, change.quality
            parts.objects.report(quality_change(template, before))
        if change.category:
            before, template.category = template.category, change.category
            parts.objects.report(category_change(template, before))
        return template.as_meta()

    return router


def add_message_routes(router: APIRouter, parts: Parts) -> None:
    world = parts.world

    @router.post("/inbound")
    async def send_inbound(message: Inbound | list[Inbound], together: bool = False) -> dict[str, Any]:
        """A customer writes: one message or several; together: all in one webhook."""
        try:
            sent = parts.phones.send(message if isinstance(message, list) else [message], together)
        except KeyError as error:
            raise HTTPException(422, f"no such file: {error}") from None
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return {"wamids": [one.wamid for one in sent], "customer": sent[0].customer if sent else None}

    @router.get("/messages")
    async def list_accepted(
        since: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=100_000)] = 1000,
        direction: Literal["out", "in"] = "out",
    ) -> dict[str, Any]:
        """All sends the sandbox accepted, in order (or what customers sent); since: skip so many."""
        rows = world.accepted if direction == "out" else world.inbound
        return {"total": len(rows), "messages": [show_message(one) for one in rows[since : since + limit]]}

    @router.get("/calls")
    async def list_calls() -> list[dict[str, Any]]:
        """Read receipts and typing indicators Pronto sent."""
        return world.calls

    @router.post("/messages/{wamid}/status")
    async def report_status(wamid: str, by_hand: ByHand) -> dict[str, Any]:
        """A status by hand; `failed` takes a code."""
        message = world.messages.get(wamid)
        if message is None or message.direction != "out":
            raise HTTPException(404, "no such message")
        problem = GraphError(by_hand.code or 131000) if by_hand.status == "failed" else None
        return {"moved": parts.ladder.report(message, by_hand.status, problem)}


def show_message(message: Message) -> dict[str, Any]:
    """A message with everything a test may ask."""
    return {
        "wamid": message.wamid,
        "customer": message.customer,
        "direction": message.direction,
        "kind": message.kind,
        "at": message.at,
        "callback": message.callback,
        "category": message.category,
        "state": message.state(),
        "states": [{"status": status, "at": at} for status, at in message.states],
        "error": message.error,
        "body": message.body,
        "shown": show_bubble(message),
    }
