"""The front door to the front door: a signed webhook in, a request to the Graph API out, in three languages."""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

from tests.e2e.phone import Phone, options_of, text_of
from tests.e2e.stack import PATIENCE, Stack

numbers = itertools.count(1000)

# What the customer says, and what must stand in the answer. Texts in brackets are taps.
COMPARISONS = {
    "it": [
        ("ciao, vorrei confrontare le tariffe della luce", "CAP"),
        ("20121", "Milano"),
        ("ma è gratis?", "gratuito"),
        ("nn lo so quanto consumo", "persone"),
        ("siamo in 3", "stim"),
        ("[Prezzo più basso]", "*1."),
        ("la seconda", "2"),
        ("[Sì, confermo]", "STOP"),
        ("[No, grazie]", "segnato"),
    ],
    "de": [
        ("guten abend, ich möchte stromtarife vergleichen", "Postleitzahl"),
        ("10115", "Berlin"),
        ("3.500 kwh", "wichtig"),
        ("ökostrom", "*1."),
        ("2", "gewählt"),
        ("ja passt", "STOP"),
        ("ja gern", "Musterangebote|notiert|Erledigt"),
    ],
    "en": [
        ("hi, i'd like to compare electricity tariffs please", "postcode"),
        ("it's 50122", "Firenze"),
        ("about 2700 kwh", "matters"),
        ("actually 3500 kwh", "matters"),
        ("fixed price", "*1."),
        ("the first one", "number 1"),
        ("yes", "STOP"),
        ("no thanks", "noted"),
    ],
}


@pytest.fixture
def customer(stack: Stack) -> Phone:
    return Phone(stack.settings.graph_url, f"+39020000{next(numbers)}")


def call_api(stack: Stack, method: str, path: str, **body: Any) -> httpx.Response:
    key = stack.settings.api_key.get_secret_value()
    return httpx.request(
        method,
        f"{stack.settings.public_url}/api{path}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=PATIENCE,
        **body,
    )


def say(phone: Phone, last: dict[str, Any] | None, words: str) -> dict[str, Any]:
    """Writes the words, or taps them where they stand in brackets."""
    if words.startswith("["):
        assert last is not None
        return phone.tap(last, words.strip("[]"))
    return phone.write(words)


@pytest.mark.parametrize("language", COMPARISONS)
def test_the_comparison_reaches_its_end(customer: Phone, stack: Stack, language: str) -> None:
    answer = None
    for words, expected in COMPARISONS[language]:
        answer = say(customer, answer, words)
        assert any(part in text_of(answer) for part in expected.split("|")), (words, text_of(answer))
    profile = call_api(stack, "GET", f"/contacts/{customer.customer}").json()
    assert profile["language"] == language
    assert {"replied", "quote_requested"} <= {line["rule"] for line in profile["score"]["receipt"]}
    assert all(row["state"] != "queued" for row in profile["outbox"])


def test_one_message_leaves_for_each_turn(customer: Phone) -> None:
    for words in ("ciao", "vorrei confrontare le tariffe", "20121"):
        customer.write(words)
    assert len(customer.answers()) == 3


def test_a_template_opens_the_talk_and_a_plain_yes_starts_the_comparison(customer: Phone, stack: Stack) -> None:
    contact = {
        "phone": customer.customer,
        "name": "Giulia",
        "language": "it",
        "postcode": "20121",
        "consent": {"given": True, "wording": "Sì, scrivetemi", "at": "2026-01-01T10:00:00Z", "proof": "form 1"},
        "contract": {"kind": "electricity", "expires_on": "2027-12-01"},
    }
    assert call_api(stack, "PUT", "/contacts", json=contact).status_code == 200
    sent = call_api(stack, "POST", "/messages", json={"contact": customer.customer, "template": "energy_value"})
    assert sent.status_code == 200, sent.text
    assert customer.next_answer()["body"]["template"]["name"] == "energy_value"
    assert "kWh" in text_of(customer.write("sì dai"))


