"""From a row of a file to a contact or an event, or to what is wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from contacts.importing.cells import Cell, check_excel, read_currency_in, read_number, read_text, read_word
from contacts.importing.consents import read_consent
from contacts.importing.dates import read_date, read_moment
from contacts.importing.phones import read_phone_cell
from contacts.importing.plan import Plan
from contacts.importing.problems import CellError, Problem
from contacts.importing.sheet import Row
from contacts.incoming import ContactIn, EventIn

MONEY = {"yearly_cost", "price_per_kwh", "fixed_per_year", "value", "amount"}
AMOUNTS = ("yearly_kwh", "yearly_cost", "price_per_kwh", "fixed_per_year")
FIVE_DIGITS = {"IT", "DE"}  # countries whose postcodes have five; a spreadsheet drops the zeros in front
WITH_COUNTRY = {"I-": "IT", "D-": "DE", "A-": "AT", "CH-": "CH", "IT-": "IT", "DE-": "DE", "AT-": "AT"}


@dataclass
class Reading:
    """What a row says. problem: the row cannot be stored; partly: the contact can, its consent cannot."""

    row: Row
    contact: ContactIn | None = None
    event: EventIn | None = None
    problem: Problem | None = None
    partly: Problem | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class Cells:
    """The cells of one row by field."""

    row: Row
    plan: Plan
    notes: list[str]

    def get(self, name: str) -> Cell:
        """Tidy; None where the file has no such column or the cell is empty. CellError for a spreadsheet's error."""
        position = self.plan.columns.fields.get(name)
        if position is None or position >= len(self.row.cells):
            return None
        cell = self.row.cells[position]
        if cell == "":
            return None
        if isinstance(cell, str):
            if not (text := read_text(cell)):
                return None
            check_excel(text, self.heading(name))
            return text
        return cell

    def heading(self, name: str) -> str:
        return self.plan.columns.heading_of(name) if name in self.plan.columns.fields else name

    def text(self, name: str) -> str | None:
        cell = self.get(name)
        return cell if cell is None or isinstance(cell, str) else read_text(cell)

    def word(self, name: str) -> str | None:
        cell = self.get(name)
        return None if cell is None else read_word(cell, self.heading(name), name)

    def number(self, name: str, currency: str) -> Any:
        cell = self.get(name)
        if cell is None:
            return None
        if name in MONEY and (read_currency_in(cell) or currency) != currency:
            raise CellError("currency_differs", column=self.heading(name), value=read_text(cell), currency=currency)
        return read_number(cell, self.heading(name), self.plan.decimal, fine=name == "price_per_kwh")


def read_contact(row: Row, plan: Plan, now: datetime) -> Reading:
    """A contact with contract and consent. What is empty is left out, so that it stays as it is."""

    def read(cells: Cells, reading: Reading) -> None:
        fields = read_person(cells)
        currency = cells.word("currency") or plan.currency()
        if (value := cells.number("value", currency)) is not None:
            fields |= {"value": value, "value_currency": currency}
        if contract := read_contract(cells, currency):
            fields["contract"] = [contract]
        try:
            consent = read_consent(cells, plan, now)
            if isinstance(consent, Problem):
                reading.partly = consent
            elif consent:
                fields["consent"] = [consent]
        except CellError as error:
            reading.partly = Problem("consent_unreadable", {"cause": error.problem})
        if not any(fields.get(name) for name in ("phone", "user_id", "external_id")):
            raise CellError("no_person")
        reading.contact = ContactIn.model_validate(fields)

    return read_row(row, plan, read)


def read_event(row: Row, plan: Plan) -> Reading:
    """An event; without a key of its own the row is the key, so that the same row counts once."""

    def read(cells: Cells, reading: Reading) -> None:
        contact = read_who(cells)
        kind = read_event_kind(cells)
        at = read_moment(cells.get("at"), cells.heading("at"), plan.orders["at"], plan.zone)
        currency = cells.word("currency") or plan.currency()
        amount, product = cells.number("amount", currency), cells.text("product")
        told = [contact, kind, str(at), str(amount or ""), product or ""]
        key = cells.text("key")
        if key is None:
            key = hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]
        fields: dict[str, Any] = {"contact": contact, "kind": kind, "at": at, "key": f"{kind}:{key}"}
        if amount is not None:
            fields |= {"amount": amount, "currency": currency}
        if product:
            fields["data"] = {"product": product}
        reading.event = EventIn.model_validate(fields)

    return read_row(row, plan, read)


