"""A template is not sent where the contact has said the last word; the answer tells why."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from core import clock

AGREED = {"purpose": "marketing", "given": True, "wording": "sì", "at": "2026-01-01T10:00:00+01:00"}


@pytest.fixture(autouse=True)
def in_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The company's facts are the sample's."""
    monkeypatch.setenv("PRONTO_DEMO", "1")


async def join(client: httpx.AsyncClient, days: int, *events: tuple[str, dict[str, str]]) -> None:
    """A member whose contract ends in so many days, and what happened then."""
    ends_on = str(clock.now().astimezone(ZoneInfo("Europe/Rome")).date() + timedelta(days=days))
    contact = {"external_id": "m1", "phone": "+390200000009", "name": "Ada", "language": "en", "consent": AGREED}
    await client.put("/api/contacts", json=contact | {"contract": {"kind": "gym", "expires_on": ends_on}})
    for kind, data in events:
        told = {key: ends_on if value == "its end" else value for key, value in data.items()}
        event = {"contact": "m1", "kind": kind, "key": f"{kind}-1", "data": told}
        assert (await client.post("/api/events", json=event)).status_code == 200


@pytest.mark.parametrize(
    ("days", "events", "template", "problem"),
    [
        (12, [("renewal_declined", {"ends_on": "its end", "reason": "price"})], "membership_renewal", "reason: price"),
        (12, [("cancelled", {})], "membership_renewal", "use the template win_back"),
        (-60, [], "membership_renewal", "use the template win_back"),
        (12, [], "win_back", "still a member"),
        (-60, [("return_declined", {})], "win_back", "not to want to come back"),
    ],
)
async def test_the_last_word_is_respected(
    client: httpx.AsyncClient, days: int, events: list[tuple[str, dict[str, str]]], template: str, problem: str
) -> None:
    await join(client, days, *events)
    answer = await client.post("/api/messages", json={"contact": "m1", "template": template, "at_once": True})
    assert answer.status_code == 409
    assert problem in answer.json()["detail"]


@pytest.mark.parametrize(("days", "template"), [(12, "membership_renewal"), (-60, "win_back")])
async def test_what_is_open_may_be_proposed(client: httpx.AsyncClient, days: int, template: str) -> None:
    await join(client, days)
    answer = await client.post("/api/messages", json={"contact": "m1", "template": template, "at_once": True})
    assert answer.status_code == 200, answer.text
