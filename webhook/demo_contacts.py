"""Who the demo's customers are to Pronto: contracts, consents and events, with dates that count from today."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

CONTACTS = Path("sandbox/contacts.json")
AGREED_DAYS = 90  # how long ago everybody agreed to be written to


def read_contacts(now: datetime, zone: ZoneInfo) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Bodies for PUT /api/contacts and POST /api/events."""
    contacts = json.loads(CONTACTS.read_text(encoding="utf-8"))
    events = [event for contact in contacts for event in take_events(contact, now, zone)]
    today = now.astimezone(zone).date()
    for contact in contacts:
        if contract := contact.get("contract"):
            contract["expires_on"] = str(today + timedelta(days=contract.pop("expires_in_days")))
        if consent := contact.get("consent"):
            consent["at"] = str(now - timedelta(days=AGREED_DAYS))
    return contacts, events


def take_events(contact: dict[str, Any], now: datetime, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The contact's events, taken out of it. A new day brings them anew, so that a declined cart can be tried again."""
    name, day = contact["external_id"], now.astimezone(zone).date()
    return [
        {
            "contact": name,
            "kind": event["kind"],
            "key": f"{name}-{event['kind']}-{day}",
            "at": str(now - timedelta(hours=event["hours_ago"])),
            "data": event.get("data", {}),
        }
        for event in contact.pop("events", [])
    ]
