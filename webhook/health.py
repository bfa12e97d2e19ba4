"""What operators ask: is the process up, can it work, how much waits."""

from __future__ import annotations

from datetime import timedelta

import httpx
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from conversations.rasa import HEALTH_PATH
from core import clock
from webhook.deps import AppSettings, Session

router = APIRouter(tags=["operations"])

QUEUES = text(
    """
    SELECT (SELECT count(*) FROM lane WHERE ready_at IS NOT NULL AND owner IS NULL) AS waiting,
           (SELECT count(*) FROM lane WHERE owner IS NOT NULL) AS in_turn,
           coalesce((SELECT extract(epoch FROM CAST(:now AS timestamptz) - min(waiting_since)) FROM lane), 0) AS oldest,
           (SELECT count(*) FROM worker WHERE beat_at > CAST(:fresh AS timestamptz)) AS workers,
           (SELECT count(*) FROM outbox WHERE state = 'queued') AS queued,
           (SELECT count(*) FROM outbox WHERE state = 'sending') AS sending,
           (SELECT count(*) FROM outbox WHERE state = 'unknown') AS unknown,
           (SELECT count(*) FROM handoff WHERE closed_at IS NULL) AS handoffs
    """
)
METRICS = {
    "waiting": ("pronto_contacts_waiting", "Contacts with messages nobody has taken up"),
    "in_turn": ("pronto_contacts_in_turn", "Contacts whose messages are being answered"),
    "oldest": ("pronto_oldest_waiting_seconds", "Age of the oldest message nobody has taken up"),
    "workers": ("pronto_workers_alive", "Workers whose heartbeat is fresh"),
    "queued": ("pronto_outbox_queued", "Messages waiting to be sent"),
    "sending": ("pronto_outbox_sending", "Messages on their way to WhatsApp"),
    "unknown": ("pronto_outbox_unknown", "Messages sent without an answer, waiting for a status"),
    "handoffs": ("pronto_handoffs_open", "Contacts waiting for or talking to a person"),
}


@router.get("/healthz", summary="The process is up")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Database and conversation engine answer")
async def readyz(session: Session, settings: AppSettings, response: Response) -> dict[str, str]:
    state = {"database": "ok", "rasa": "ok"}
    try:
        await session.execute(text("SELECT 1"))
    except OperationalError:
        state["database"] = "down"
    try:
        async with httpx.AsyncClient(timeout=2) as client:
            (await client.get(settings.rasa_url + HEALTH_PATH)).raise_for_status()
    except httpx.HTTPError:
        state["rasa"] = "down"  # messages wait and are answered when it is back
    if state["database"] == "down":
        response.status_code = 503
    return state


@router.get("/metrics", summary="Queues and workers, for Prometheus")
async def metrics(session: Session, request: Request) -> Response:
    now = clock.now()
    fresh = now - timedelta(seconds=request.app.state.settings.worker_beat_seconds)
    row = (await session.execute(QUEUES, {"now": now, "fresh": fresh})).mappings().one()
    registry = CollectorRegistry()
    for column, (name, help_text) in METRICS.items():
        Gauge(name, help_text, registry=registry).set(float(row[column]))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
