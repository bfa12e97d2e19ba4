"""Asks Pronto's own API on behalf of the phone page, so that the key never reaches a browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from sandbox.world import Customer, World

SECONDS = 5


class Pronto:
    """The application's API. Every answer is plain JSON for the page; a silent application is no error here."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> None:
        key = self.world.config.api_key
        headers = {"Authorization": f"Bearer {key}"}
        self.client = httpx.AsyncClient(
            base_url=self.world.config.pronto_url, headers=headers, timeout=SECONDS, trust_env=False
        )

    async def stop(self) -> None:
        await self.client.aclose()

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[str, Any]:
        """One request: ("ok", JSON), ("unknown", None) for a 404, ("refused", JSON) or ("down", None)."""
        if not self.world.config.pronto_url:
            return "down", None
        try:
            answer = await self.client.request(method, path, json=body)
            content = answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError):
            return "down", None
        if answer.status_code == 404:
            return "unknown", None
        if answer.status_code >= 500:
            return "down", None
        return ("ok" if answer.is_success else "refused"), content

    async def read_contact(self, customer: Customer, language: str) -> dict[str, Any]:
        """What Pronto knows about this person: {"state": ok | unknown | refused | down, "contact"}."""
        state, contact = await self.ask("GET", f"/api/contacts/{quote(name_for_pronto(customer))}?language={language}")
        return {"state": state, "contact": contact if state == "ok" else None}

    async def write_first(self, customer: Customer, template: str) -> dict[str, Any]:
        """Has Pronto open the conversation with a template."""
        body = {"contact": name_for_pronto(customer), "template": template, "at_once": True}
        state, content = await self.ask("POST", "/api/messages", body)
        return {"state": state, "answer": content}

    async def move_clock(self, seconds: float) -> str:
        """Moves Pronto's demo clock too."""
        state, _ = await self.ask("POST", "/api/clock", {"seconds": seconds})
        return state


def name_for_pronto(customer: Customer) -> str:
    """Phone with plus, or the user id."""
    return f"+{customer.phone}" if customer.phone else customer.user_id
