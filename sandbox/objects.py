"""The other half of the Graph API: the number, its media, its templates, the app's subscription."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from sandbox.answers import json_answer
from sandbox.errors import GraphError, unknown_object
from sandbox.graph import Graph
from sandbox.media import MediaFile, size_limit
from sandbox.payloads import template_change
from sandbox.templates import Template, check_definition
from sandbox.webhooks import Update, Webhooks
from sandbox.world import World

PAGE = 25  # templates in one answer, unless asked for more or fewer


class Objects:
    """Routes under /{version}/{id}."""

    def __init__(self, world: World, graph: Graph, webhooks: Webhooks) -> None:
        self.world = world
        self.graph = graph
        self.webhooks = webhooks

    async def get_object(self, request: Request) -> Response:
        """GET /{version}/{id}: a media file's address, the number, or a template."""
        self.graph.authorise(request)
        object_id, config = request.path_params["object_id"], self.world.config
        file = self.world.media.files.get(object_id)
        if file:
            return json_answer(self.show_media(file))
        if object_id in self.world.templates:
            return json_answer(self.world.templates[object_id].as_meta())
        if object_id == config.phone_number_id:
            return json_answer(self.show_number())
        if object_id == config.waba_id:
            return json_answer({"id": config.waba_id, "name": config.business_name})
        raise unknown_object(object_id)

    def show_media(self, file: MediaFile) -> dict[str, Any]:
        config = self.world.config
        token = self.world.media.make_token(file.id, self.world.now() + config.media_seconds)
        return {
            "messaging_product": "whatsapp",
            "url": f"{config.base_url()}/media/{token}",
            "mime_type": file.mime_type,
            "sha256": file.sha256_hex(),
            "file_size": len(file.data),
            "id": file.id,
        }

    def show_number(self) -> dict[str, Any]:
        config = self.world.config
        return {
            "id": config.phone_number_id,
            "display_phone_number": f"+{config.display_phone}",
            "verified_name": config.business_name,
            "quality_rating": "GREEN",
            "throughput": {"level": "STANDARD"},
        }

    async def download(self, request: Request) -> Response:
        """GET /media/{token} with the bearer token; the address of a file lives for minutes. Serves ranges."""
        self.graph.authorise(request)
        file = self.world.media.open_token(request.path_params["token"], self.world.now())
        if file is None:
            return Response(status_code=404)
        return serve_file(request, file)

    async def upload(self, request: Request) -> Response:
        """POST /{version}/{phone_number_id}/media, multipart."""
        self.graph.authorise(request)
        self.graph.check_number(request)
        async with request.form() as form:
            file = form.get("file")
            if form.get("messaging_product") != "whatsapp" or not isinstance(file, UploadFile):
                raise GraphError(100, "messaging_product and file are required")
            data = await file.read()
            mime_type = str(form.get("type") or file.content_type or "")
            if not 0 < len(data) <= size_limit(mime_type):
                raise GraphError(131053, f"A file of type {mime_type or 'unknown'} and {len(data)} bytes is not taken")
            return json_answer({"id": self.world.media.add(data, mime_type, file.filename or "").id})

    def check_account(self, request: Request) -> None:
        self.graph.authorise(request)
        if request.path_params["waba_id"] != self.world.config.waba_id:
            raise unknown_object(request.path_params["waba_id"])

    async def list_templates(self, request: Request) -> Response:
        """GET /{version}/{waba_id}/message_templates, filtered by name, language, status, category; in pages."""
        self.check_account(request)
        found = [template.as_meta() for template in self.world.templates.values()]
        query = request.query_params
        for name in ("name", "language", "status", "category"):
            wanted = query.get(name)
            found = [row for row in found if wanted is None or row[name] == wanted]
        first, limit = read_number(query.get("after"), 0), read_number(query.get("limit"), PAGE)
        page = found[first : first + limit]
        paging: dict[str, Any] = {"cursors": {"before": str(first), "after": str(first + len(page))}}
        if first + len(page) < len(found):
            paging["next"] = f"{request.url.include_query_params(after=first + len(page))}"
        return json_answer({"data": page, "paging": paging})

    async def edit_template(self, request: Request) -> Response:
        """POST /{version}/{template_id}: another text or, unless it is approved, another category; looked at anew."""
        self.graph.authorise(request)
        template = self.world.templates.get(request.path_params["object_id"])
        if template is None:
            raise unknown_object(request.path_params["object_id"])
        try:
            row = orjson.loads(await request.body())
            category = str(row.get("category", template.category)).upper()
            components = list(row.get("components", template.components))
        except (orjson.JSONDecodeError, AttributeError, TypeError) as error:
            raise GraphError(100, f"Invalid parameter: {error}") from None
        if template.status == "APPROVED" and category != template.category:
            raise GraphError(100, "The category of an approved template cannot be edited", subcode=2388025)
        fresh = replace(template, components=components, category=category, status="PENDING")
        check_definition(fresh)
        self.world.templates[template.id] = fresh
        self.approve_later(fresh)
        return json_answer({"success": True})

    async def create_template(self, request: Request) -> Response:
        """POST /{version}/{waba_id}/message_templates; it waits for approval."""
        self.check_account(request)
        template = read_template(await request.body(), self.world)
        self.world.templates[template.id] = template
        self.approve_later(template)
        return json_answer({"id": template.id, "status": template.status, "category": template.category})

    async def delete_template(self, request: Request) -> Response:
        """DELETE /{version}/{waba_id}/message_templates?name=: in every language."""
        self.check_account(request)
        name = request.query_params.get("name")
        found = [template for template in self.world.templates.values() if template.name == name]
        if not found:
            raise GraphError(100, "Message template not found", subcode=2593002)
        for template in found:
            del self.world.templates[template.id]
        return json_answer({"success": True})

    def approve_later(self, template: Template) -> None:
        """Somebody at Meta looks at it, unless the sandbox's settings leave that to you."""
        wait = self.world.config.template_review_ms
        if wait is not None:
            self.webhooks.later(wait / 1000, lambda: self.review(template, "APPROVED"))

    def report(self, change: dict[str, Any]) -> None:
        """Tells the application something else about a template."""
        self.webhooks.add(Update(change, self.world.now()), "templates")

    def review(self, template: Template, status: str, reason: str = "NONE") -> None:
        """Gives a template a new status and tells the application."""
        template.status, template.rejected_reason = status, reason
        change = template_change(template, status, reason)
        self.webhooks.add(Update(change, self.world.now()), "templates")

    async def subscribe(self, request: Request) -> Response:
        """GET, POST, DELETE /{version}/{waba_id}/subscribed_apps."""
        self.check_account(request)
        if request.method == "GET":
            app = {"whatsapp_business_api_data": {"id": "1", "name": self.world.config.business_name, "link": ""}}
            return json_answer({"data": [app] if self.world.subscribed else []})
        self.world.subscribed = request.method == "POST"
        return json_answer({"success": True})

    def make_registration(self, registered: bool) -> Callable[[Request], Any]:
        """POST /{version}/{phone_number_id}/register or /deregister."""

        async def register(request: Request) -> Response:
            self.graph.authorise(request)
            if request.path_params["phone_number_id"] != self.world.config.phone_number_id:
                raise unknown_object(request.path_params["phone_number_id"])
            self.world.registered = registered
            return json_answer({"success": True})

        return register


