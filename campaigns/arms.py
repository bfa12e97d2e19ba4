"""Who gets which version of a message and who is left alone: drawn by hash, stored before anything leaves.

The hash reads the campaign and the contact's token and nothing else, so that anyone can compute an assignment again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

CONTROL = "control"
WINNER_PERCENT = 95  # of newcomers get the arm a person promoted; the others go on sharing the rest (S4-21)
SCALE = 2**64

READ = text("""
    SELECT c.id, c.token, a.arm, g.promoted_arm, g.promoted_at, a.at < g.promoted_at AS outdated
    FROM contact c
    LEFT JOIN campaign g ON g.name = :campaign
    LEFT JOIN arm_assignment a ON a.campaign = :campaign AND a.contact_id = c.id
    WHERE c.id = ANY(CAST(:ids AS bigint[]))
""")
# What another worker wrote meanwhile stays.
STORE = text("""
    INSERT INTO arm_assignment (campaign, contact_id, arm, at)
    SELECT :campaign, n.contact_id, n.arm, :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:arms AS text[])) AS n (contact_id, arm) ORDER BY n.contact_id
    ON CONFLICT (campaign, contact_id) DO UPDATE SET arm = excluded.arm, at = excluded.at
    WHERE arm_assignment.at < :promoted_at
    RETURNING contact_id
""")


async def assign_arms(
    session: AsyncSession,
    campaign: str,
    contact_ids: Sequence[int],
    arms: Mapping[str, int],
    control_percent: int,
    now: datetime,
) -> dict[int, str]:
    """The arm of each contact, stored in the caller's transaction; who has one keeps it until an arm is promoted."""
    rows = (await session.execute(READ, {"campaign": campaign, "ids": list(contact_ids)})).all()
    found: dict[int, str] = {}
    new: dict[int, str] = {}
    promoted_at: datetime | None = None
    for row in rows:
        promoted_at = row.promoted_at
        if row.arm is not None and not row.outdated:
            found[row.id] = row.arm
        else:
            new[row.id] = draw_arm(campaign, row.token, split_arms(arms, control_percent, row.promoted_arm))
    if not new:
        return found
    values = {"campaign": campaign, "ids": list(new), "arms": list(new.values()), "now": now}
    stored = set((await session.execute(STORE, values | {"promoted_at": promoted_at})).scalars())
    if others := [contact_id for contact_id in new if contact_id not in stored]:  # somebody was quicker
        new |= {row.id: row.arm for row in await session.execute(READ, {"campaign": campaign, "ids": others})}
    return found | new


async def foresee_arms(
    session: AsyncSession, campaign: str, contact_ids: Sequence[int], arms: Mapping[str, int], control_percent: int
) -> dict[int, str]:
    """What assign_arms would give, nothing being written."""
    rows = (await session.execute(READ, {"campaign": campaign, "ids": list(contact_ids)})).all()
    return {
        row.id: row.arm
        if row.arm is not None and not row.outdated
        else draw_arm(campaign, row.token, split_arms(arms, control_percent, row.promoted_arm))
        for row in rows
    }


def split_arms(arms: Mapping[str, int], control_percent: int, promoted: str | None = None) -> dict[str, float]:
    """The share of each arm, of 1 in all. A promoted arm has 0.95, the others share the rest as they did before."""
    whole = sum(arms.values())
    shares = {CONTROL: control_percent / 100} if control_percent else {}
    shares |= {name: (100 - control_percent) / 100 * weight / whole for name, weight in arms.items()}
    if promoted not in shares:
        return shares
    winner = WINNER_PERCENT / 100
    others = 1 - shares[promoted]
    if not others:
        return shares
    return {name: winner if name == promoted else (1 - winner) * share / others for name, share in shares.items()}


def draw_arm(campaign: str, token: str, shares: Mapping[str, float]) -> str:
    """The arm of one contact. Control is drawn first and apart: other arms or weights move nobody in or out of it."""
    if (control := shares.get(CONTROL, 0.0)) > hash_unit("control", campaign, token):
        return CONTROL
    point = hash_unit("arm", campaign, token) * (1 - control)
    treated = [name for name in sorted(shares) if name != CONTROL]
    for name in treated[:-1]:
        if point < shares[name]:
            return name
        point -= shares[name]
    return treated[-1]


def hash_unit(*words: str) -> float:
    """A number from 0 up to 1 that these words always give."""
    digest = hashlib.sha256("\0".join(words).encode()).digest()
    return int.from_bytes(digest[:8]) / SCALE
