"""A shipped journey from its first message to its last, with the real assistant in between, through the front door."""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.phone import Phone, text_of
from tests.e2e.stack import PATIENCE, Stack
from tests.e2e.test_paths import call_api, say

numbers = itertools.count(1)
MARTA = {"by": "marta@example.org"}
ACCOUNT = """
    INSERT INTO account (email, name, role, created_at) VALUES ('marta@example.org', 'Marta', 'marketer', now())
    ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING id
"""
# One in ten would be left alone.
TREATED = """
    INSERT INTO arm_assignment (campaign, contact_id, arm, at)
    SELECT 'energy', id, 'message', now() FROM contact WHERE phone = %s RETURNING contact_id
"""
READY = """
    SELECT count(*) FROM contact c JOIN score s ON s.contact_id = c.id JOIN next_offer n ON n.contact_id = c.id
    WHERE c.phone = %s AND s.points >= 88 AND n.saving_percent >= 7
"""
CONVERTED = """
    SELECT count(*) FROM enrollment e JOIN contact c ON c.id = e.contact_id
    WHERE c.phone = %s AND e.converted_at IS NOT NULL
"""
STANDS = "SELECT step FROM enrollment e JOIN contact c ON c.id = e.contact_id WHERE c.phone = %s"
TASKS = """
    SELECT count(*) FROM task t JOIN contact c ON c.id = t.contact_id WHERE c.phone = %s AND t.kind = 'campaign'
"""
INTEREST = ({"kind": "page_visit", "data": {"page": "price"}}, {"kind": "offer_click"}, {"kind": "form"},
            {"kind": "quote_request"})  # fmt: skip


def read_now(stack: Stack) -> datetime:
    told = httpx.get(f"{stack.settings.graph_url}/control/clock", timeout=PATIENCE).json()["now"]
    return datetime.fromtimestamp(told, UTC)


def move_clock(stack: Stack, hours: float) -> None:
    """For the sandbox and for Pronto."""
    moved = {"seconds": hours * 3600}
    httpx.post(f"{stack.settings.graph_url}/control/clock", json=moved, timeout=PATIENCE).raise_for_status()


def tell(stack: Stack, path: str, **body: Any) -> dict[str, Any]:
    answer = call_api(stack, "POST", f"/campaigns/energy/{path}", json=MARTA | body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture
def giulia(stack: Stack) -> Phone:
    """Whose contract ends soon, who looked around, and whom the campaign writes its value message to."""
    phone, now = Phone(stack.settings.graph_url, f"+3902000100{next(numbers):02}"), read_now(stack)
    httpx.post(f"{phone.base}/control/customers", json={"phone": phone.customer}, timeout=PATIENCE).raise_for_status()
    agreed = {"given": True, "wording": "Sì, scrivetemi", "at": "2026-01-01T10:00:00Z", "proof": "form 1"}
    contract = {"kind": "electricity", "supplier": "Luce Comune", "expires_on": str((now + timedelta(days=25)).date()),
                "yearly_kwh": 2700, "price_per_kwh": 0.24, "fixed_per_year": 144}  # fmt: skip
    contact = {"phone": phone.customer, "name": "Giulia Verdi", "language": "it", "postcode": "20121",
               "consent": agreed, "contract": contract}  # fmt: skip
    assert call_api(stack, "PUT", "/contacts", json=contact).status_code == 200
    happened = {"contact": phone.customer, "at": str(now - timedelta(hours=1))}
    events = [happened | one | {"key": f"{phone.customer} {one['kind']}"} for one in INTEREST]
    assert call_api(stack, "POST", "/events", json=events).status_code == 200
    stack.query(ACCOUNT)
    stack.query(TREATED, phone.customer)
    for deed in ("check", "approve", "start"):
        tell(stack, deed)
    stack.wait_for(READY, 1, phone.customer)
    assert tell(stack, "contacts", contacts=[phone.customer], batch=phone.customer)["added"] == 1
    first = phone.next_answer(PATIENCE)
    assert first["body"]["template"]["name"] == "energy_saving"
    return phone


def talk(phone: Phone, said: list[tuple[str, str]]) -> None:
    """Says one after the other; what must stand in the answers."""
    answer = None
    for words, expected in said:
        answer = say(phone, answer, words)
        assert any(part in text_of(answer) for part in expected.split("|")), (words, text_of(answer))


def find_link(answer: dict[str, Any]) -> str:
    """The tracked link behind a message's button."""
    found = re.search(r"http[^\"' ]*/l/[\w-]+", json.dumps(answer["body"]))
    assert found, text_of(answer)
    return found[0]


def test_a_value_message_leads_to_an_offer_a_purchase_and_a_welcome(giulia: Phone, stack: Stack) -> None:
    talk(
        giulia,
        [
            ("sì", "2.700 kWh"),  # what is known is not asked again, but can be corrected
            ("sono 50122 Firenze", "Firenze"),
            ("3000 kwh", "3.000 kWh"),
            ("[Prezzo più basso]", "*2."),
            ("la seconda", "Hai scelto la 2"),
            ("[Sì, confermo]", "STOP"),
            ("[Sì, avvisami]", "Fatto"),
        ],
    )
    stack.wait_for(STANDS, "chosen", giulia.customer)
    purchase = {"contact": giulia.customer, "kind": "purchase", "key": f"{giulia.customer} signed"}
    assert call_api(stack, "POST", "/events", json=purchase | {"data": {"value": 465}}).status_code == 200
    stack.wait_for(STANDS, "onboarded", giulia.customer)
    assert giulia.next_answer()["body"]["template"]["name"] == "energy_done"
    stack.wait_for(CONVERTED, 1, giulia.customer)
    told = call_api(stack, "GET", f"/campaigns/energy/contacts/{giulia.customer}").json()
    people = call_api(stack, "GET", "/campaigns/energy/people?limit=500").json()
    (own,) = (one for one in people if one["contact"] == told["contact"])
    assert (own["step"], bool(own["converted_at"])) == ("onboarded", True)
    converted = sum(one["converted_at"] is not None for one in people)
    assert call_api(stack, "GET", "/campaigns/energy").json()["converted"] == converted
    assert [one["what"] for one in told["chain"] if one["kind"] == "sent"] == ["energy_saving", "energy_done"]
    assert {"reply", "answer", "event", "converted"} <= {one["kind"] for one in told["chain"]}


def test_who_was_silent_answers_1_clicks_and_is_helped(giulia: Phone, stack: Stack) -> None:
    stack.wait_for(STANDS, "answer", giulia.customer)
    move_clock(stack, 24.1)
    stack.wait_for(STANDS, "answer_again", giulia.customer)
    assert giulia.next_answer()["body"]["template"]["name"] == "energy_reminder"
    talk(
        giulia,
        [
            ("1", "2.700 kWh"),
            ("[Prezzo più basso]", "*2."),
            ("1", "Hai scelto la 1"),
            ("[Sì, confermo]", "STOP"),
        ],
    )
    answer = giulia.tap(giulia.answers()[-1], "Sì, avvisami")
    assert httpx.get(find_link(answer), timeout=PATIENCE).status_code in (302, 303, 307)
    stack.wait_for(STANDS, "opened", giulia.customer)
    move_clock(stack, 24.1)
    stack.wait_for(STANDS, "helped", giulia.customer)
    assert giulia.next_answer()["body"]["template"]["name"] == "energy_help"
    move_clock(stack, 48.1)
    stack.wait_for(STANDS, "unfinished", giulia.customer)
    assert stack.query(TASKS, giulia.customer)[0][0] == 1
