"""Files to and from WhatsApp: uploaded before they are sent by their id, fetched in two steps. What WhatsApp takes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text

from core.db import Sessions
from core.settings import Settings
from core.types import MessageKind
from whatsapp.errors import TRANSIENT, Action, ErrorPolicy, SendError, find_policy

MB = 1024 * 1024
MOST_BYTES = 100 * MB  # WhatsApp hands on nothing longer
TIMEOUT = httpx.Timeout(60, connect=5)
META_HOSTS = (".fbsbx.com", ".whatsapp.net", ".facebook.com", ".fbcdn.net")  # the token goes nowhere else
GONE = ErrorPolicy(Action.FAIL, "the file is not there any more")
OFFICE = "application/vnd.openxmlformats-officedocument"
# Type, and the kind of message it is sent as. Longer or other files WhatsApp refuses (131053).
TAKEN = {
    "image/jpeg": MessageKind.IMAGE,
    "image/png": MessageKind.IMAGE,
    "video/mp4": MessageKind.VIDEO,
    "video/3gpp": MessageKind.VIDEO,
    "audio/aac": MessageKind.AUDIO,
    "audio/amr": MessageKind.AUDIO,
    "audio/mpeg": MessageKind.AUDIO,
    "audio/mp4": MessageKind.AUDIO,
    "audio/ogg": MessageKind.AUDIO,
    "application/pdf": MessageKind.DOCUMENT,
    "application/msword": MessageKind.DOCUMENT,
    "application/vnd.ms-excel": MessageKind.DOCUMENT,
    "application/vnd.ms-powerpoint": MessageKind.DOCUMENT,
    f"{OFFICE}.wordprocessingml.document": MessageKind.DOCUMENT,
    f"{OFFICE}.spreadsheetml.sheet": MessageKind.DOCUMENT,
    f"{OFFICE}.presentationml.presentation": MessageKind.DOCUMENT,
    "text/plain": MessageKind.DOCUMENT,
}
LIMITS = {
    MessageKind.IMAGE: 5 * MB,
    MessageKind.VIDEO: 16 * MB,
    MessageKind.AUDIO: 16 * MB,
    MessageKind.DOCUMENT: MOST_BYTES,
}
BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n", "application/pdf": b"%PDF-"}

# An id is good for 30 days; one of yesterday is not worth the doubt whether it still is at the moment of sending.
READ = text("""
    SELECT data, mime_type, name, CASE WHEN uploaded_at > now() - interval '1 day' THEN media_id END AS media_id
    FROM attachment WHERE id = :id AND data IS NOT NULL
""")
UPLOADED = text("UPDATE attachment SET media_id = :media_id, uploaded_at = now() WHERE id = :id")


@dataclass(frozen=True)
class File:
    """What was fetched."""

    data: bytes
    mime_type: str


class FetchError(Exception):
    """A customer's file cannot be fetched; permanent: trying again would not help."""

    def __init__(self, problem: str, permanent: bool) -> None:
        super().__init__(problem)
        self.permanent = permanent


def choose_kind(mime_type: str, data: bytes) -> MessageKind:
    """As what a file is sent. ValueError: WhatsApp does not take it, and why."""
    plain = mime_type.partition(";")[0].strip().lower()
    kind = TAKEN.get(plain)
    if kind is None:
        raise ValueError("JPEG, PNG, MP4, 3GP, AAC, AMR, MP3, M4A, OGG, PDF, DOC(X), XLS(X), PPT(X), TXT")
    if not 0 < len(data) <= LIMITS[kind]:
        raise ValueError(f"1 B – {LIMITS[kind] // MB} MB")
    if not data.startswith(BEGINNINGS.get(plain, b"")):
        raise ValueError(f"{plain}: ?")
    return kind


def find_attachment(body: dict[str, Any]) -> int | None:
    """The stored file a message carries instead of an id of WhatsApp's; None where it carries none."""
    content = body.get(body.get("type", ""))
    return content.get("attachment") if isinstance(content, dict) else None


