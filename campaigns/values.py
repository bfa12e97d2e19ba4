"""What templates may say about contacts, read from the store for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.cart_values import write_cart
from campaigns.renewal_values import write_day, write_price, write_renewal
from core.settings import Settings
from core.types import Language
from offers.cart import load_carts
from offers.member import Member

FEWEST_DAYS = 2  # the texts say "in 5 days": they would be wrong for today, tomorrow and yesterday
OFFER_NAMES = {"new_supplier", "saving_percent", "yearly_saving"}
CART_NAMES = {"cart_items", "cart_url"}
RENEWAL_NAMES = {"membership_days", "offer", "offer_price", "offer_until"}

OFFERS = text(
    """
    SELECT n.contact_id, n.supplier, n.yearly_saving, n.saving_percent, n.currency FROM next_offer n
    WHERE n.contact_id = ANY(CAST(:ids AS bigint[]))
      AND (n.valid_until_on IS NULL OR n.valid_until_on >= CAST(CAST(:now AS timestamptz) AS date))
    """
)


@dataclass(frozen=True)
class Needed:
    """A contact's values for one text. row: its name, place and zone; contract: a Deadline of the gate."""

    row: Row[Any]
    language: Language
    names: frozenset[str]
    contract: Any = None
    member: Member | None = None


async def read_values(
    session: AsyncSession, settings: Settings, needed: Sequence[Needed], now: datetime
) -> list[dict[str, str]]:
    """The values of each, in order; what is not known of a contact is left out."""
    offers = await read_offers(session, [one.row.id for one in needed if one.names & OFFER_NAMES], now)
    carts = await load_carts(session, {one.row.id: one.language for one in needed if one.names & CART_NAMES})
    found = []
    for one in needed:
        values = write_person(one, settings.company) | write_contract(one)
        if offer := offers.get(one.row.id):
            values |= write_offer(offer, one.language)
        if cart := carts.get(one.row.id):
            values |= write_cart(cart)
        if one.member and one.names & RENEWAL_NAMES:
            values |= write_renewal(one.member, now, one.row.zone, one.language)
        found.append(values)
    return found


async def read_offers(session: AsyncSession, ids: Sequence[int], now: datetime) -> Mapping[int, Row[Any]]:
    if not ids:
        return {}
    rows = await session.execute(OFFERS, {"ids": list(ids), "now": now})
    return {row.contact_id: row for row in rows}


def write_person(one: Needed, company: str) -> dict[str, str]:
    """Names and place. A first name is the first word."""
    name = (one.row.name or "").strip()
    known = {"name": name.split(" ")[0], "full_name": name, "place": one.row.place, "company": company}
    return {key: value for key, value in known.items() if value}


def write_contract(one: Needed) -> dict[str, str]:
    """Days until it ends, its last day, and with whom it is."""
    if one.contract is None:
        return {}
    known = {"supplier": one.contract.supplier}
    if one.contract.days is not None and one.contract.days >= FEWEST_DAYS:
        known |= {"days": str(one.contract.days), "ends_on": write_day(one.contract.ends_on, one.language)}
    return {key: value for key, value in known.items() if value}


def write_offer(offer: Row[Any], language: Language) -> dict[str, str]:
    """With whom, and what it saves: percent rounded down, money to the cent."""
    return {
        "new_supplier": offer.supplier,
        "saving_percent": str(int(Decimal(offer.saving_percent))),
        "yearly_saving": write_price(offer.yearly_saving, offer.currency, language),
    }
