"""What is not proposed to a contact any more: a no is the last word, and nobody is asked what is settled."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.member import Member, load_member, tell_settled

RETURN_DECLINED = text("SELECT max(at) FROM event WHERE contact_id = :id AND kind = 'return_declined'")


async def find_refusal(
    session: AsyncSession, contact_id: int, proposal: str | None, now: datetime, zone: str
) -> str | None:
    """Why this must not be proposed, as one sentence for whoever wants to; None if it may."""
    if proposal == "membership_renewal":
        member = await load_member(session, contact_id, now)
        return explain_settled(member, now, zone) if member else None
    if proposal != "win_back":
        return None
    if declined_at := await session.scalar(RETURN_DECLINED, {"id": contact_id}):
        return f"the contact said no to coming back on {declined_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
    member = await load_member(session, contact_id, now)
    if member and tell_settled(member, now, zone) not in ("cancelled", "ended"):
        return f"the contact is still a member, until {member.ends_on}: use the template membership_renewal"
    return None


def explain_settled(member: Member, now: datetime, zone: str) -> str | None:
    """Why a membership is not proposed for renewal."""
    until = f"the membership that ends on {member.ends_on}"
    match tell_settled(member, now, zone):
        case "renewed":
            return f"the contact has renewed {until} already"
        case "declined":
            because = f", reason: {member.declined_for}" if member.declined_for else ""
            return f"the contact said no to renewing {until}{because}; another end date in the contract lifts it"
        case "cancelled":
            return f"the contact has cancelled {until}: use the template win_back"
        case "ended":
            return f"the membership ended on {member.ends_on}: use the template win_back"
    return None
