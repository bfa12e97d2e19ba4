"""The demo's customers: Pronto knows what its first message to them needs, whatever the day is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from campaigns.templates.definitions import load_templates
from core import clock
from core.settings import Settings
from core.types import AddressForm
from offers.company import load_company
from sandbox.world import CAST
from webhook.demo_contacts import read_contacts

ROME = ZoneInfo("Europe/Rome")
CUSTOMERS: list[dict[str, Any]] = json.loads(CAST.read_text(encoding="utf-8"))
KNOWN = [customer for customer in CUSTOMERS if "template" in customer]


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's facts are the shipped ones."""
    monkeypatch.setenv("PRONTO_DEMO", "1")


def test_every_language_has_a_customer_each_with_a_template_and_one_is_a_stranger() -> None:
    assert {customer["template"] for customer in KNOWN} <= set(load_templates(AddressForm.INFORMAL))
    assert {customer["language"] for customer in KNOWN} == {"it", "de", "en"}
    assert len(CUSTOMERS) - len(KNOWN) == 1


async def test_every_first_message_can_be_filled(client: httpx.AsyncClient, settings: Settings) -> None:
    contacts, events = read_contacts(clock.now(), ZoneInfo(settings.timezone))
    for answer in (await client.put("/api/contacts", json=contacts), await client.post("/api/events", json=events)):
        assert answer.status_code == 200, answer.text
    for customer in KNOWN:
        body = {"contact": customer["phone"], "template": customer["template"], "at_once": True}
        answer = await client.post("/api/messages", json=body)
        assert answer.status_code == 200, (customer["name"], answer.text)
        assert customer["name"].split()[0] in answer.json()["text"]


def test_a_customer_and_the_contact_are_one_person() -> None:
    contacts, _ = read_contacts(clock.now(), ROME)
    people = {contact["phone"]: (contact["name"], contact["language"]) for contact in contacts}
    assert people == {one["phone"]: (one["name"].split()[0], one["language"]) for one in KNOWN}


def test_what_lies_in_a_cart_is_in_the_catalogue() -> None:
    _, events = read_contacts(datetime.now(UTC), ROME)
    skus = {item["sku"] for event in events for item in event["data"].get("items", [])}
    assert skus
    assert skus <= {product.sku for product in load_company().products}


def test_dates_count_from_the_day_of_the_demo() -> None:
    contacts, events = read_contacts(datetime(2027, 3, 31, 23, 0, tzinfo=UTC), ROME)
    ends = {one["contract"]["kind"]: date.fromisoformat(one["contract"]["expires_on"]) for one in contacts[:5]}
    assert ends["gym"] == date(2027, 4, 11)
    assert {event["kind"]: event["at"] for event in events}["cart_abandoned"] == "2027-03-31 20:00:00+00:00"
    assert "demo-grace-cart_abandoned-2027-04-01" in {event["key"] for event in events}


async def test_another_start_on_the_same_day_adds_no_event(client: httpx.AsyncClient) -> None:
    contacts, events = read_contacts(clock.now(), ROME)
    stored = []
    for _ in range(2):
        assert (await client.put("/api/contacts", json=contacts)).status_code == 200
        stored.append((await client.post("/api/events", json=events)).json()["stored"])
    assert stored == [len(events), 0]
