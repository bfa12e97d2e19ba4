"""A small Chatwoot: the calls of its application API that Pronto makes, and its webhook, in the shapes of its docs.

Shapes: developers.chatwoot.com (contacts, conversations, messages, toggle status) and its guide to webhook events. Like
the real one it tells its webhook of every message, also of those that came in through the API.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN, ACCOUNT, INBOX, SECRET = "agent-token", 1, 7, "hook-secret"
BASE = f"/api/v1/accounts/{ACCOUNT}"
TYPES = {"incoming": 0, "outgoing": 1}

type Json = dict[str, Any]


@dataclass
class Chatwoot:
    """webhook: where events go, empty: nowhere. swallow: answers to so many calls get lost after they were done."""

    webhook: str = ""
    signed: bool = True
    down: bool = False
    swallow: int = 0
    ids: Any = field(default_factory=lambda: itertools.count(101))
    contacts: dict[int, Json] = field(default_factory=dict)
    conversations: dict[int, Json] = field(default_factory=dict)
    heard: list[bool] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        routes = [
            ("GET", "/contacts/search", self.search),
            ("POST", "/contacts", self.create_contact),
            ("DELETE", "/contacts/{contact:int}", self.delete_contact),
            ("POST", "/contacts/{contact:int}/contact_inboxes", self.join_inbox),
            ("GET", "/contacts/{contact:int}/conversations", self.list_conversations),
            ("POST", "/conversations", self.create_conversation),
            ("GET", "/conversations/{number:int}/messages", self.list_messages),
            ("POST", "/conversations/{number:int}/messages", self.create_message),
            ("POST", "/conversations/{number:int}/toggle_status", self.toggle_status),
        ]
        return Starlette(routes=[Route(BASE + path, self.guard(act), methods=[way]) for way, path, act in routes])

    def guard(self, act: Any) -> Any:
        async def answer(request: Request) -> Response:
            if request.headers.get("api_access_token") != TOKEN:
                return JSONResponse({"errors": ["You need to sign in or sign up before continuing."]}, 401)
            if self.down:
                return Response(status_code=503)
            done: Response = await act(request)
            if request.method == "POST" and self.swallow:
                self.swallow -= 1
                return Response(status_code=504)
            return done

        return answer

    async def search(self, request: Request) -> Response:
        wanted = request.query_params["q"]
        found = [
            one for one in self.contacts.values() if wanted in (one["identifier"], one["phone_number"], one["name"])
        ]
        return JSONResponse({"meta": {"count": len(found), "current_page": 1}, "payload": found})

    async def create_contact(self, request: Request) -> Response:
        given = await request.json()
        for name in ("identifier", "phone_number"):
            if given.get(name) and any(one[name] == given[name] for one in self.contacts.values()):
                return JSONResponse({"message": f"{name} has already been taken", "attributes": [name]}, 422)
        made = {"id": next(self.ids), "name": given["name"], "identifier": given.get("identifier"), "email": None,
                "phone_number": given.get("phone_number"), "contact_inboxes": []}  # fmt: skip
        if given.get("inbox_id"):
            made["contact_inboxes"] = [{"source_id": f"src-{made['id']}", "inbox": {"id": INBOX}}]
        self.contacts[made["id"]] = made
        return JSONResponse({"payload": {"contact": made, "contact_inbox": (made["contact_inboxes"] or [{}])[0]}})

    async def delete_contact(self, request: Request) -> Response:
        contact = request.path_params["contact"]
        if self.contacts.pop(contact, None) is None:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        gone = [number for number, one in self.conversations.items() if one["contact"] == contact]
        for number in gone:
            self.conversations.pop(number)
        return Response(status_code=200)

    async def join_inbox(self, request: Request) -> Response:
        contact = self.contacts[request.path_params["contact"]]
        joined = {"source_id": f"src-{contact['id']}", "inbox": {"id": (await request.json())["inbox_id"]}}
        contact["contact_inboxes"].append(joined)
        return JSONResponse(joined)

    async def list_conversations(self, request: Request) -> Response:
        own = [one for one in self.conversations.values() if one["contact"] == request.path_params["contact"]]
        return JSONResponse(
            {"payload": [{key: value for key, value in one.items() if key != "messages"} for one in own]}
        )

    async def create_conversation(self, request: Request) -> Response:
        given = await request.json()
        known = [one["source_id"] for one in self.contacts[given["contact_id"]]["contact_inboxes"]]
        if given["source_id"] not in known or given["inbox_id"] != INBOX:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        number = len(self.conversations) + 1
        made = {"id": number, "account_id": ACCOUNT, "inbox_id": INBOX, "status": given["status"],
                "custom_attributes": given["custom_attributes"], "contact": given["contact_id"], "messages": []}  # fmt: skip
        self.conversations[number] = made
        return JSONResponse(made)

    async def list_messages(self, request: Request) -> Response:
        messages = self.conversations[request.path_params["number"]]["messages"]
        return JSONResponse({"meta": {"labels": []}, "payload": messages[-20:]})

    async def create_message(self, request: Request) -> Response:
        given = await request.json()
        message = await self.add_message(request.path_params["number"], **given)
        return JSONResponse(message)

    async def add_message(self, number: int, **given: Any) -> Json:
        message = {"id": next(self.ids), "content": given["content"], "conversation_id": number, "inbox_id": INBOX,
                   "message_type": TYPES[given["message_type"]], "private": given.get("private", False),
                   "content_type": "text", "source_id": given.get("source_id"), "created_at": int(time.time())}  # fmt: skip
        self.conversations[number]["messages"].append(message)
        await self.tell(self.describe_message(message, given["message_type"], given.get("sender"), given.get("files")))
        return message

    async def toggle_status(self, request: Request) -> Response:
        number, status = request.path_params["number"], (await request.json())["status"]
        await self.set_status(number, status)
        done = {"success": True, "current_status": status, "conversation_id": number}
        return JSONResponse({"meta": {}, "payload": done})

    async def set_status(self, number: int, status: str, assignee: Json | None = None) -> None:
        conversation = self.conversations[number]
        before, conversation["status"] = conversation["status"], status
        if before != status:
            changed = [{"status": {"previous_value": before, "current_value": status}}]
            event = {"event": "conversation_status_changed", "id": number, "inbox_id": INBOX, "status": status,
                     "meta": {"assignee": assignee}, "changed_attributes": changed}  # fmt: skip
            await self.tell(event)

    def describe_message(self, message: Json, kind: str, sender: Json | None, files: list[Json] | None) -> Json:
        known = {name: message[name] for name in ("id", "content", "private", "content_type", "source_id")}
        event = {"event": "message_created", "message_type": kind, "sender": sender, "content_attributes": {},
                 "account": {"id": ACCOUNT, "name": "Pronto"}, "inbox": {"id": INBOX, "name": "WhatsApp"},
                 "conversation": {"id": message["conversation_id"], "status": "open", "channel": "Channel::Api"}}  # fmt: skip
        return known | event | ({"attachments": files} if files else {})

    async def agent_writes(self, number: int, words: str, email: str = "mia@example.org", **more: Any) -> Json:
        """A person answers in Chatwoot."""
        sender = {"id": 3, "name": "Mia", "email": email, "type": "user"}
        return await self.add_message(number, content=words, message_type="outgoing", sender=sender, **more)

    async def tell(self, event: Json) -> None:
        if self.webhook:
            self.heard.append(await post_event(self.webhook, event, self.signed))

    def read(self, number: int) -> list[tuple[str, str]]:
        """What stands in a conversation: who says it, and what."""
        names = {(0, False): "customer", (1, True): "note", (1, False): "agent"}
        messages = self.conversations[number]["messages"]
        return [(names[one["message_type"], one["private"]], one["content"]) for one in messages]


async def post_event(url: str, event: Json, signed: bool = True, at: int | None = None) -> bool:
    """One call of the webhook, signed as Chatwoot does it; whether Pronto took it as news."""
    body, stamp = json.dumps(event).encode(), str(at or int(time.time()))
    digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={digest}"} if signed else {}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, content=body, headers=headers | {"Content-Type": "application/json"})
    answer.raise_for_status()
    return bool(answer.json()["heard"])
