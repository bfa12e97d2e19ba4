"""What customers send: from a short description to a webhook in Meta's shape."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from sandbox.ladder import Ladder
from sandbox.payloads import address_message, encode, envelope, inbound_change
from sandbox.view import MEDIA
from sandbox.webhooks import Post, Update, Webhooks
from sandbox.world import Customer, Message, World

type Kind = Literal[
    "text", "image", "video", "document", "audio", "sticker", "location", "contacts", "reaction", "button",
    "button_reply", "list_reply", "nfm_reply", "order", "system", "unsupported", "raw",
]  # fmt: skip


class Inbound(BaseModel):
    """One message of a customer. `kind` may be left out where the other fields tell it.

    text: body, caption or title. id, title, description: of a tapped option. payload: of a template's button.
    media: a prepared file (voice-it.ogg, meter.jpg, bill.jpg ...) or a media id. reply_to: a message it answers.
    node: the part named like the type, taken as it is. raw: the message as on the wire, frame excepted.
    seconds_ago: sent earlier than now (late webhooks). wamid: to repeat a message under its own id.
    """

    customer: str
    kind: Kind | None = None
    text: str | None = None
    id: str | None = None
    title: str | None = None
    description: str | None = None
    payload: str | None = None
    media: str | None = None
    location: dict[str, Any] | None = None
    emoji: str | None = None
    node: Any = None
    raw: dict[str, Any] | None = None
    reply_to: str | None = None
    referral: dict[str, Any] | None = None
    seconds_ago: float = Field(0, ge=0)
    wamid: str | None = None

    def guess_kind(self) -> str:  # noqa: PLR0911
        """The kind, told or guessed; raises ValueError when nothing tells it."""
        if self.kind:
            return self.kind
        if self.raw is not None:
            return "raw"
        if self.location:
            return "location"
        if self.payload is not None:
            return "button"
        if self.id is not None:
            return "list_reply" if self.description is not None else "button_reply"
        if self.media:
            suffix = self.media.rsplit(".", 1)[-1]
            return {"ogg": "audio", "pdf": "document", "webp": "sticker", "mp4": "video"}.get(suffix, "image")
        if self.text is not None:
            return "text"
        raise ValueError("say what the customer sends: text, id, payload, location, media, raw or kind")


def build_message(world: World, customer: Customer, inbound: Inbound, wamid: str, at: float) -> dict[str, Any]:
    """The entry of `messages`; raises KeyError for an unknown file, ValueError without a kind."""
    kind = inbound.guess_kind()
    wire, node = wire_node(world, kind, inbound)
    message = address_message(customer, wamid, at, wire, node)
    if kind == "raw":
        message = message | (inbound.raw or {})
    if inbound.reply_to and kind != "reaction":
        message["context"] = {"from": world.config.display_phone, "id": inbound.reply_to}
    if inbound.referral:
        message["referral"] = inbound.referral
    if kind == "unsupported":
        message["errors"] = [{"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}]
    return message


def wire_node(world: World, kind: str, inbound: Inbound) -> tuple[str, Any]:  # noqa: PLR0911
    """Meta's type and the part named like it."""
    if kind == "raw":
        return str((inbound.raw or {}).get("type", "unknown")), None
    if inbound.node is not None:
        wire = "interactive" if kind.endswith("_reply") else kind
        return wire, {"type": kind, kind: inbound.node} if wire == "interactive" else inbound.node
    if kind == "text":
        return kind, {"body": inbound.text or ""}
    if kind in MEDIA:
        return kind, media_node(world, kind, inbound)
    if kind == "location":
        return kind, inbound.location
    if kind == "button":
        return kind, {"payload": inbound.payload or inbound.text, "text": inbound.text or inbound.payload}
    if kind == "reaction":
        return kind, {"message_id": inbound.reply_to or ""} | ({"emoji": inbound.emoji} if inbound.emoji else {})
    if kind in ("button_reply", "list_reply"):
        reply = {"id": inbound.id or "", "title": inbound.title or inbound.text or ""}
        if kind == "list_reply" and inbound.description:
            reply["description"] = inbound.description
        return "interactive", {"type": kind, kind: reply}
    return kind, {"type": "unknown"} if kind == "unsupported" else None


def media_node(world: World, kind: str, inbound: Inbound) -> dict[str, Any]:
    name = inbound.media or ""
    file = world.media.files.get(name) or world.media.add_prepared(name)
    token = world.media.make_token(file.id, world.now() + world.config.media_seconds)
    node: dict[str, Any] = {"id": file.id, "mime_type": file.mime_type, "sha256": file.sha256()}
    node["url"] = f"{world.config.base_url()}/media/{token}"
    if kind == "audio":
        node["voice"] = file.mime_type.startswith("audio/ogg")
    elif kind == "sticker":
        node["animated"] = False
    elif inbound.text:
        node["caption"] = inbound.text
    if kind == "document":
        node["filename"] = file.name
    return node


class Phones:
    """The customers' side: sends what they do to the application."""

    def __init__(self, world: World, webhooks: Webhooks, ladder: Ladder) -> None:
        self.world = world
        self.webhooks = webhooks
        self.ladder = ladder

    def send(self, inbounds: list[Inbound], together: bool = False) -> list[Message]:
        """Sends these messages; together: in one POST. Someone unknown becomes a customer."""
        sent, updates = [], []
        for inbound in inbounds:
            message, update = self.write(inbound)
            sent.append(message)
            updates.append(update)
            if not together:
                self.webhooks.add(update, message.customer)
        if together and sent:
            body = encode(envelope(self.world.config.waba_id, [update.change for update in updates]))
            self.webhooks.add_post(Post(body, updates), sent[0].customer)
        return sent

    def write(self, inbound: Inbound) -> tuple[Message, Update]:
        """One message, stored, with the update that tells of it."""
        world = self.world
        customer = world.find_customer(inbound.customer) or add_stranger(world, inbound.customer)
        wamid, seq = world.next_wamid()
        wamid, at = inbound.wamid or wamid, world.now() - inbound.seconds_ago
        body = build_message(world, customer, inbound, wamid, at)
        message = Message(wamid, seq, customer.id, "in", body["type"], body, at)
        if wamid not in world.messages:
            world.advance(message, "sent")
            world.store(message)
        if body["type"] != "system":
            customer.last_inbound_at = max(at, customer.last_inbound_at or 0)
        self.ladder.show(message)
        change = inbound_change(world.config, customer, body)
        return message, Update(change, at, lambda: self.mark_taken(message))

    def mark_taken(self, message: Message) -> None:
        """The application answered 200: the second grey tick."""
        if self.world.messages.get(message.wamid) is message and self.world.advance(message, "delivered"):
            self.ladder.show(message)


def add_stranger(world: World, key: str) -> Customer:
    """A new customer from a phone number or a user id."""
    is_user_id = key[:2].isalpha() and "." in key
    return world.add_customer(user_id=key) if is_user_id else world.add_customer(phone=key)
