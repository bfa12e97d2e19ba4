"""The only HTTP to Meta. Tuned for one worker sending 500 messages a second: see GraphClient."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx
import orjson

from core.settings import Settings
from whatsapp.errors import UNREACHED, SendError, UnknownOutcome, find_policy, lengthen_pause
from whatsapp.wire import Network

log = logging.getLogger(__name__)

TIMEOUT = {"connect": 5.0, "read": 20.0, "write": 10.0, "pool": 5.0}
NOT_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError, httpcore.UnsupportedProtocol)
BROKEN = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.ProxyError)
KEEP_ALIVE = 4  # seconds; shorter than servers wait (uvicorn: 5), or a request meets a closing connection
DETAIL = 500  # characters of WhatsApp's explanation to keep


@dataclass(frozen=True)
class Accepted:
    """WhatsApp queued the message. message_status: accepted or held_for_quality_assessment, for templates only."""

    wamid: str
    message_status: str | None = None
    user_id: str | None = None
    wa_id: str | None = None


class GraphClient:
    """One request at a time per connection, connections kept in a stack, by httpcore, the engine of httpx.

    httpx with a pool shared by 64 requests costs 3.6 ms of CPU per request, because each one walks over all of them,
    httpx with a connection of one's own 1.1 ms, this 0.6 ms.
    """

    def __init__(self, settings: Settings) -> None:
        self._base = f"{settings.graph_url.rstrip('/')}/{settings.graph_version}"
        origin = httpx.URL(self._base)
        self._headers = [
            (b"Host", origin.netloc),
            (b"Authorization", f"Bearer {settings.access_token.get_secret_value()}".encode()),
            (b"Content-Type", b"application/json"),
            (b"Accept", b"application/json"),
            (b"User-Agent", b"pronto"),
        ]
        self._tls = httpx.create_ssl_context() if origin.scheme == "https" else None
        self._proxy = _find_proxy(origin)
        self._free: list[httpcore.AsyncConnectionPool] = []
        self._urls: dict[str, httpcore.URL] = {}

    async def send(self, phone_number_id: str, body: dict[str, Any]) -> Accepted:
        """Sends one message. SendError: WhatsApp did not take it. UnknownOutcome: nobody knows."""
        try:
            response = await self._post(phone_number_id, body)
        except NOT_SENT as error:
            raise SendError(None, type(error).__name__, None, UNREACHED) from error
        except BROKEN as error:
            raise UnknownOutcome(type(error).__name__) from error
        return _read_answer(response)

    async def mark_read(self, phone_number_id: str, wamid: str, *, typing: bool) -> None:
        """Blue ticks for the customer, and "typing..." until our answer or for 25 s. Failing is no harm."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        try:
            response = await self._post(phone_number_id, body)
        except BROKEN as error:
            log.warning("not marked as read: %s", type(error).__name__)
            return
        if response.status != 200:
            log.warning("not marked as read: HTTP %s", response.status)

    async def aclose(self) -> None:
        """Closes the connections that rest."""
        while self._free:
            await self._free.pop().aclose()

    async def _post(self, phone_number_id: str, body: dict[str, Any]) -> httpcore.Response:
        if phone_number_id not in self._urls:
            self._urls[phone_number_id] = httpcore.URL(f"{self._base}/{phone_number_id}/messages")
        content = orjson.dumps(body)
        request = httpcore.Request(
            b"POST",
            self._urls[phone_number_id],
            headers=[*self._headers, (b"Content-Length", str(len(content)).encode())],
            content=content,
            extensions={"timeout": TIMEOUT},
        )
        pool = self._free.pop() if self._free else self._open()
        try:
            response = await pool.handle_async_request(request)
            try:
                await response.aread()
            finally:
                await response.aclose()
        finally:
            self._free.append(pool)  # a broken connection is closed by now; the next request opens a new one
        return response

    def _open(self) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._tls,
            proxy=self._proxy,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=Network(),
        )


def _find_proxy(origin: httpx.URL) -> httpcore.Proxy | None:
    """The proxy named in the environment, as every other program takes it."""
    address = None if proxy_bypass(origin.host) else getproxies().get(origin.scheme)
    if not address:
        return None
    proxy = httpx.Proxy(address)
    return httpcore.Proxy(str(proxy.url), auth=proxy.raw_auth)


def _read_answer(response: httpcore.Response) -> Accepted:
    answer = _parse(response.content)
    if response.status == 200:
        try:
            message, contact = answer["messages"][0], (answer.get("contacts") or [{}])[0]
            return Accepted(
                str(message["id"]), message.get("message_status"), contact.get("user_id"), contact.get("wa_id")
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise UnknownOutcome("an answer without a message id") from error
    fault = answer.get("error")
    if not isinstance(fault, dict):
        if response.status >= 500 or response.status < 400:
            # A gateway spoke, not WhatsApp: the request may have passed it.
            raise UnknownOutcome(f"HTTP {response.status}")
        raise SendError(None, f"HTTP {response.status}", response.status, find_policy(None, response.status))
    raise _read_fault(fault, response)


def _read_fault(fault: dict[str, Any], response: httpcore.Response) -> SendError:
    code = fault.get("code")
    if code == 100 and fault.get("error_subcode") == 33:
        code = 33  # "unknown object": the id of the number is wrong, not the message
    data = fault.get("error_data")
    detail = (data.get("details") if isinstance(data, dict) else None) or fault.get("message") or ""
    policy = lengthen_pause(find_policy(code if isinstance(code, int) else None, response.status), _rest(response))
    return SendError(code if isinstance(code, int) else None, str(detail)[:DETAIL], response.status, policy)


def _rest(response: httpcore.Response) -> float:
    """How many seconds WhatsApp asks us to rest, in its two headers; 0: it does not say."""
    headers = {name.lower(): value for name, value in response.headers}
    wait = headers.get(b"retry-after", b"")
    seconds = float(wait) if wait.isdigit() else 0.0
    usage = _parse(headers.get(b"x-business-use-case-usage", b""))
    entries = [
        entry for group in usage.values() if isinstance(group, list) for entry in group if isinstance(entry, dict)
    ]
    minutes = [entry.get("estimated_time_to_regain_access") for entry in entries]
    return max([seconds, *(minute * 60.0 for minute in minutes if isinstance(minute, int | float))])


def _parse(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
