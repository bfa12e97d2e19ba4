"""What is not proposed to a contact any more: a no is the last word, and nobody is asked what is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.details import Detail, describe
from offers.member import Member, tell_settled

DECLINED = text(
    """
    SELECT contact_id, max(at) AS at FROM event
    WHERE contact_id = ANY(CAST(:ids AS bigint[])) AND kind = 'return_declined' GROUP BY contact_id
    """
)


@dataclass(frozen=True)
class Proposed:
    """A template's proposal to a contact. member: what is known of its membership; zone: of its calendar."""

    contact_id: int
    proposal: str | None
    zone: str
    member: Member | None = None


async def find_refusals(session: AsyncSession, proposed: Sequence[Proposed], now: datetime) -> list[Detail | None]:
    """Why each must not be proposed, for whoever wants to; None where it may."""
    leavers = [one.contact_id for one in proposed if one.proposal == "win_back"]
    rows = await session.execute(DECLINED, {"ids": leavers}) if leavers else ()
    declined = {row.contact_id: row.at for row in rows}
    return [explain_refusal(one, declined.get(one.contact_id), now) for one in proposed]


def explain_refusal(one: Proposed, declined_at: datetime | None, now: datetime) -> Detail | None:
    """Why not. declined_at: when the contact said no to coming back."""
    if one.proposal == "membership_renewal":
        return explain_settled(one.member, now, one.zone) if one.member else None
    if one.proposal != "win_back":
        return None
    if declined_at:
        return describe("return_declined", day=f"{declined_at.astimezone(ZoneInfo(one.zone)):%Y-%m-%d}")
    if one.member and tell_settled(one.member, now, one.zone) not in ("cancelled", "ended"):
        return describe("still_member", ends_on=str(one.member.ends_on))
    return None


def explain_settled(member: Member, now: datetime, zone: str) -> Detail | None:
    """Why a membership is not proposed for renewal."""
    ends_on = str(member.ends_on)
    match tell_settled(member, now, zone):
        case "declined" if member.declined_for:
            return describe("renewal_declined_because", ends_on=ends_on, reason=member.declined_for)
        case "declined":
            return describe("renewal_declined", ends_on=ends_on)
        case None:
            return None
        case settled:
            return describe(settled, ends_on=ends_on)
