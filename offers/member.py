"""What a member has and was offered, read from the store, and the renewal that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.company import load_company
from offers.membership import RenewalOffer, renewal_offer

# An offer is known to a contact from a template that arrived, or from this chat; an older one is history. Decided: what
# was said about this very contract; where an event does not name its end, what was said in its last half year. A
# cancellation without a contract's kind is of all that a contact has.
OFFERED_DAYS = 30
MEMBERS = text(
    """
    SELECT k.contact_id, k.expires_on, k.yearly_cost, offered.at AS offered_at, renewed.until AS renewed_until,
           decided.kind AS decided, decided.reason
    FROM contract k
    LEFT JOIN LATERAL (
        SELECT min(at) AS at FROM (
            SELECT coalesce(sent_at, accepted_at, created_at) AS at FROM outbox
            WHERE contact_id = k.contact_id AND kind = 'template' AND proposal = 'membership_renewal'
              AND state IN ('accepted', 'held_for_quality_assessment', 'sent', 'delivered', 'read')
            UNION ALL SELECT at FROM event WHERE contact_id = k.contact_id AND kind = 'renewal_offered') told
        WHERE at > :since) offered ON true
    LEFT JOIN LATERAL (
        SELECT CAST(data ->> 'until' AS date) AS until FROM event
        WHERE contact_id = k.contact_id AND kind = 'renewal_accepted' AND data ? 'until' ORDER BY at DESC LIMIT 1
        ) renewed ON true
    LEFT JOIN LATERAL (
        SELECT kind, data ->> 'reason' AS reason FROM event
        WHERE contact_id = k.contact_id
          AND kind IN ('renewal_accepted', 'renewal_declined', 'cancelled', 'return_accepted')
          AND coalesce(data ->> 'contract', 'gym') = 'gym' AND CASE WHEN data ? 'ends_on'
            THEN data ->> 'ends_on' = CAST(k.expires_on AS text) ELSE at > k.expires_on - 180 END
        ORDER BY at DESC, id DESC LIMIT 1) decided ON true
    WHERE k.contact_id = ANY(CAST(:ids AS bigint[])) AND k.kind = 'gym' AND k.expires_on IS NOT NULL
    """
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
    return (await load_members(session, [contact_id], now)).get(contact_id)


async def load_members(session: AsyncSession, contact_ids: Sequence[int], now: datetime) -> dict[int, Member]:
    """The same for many in one statement; who has no membership is left out."""
    values = {"ids": list(contact_ids), "since": now - timedelta(days=OFFERED_DAYS)}
    return {
        row.contact_id: Member(
            row.expires_on,
            row.yearly_cost / 12 if row.yearly_cost else None,
            row.offered_at,
            row.renewed_until,
            row.decided,
            row.reason,
        )
        for row in await session.execute(MEMBERS, values)
    }


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
