"""Rasa's answer to one message, and the one message for the customer it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from core.types import Location, Media, MessageKind, Option, Outbound


class Button(BaseModel):
    """An answer Rasa offers. payload: what comes back when it is tapped."""

    title: str
    payload: str
    description: str | None = None


class Place(BaseModel):
    """A place on the map, in degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


class Link(BaseModel):
    """A web address behind a button."""

    url: str
    label: str | None = None


class Custom(BaseModel):
    """What WhatsApp can show and Rasa has no word for."""

    location: Place | None = None
    link: Link | None = None
    list_label: str | None = None
    location_request: bool | None = None


class RasaMessage(BaseModel):
    """One bot message, as Rasa's channels collect them."""

    text: str | None = None
    buttons: list[Button] = Field(default_factory=list)
    image: str | None = None
    attachment: Any = None
    custom: Custom | None = None


class Intent(BaseModel):
    """What Rasa understood, and how sure it is (0 to 1)."""

    name: str | None = None
    confidence: float | None = None


class RasaAnswer(BaseModel):
    """All that Rasa answers to one message. open_question: {"slot", "takes_number"} it waits for."""

    message_id: str
    replayed: bool = False
    messages: list[RasaMessage] = Field(default_factory=list)
    intent: Intent | None = None
    open_question: dict[str, Any] | None = None
    slots: dict[str, Any] = Field(default_factory=dict)


@dataclass
class Draft:
    """The customer's message while it is put together."""

    texts: list[str] = field(default_factory=list)
    options: tuple[Option, ...] = ()
    media: list[Media] = field(default_factory=list)
    custom: Custom = field(default_factory=Custom)


def merge_messages(messages: list[RasaMessage]) -> Outbound | None:
    """One message of all that Rasa says, because each message costs; None if it says nothing.

    Texts stand apart by a blank line. Of buttons, location and link the last ones count: only one can be shown.
    """
    draft = Draft()
    for message in messages:
        add_message(draft, message)
    place, link = draft.custom.location, draft.custom.link
    outbound = Outbound(
        text="\n\n".join(draft.texts),
        options=draft.options,
        list_label=draft.custom.list_label,
        media=tuple(draft.media),
        location=Location(place.latitude, place.longitude, place.name, place.address) if place else None,
        link_url=link.url if link else None,
        link_label=link.label if link else None,
        asks_location=bool(draft.custom.location_request),
    )
    empty = Outbound(list_label=outbound.list_label, asks_location=outbound.asks_location)
    return None if outbound == empty else outbound


def add_message(draft: Draft, message: RasaMessage) -> None:
    """Adds one bot message to the draft."""
    if message.text and message.text.strip():
        draft.texts.append(message.text.strip())
    if message.buttons:
        buttons = {button.payload: button for button in message.buttons}  # the same answer is offered once
        draft.options = tuple(Option(b.payload, b.title, b.description) for b in buttons.values())
    if message.image:
        draft.media.append(Media(MessageKind.IMAGE, message.image))
    if isinstance(message.attachment, str):
        draft.media.append(Media(MessageKind.DOCUMENT, message.attachment))
    elif isinstance(message.attachment, dict) and message.attachment.get("type") == "video":  # Rasa's own form
        draft.media.append(Media(MessageKind.VIDEO, message.attachment["payload"]["src"]))
    if message.custom:
        given = {name: value for name, value in dict(message.custom).items() if value is not None}
        draft.custom = draft.custom.model_copy(update=given)
