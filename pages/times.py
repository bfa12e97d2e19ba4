"""Moments as people of a language write them, in the company's time zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from core.types import Language
from scoring.explain import write_date


def write_moment(at: datetime, language: Language, zone: str) -> str:
    """22/11/2026 14:30, 22.11.2026 14:30, 22 Nov 2026 14:30."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{write_date(there.date(), language)} {there:%H:%M}"