async def put_media_id(
    sessions: Sessions, settings: Settings, phone_number_id: str, body: dict[str, Any], attachment: int
) -> dict[str, Any]:
    """The body with WhatsApp's id of its file, uploaded unless it was a moment ago. Raises SendError."""
    async with sessions() as session:
        row = (await session.execute(READ, {"id": attachment})).one_or_none()
    if row is None:
        raise SendError(None, "no such attachment", None, GONE)
    media_id = row.media_id
    if media_id is None:
        media_id = await upload_media(settings, phone_number_id, row.data, row.mime_type, row.name)
        async with sessions.begin() as session:
            await session.execute(UPLOADED, {"id": attachment, "media_id": media_id})
    kind = body["type"]
    content = {name: value for name, value in body[kind].items() if name != "attachment"}
    return {**body, kind: {"id": media_id, **content}}


async def upload_media(settings: Settings, phone_number_id: str, data: bytes, mime_type: str, name: str) -> str:
    """Gives WhatsApp a file; its id. Raises SendError: uploading twice harms nobody, so nothing is ever unknown."""
    url = f"{find_base(settings)}/{phone_number_id}/media"
    fields = {"messaging_product": "whatsapp", "type": mime_type}
    try:
        async with open_client(settings) as client:
            answer = await client.post(url, data=fields, files={"file": (name or "file", data, mime_type)})
    except httpx.HTTPError as error:
        raise SendError(None, f"upload: {type(error).__name__}", None, TRANSIENT) from error
    content = read_json(answer)
    if answer.is_success and content.get("id"):
        return str(content["id"])
    fault = content.get("error")
    if isinstance(fault, dict) and isinstance(fault.get("code"), int):
        detail = str(fault.get("message") or "")
        raise SendError(fault["code"], detail, answer.status_code, find_policy(fault["code"], answer.status_code))
    raise SendError(None, f"upload: HTTP {answer.status_code}", answer.status_code, TRANSIENT)


async def fetch_media(settings: Settings, phone_number_id: str, media_id: str) -> File:
    """A customer's file: first its address, which is good for five minutes, then the file. Raises FetchError."""
    try:
        async with open_client(settings) as client:
            found = await client.get(f"{find_base(settings)}/{media_id}", params={"phone_number_id": phone_number_id})
            told = read_json(found)
            if not found.is_success or not isinstance(told.get("url"), str):
                lost = found.status_code in (400, 404)
                raise FetchError(f"HTTP {found.status_code}", permanent=lost)
            data = await download(client, settings, told["url"])
    except httpx.HTTPError as error:
        raise FetchError(type(error).__name__, permanent=False) from error
    check_hash(data, str(told.get("sha256") or ""))
    return File(data, str(told.get("mime_type") or "application/octet-stream"))


async def download(client: httpx.AsyncClient, settings: Settings, url: str) -> bytes:
    """The bytes behind an address of WhatsApp's; no other host gets the token, and no redirect is followed."""
    host = httpx.URL(url).host
    if host != httpx.URL(settings.graph_url).host and not host.endswith(META_HOSTS):
        raise FetchError(f"{host} is not a host of WhatsApp's", permanent=True)
    parts, size = [], 0
    async with client.stream("GET", url) as answer:
        if not answer.is_success:
            raise FetchError(f"HTTP {answer.status_code}", permanent=False)  # the address may be too old: ask again
        async for part in answer.aiter_bytes():
            size += len(part)
            if size > MOST_BYTES:
                raise FetchError(f"longer than {MOST_BYTES // MB} MB", permanent=True)
            parts.append(part)
    return b"".join(parts)


def check_hash(data: bytes, told: str) -> None:
    """FetchError unless the file is what was announced; WhatsApp tells its hash in base 16 or in base 64."""
    digest = hashlib.sha256(data)
    if told and told.lower() != digest.hexdigest() and told != base64.b64encode(digest.digest()).decode():
        raise FetchError("the file came damaged", permanent=False)


def open_client(settings: Settings) -> httpx.AsyncClient:
    token = settings.access_token.get_secret_value()
    return httpx.AsyncClient(headers={"Authorization": f"Bearer {token}", "User-Agent": "pronto"}, timeout=TIMEOUT)


def find_base(settings: Settings) -> str:
    return f"{settings.graph_url.rstrip('/')}/{settings.graph_version}"


def read_json(answer: httpx.Response) -> dict[str, Any]:
    """The answer as an object; empty if it is none."""
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
