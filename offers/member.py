"""What a member has and was offered, read from the store, and the renewal that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.company import load_company
from offers.membership import RenewalOffer, renewal_offer

CONTRACT = text(
    "SELECT expires_on, yearly_cost FROM contract WHERE contact_id = :id AND kind = 'gym' AND expires_on IS NOT NULL"
)
# An offer is known to a contact from a template that arrived, or from this chat; an older one is history.
OFFERED_DAYS = 30
OFFERED_AT = text(
    "SELECT min(at) FROM ("
    " SELECT coalesce(sent_at, accepted_at, created_at) AS at FROM outbox WHERE contact_id = :id"
    "  AND kind = 'template' AND proposal = 'membership_renewal'"
    "  AND state IN ('accepted', 'held_for_quality_assessment', 'sent', 'delivered', 'read')"
    " UNION ALL SELECT at FROM event WHERE contact_id = :id AND kind = 'renewal_offered') offered WHERE at > :since"
)
RENEWED_UNTIL = text(
    "SELECT CAST(data ->> 'until' AS date) FROM event WHERE contact_id = :id AND kind = 'renewal_accepted'"
    " AND data ? 'until' ORDER BY at DESC LIMIT 1"
)
# What was decided about this very contract; where an event does not name its end, what was said in its last half year.
# A cancellation without a contract's kind is of all that a contact has.
DECIDED = text(
    "SELECT kind, data ->> 'reason' AS reason FROM event WHERE contact_id = :id"
    " AND kind IN ('renewal_accepted', 'renewal_declined', 'cancelled', 'return_accepted')"
    " AND coalesce(data ->> 'contract', 'gym') = 'gym' AND CASE WHEN data ? 'ends_on'"
    "  THEN data ->> 'ends_on' = CAST(CAST(:ends_on AS date) AS text)"
    "  ELSE at > CAST(:ends_on AS date) - 180 END ORDER BY at DESC, id DESC LIMIT 1"
)
SETTLED = {"renewal_accepted": "renewed", "renewal_declined": "declined", "cancelled": "cancelled"}
GRACE = timedelta(days=30)  # so long after its end a membership is still renewed; then someone has left


@dataclass(frozen=True)
class Member:
    """ends_on: of today's contract. offered_at: when a renewal was offered first, None if none was.

    decided: the last word about this contract, an EventKind; declined_for: the reason of a no, where one was told.
    """

    ends_on: date
    price_per_month: Decimal | None
    offered_at: datetime | None
    renewed_until: date | None
    decided: str | None = None
    declined_for: str | None = None


async def load_member(session: AsyncSession, contact_id: int, now: datetime) -> Member | None:
    """What the store knows about the contact's membership."""
    own = {"id": contact_id}
    contract = (await session.execute(CONTRACT, own)).one_or_none()
    if contract is None:
        return None
    since = now - timedelta(days=OFFERED_DAYS)
    offered_at = await session.scalar(OFFERED_AT, own | {"since": since})
    renewed = await session.scalar(RENEWED_UNTIL, own)
    monthly = contract.yearly_cost / 12 if contract.yearly_cost else None
    last = (await session.execute(DECIDED, own | {"ends_on": contract.expires_on})).one_or_none()
    decided, reason = (last.kind, last.reason) if last else (None, None)
    return Member(contract.expires_on, monthly, offered_at, renewed, decided, reason)


def tell_settled(member: Member, now: datetime, zone: str) -> str | None:
    """Why a renewal is not ours to propose: renewed, declined, cancelled, ended; None if it is."""
    if settled := SETTLED.get(member.decided or ""):
        return settled
    if member.renewed_until and member.renewed_until > member.ends_on:
        return "renewed"
    today = now.astimezone(ZoneInfo(zone)).date()
    return "ended" if member.ends_on + GRACE < today else None


def choose_renewal(member: Member, now: datetime, zone: str) -> tuple[RenewalOffer | None, RenewalOffer | None]:
    """What was offered then, and what holds now: the same as long as its deadline lasts."""
    membership, price = load_company().membership, member.price_per_month
    at = member.offered_at
    told = renewal_offer(membership, at, zone, offered_at=at, price_per_month=price) if at else None
    if told:
        own = told.renewal.id
        if same := renewal_offer(membership, now, zone, offered_at=at, price_per_month=price, renewal_id=own):
            return told, same
    return told, renewal_offer(membership, now, zone, offered_at=at, price_per_month=price)