def test_a_template_without_consent_is_refused(customer: Phone, stack: Stack) -> None:
    contact = {"phone": customer.customer, "name": "Giulia", "postcode": "20121"}
    call_api(stack, "PUT", "/contacts", json=contact)
    sent = call_api(stack, "POST", "/messages", json={"contact": customer.customer, "template": "energy_value"})
    assert sent.status_code == 409
    assert "agreed" in sent.json()["detail"]


@pytest.mark.parametrize(
    ("opening", "word", "confirmation"),
    [
        ("ciao, quanto costa la luce da voi?", "basta messaggi", "non ti scriveremo"),
        ("hallo, was kostet strom bei euch?", "abmelden", "schreiben dir nicht"),
        ("hello, what does electricity cost with you?", "STOP", "won't message"),
    ],
)
def test_a_stop_word_withdraws_consent(
    customer: Phone, stack: Stack, opening: str, word: str, confirmation: str
) -> None:
    customer.write(opening)
    assert confirmation in text_of(customer.write(word))
    profile = call_api(stack, "GET", f"/contacts/{customer.customer}").json()
    assert profile["consent"]["marketing"]["given"] is False
    assert profile["consent"]["marketing"]["wording"] == word


def test_stop_with_a_thought_behind_it_is_not_an_opt_out(customer: Phone, stack: Stack) -> None:
    customer.write("vorrei confrontare le tariffe")
    customer.write("20121")
    customer.write("2500")
    customer.write("stop, aspetta, volevo dire 3500 kwh")
    profile = call_api(stack, "GET", f"/contacts/{customer.customer}").json()
    assert profile["consent"]["marketing"] is None
    assert [answer["value"] for answer in profile["answers"] if answer["name"] == "yearly_kwh"] == [3500]


def test_a_person_takes_over_with_everything_captured(customer: Phone, stack: Stack) -> None:
    for words in ("vorrei confrontare le tariffe", "20121"):
        customer.write(words)
    customer.write("voglio parlare con una persona")
    profile = call_api(stack, "GET", f"/contacts/{customer.customer}").json()
    assert profile["handoff"]["reason"] == "wish"
    card = stack.query("SELECT card FROM handoff WHERE closed_at IS NULL ORDER BY id DESC LIMIT 1")[0][0]
    assert "20121" in str(card)


def test_during_a_handoff_the_assistant_is_silent(customer: Phone, stack: Stack) -> None:
    customer.write("voglio parlare con una persona")
    silent = len(customer.answers())
    base, key = stack.settings.graph_url, customer.customer
    httpx.post(
        f"{base}/control/inbound", json={"customer": key, "text": "ci siete?"}, timeout=PATIENCE
    ).raise_for_status()
    stack.wait_for("SELECT count(*) FROM turn WHERE finished_at IS NULL OR decision IS NULL", 0)
    stack.wait_for(f"SELECT count(*) FROM turn t JOIN contact c ON c.id = t.contact_id WHERE phone = '{key}'", 2)
    assert len(customer.answers()) == silent


def test_a_voice_note_is_acknowledged_honestly(customer: Phone) -> None:
    answer = customer.send(media="voice-it.ogg")
    assert "ascolt" in text_of(answer).lower()


def test_a_customer_without_a_phone_number_is_answered(stack: Stack) -> None:
    phone = Phone(stack.settings.graph_url, "IT.77001")
    httpx.post(
        f"{phone.base}/control/customers", json={"user_id": "IT.77001", "name": "Ana"}, timeout=PATIENCE
    ).raise_for_status()
    answer = phone.write("ciao")
    assert answer["body"]["recipient"] == "IT.77001"
    assert "to" not in answer["body"]


def test_options_are_numbered_by_what_was_offered(customer: Phone) -> None:
    for words in ("vorrei confrontare le tariffe", "20121", "2700"):
        answer = customer.write(words)
    third = options_of(answer)[2]["title"]
    assert third == "Prezzo bloccato"
    assert "*1." in text_of(customer.write("3"))