def read_template(body: bytes, world: World) -> Template:
    """A new template from the request; raises GraphError when it is not one, or its name and language are taken."""
    try:
        row = orjson.loads(body)
        template = Template(
            id=str(810_000 + len(world.templates)),
            name=row["name"],
            language=row["language"],
            category=row["category"].upper(),
            components=list(row["components"]),
            parameter_format=row.get("parameter_format", "POSITIONAL").upper(),
        )
        check_definition(template)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise GraphError(100, f"Invalid parameter: {error}") from None
    if any(one.name == template.name and one.language == template.language for one in world.templates.values()):
        raise GraphError(100, "There is already content in this language for this template", subcode=2388024)
    return template


def read_number(text: str | None, otherwise: int) -> int:
    """A number of a query."""
    return int(text) if text and text.isdigit() else otherwise


def serve_file(request: Request, file: MediaFile) -> Response:
    """The bytes of a file, or the range the caller asks for."""
    total = len(file.data)
    headers = {"Accept-Ranges": "bytes", "Content-Type": file.mime_type}
    wanted = request.headers.get("range", "").removeprefix("bytes=").split("-")
    if len(wanted) != 2 or not wanted[0].isdigit() or int(wanted[0]) >= total:
        return Response(file.data, headers=headers)
    first = int(wanted[0])
    last = min(int(wanted[1]), total - 1) if wanted[1].isdigit() else total - 1
    headers["Content-Range"] = f"bytes {first}-{last}/{total}"
    return Response(file.data[first : last + 1], 206, headers)
