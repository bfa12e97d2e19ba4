"""One of WhatsApp's `messages` to our own type. Whatever is odd about it, the message is kept."""

from __future__ import annotations

import json
from typing import Any

from core.address import read_address, read_phone, read_user_id
from core.types import Address, AddressChange, InboundMessage, MessageKind
from whatsapp.fields import read_id, read_list, read_object, read_text, read_time
from whatsapp.profiles import Profile, complete_address

REPLIES = {  # the kinds of `interactive`
    kind.value: kind
    for kind in (
        MessageKind.BUTTON_REPLY,
        MessageKind.LIST_REPLY,
        MessageKind.FLOW_REPLY,
        MessageKind.CALL_PERMISSION_REPLY,
    )
}
KINDS = {kind.value: kind for kind in MessageKind if kind.value not in REPLIES}
TEXTS = {  # where a kind keeps what a person reads; media have a caption
    MessageKind.TEXT: "body",
    MessageKind.SYSTEM: "body",
    MessageKind.FLOW_REPLY: "body",
    MessageKind.BUTTON_REPLY: "title",
    MessageKind.LIST_REPLY: "title",
    MessageKind.BUTTON: "text",
    MessageKind.ORDER: "text",
    MessageKind.REACTION: "emoji",
}
CHANGES = ("changed_number", "changed_user_id")  # user_changed_number, customer_changed_number, user_changed_user_id


def parse_message(
    item: dict[str, Any], phone_number_id: str, profiles: list[Profile], alone: bool
) -> list[InboundMessage | AddressChange]:
    """The message, led by the change of address it tells; empty if it has no id or no sender."""
    wamid = read_id(item.get("id"))
    sender = read_address(item.get("from"), item.get("from_user_id"), item.get("from_parent_user_id"))
    address, profile = complete_address(sender, profiles, alone)
    kind = read_kind(item)
    change = read_change(item, address, wamid) if kind is MessageKind.SYSTEM and wamid else None
    if change:
        address = change.current
    elif kind is MessageKind.SYSTEM and address is None:
        address = current_address(read_object(item.get("system")))
    if wamid is None or address is None:
        return []
    message = InboundMessage(
        wamid=wamid,
        phone_number_id=phone_number_id,
        address=address,
        kind=kind,
        sent_at=read_time(item.get("timestamp")),
        payload=item,
        text=message_text(kind, item),
        reply_id=reply_id(kind, item),
        context_wamid=context_wamid(kind, item),
        profile_name=profile.name,
        username=profile.username,
    )
    return [change, message] if change else [message]


def read_kind(item: dict[str, Any]) -> MessageKind:
    """What the message is; one that carries only errors is unsupported, a new type is unknown."""
    name = item.get("type")
    if name == "interactive":
        reply = read_object(item.get("interactive"))
        kind = REPLIES.get(str(reply.get("type")), MessageKind.UNKNOWN)
    else:
        kind = KINDS.get(name, MessageKind.UNKNOWN) if isinstance(name, str) else MessageKind.UNKNOWN
    if kind is MessageKind.TEXT and read_text(read_object(item.get("text")).get("body")) is None:
        return MessageKind.UNSUPPORTED
    if kind is MessageKind.UNKNOWN and read_list(item.get("errors")):
        return MessageKind.UNSUPPORTED
    return kind


def node_of(kind: MessageKind, item: dict[str, Any]) -> dict[str, Any]:
    """The object named like the kind."""
    holder = read_object(item.get("interactive")) if kind.value in REPLIES else item
    return read_object(holder.get(kind.value))


def message_text(kind: MessageKind, item: dict[str, Any]) -> str | None:
    """What a person would read, None where there is nothing to read."""
    node = node_of(kind, item)
    if kind is MessageKind.LOCATION:
        return join_texts(node.get("name"), node.get("address"))
    if kind is MessageKind.CONTACTS:
        cards = [read_object(card) for card in read_list(item.get("contacts"))]
        return join_texts(*(read_object(card.get("name")).get("formatted_name") for card in cards))
    if kind is MessageKind.EDIT:
        edited = read_object(node.get("message"))
        return message_text(read_kind(edited), edited) if "edit" not in edited else None
    return read_text(node.get(TEXTS.get(kind, "caption")))


def join_texts(*values: object) -> str | None:
    """The texts among the values with commas between, None if there is none."""
    return ", ".join(text for value in values if (text := read_text(value))) or None


def reply_id(kind: MessageKind, item: dict[str, Any]) -> str | None:
    """The id of the tapped option; of a form, its flow_token."""
    node = node_of(kind, item)
    match kind:
        case MessageKind.BUTTON_REPLY | MessageKind.LIST_REPLY:
            return read_id(node.get("id"))
        case MessageKind.BUTTON:
            return read_id(node.get("payload"))
        case MessageKind.FLOW_REPLY:
            return flow_token(node.get("response_json"))
        case _:
            return None


def flow_token(response: object) -> str | None:
    """The token in a form's answer, which is JSON inside a string and may lack it."""
    if not isinstance(response, str):
        return None
    try:
        return read_id(read_object(json.loads(response)).get("flow_token"))
    except (ValueError, RecursionError):
        return None


def context_wamid(kind: MessageKind, item: dict[str, Any]) -> str | None:
    """The message this one answers, reacts to, edits or withdraws."""
    node = node_of(kind, item)
    if kind is MessageKind.REACTION:
        return read_id(node.get("message_id"))
    if kind in (MessageKind.EDIT, MessageKind.REVOKE):
        return read_id(node.get("original_message_id"))
    return read_id(read_object(item.get("context")).get("id"))


def read_change(item: dict[str, Any], sender: Address | None, wamid: str) -> AddressChange | None:
    """The change of number or user id a system message tells, in any of Meta's shapes; None if it tells none."""
    system = read_object(item.get("system"))
    if not str(system.get("type")).endswith(CHANGES):
        return None
    told = read_object(system.get("user_id"))
    phone = sender.phone if sender else read_phone(system.get("customer"))
    person = read_user_id(told.get("previous") or system.get("previous_user_id")) or (
        sender.user_id if sender else None
    )
    current = current_address(system)
    if current is None or not (phone or person):
        return None
    previous = Address(phone, person, sender.parent_user_id if sender else None)
    if current.phone in (None, previous.phone) and current.user_id in (None, previous.user_id):
        return None
    return AddressChange(previous, current, read_time(item.get("timestamp")), key="address:" + wamid)


def current_address(system: dict[str, Any]) -> Address | None:
    """The new phone number and user id in a system message."""
    told = system.get("user_id")
    return read_address(
        system.get("wa_id") or system.get("new_wa_id"),
        told.get("current") if isinstance(told, dict) else told,
        system.get("parent_user_id"),
    )
