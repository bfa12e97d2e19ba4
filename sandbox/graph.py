"""The sending half of the Graph API: checks a request as WhatsApp does, accepts it or refuses it in Meta's shape."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.answers import NoAnswer, PlainFailure, json_answer
from sandbox.errors import GraphError, unknown_object
from sandbox.faults import Fault, describe_send, find_fault
from sandbox.ladder import Ladder
from sandbox.limits import MEDIA_KINDS, check_envelope, check_message
from sandbox.pace import Pace
from sandbox.templates import Template, check_template, find_template
from sandbox.view import show_bubble
from sandbox.world import Customer, Message, World, digits_of

PHONE = re.compile(r"\+?[\d\s().-]{7,24}$")
USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]{1,128}$")
TYPING_SECONDS = 25
DAY = 24 * 3600
NO_CAP = frozenset(
    "AT,BE,BG,HR,CY,CZ,DE,DK,EE,ES,FI,FR,GR,HU,IE,IS,IT,LI,LT,LU,LV,MT,NL,NO,PL,PT,RO,SE,SI,SK,GB,JP,KR".split(",")  # noqa: SIM905
)  # countries without the cap on marketing messages per person


class Graph:
    """One business number. `send` is the hot path: plain dictionaries, no models."""

    def __init__(self, world: World, ladder: Ladder) -> None:
        self.world = world
        self.ladder = ladder
        self.reset()

    def reset(self) -> None:
        """Forgets paces and faults."""
        self.throughput = Pace()
        self.pairs = Pace()
        self.faults: list[Fault] = []

    def authorise(self, request: Request) -> None:
        """Raises 401 without the right bearer token."""
        state = self.world.token_state
        given = next((value for name, value in request.scope["headers"] if name == b"authorization"), b"")
        if given != f"Bearer {self.world.config.access_token}".encode():
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
        if state == "expired":
            raise GraphError(190, "Error validating access token: Session has expired", subcode=463)
        if state == "revoked":
            raise GraphError(190, "Error validating access token: The token was revoked", subcode=460)

    def check_number(self, request: Request) -> None:
        """Raises when the path names another number, or ours is not registered."""
        if request.path_params["phone_number_id"] != self.world.config.phone_number_id:
            raise unknown_object(request.path_params["phone_number_id"])
        if not self.world.registered:
            raise GraphError(133010, "The account is not registered")

    async def post_message(self, request: Request) -> Response:
        """POST /{version}/{phone_number_id}/messages, also /marketing_messages."""
        self.authorise(request)
        self.check_number(request)
        try:
            body = orjson.loads(await read_body(request))
        except orjson.JSONDecodeError:
            raise GraphError(100, "The request body is not valid JSON") from None
        if isinstance(body, dict) and body.get("status") == "read":
            return self.note_read(body)
        kind = check_envelope(body)
        marketing_only = request.scope["path"].endswith("/marketing_messages")
        if marketing_only and kind != "template":
            raise GraphError(131055, "Only marketing templates are supported here")
        customer = self.find_recipient(body)
        fault = find_fault(self.faults, describe_send(customer.id, kind, body)) if self.faults else None
        if fault:
            if fault.delay_ms:
                await asyncio.sleep(fault.delay_ms / 1000)
            refuse_by_fault(fault)
        template = self.check_content(kind, body)
        if marketing_only and template and template.category != "MARKETING":
            raise GraphError(134100)
        self.check_pace(customer)
        problem = self.foresee(customer, template, kind)
        if fault and fault.code is not None and fault.late:
            problem = GraphError(fault.code, fault.details)
        if problem and problem.code not in self.world.config.late_codes and not (fault and fault.late):
            raise problem
        message = self.accept(customer, kind, body, template, problem)
        return answer_send(self.world, body, customer, message, fault)

    def find_recipient(self, body: dict[str, Any]) -> Customer:
        """Who `to` or `recipient` is; `to` wins. Someone unknown becomes a customer, perhaps one without WhatsApp."""
        world = self.world
        phone, user_id = body.get("to"), body.get("recipient")
        if phone:
            known = world.by_phone.get(phone[1:]) if isinstance(phone, str) else None
            if known and phone[0] == "+":
                return known
            if not isinstance(phone, str) or not PHONE.match(phone):
                raise GraphError(131009, "Parameter value is not valid: to")
            digits = digits_of(phone)
            if digits == world.config.display_phone:
                raise GraphError(131021)
            open_world = world.config.open_world
            return world.by_phone.get(digits) or world.add_customer(phone=digits, has_whatsapp=open_world)
        if not isinstance(user_id, str) or not USER_ID.match(user_id):
            raise GraphError(131009, "Parameter value is not valid: recipient")
        return world.by_user_id.get(user_id) or world.add_customer(user_id=user_id, has_whatsapp=False)

    def check_content(self, kind: str, body: dict[str, Any]) -> Template | None:
        """Raises when the message itself is wrong; returns the template it uses."""
        try:
            if kind == "template":
                template = find_template(self.world.templates, body.get("template"))
                check_template(template, body["template"])
                return template
            check_message(kind, body)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise GraphError(100, f"The {kind} object has the wrong shape") from None
        media_id = body[kind].get("id") if kind in MEDIA_KINDS else None
        if media_id and media_id not in self.world.media.files:
            raise GraphError(100, "Media ID not found")
        return None

    def check_pace(self, customer: Customer) -> None:
        """Raises 130429 or 131056; counts the message otherwise."""
        config, now = self.world.config, self.world.now()
        if config.throughput:
            if not self.throughput.allows("number", now, 1 / config.throughput, config.throughput):
                raise GraphError(130429, "Message failed to send because there were too many messages in a short time")
            self.throughput.take("number", now, 1 / config.throughput)
        if config.pair_seconds:
            if not self.pairs.allows(customer.id, now, config.pair_seconds, config.pair_burst):
                raise GraphError(131056, "Too many messages sent from this phone number to the same phone number")
            self.pairs.take(customer.id, now, config.pair_seconds)

    def foresee(self, customer: Customer, template: Template | None, kind: str) -> GraphError | None:
        """Why this message cannot be delivered, if it cannot."""
        if not customer.has_whatsapp:
            return GraphError(131026, "Message Undeliverable.")
        window = customer.window_open(self.world.now())
        if template is None:
            late = "Message failed to send because more than 24 hours have passed since the customer last replied"
            return None if window or kind == "reaction" else GraphError(131047, f"{late} to this number.")
        return self.foresee_marketing(customer, window) if template.category == "MARKETING" else None

    def foresee_marketing(self, customer: Customer, window: bool) -> GraphError | None:
        """The stop switch, countries without marketing, and the cap per person outside the window."""
        if customer.preference == "stop":
            return GraphError(131050, "The recipient has chosen to stop receiving marketing messages on WhatsApp")
        if customer.country == "US":
            return GraphError(131049, "Marketing messages are not delivered to numbers of this country")
        sent, now = customer.marketing_at, self.world.now()
        while sent and now - sent[0] >= DAY:
            sent.popleft()
        capped = not window and customer.country not in NO_CAP and len(sent) >= self.world.config.marketing_cap
        return GraphError(131049) if capped else None

    def accept(
        self,
        customer: Customer,
        kind: str,
        body: dict[str, Any],
        template: Template | None,
        problem: GraphError | None,
    ) -> Message:
        """Takes the message: stores it and starts its ladder."""
        wamid, seq = self.world.next_wamid()
        now = self.world.now()
        category = template.category.lower() if template else "service"
        callback = body.get("biz_opaque_callback_data")
        message = Message(wamid, seq, customer.id, "out", kind, body, now, callback, category, template)
        if template and template.category == "MARKETING" and not problem:
            customer.marketing_at.append(now)
        customer.typing_until = 0
        self.world.store(message)
        self.ladder.begin(message, customer, problem)
        return message

    def note_read(self, body: dict[str, Any]) -> Response:
        """A read receipt for a customer's message, perhaps with the typing indicator."""
        message = self.world.messages.get(str(body.get("message_id")))
        if message is None or message.direction != "in":
            raise GraphError(131009, "Parameter value is not valid: message_id")
        world, now = self.world, self.world.now()
        typing = isinstance(body.get("typing_indicator"), dict)
        customer = world.customers[message.customer]
        world.calls.append({"kind": "typing" if typing else "read", "wamid": message.wamid, "at": now})
        for earlier in world.chats[customer.id]:  # reading a message reads all before it
            if earlier.direction == "in" and earlier.seq <= message.seq and world.advance(earlier, "read"):
                world.live.publish({"kind": "message", "customer": customer.id, "message": show_bubble(earlier)})
        if typing:
            customer.typing_until = now + TYPING_SECONDS
            world.live.publish({"kind": "typing", "customer": customer.id, "seconds": TYPING_SECONDS})
        return json_answer({"success": True})


