"""What is sold, and where."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from core.tables.base import MONEY, PRICE, Base, row_id


class Offer(Base):
    """An offer of the catalogue. Prices before taxes and network charges. region and the like empty: everywhere."""

    __tablename__ = "offer"
    id: Mapped[int] = row_id()
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # electricity, gas
    country: Mapped[str]
    supplier: Mapped[str]
    name: Mapped[str]
    price_type: Mapped[str]  # fixed, variable
    price_per_kwh: Mapped[Decimal] = mapped_column(PRICE)  # fixed: the price; variable: the spread on the index
    fixed_per_year: Mapped[Decimal] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(server_default="EUR")
    green: Mapped[bool]
    region: Mapped[str | None]
    province: Mapped[str | None]
    municipality: Mapped[str | None]
    valid_from_on: Mapped[date | None]
    valid_until_on: Mapped[date | None]
    sample: Mapped[bool] = mapped_column(server_default=sql("false"))  # made up to show the product
    url: Mapped[str | None]
    source: Mapped[str]
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = (Index("ix_offer_place", "country", "kind", "region"),)


class NextOffer(Base):
    """The offer that saves a contact most against today's contract; no row where no saving is known for sure.

    reason: the facts in order, for offers.explain_offer. valid_until_on: the last day it can be signed.
    """

    __tablename__ = "next_offer"
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    kind: Mapped[str]  # of the contract it would replace
    offer_code: Mapped[str] = mapped_column(index=True)
    supplier: Mapped[str]
    yearly_saving: Mapped[Decimal] = mapped_column(MONEY)
    saving_percent: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    currency: Mapped[str]
    valid_until_on: Mapped[date | None]
    reason: Mapped[list[Any]]
    computed_at: Mapped[datetime]


class OfferSweep(Base):
    """Offers of a kind changed: the contacts with such a contract get their next offer anew, in order of their ids."""

    __tablename__ = "offer_sweep"
    kind: Mapped[str] = mapped_column(primary_key=True)
    next_id: Mapped[int | None]  # contacts from this id on still wait; empty: all done
    begun_on: Mapped[date]


class Stock(Base):
    """Pieces of a product a shop system told; they count before those in products.yml. size `one`: it has no sizes."""

    __tablename__ = "stock"
    sku: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int]
    updated_at: Mapped[datetime]


class Place(Base):
    """A place a postcode belongs to. One code has many places, and occurs in several countries."""

    __tablename__ = "place"
    id: Mapped[int] = row_id()
    country: Mapped[str]
    postcode: Mapped[str]
    name: Mapped[str]
    region: Mapped[str | None]
    region_code: Mapped[str | None]
    province: Mapped[str | None]
    province_code: Mapped[str | None]
    municipality: Mapped[str | None]
    municipality_code: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    __table_args__ = (Index("ix_place_postcode", "postcode", "country"),)


class LoadedTable(Base):
    """Which edition of a shipped table (place, offer) stands in the database."""

    __tablename__ = "loaded_table"
    name: Mapped[str] = mapped_column(primary_key=True)
    checksum: Mapped[str]
    loaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
