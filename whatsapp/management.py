"""The part of the Graph API that concerns the account and not its messages: templates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

from core.settings import Settings

PAGE = 100  # templates per answer
TIMEOUT = 30.0  # seconds
FIELDS = "id,name,language,status,category,components,rejected_reason,quality_score"
LIMITED = {4, 80007}  # calls per hour


class ManagementError(Exception):
    """WhatsApp refused, or could not be reached. detail: in its words for people, where it has some."""

    def __init__(self, code: int | None, detail: str) -> None:
        super().__init__(f"WhatsApp: {detail}" + (f" (error {code})" if code is not None else ""))
        self.code, self.detail = code, detail

    @property
    def limited(self) -> bool:
        """Whether the same may work in an hour."""
        return self.code in LIMITED


@dataclass(frozen=True)
class Handed:
    """What WhatsApp says at once about a template handed in."""

    id: str
    status: str
    category: str | None


class TemplateClient:
    """Templates of the account. Every method raises ManagementError."""

    def __init__(self, settings: Settings) -> None:
        self.base = f"{settings.graph_url.rstrip('/')}/{settings.graph_version}"
        self.account = settings.waba_id
        token = settings.access_token.get_secret_value()
        self.http = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT)

    async def __aenter__(self) -> TemplateClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def list_templates(self) -> AsyncIterator[dict[str, Any]]:
        """All of them, page by page."""
        after: dict[str, str] = {}
        while True:
            query = {"limit": str(PAGE), "fields": FIELDS} | after
            answer = await self.ask("GET", f"{self.account}/message_templates", params=query)
            for row in answer.get("data", []):
                yield row
            paging = answer.get("paging", {})
            following = paging.get("cursors", {}).get("after")
            if not paging.get("next") or not following or after.get("after") == following:
                return
            after = {"after": following}

    async def create(self, template: dict[str, Any]) -> Handed:
        """Hands a new one in."""
        answer = await self.ask("POST", f"{self.account}/message_templates", json=template)
        return Handed(str(answer.get("id", "")), str(answer.get("status", "PENDING")), answer.get("category"))

    async def edit(self, template_id: str, components: list[dict[str, Any]]) -> None:
        """Hands a changed text in; WhatsApp looks at it again."""
        await self.ask("POST", template_id, json={"components": components})

    async def ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        try:
            response = await self.http.request(method, f"{self.base}/{path}", **more)
            answer = response.json()
        except httpx.HTTPError as error:
            raise ManagementError(None, f"cannot be reached: {type(error).__name__}") from error
        except ValueError as error:
            raise ManagementError(None, f"HTTP {response.status_code} without an answer") from error
        if not isinstance(answer, dict):
            raise ManagementError(None, f"HTTP {response.status_code} with an answer of another kind")
        if fault := answer.get("error"):
            raise read_fault(fault)
        if response.is_error:
            raise ManagementError(None, f"HTTP {response.status_code}")
        return answer


def read_fault(fault: Any) -> ManagementError:
    """WhatsApp's error; what it says to people first."""
    if not isinstance(fault, dict):
        return ManagementError(None, str(fault))
    code = fault.get("code")
    told = [fault.get("error_user_title"), fault.get("error_user_msg")]
    data = fault.get("error_data")
    detail = ": ".join(str(one) for one in told if one) or (data.get("details") if isinstance(data, dict) else None)
    return ManagementError(code if isinstance(code, int) else None, str(detail or fault.get("message") or "refused"))
