"""WhatsApp's limits, each at its edge and one beyond."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.errors import GraphError
from sandbox.limits import check_message


def interactive(kind: str, action: dict[str, Any], body: str = "Ciao", **more: Any) -> dict[str, Any]:
    return {"interactive": {"type": kind, "body": {"text": body}, "action": action} | more}


def buttons(*titles: str, ids: list[str] | None = None) -> dict[str, Any]:
    names = ids or [str(number) for number in range(len(titles))]
    return {
        "buttons": [
            {"type": "reply", "reply": {"id": key, "title": title}} for key, title in zip(names, titles, strict=True)
        ]
    }


def rows(count: int, sections: int = 1, **row: str) -> dict[str, Any]:
    made = [{"id": str(number), "title": f"Row {number}"} | row for number in range(count)]
    size = -(-count // sections) if sections else 0
    parts = [{"title": f"Part {n}", "rows": made[n * size : (n + 1) * size]} for n in range(sections)]
    return {"button": "Choose", "sections": parts}


def link(text: str = "Look", url: str = "https://example.org/a") -> dict[str, Any]:
    return {"name": "cta_url", "parameters": {"display_text": text, "url": url}}


GOOD = [
    ("text", {"text": {"body": "x" * 4096}}),
    ("interactive", interactive("button", buttons("a" * 20, "b", "c"), "x" * 1024)),
    ("interactive", interactive("button", buttons("a", ids=["i" * 256]), footer={"text": "f" * 60})),
    ("interactive", interactive("list", rows(10, id="", description="d" * 72) | {"button": "b" * 20})),
    ("interactive", interactive("list", rows(10, 10))),
    ("interactive", interactive("cta_url", link("t" * 20))),
    ("interactive", interactive("location_request_message", {"name": "send_location"})),
    ("interactive", interactive("request_contact_info", {"name": "request_contact_info"})),
    ("location", {"location": {"latitude": 44.5, "longitude": 11.3}}),
    ("image", {"image": {"link": "https://example.org/a.jpg", "caption": "c" * 1024}}),
    ("audio", {"audio": {"id": "1", "voice": True}}),
    ("contacts", {"contacts": [{"name": {"formatted_name": "Ana F", "first_name": "Ana"}}]}),
    ("reaction", {"reaction": {"message_id": "wamid.1", "emoji": ""}}),
]
GOOD[3][1]["interactive"]["action"]["sections"][0]["rows"] = [
    {"id": str(n) * 200, "title": "t" * 24, "description": "d" * 72} for n in range(10)
]
BAD = [
    ("text", {"text": {"body": "x" * 4097}}, 100),
    ("text", {"text": {"body": ""}}, 100),
    ("text", {"text": {"body": 5}}, 100),
    ("text", {}, 131008),
    ("interactive", interactive("button", buttons("a" * 21)), 131009),
    ("interactive", interactive("button", buttons("a", "b", "c", "d")), 131009),
    ("interactive", interactive("button", {"buttons": []}), 131009),
    ("interactive", interactive("button", buttons("a", "a")), 131009),
    ("interactive", interactive("button", buttons("a", "b", ids=["1", "1"])), 131009),
    ("interactive", interactive("button", buttons("a", ids=["i" * 257])), 131009),
    ("interactive", interactive("button", buttons("a"), "x" * 1025), 131009),
    ("interactive", interactive("button", buttons("a"), footer={"text": "f" * 61}), 131009),
    ("interactive", interactive("button", buttons("a"), header={"type": "text", "text": "h" * 61}), 131009),
    ("interactive", interactive("list", rows(11)), 131009),
    ("interactive", interactive("list", rows(0)), 131009),
    ("interactive", interactive("list", rows(11, 11)), 131009),
    ("interactive", interactive("list", rows(1, title="t" * 25)), 131009),
    ("interactive", interactive("list", rows(1, id="i" * 201)), 131009),
    ("interactive", interactive("list", rows(1, description="d" * 73)), 131009),
    ("interactive", interactive("list", rows(2, id="same")), 131009),
    ("interactive", interactive("list", rows(1) | {"button": "b" * 21}), 131009),
    ("interactive", interactive("list", rows(1), header={"type": "image", "image": {"id": "1"}}), 131009),
    ("interactive", interactive("cta_url", link("t" * 21)), 131009),
    ("interactive", interactive("cta_url", link(url="ftp://example.org")), 131009),
    ("interactive", interactive("location_request_message", {"name": "other"}), 131009),
    ("interactive", interactive("carousel", {}), 131009),
    ("location", {"location": {"latitude": 91, "longitude": 0}}, 131009),
    ("location", {"location": {"longitude": 0}}, 131008),
    ("image", {"image": {"link": "https://a.example/b", "id": "1"}}, 100),
    ("image", {"image": {}}, 100),
    ("image", {"image": {"id": "1", "caption": "c" * 1025}}, 131009),
    ("audio", {"audio": {"id": "1", "caption": "c"}}, 100),
    ("contacts", {"contacts": []}, 131008),
    ("contacts", {"contacts": [{"name": {"formatted_name": "Ana"}}]}, 131009),
    ("reaction", {"reaction": {"emoji": "x"}}, 131008),
]


@pytest.mark.parametrize(("kind", "body"), GOOD)
def test_a_message_at_the_limit_passes(kind: str, body: dict[str, Any]) -> None:
    check_message(kind, body)


@pytest.mark.parametrize(("kind", "body", "code"), BAD)
def test_a_message_beyond_the_limit_is_refused(kind: str, body: dict[str, Any], code: int) -> None:
    with pytest.raises(GraphError) as error:
        check_message(kind, body)
    assert error.value.code == code
