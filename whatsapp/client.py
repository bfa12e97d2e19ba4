"""The only HTTP to Meta. Tuned for one worker sending 500 messages a second: see GraphClient."""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpx
import orjson

from core.settings import Settings
from whatsapp.errors import UNREACHED, SendError, UnknownOutcome, find_policy, lengthen_pause

log = logging.getLogger(__name__)

TIMEOUT = {"connect": 5.0, "read": 20.0, "write": 10.0, "pool": 5.0}
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
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
    """Sends one request per connection at a time, over connections kept in a stack.

    A pool shared by 64 requests costs httpx 3.6 ms of CPU per request, because each request walks over all of them;
    a connection of one's own costs 1.0 ms. Requests are built once and handed to httpx's transport.
    """

    def __init__(self, settings: Settings) -> None:
        self._base = f"{settings.graph_url.rstrip('/')}/{settings.graph_version}"
        self._headers = {
            "Authorization": f"Bearer {settings.access_token.get_secret_value()}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "pronto",
        }
        url = httpx.URL(self._base)
        self._tls: ssl.SSLContext | bool = httpx.create_ssl_context() if url.scheme == "https" else False
        self._proxy = None if proxy_bypass(url.host) else getproxies().get(url.scheme)
        self._free: list[httpx.AsyncHTTPTransport] = []
        self._urls: dict[str, httpx.URL] = {}

    async def send(self, phone_number_id: str, body: dict[str, Any]) -> Accepted:
        """Sends one message. SendError: WhatsApp did not take it. UnknownOutcome: nobody knows."""
        try:
            response = await self._post(phone_number_id, body)
        except NOT_SENT as error:
            raise SendError(None, type(error).__name__, None, UNREACHED) from error
        except httpx.TransportError as error:
            raise UnknownOutcome(type(error).__name__) from error
        return _read_answer(response)

    async def show_typing(self, phone_number_id: str, wamid: str) -> None:
        """Blue ticks and "typing..." for the customer, until our answer or for 25 s. Failing is no harm."""
        body = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": wamid,
            "typing_indicator": {"type": "text"},
        }
        try:
            response = await self._post(phone_number_id, body)
        except httpx.TransportError as error:
            log.warning("typing not shown: %s", type(error).__name__)
            return
        if response.status_code != 200:
            log.warning("typing not shown: HTTP %s", response.status_code)

    async def aclose(self) -> None:
        """Closes the connections that rest."""
        while self._free:
            await self._free.pop().aclose()

    async def _post(self, phone_number_id: str, body: dict[str, Any]) -> httpx.Response:
        if phone_number_id not in self._urls:
            self._urls[phone_number_id] = httpx.URL(f"{self._base}/{phone_number_id}/messages")
        request = httpx.Request(
            "POST",
            self._urls[phone_number_id],
            headers=self._headers,
            content=orjson.dumps(body),
            extensions={"timeout": TIMEOUT},
        )
        transport = self._free.pop() if self._free else self._open()
        try:
            response = await transport.handle_async_request(request)
            await response.aread()
        finally:
            self._free.append(transport)  # httpx has closed a broken connection; the next request opens a new one
        return response

    def _open(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)
        return httpx.AsyncHTTPTransport(verify=self._tls, proxy=self._proxy, limits=limits)


def _read_answer(response: httpx.Response) -> Accepted:
    answer = _parse(response.content)
    if response.status_code == 200:
        try:
            message, contact = answer["messages"][0], (answer.get("contacts") or [{}])[0]
            return Accepted(
                str(message["id"]), message.get("message_status"), contact.get("user_id"), contact.get("wa_id")
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise UnknownOutcome("an answer without a message id") from error
    fault = answer.get("error")
    if not isinstance(fault, dict):
        if response.status_code >= 500 or response.status_code < 400:
            # A gateway spoke, not WhatsApp: the request may have passed it.
            raise UnknownOutcome(f"HTTP {response.status_code}")
        raise SendError(
            None, f"HTTP {response.status_code}", response.status_code, find_policy(None, response.status_code)
        )
    raise _read_fault(fault, response)


def _read_fault(fault: dict[str, Any], response: httpx.Response) -> SendError:
    code = fault.get("code")
    if code == 100 and fault.get("error_subcode") == 33:
        code = 33  # "unknown object": the id of the number is wrong, not the message
    data = fault.get("error_data")
    detail = (data.get("details") if isinstance(data, dict) else None) or fault.get("message") or ""
    policy = lengthen_pause(find_policy(code if isinstance(code, int) else None, response.status_code), _rest(response))
    return SendError(code if isinstance(code, int) else None, str(detail)[:DETAIL], response.status_code, policy)


def _rest(response: httpx.Response) -> float:
    """How many seconds WhatsApp asks us to rest, in its two headers; 0: it does not say."""
    wait = response.headers.get("Retry-After", "")
    seconds = float(wait) if wait.isdecimal() else 0.0
    usage = _parse(response.headers.get("X-Business-Use-Case-Usage", "").encode())
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