async def read_body(request: Request) -> bytes:
    """The whole body; most come in one piece, so this is cheaper than Starlette's stream."""
    part = await request.receive()
    body: bytes = part.get("body", b"")
    while part.get("more_body"):
        part = await request.receive()
        body += part.get("body", b"")
    return body


def refuse_by_fault(fault: Fault) -> None:
    """Raises what a rule asks for, if that happens before the message is taken."""
    if fault.timeout == "lost" or fault.drop == "lost":
        raise NoAnswer(cut=fault.drop == "lost")
    if fault.code is not None and not fault.late:
        raise GraphError(fault.code, fault.details, status=fault.http_status)
    if fault.http_status and fault.code is None:
        raise PlainFailure(fault.http_status)


def answer_send(
    world: World, body: dict[str, Any], customer: Customer, message: Message, fault: Fault | None
) -> Response:
    """The answer to an accepted send, unless a rule swallows it."""
    if fault and (fault.timeout or fault.drop):
        raise NoAnswer(cut=bool(fault.drop))
    contact: dict[str, Any] = {"input": body.get("to") or body["recipient"], "user_id": customer.user_id}
    if customer.phone:
        contact["wa_id"] = customer.phone
    sent: dict[str, Any] = {"id": message.wamid}
    if message.template:
        sent["message_status"] = "held_for_quality_assessment" if fault and fault.held else "accepted"
    return json_answer({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]})
