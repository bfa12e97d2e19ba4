"""Webhook bodies to our own types. Every part of a delivery comes out, the parts we do not know as PlatformUpdate."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from core.address import read_address
from core.types import (
    AddressChange,
    Delivery,
    DeliveryStatus,
    PlatformUpdate,
    Preference,
    PreferenceChange,
    Update,
)
from whatsapp.fields import read_id, read_list, read_object, read_text, read_time
from whatsapp.json_body import ParseError, load_json
from whatsapp.parse_message import parse_message
from whatsapp.profiles import Profile, complete_address, read_profiles

__all__ = ["ParseError", "parse_webhook"]

ENVELOPE = ("messaging_product", "metadata", "contacts")
STATUSES = {status.value: status for status in DeliveryStatus}
MAX_FIELD = 100


def parse_webhook(body: bytes) -> list[Update]:
    """Everything in one delivery, in its order. Raises ParseError if it is not JSON or not an object of Meta's."""
    data = load_json(body)
    if not isinstance(data, dict) or not isinstance(data.get("object"), str):
        raise ParseError("the body is not an object of Meta's")
    if data["object"] != "whatsapp_business_account":
        return [report(data["object"], "", data)]
    updates: list[Update] = []
    for entry in read_list(data.get("entry")):
        if not isinstance(entry, dict):
            updates.append(report("entry", "", entry))
            continue
        account = read_id(entry.get("id")) or ""
        for change in read_list(entry.get("changes")):
            updates += parse_change(change, account, entry.get("time"))
    return updates


def parse_change(change: object, account: str, time: object) -> list[Update]:
    """One of the changes. time: when Meta noted it, which tells two equal reports apart."""
    parts = read_object(change)
    field, value = read_text(parts.get("field")), parts.get("value")
    if field is None or not isinstance(value, dict):
        return [report(field or "change", account, change, time)]
    if field in ("messages", "user_preferences"):
        return parse_value(field, value, account, time)
    if field == "user_id_update":
        return parse_id_changes(value, account, time)
    return [report(field, account, value, time)]


def parse_value(field: str, value: dict[str, Any], account: str, time: object) -> list[Update]:
    """The messages, statuses, preferences and reports of one value."""
    number = read_id(read_object(value.get("metadata")).get("phone_number_id")) or ""
    profiles = read_profiles(value.get("contacts"))
    updates: list[Update] = []
    for key, content in value.items():
        if key in ENVELOPE:
            continue
        items = read_list(content)
        alone = len(items) == 1
        for item in items:
            parsed: list[Update] = []
            if isinstance(item, dict):
                if key == "messages":
                    parsed = [*parse_message(item, number, profiles, alone)]
                elif key == "statuses":
                    parsed = parse_status(item, number, profiles, alone)
                elif key == "user_preferences":
                    parsed = parse_preference(item, profiles, alone)
            told = field if key == field else f"{field}.{key}"
            updates += parsed or [report(told, account, {"phone_number_id": number, key: item}, time)]
    return updates


def parse_status(item: dict[str, Any], number: str, profiles: list[Profile], alone: bool) -> list[Update]:
    """A status of a message we sent; empty if it lacks the id or has a new name."""
    wamid, status = read_id(item.get("id")), STATUSES.get(str(item.get("status")))
    if wamid is None or status is None:
        return []
    address = None
    if item.get("recipient_type") != "group":
        own = read_address(
            item.get("recipient_id"), item.get("recipient_user_id"), item.get("recipient_parent_user_id")
        )
        address, _ = complete_address(own, profiles, alone)
    pricing = item.get("pricing")
    return [
        Delivery(
            wamid=wamid,
            status=status,
            at=read_time(item.get("timestamp")),
            phone_number_id=number,
            callback=read_id(item.get("biz_opaque_callback_data")),
            address=address,
            pricing=pricing if isinstance(pricing, dict) else None,
            errors=tuple(error for error in read_list(item.get("errors")) if isinstance(error, dict)),
        )
    ]


def parse_preference(item: dict[str, Any], profiles: list[Profile], alone: bool) -> list[Update]:
    """A stop or resume of marketing messages; empty for anything else.

    A stop of a category we do not know counts, a resume of one does not: never write against a customer's wish.
    """
    address, _ = complete_address(read_address(item.get("wa_id"), item.get("user_id")), profiles, alone)
    value = str(item.get("value")).lower()
    marketing = item.get("category") in (None, "marketing_messages")
    if address is None or not (value == Preference.STOP or (value == Preference.RESUME and marketing)):
        return []
    return [PreferenceChange(address, Preference(value), read_time(item.get("timestamp")), item)]


def parse_id_changes(value: dict[str, Any], account: str, time: object) -> list[Update]:
    """The field user_id_update, as one object or a list; Meta's pages disagree on whether it exists at all."""
    profiles = read_profiles(value.get("contacts"))
    items = read_list(value.get("user_id_update")) or [value]
    updates: list[Update] = []
    for item in items:
        parts = read_object(item)
        ids, parents = read_object(parts.get("user_id")), read_object(parts.get("parent_user_id"))
        previous = read_address(parts.get("wa_id"), ids.get("previous"), parents.get("previous"))
        current = read_address(None, ids.get("current"), parents.get("current"))
        if previous is None:
            previous, _ = complete_address(None, profiles, alone=len(items) == 1)
        if previous is None or current is None or previous.user_id == current.user_id:
            updates.append(report("user_id_update", account, item, time))
            continue
        key = "address:" + digest(["user_id_update", account, item])
        updates.append(AddressChange(previous, current, read_time(parts.get("timestamp") or time), key))
    return updates


def report(field: str, account: str, value: Any, time: object = None) -> PlatformUpdate:
    """Something WhatsApp tells that we keep as it is."""
    return PlatformUpdate(digest([field, account, value, time]), field[:MAX_FIELD], account, value)


def digest(value: Any) -> str:
    """The same text for the same value, whatever the order of its keys."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
