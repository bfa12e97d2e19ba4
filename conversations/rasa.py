"""The only way to Rasa. One question may be asked again under its message id: Rasa then repeats its answer."""

from __future__ import annotations

import time
from typing import Any

import httpcore
import httpx
import orjson
from pydantic import ValidationError

from conversations.answer import RasaAnswer
from core.settings import Settings
from core.types import Language
from whatsapp.wire import Network

PATH = "/webhooks/pronto/webhook"
HEALTH_PATH = "/webhooks/pronto/"  # answers 200 once the model is loaded
WAITING = {"timeout": {"connect": 2.0, "read": 15.0, "write": 15.0, "pool": 15.0}}
FAULTS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
KEEP_ALIVE = 4  # seconds; shorter than Rasa's server waits (5), or a question meets a closing connection
CONNECTIONS = 64
FAILURES = 3  # in a row to reach Rasa at all, after which it counts as down
PROBE_SECONDS = 1.0  # a Rasa that is down gets one question in this time, so that nobody else waits for its silence


class RasaDown(Exception):  # noqa: N818  (it says what is the matter)
    """Rasa gave no answer we can use; the same question may be asked again."""


class RasaClient:
    """Asks Rasa, and turns questions away while it cannot be reached."""

    def __init__(self, settings: Settings) -> None:
        self._url = httpcore.URL(settings.rasa_url.rstrip("/") + PATH)
        origin = httpx.URL(settings.rasa_url)
        # httpx's engine without httpx, which would take longer than everything else here. No proxy: Rasa is on
        # loopback or a private network.
        self._http = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context() if origin.scheme == "https" else None,
            max_connections=CONNECTIONS,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=Network(),
        )
        self._headers = [
            (b"Host", origin.netloc),
            (b"Authorization", f"Bearer {settings.internal_token()}".encode()),
            (b"Content-Type", b"application/json"),
        ]
        self._failures = 0
        self._probe_at = 0.0

    async def ask(
        self, *, sender: str, message_id: str, text: str, language: Language, proposal: str | None, kinds: list[str]
    ) -> RasaAnswer:
        """Rasa's answer to a text. proposal: what a plain yes means now. Raises RasaDown."""
        slots = {"language": language.value} | ({"proposal": proposal} if proposal else {})
        question = {"sender": sender, "message_id": message_id, "text": text, "slots": slots}
        return await self._post(question | {"metadata": {"kinds": kinds}})

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _post(self, question: dict[str, Any]) -> RasaAnswer:
        response = await self._reach(orjson.dumps(question))
        if response.status != 200:
            raise RasaDown(f"HTTP {response.status}: {response.content[:200].decode(errors='replace')}")
        try:
            answer = RasaAnswer.model_validate_json(response.content)
        except ValidationError as error:
            raise RasaDown(f"an answer in a strange form, {error.error_count()} faults") from error
        if answer.message_id != question["message_id"]:
            raise RasaDown("an answer to another question")
        return answer

    async def _reach(self, body: bytes) -> httpcore.Response:
        if self._failures >= FAILURES and time.monotonic() < self._probe_at:
            raise RasaDown("no answer a moment ago")
        self._probe_at = time.monotonic() + PROBE_SECONDS
        headers = [*self._headers, (b"Content-Length", str(len(body)).encode())]
        try:
            response = await self._http.request("POST", self._url, headers=headers, content=body, extensions=WAITING)
        except FAULTS as error:
            self._failures += 1
            raise RasaDown(type(error).__name__) from error
        self._failures = 0
        return response
