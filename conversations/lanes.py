"""Whose turn it is: workers claim contacts' lanes, give them back, and take over from dead workers.

A lane is held by (owner, epoch). A late commit of a worker that was given up for dead, or of a contact that was merged
into another one meanwhile, finds its lane no longer held and is refused under the row lock.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.direct import Executes
from whatsapp.settle import release_dead

# An array, here and wherever a few rows are claimed: as `IN (SELECT ... LIMIT ...)` PostgreSQL may run the choice once
# for each row it looks at, and then takes more than the limit.
CLAIM = text(
    "UPDATE lane SET owner = :worker, epoch = epoch + 1, ready_at = NULL, waiting_since = NULL"
    " WHERE contact_id = ANY(ARRAY("
    " SELECT contact_id FROM lane WHERE ready_at <= :now AND owner IS NULL"
    " ORDER BY ready_at LIMIT :limit FOR UPDATE SKIP LOCKED)) RETURNING contact_id, epoch"
)
NEXT = text("SELECT min(ready_at) FROM lane WHERE ready_at IS NOT NULL AND owner IS NULL")
RELEASE = text(
    "UPDATE lane SET owner = NULL, ready_at = least(ready_at, CAST(:again AS timestamptz))"
    " WHERE contact_id = :contact AND owner = :worker AND epoch = :epoch RETURNING ready_at"
)
WAKE = text("UPDATE lane SET ready_at = least(ready_at, :now) WHERE contact_id = ANY(:contacts)")
FREE = text(
    "UPDATE lane SET owner = NULL, ready_at = least(ready_at, :now) WHERE contact_id IN ("
    " SELECT contact_id FROM lane WHERE owner = ANY(:workers) ORDER BY contact_id FOR UPDATE)"
)
START = text(
    "INSERT INTO worker (name, started_at, beat_at) VALUES (:name, clock_timestamp(), clock_timestamp()) RETURNING id"
)
BEAT = text("UPDATE worker SET beat_at = clock_timestamp() WHERE id = :worker RETURNING id")
OTHERS = text(
    "SELECT id, name, beat_at < clock_timestamp() - make_interval(secs => :silence) AS silent FROM worker"
    " WHERE id <> :worker"
)
REMOVE = text("DELETE FROM worker WHERE id = ANY(:workers)")


class LaneLost(Exception):  # noqa: N818  (nothing went wrong: someone else has it now)
    """The lane is no longer ours: we were given up for dead, or the contact was merged. Nothing may be committed."""


@dataclass(frozen=True)
class Held:
    """A lane this worker holds."""

    contact_id: int
    worker_id: int
    epoch: int


async def claim_lanes(session: Executes, worker_id: int, now: datetime, limit: int) -> list[Held]:
    """Takes the lanes that are ready, the longest waiting first; two workers never get the same."""
    rows = await session.execute(CLAIM, {"worker": worker_id, "now": now, "limit": limit})
    return [Held(row.contact_id, worker_id, row.epoch) for row in rows]


async def release_lane(session: Executes, held: Held, again_at: datetime | None = None) -> bool:
    """Gives the lane back and tells whether it is to be claimed again, now or later. Raises LaneLost.

    again_at: try again then. Otherwise only what came in meanwhile makes it ready: computing that here would lose
    messages under READ COMMITTED.
    """
    row = (await session.execute(RELEASE, name_lane(held, again_at))).one_or_none()
    if row is None:
        raise LaneLost(str(held))
    return row.ready_at is not None


def name_lane(held: Held, again_at: datetime | None = None) -> dict[str, Any]:
    """What RELEASE is given."""
    return {"contact": held.contact_id, "worker": held.worker_id, "epoch": held.epoch, "again": again_at}


async def wake_lanes(session: Executes, contact_ids: list[int], now: datetime) -> None:
    """Makes lanes ready again once they are given back: something of theirs is still waiting."""
    await session.execute(WAKE, {"contacts": contact_ids, "now": now})


async def next_ready_at(session: Executes) -> datetime | None:
    """When the next lane becomes ready, so that nobody has to look before."""
    ready: datetime | None = (await session.execute(NEXT)).scalar()
    return ready


async def start_worker(session: AsyncSession) -> int:
    """Enters this process among the workers and returns its number."""
    return int((await session.execute(START, {"name": process_name(os.getpid())})).scalar_one())


async def beat_worker(session: AsyncSession, worker_id: int) -> bool:
    """Shows that the worker lives. False: the others gave it up and took its work."""
    return (await session.execute(BEAT, {"worker": worker_id})).scalar() is not None


async def find_dead(session: AsyncSession, worker_id: int, silence_seconds: float) -> list[int]:
    """The other workers whose beat is too old, or whose process on this host is gone."""
    rows = await session.execute(OTHERS, {"worker": worker_id, "silence": silence_seconds})
    return [row.id for row in rows if row.silent or not may_live(row.name)]


async def retire_workers(session: AsyncSession, worker_ids: Iterable[int], now: datetime) -> None:
    """Frees what these workers held: lanes are ready at once, sends under way become unknown."""
    workers = sorted(worker_ids)
    if not workers:
        return
    await session.execute(FREE, {"workers": workers, "now": now})
    for worker_id in workers:
        await release_dead(session, worker_id, now)
    await session.execute(REMOVE, {"workers": workers})
    await session.execute(text("SELECT pg_notify('inbox', ''), pg_notify('outbox', '')"))


def process_name(pid: int) -> str:
    """host/namespace:pid:start, which names a process for ever: pids come back, and containers share them."""
    return f"{host_name()}:{pid}:{psutil.Process(pid).create_time():.2f}"


def may_live(name: str) -> bool:
    """Whether a worker may still live as far as this host can tell; of other hosts it cannot."""
    host, pid, _ = name.rsplit(":", 2)
    if host != host_name():
        return True
    try:
        return process_name(int(pid)) == name and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def host_name() -> str:
    """This host, and which process numbers it sees (Linux)."""
    namespace = Path("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{namespace.stat().st_ino if namespace.exists() else 0}"
