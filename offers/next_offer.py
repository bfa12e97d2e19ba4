"""The next best offer of many contacts at once: what saves most against today's contract, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from offers.best_saving import (
    ANSWERS,
    DRIVER,
    KINDS,
    Choice,
    Today,
    Told,
    best_policy,
    best_tariff,
    choose_best,
    has_ended,
)
from offers.choose import Available, find_sold, is_sold_at
from offers.company import load_company
from offers.parameters import load_parameters
from offers.places import Area, find_areas
from offers.shelf import Shelf, make_shelf

ZONE = "Europe/Rome"  # the default of PRONTO_TIMEZONE

CONTRACTS = text(
    """
    SELECT k.contact_id, k.kind, k.supplier, k.expires_on, k.yearly_kwh, k.yearly_cost, k.price_per_kwh,
           k.fixed_per_year, k.currency, k.updated_at, c.country, c.postcode, c.place,
           CAST(CAST(:now AS timestamptz) AT TIME ZONE coalesce(c.timezone, :zone) AS date) AS today
    FROM contract k JOIN contact c ON c.id = k.contact_id
    WHERE k.contact_id = ANY (:ids) AND k.kind = ANY (:kinds) AND c.erased_at IS NULL
    """
)
TOLD = text(
    "SELECT DISTINCT ON (contact_id, name) contact_id, name, value, at FROM answer"
    " WHERE contact_id = ANY (:ids) AND name = ANY (:names) ORDER BY contact_id, name, id DESC"
)
STORE = text(
    """
    INSERT INTO next_offer AS n (contact_id, kind, offer_code, supplier, yearly_saving, saving_percent, currency,
                                 valid_until_on, reason, computed_at)
    SELECT contact_id, kind, offer_code, supplier, yearly_saving, saving_percent, currency, valid_until_on, reason, :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (contact_id bigint, kind text, offer_code text, supplier text,
        yearly_saving numeric, saving_percent numeric, currency text, valid_until_on date, reason jsonb)
    ORDER BY contact_id
    ON CONFLICT (contact_id) DO UPDATE SET kind = excluded.kind, offer_code = excluded.offer_code,
        supplier = excluded.supplier, yearly_saving = excluded.yearly_saving,
        saving_percent = excluded.saving_percent, currency = excluded.currency,
        valid_until_on = excluded.valid_until_on, reason = excluded.reason, computed_at = excluded.computed_at
    WHERE (n.kind, n.offer_code, n.supplier, n.yearly_saving, n.saving_percent, n.currency, n.valid_until_on, n.reason)
        IS DISTINCT FROM (excluded.kind, excluded.offer_code, excluded.supplier, excluded.yearly_saving,
        excluded.saving_percent, excluded.currency, excluded.valid_until_on, excluded.reason)
    RETURNING n.contact_id
    """
)
DROP = text(
    "DELETE FROM next_offer WHERE contact_id = ANY (:ids) AND NOT contact_id = ANY (:kept) RETURNING contact_id"
)

type Goods = tuple[str, str, date]  # kind, country, day
type Stock = tuple[list[Available], list[Available]]  # what is sold everywhere, and what only in some places
type AnswersOf = Mapping[int, Mapping[str, Told]]


async def refresh_next_offers(
    session: AsyncSession, contact_ids: Sequence[int], now: datetime, zone: str = ZONE
) -> list[int]:
    """Chooses anew for these contacts and stores it; the ids of those for whom anything changed. The caller commits.

    A contact for whom no saving is known for sure has no row. Whoever calls holds the contacts' rows, as for a score.
    """
    ids = list(contact_ids)
    found = await session.execute(CONTRACTS, {"ids": ids, "kinds": list(KINDS), "now": now, "zone": zone})
    contracts = [today for today in (Today(*row) for row in found) if not has_ended(today)]
    chosen = await choose_offers_of(session, contracts) if contracts else {}
    changed = list(await session.scalars(DROP, {"ids": ids, "kept": list(chosen)}))
    if chosen:
        rows = [{"contact_id": contact_id, **vars(choice)} for contact_id, choice in chosen.items()]
        changed += await session.scalars(STORE, {"rows": orjson.dumps(rows, default=str).decode(), "now": now})
    return sorted(changed)


async def choose_offers_of(session: AsyncSession, contracts: Sequence[Today]) -> dict[int, Choice]:
    """The best offer per contact, those without one left out."""
    told = await read_told(session, [today.contact_id for today in contracts])
    shelves = await Shelves.open(session, contracts)
    found: dict[int, list[Choice]] = {}
    for today in contracts:
        answers = told.get(today.contact_id, {})
        choice = None
        if today.kind == "insurance":
            if answers.keys() >= DRIVER:
                choice = best_policy(today, answers, load_company())
        elif shelf := shelves.find(today):
            choice = best_tariff(today, answers, shelf)
        if choice:
            found.setdefault(today.contact_id, []).append(choice)
    return {contact_id: best for contact_id, choices in found.items() if (best := choose_best(choices))}


async def read_told(session: AsyncSession, ids: list[int]) -> AnswersOf:
    """The newest answer of each contact to what decides a cost."""
    told: dict[int, dict[str, Told]] = {}
    for row in await session.execute(TOLD, {"ids": ids, "names": list(ANSWERS)}):
        told.setdefault(row.contact_id, {})[row.name] = Told(row.value, row.at)
    return told


class Shelves:
    """The tariffs for many contracts: each catalogue is read once, each place's choice of it made once."""

    def __init__(self, sold: dict[Goods, Stock], areas: dict[tuple[str, str | None], Area | None]) -> None:
        self.sold = sold
        self.areas = areas
        self.of_area: dict[tuple[Goods, Area], Shelf] = {}
        self.of_offers: dict[tuple[Goods, tuple[str, ...]], Shelf] = {}

    @classmethod
    async def open(cls, session: AsyncSession, contracts: Sequence[Today]) -> Shelves:
        """Reads what these contracts need: one question for all places, one per catalogue."""
        tariffs = [today for today in contracts if today.kind != "insurance"]
        areas = await find_areas(session, {(one.postcode, one.country) for one in tariffs if one.postcode})
        shelves = cls({}, areas)
        for today in tariffs:
            if (area := shelves.locate(today)) and (goods := (today.kind, area.country, today.on)) not in shelves.sold:
                offers = await find_sold(session, *goods)
                shelves.sold[goods] = (
                    [offer for offer in offers if is_sold_at(offer)],
                    [offer for offer in offers if not is_sold_at(offer)],
                )
        return shelves

    def locate(self, today: Today) -> Area | None:
        """Where the contact lives; without a place in the table what is sold in the whole country counts."""
        known = self.areas.get((today.postcode, today.country)) if today.postcode else None
        return known or (Area(today.country) if today.country else None)

    def find(self, today: Today) -> Shelf | None:
        """The offers for a contract's place; places with the same offers share one shelf."""
        area = self.locate(today)
        if area is None:
            return None
        goods = today.kind, area.country, today.on
        if (goods, area) not in self.of_area:
            everywhere, local = self.sold[goods]
            codes = area.region, area.province, area.municipality
            added = [offer for offer in local if is_sold_at(offer, *codes)]
            same = goods, tuple(offer.code for offer in added)
            if same not in self.of_offers:
                self.of_offers[same] = make_shelf([*everywhere, *added], load_parameters())
            self.of_area[goods, area] = self.of_offers[same]
        return self.of_area[goods, area]
