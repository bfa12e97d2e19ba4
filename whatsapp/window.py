"""The 24 hours after a customer's message in which WhatsApp lets us answer freely."""

from __future__ import annotations

from datetime import datetime, timedelta

WINDOW = timedelta(hours=24)
MARGIN = timedelta(seconds=60)  # a message needs time to reach WhatsApp, and clocks differ


def close_window_at(last_inbound_at: datetime) -> datetime:
    """The last moment an answer may leave. last_inbound_at: WhatsApp's timestamp, not when the webhook arrived."""
    return last_inbound_at + WINDOW - MARGIN


def is_window_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    return last_inbound_at is not None and now < close_window_at(last_inbound_at)
