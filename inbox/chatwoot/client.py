"""The few calls to Chatwoot's application API that Pronto needs (developers.chatwoot.com)."""

from __future__ import annotations

from typing import Any

import httpx

from core.settings import Settings

TIMEOUT = httpx.Timeout(15, connect=5)

type Json = dict[str, Any]


class ChatwootError(Exception):
    """Chatwoot did not take it, or cannot be reached."""


class Chatwoot:
    """One inbox of one account."""

    def __init__(self, settings: Settings) -> None:
        self.inbox = settings.chatwoot_inbox
        headers = {"api_access_token": settings.chatwoot_token.get_secret_value()}
        base = f"{settings.chatwoot_url.rstrip('/')}/api/v1/accounts/{settings.chatwoot_account}"
        self._client = httpx.AsyncClient(base_url=base, headers=headers, timeout=TIMEOUT)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def find_contact(self, identifier: str, phone: str | None) -> Json | None:
        """The contact with our identifier, else the one with the phone number, with its `contact_inboxes`."""
        for name, value in (("identifier", identifier), ("phone_number", phone)):
            found = await self._call("GET", "/contacts/search", params={"q": value}) if value else {"payload": []}
            for one in found["payload"]:
                if one.get(name) == value:
                    contact: Json = one
                    return contact
        return None

    async def create_contact(self, identifier: str, name: str, phone: str | None) -> Json:
        """A contact in our inbox."""
        body = {"inbox_id": self.inbox, "identifier": identifier, "name": name}
        made = await self._call("POST", "/contacts", json=body | ({"phone_number": phone} if phone else {}))
        contact: Json = made["payload"]["contact"]
        return contact

    async def join_inbox(self, contact: int) -> str:
        """Brings a contact that was known elsewhere into our inbox; its source id there."""
        made = await self._call("POST", f"/contacts/{contact}/contact_inboxes", json={"inbox_id": self.inbox})
        return str(made["source_id"])

    async def delete_contact(self, contact: int) -> None:
        """The contact with its conversations; the token must be an administrator's. Gone already is as good."""
        try:
            await self._call("DELETE", f"/contacts/{contact}")
        except ChatwootError as error:
            if str(error) != "HTTP 404":
                raise

    async def list_conversations(self, contact: int) -> list[Json]:
        found = await self._call("GET", f"/contacts/{contact}/conversations")
        conversations: list[Json] = found["payload"]
        return conversations

    async def create_conversation(self, contact: int, source_id: str, attributes: Json) -> int:
        """An open conversation; its number."""
        body = {"inbox_id": self.inbox, "contact_id": contact, "source_id": source_id, "status": "open"}
        return int((await self._call("POST", "/conversations", json=body | {"custom_attributes": attributes}))["id"])

    async def list_source_ids(self, conversation: int) -> set[str]:
        """Our names of the newest messages of a conversation."""
        found = await self._call("GET", f"/conversations/{conversation}/messages")
        return {str(one["source_id"]) for one in found["payload"] if one.get("source_id")}

    async def post_message(self, conversation: int, words: str, source_id: str, *, private: bool) -> None:
        """A message of the customer, or a private note, which Chatwoot shows to agents only."""
        kind = "outgoing" if private else "incoming"
        body = {"content": words, "message_type": kind, "private": private, "source_id": source_id}
        await self._call("POST", f"/conversations/{conversation}/messages", json=body)

    async def resolve(self, conversation: int) -> None:
        await self._call("POST", f"/conversations/{conversation}/toggle_status", json={"status": "resolved"})

    async def _call(self, method: str, path: str, **given: Any) -> Json:
        try:
            answer = await self._client.request(method, path, **given)
            content = answer.json() if answer.is_success and answer.content else {}
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise ChatwootError(f"{type(error).__name__}: {error}") from error
        if not answer.is_success:
            raise ChatwootError(f"HTTP {answer.status_code}")
        if not isinstance(content, dict):
            raise ChatwootError(f"{method} {path}: an answer of another shape")
        return content
