"""How Rasa calls Pronto's custom actions: one kept connection, no texts sent along, failures remembered.

Rasa swallows the failure of an action and answers without it. Here the turn learns of it and is not stored, so that
it can be done again once the actions are back.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import aiohttp
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

KEEP_SECONDS = 3
ACTION_SECONDS = 20

_failures: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("failures", default=None)


def watch_failures() -> list[str]:
    """A list that fills with what went wrong while actions run in this task."""
    failures: list[str] = []
    _failures.set(failures)
    return failures


def check_answers_only() -> None:
    """From now on Rasa checks an action's answer, but no longer its own schema of one: that took most of a turn."""
    schema = RemoteAction.action_response_format_spec()
    kept = validator_for(schema)(schema)

    def validate(action: RemoteAction, result: dict[str, Any]) -> bool:
        kept.validate(result)
        return True

    RemoteAction._validate_action_result = validate


class ActionEndpoint(EndpointConfig):
    """Pronto's web app as action server."""

    _session: aiohttp.ClientSession | None = None
    _domain: tuple[dict[str, Any], dict[str, Any]] | None = None  # as given, as sent

    @classmethod
    def from_config(cls, config: EndpointConfig) -> ActionEndpoint:
        return cls(config.url, config.params, config.headers, config.basic_auth, **config.kwargs)

    async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> Any:
        """Posts one action call; a refusal (400) is an answer, everything else that fails is remembered."""
        body = kwargs.get("json") or {}
        if "domain" in body:
            body = {**body, "domain": self._trim_domain(body["domain"])}
        try:
            return await self._post(body)
        except ClientResponseError as error:
            if error.status != 400:
                self._note(body, f"answered {error.status}")
            raise
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            self._note(body, type(error).__name__)
            raise aiohttp.ClientConnectionError(str(error)) from error

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _post(self, body: dict[str, Any]) -> Any:
        if self._session is None or self._session.closed:
            # Shorter than uvicorn keeps a connection (5 s), so that we never write into one it is just closing.
            connector = aiohttp.TCPConnector(keepalive_timeout=KEEP_SECONDS)
            timeout = aiohttp.ClientTimeout(total=ACTION_SECONDS)
            self._session = aiohttp.ClientSession(headers=self.headers, timeout=timeout, connector=connector)
        async with self._session.post(self.url, json=body) as response:
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason, await response.text())
            return await response.json()

    def _trim_domain(self, domain: dict[str, Any]) -> dict[str, Any]:
        """The domain without what the assistant says: actions name responses, Rasa fills them."""
        if self._domain is None or self._domain[0] is not domain:
            self._domain = (domain, {key: value for key, value in domain.items() if key != "responses"})
        return self._domain[1]

    @staticmethod
    def _note(body: dict[str, Any], what: str) -> None:
        failures = _failures.get()
        if failures is not None:
            failures.append(f"{body.get('next_action')}: {what}")