def read_row(row: Row, plan: Plan, read: Callable[[Cells, Reading], None]) -> Reading:
    """Turns what cannot be read into a problem of the row."""
    reading = Reading(row)
    headings = len(plan.columns.headings)
    if any(cell not in (None, "") for cell in row.cells[headings:]):
        reading.problem = Problem("too_many_cells", {"cells": len(row.cells), "headings": headings})
        return reading
    try:
        read(cells := Cells(row, plan, reading.notes), reading)
    except CellError as error:
        reading.problem = error.problem
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(next((part for part in reversed(first["loc"]) if isinstance(part, str)), ""))
        why = first["msg"].removeprefix("Value error, ")
        value = str(first.get("input"))[:80]
        reading.problem = Problem("unfit", {"column": cells.heading(name), "value": value, "why": why})
    return reading


def read_person(cells: Cells) -> dict[str, Any]:
    """Who it is; only what the row tells."""
    country = cells.word("country")
    fields = {"external_id": cells.text("external_id"), "user_id": cells.text("user_id"), "country": country}
    fields["language"] = cells.word("language")
    if (number := cells.get("phone")) is not None:
        phone = read_phone_cell(number, cells.heading("phone"), country or cells.plan.country)
        fields["phone"] = phone.number
        if phone.note:
            cells.notes.append(phone.note)
    parts = [cells.text("first_name"), cells.text("last_name")]
    fields["name"] = cells.text("name") or " ".join(part for part in parts if part)
    if postcode := cells.text("postcode"):
        fields["postcode"], told = read_postcode(postcode, country or cells.plan.country)
        fields["country"] = country or told
    return {name: value for name, value in fields.items() if value}


def read_postcode(text: str, country: str) -> tuple[str, str | None]:
    """The postcode with the zeros a spreadsheet dropped, and the country if it is written before it."""
    prefix = next((one for one in WITH_COUNTRY if text.upper().startswith(one)), "")
    told = WITH_COUNTRY.get(prefix)
    postcode = text[len(prefix) :]
    if postcode.isdecimal() and (told or country) in FIVE_DIGITS:
        postcode = postcode.zfill(5)
    return postcode, told


def read_contract(cells: Cells, currency: str) -> dict[str, Any] | None:
    """What the contact has today; None where the row tells nothing of a contract."""
    terms: dict[str, Any] = {name: cells.number(name, currency) for name in AMOUNTS}
    terms["supplier"] = cells.text("supplier")
    if (day := cells.get("expires_on")) is not None:
        terms["expires_on"] = read_date(day, cells.heading("expires_on"), cells.plan.orders["expires_on"])
    terms = {name: value for name, value in terms.items() if value is not None}
    written = cells.text("contract_kind")
    if not terms and not written:
        return None
    kind = cells.plan.contract_kind
    if written:
        try:
            kind = read_word(written, cells.heading("contract_kind"), "contract_kind")
        except CellError:
            kind = written.lower()
            cells.notes.append("contract_kind_own")
    if not kind:
        raise CellError("contract_kind_missing")
    return {"kind": kind, "currency": currency} | terms


def read_who(cells: Cells) -> str:
    """Whose event it is: the other system's id, else the phone number."""
    if contact := cells.text("contact"):
        return contact
    if (number := cells.get("phone")) is None:
        raise CellError("no_person")
    return read_phone_cell(number, cells.heading("phone"), cells.plan.country).number


def read_event_kind(cells: Cells) -> str:
    written = cells.get("kind")
    kind = read_word(written, cells.heading("kind"), "event_kind") if written is not None else cells.plan.event_kind
    if not kind:
        raise CellError("event_kind_missing")
    return kind
