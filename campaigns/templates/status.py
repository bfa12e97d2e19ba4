"""What WhatsApp says about our templates: its reports become their state, and which are stopped is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.templates.definitions import load_templates
from core.db import Sessions
from core.settings import Settings

BATCH = 100
GOOD = {"REINSTATED", "UNPAUSED", "UNARCHIVED", "FLAGGED"}  # a flagged one may still be sent
STOPPED = ("PAUSED", "DISABLED", "REJECTED")

TAKE = text(
    """
    SELECT id, field, value, received_at FROM platform_report
    WHERE handled_at IS NULL AND field LIKE '%template%' ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    """
)
DONE = text("UPDATE platform_report SET handled_at = :now WHERE id = ANY(CAST(:ids AS bigint[]))")
# Values that a report does not name stay as they are.
STORE = text(
    """
    INSERT INTO template_state AS s (name, language, meta_id, status, category, quality, reason, components, changed_at)
    VALUES (:name, :language, :meta_id, coalesce(:status, 'PENDING'), :category, :quality, :reason,
            CAST(:components AS jsonb), :at)
    ON CONFLICT (name, language) DO UPDATE SET
        meta_id = coalesce(excluded.meta_id, s.meta_id), status = coalesce(:status, s.status),
        category = coalesce(excluded.category, s.category), quality = coalesce(excluded.quality, s.quality),
        reason = CASE WHEN CAST(:status AS text) IS NULL THEN s.reason ELSE excluded.reason END,
        components = coalesce(excluded.components, s.components), changed_at = excluded.changed_at
    """
)
FIND_STOPPED = text(
    "SELECT name, language, status, reason FROM template_state WHERE status = ANY(CAST(:stopped AS text[]))"
    " AND name = ANY(CAST(:names AS text[])) ORDER BY name, language"
)


@dataclass(frozen=True)
class Stopped:
    """A template WhatsApp takes no more for now. name: ours, without the suffix of formal texts."""

    name: str
    language: str
    status: str
    reason: str | None


async def apply_reports(sessions: Sessions, now: datetime) -> int:
    """Brings the templates' states up to WhatsApp's newest reports; how many there were."""
    async with sessions.begin() as session:
        rows = (await session.execute(TAKE, {"limit": BATCH})).all()
        for row in rows:
            if values := read_report(row.field, row.value):
                await session.execute(STORE, values | {"at": row.received_at})
        if rows:
            await session.execute(DONE, {"ids": [row.id for row in rows], "now": now})
    return len(rows)


def read_report(field: str, value: Any) -> dict[str, Any] | None:
    """A report as columns of template_state; None where it names no template."""
    if not isinstance(value, dict):
        return None
    name, language = value.get("message_template_name"), value.get("message_template_language")
    if not isinstance(name, str) or not isinstance(language, str):
        return None
    columns: dict[str, Any] = dict.fromkeys(("status", "category", "quality", "reason", "components"))
    columns |= {"name": name, "language": language, "meta_id": read_text(value.get("message_template_id"))}
    if field == "message_template_status_update":
        event = str(value.get("event", "")).upper()
        columns["status"] = "APPROVED" if event in GOOD else event or None
        columns["category"] = read_text(value.get("message_template_category"))
        columns["reason"] = event if event == "FLAGGED" else find_reason(value)
    elif field == "message_template_quality_update":
        columns["quality"] = read_text(value.get("new_quality_score"))
    elif field == "template_category_update":
        columns["category"] = read_text(value.get("new_category"))
    return columns


def find_reason(value: dict[str, Any]) -> str | None:
    """Why WhatsApp did it, in its own words."""
    other = value.get("other_info")
    title = other.get("title") if isinstance(other, dict) else None
    reason = title or value.get("reason")
    return None if reason in (None, "", "NONE") else str(reason)


def read_text(value: Any) -> str | None:
    return None if value is None else str(value)


async def find_stopped(session: AsyncSession, settings: Settings, names: Collection[str]) -> list[Stopped]:
    """Which of these templates WhatsApp takes no more, in the edition that is sent: their campaigns pause."""
    suffixes = {
        name + wording.suffix: name
        for name, definition in load_templates(settings.address).items()
        if name in names
        for wording in definition.texts.values()
    }
    rows = await session.execute(FIND_STOPPED, {"stopped": list(STOPPED), "names": list(suffixes)})
    return [Stopped(suffixes[row.name], row.language, row.status, row.reason) for row in rows]


async def store_state(session: AsyncSession, row: dict[str, Any], now: datetime) -> None:
    """What WhatsApp lists of one template."""
    quality = row.get("quality_score")
    values = {
        "name": row["name"],
        "language": row["language"],
        "meta_id": read_text(row.get("id")),
        "status": read_text(row.get("status")),
        "category": read_text(row.get("category")),
        "quality": quality.get("score") if isinstance(quality, dict) else None,
        "reason": None if row.get("rejected_reason") in (None, "NONE") else row["rejected_reason"],
        "components": orjson.dumps(row.get("components") or []).decode(),
        "at": now,
    }
    await session.execute(STORE, values)
