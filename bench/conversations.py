"""What the customers of the benchmark say: the comparison of tariffs in three languages, as a talk would go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count, cycle

from bench.load import build_request
from tests.e2e.stack import Stack

TALKS = {
    "it": (
        "Ciao",
        "Vorrei spendere meno per la luce",
        "perché ti serve il CAP?",
        "20121",
        "circa 2700 kWh all'anno",
        "il prezzo più basso",
        "la prima",
        "sì, va bene",
        "sì",
        "grazie mille",
    ),
    "de": (
        "Hallo",
        "Ich möchte weniger für Strom bezahlen",
        "wozu brauchst du die Postleitzahl?",
        "10115",
        "ungefähr 2700 kWh im Jahr",
        "der günstigste Preis",
        "das erste",
        "ja, passt",
        "ja",
        "vielen Dank",
    ),
    "en": (
        "Hi",
        "I'd like to pay less for electricity",
        "why do you need my postcode?",
        "20121",
        "about 2700 kWh a year",
        "the lowest price",
        "the first one",
        "yes, that's fine",
        "yes",
        "thanks a lot",
    ),
}
MAKE_CONTACTS = """
    INSERT INTO contact (token, phone, name, language, country)
    SELECT 'bench' || n, '+39335' || lpad(n::text, 7, '0'), 'Ada', 'it', 'IT' FROM generate_series(1, %s) AS n
    RETURNING token
"""


def make_contacts(stack: Stack, number: int) -> list[str]:
    """People for the actions to work on; their tokens."""
    return [token for (token,) in stack.query(MAKE_CONTACTS, number)]


def talk_to_pronto(stack: Stack, tokens: list[str], prefix: str) -> Iterator[list[bytes]]:
    """Conversations without end, each a list of requests to Pronto's channel."""
    bearer = {"Authorization": f"Bearer {stack.settings.internal_token()}"}
    for number, token, (language, texts) in zip(count(), cycle(tokens), cycle(TALKS.items()), strict=False):
        orders = [
            {
                "sender": f"{token}.{prefix}{number}",
                "message_id": f"{prefix}{number}:{place}",
                "text": text,
                "slots": {"language": language},
                "metadata": {},
            }
            for place, text in enumerate(texts)
        ]
        yield [build_request("/webhooks/pronto/webhook", json.dumps(order).encode(), bearer) for order in orders]


def talk_to_stock(tokens: list[str], prefix: str) -> Iterator[list[bytes]]:
    """The same conversations for Rasa's own REST channel."""
    for number, token, texts in zip(count(), cycle(tokens), cycle(TALKS.values()), strict=False):
        orders = [{"sender": f"{token}.{prefix}{number}", "message": text} for text in texts]
        yield [build_request("/webhooks/rest/webhook", json.dumps(order).encode()) for order in orders]
