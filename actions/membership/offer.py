"""Which renewal a member can have: their contract, what they were offered before, and what the company offers now."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from actions import store
from actions.contracts import read_today
from actions.telling import Telling
from contacts.consent import consent_state
from core.types import Purpose
from offers.company import load_company
from offers.membership import RenewalOffer, gentle_alternative, renewal_offer

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


@dataclass(frozen=True)
class Member:
    """ends_on: of today's contract. offered_at: when a renewal was offered first, None if none was."""

    ends_on: date
    price_per_month: Decimal | None
    offered_at: datetime | None
    renewed_until: date | None


async def find_renewal(telling: Telling) -> dict[str, Any]:
    """The renewal on the table, ready for a slot; `problem` tells why there is none."""
    member = await load_member(telling)
    if member is None:
        return {"problem": "no_contract"}
    if member.renewed_until and member.renewed_until > member.ends_on:
        return {"problem": "already", "until": member.renewed_until.isoformat()}
    zone = telling.contact.timezone or store.get_settings().timezone
    told, offer = choose_renewal(member, telling.now, zone)
    expired = told is not None and (offer is None or offer.renewal.id != told.renewal.id)
    over = told.last_day.isoformat() if told and expired else None
    base: dict[str, Any] = {"told": told is not None and not expired, "expired_on": over}
    if offer is None:
        return base | {"problem": "no_offer"}
    more = {"fits": list_fitting(member), "ask_updates": await lacks_consent(telling)}
    return base | more | describe_offer(offer, member, read_today(telling.contact, telling.now))


async def load_member(telling: Telling) -> Member | None:
    """What the store knows about the contact's membership."""
    own = {"id": telling.contact.id}
    contract = (await telling.session.execute(CONTRACT, own)).one_or_none()
    if contract is None:
        return None
    since = telling.now - timedelta(days=OFFERED_DAYS)
    offered_at = await telling.session.scalar(OFFERED_AT, own | {"since": since})
    renewed = await telling.session.scalar(RENEWED_UNTIL, own)
    monthly = contract.yearly_cost / 12 if contract.yearly_cost else None
    return Member(contract.expires_on, monthly, offered_at, renewed)


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


def describe_offer(offer: RenewalOffer, member: Member, today: date) -> dict[str, Any]:
    """The offer as plain JSON; it goes on where today's membership ends."""
    return {
        "id": offer.renewal.id,
        "price": str(offer.price),
        "currency": offer.currency,
        "saving": str(offer.saving) if offer.saving else None,
        "last_day": offer.last_day.isoformat(),
        "ends_on": member.ends_on.isoformat(),
        "ended": member.ends_on < today,
        "until": add_months(max(member.ends_on, today), offer.months).isoformat(),
        "sample": offer.sample,
    }


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last one of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def list_fitting(member: Member) -> list[str]:
    """The reasons for a no that we have an honest alternative to: a plan that is really cheaper, a pause."""
    gentle = gentle_alternative(load_company().membership, member.price_per_month)
    return [*(["price"] if gentle.saving_per_month else []), "time", "drifted"]


async def lacks_consent(telling: Telling) -> bool:
    """Whether nobody ever asked this contact for updates; a no that was given is not asked again."""
    state = await consent_state(telling.session, telling.contact.id)
    return state[Purpose.MARKETING] is None and state["platform"] is None
