"""Against a server of our own that speaks OpenAI's API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from core.settings import Settings
from core.types import Language
from inbox import language_model
from inbox.card import read_card
from inbox.language_model import Draft, ModelError, draft_help, has_model, keep_safe, translate
from tests.inbox.conftest import Shift


@dataclass
class Model:
    """A language model that says what it is told to; status: of its answers; slow: it never answers."""

    settings: Settings
    says: str = ""
    status: int = 200
    slow: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        self.asked.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
        if self.slow:
            await reader.read()
        message = {"role": "assistant", "content": self.says}
        body = json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m",
                           "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}).encode()  # fmt: skip
        top = f"HTTP/1.1 {self.status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{top}Connection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def model(settings: Settings) -> AsyncIterator[Model]:
    model = Model(settings)
    server = await asyncio.start_server(model.take, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    own = {"openai_api_key": SecretStr("k"), "openai_base_url": url, "openai_model": "m"}
    model.settings = settings.model_copy(update=own)
    yield model
    server.close()


async def test_a_message_is_translated_and_changed_figures_are_told(model: Model) -> None:
    model.says = "It costs 49.90 a month."
    translated = await translate(model.settings, "Costa 49,90 al mese.", Language.EN)
    assert (translated.text, translated.figures_differ) == ("It costs 49.90 a month.", False)
    assert model.asked[0]["messages"][1] == {"role": "user", "content": "Costa 49,90 al mese."}
    model.says = "It costs 39.90 a month."
    assert (await translate(model.settings, "Costa 49,90 al mese.", Language.EN)).figures_differ


async def test_a_draft_is_kept_without_figures_nobody_told(model: Model, shift: Shift, now: datetime) -> None:
    card = await read_card(shift.session, model.settings, shift.handoff, Language.DE, "Sofia")
    said = {"summary": "Dario will wissen, was es kostet.", "replies": ["Ciao Dario, ci guardo.", "Costa 9,90 €."]}
    model.says = f"```json\n{json.dumps(said)}\n```"
    draft = await draft_help(model.settings, [("customer", "quanto costa?")], card, Language.DE)
    assert draft == Draft(summary="Dario will wissen, was es kostet.", replies=("Ciao Dario, ci guardo.",))
    assert "quanto costa?" in model.asked[0]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("summary", "kept"), [("Consuma 2700 kWh.", "Consuma 2700 kWh."), ("Paga 99 euro.", ""), ("", "")]
)
def test_a_summary_tells_only_figures_that_were_told(summary: str, kept: str) -> None:
    assert keep_safe(Draft(summary=summary), "ne consumo 2700").summary == kept


async def test_without_a_usable_answer_the_agent_is_told_so(model: Model, shift: Shift, now: datetime) -> None:
    card = await read_card(shift.session, model.settings, shift.handoff, Language.DE, "Sofia")
    model.says = "no JSON"
    with pytest.raises(ModelError):
        await draft_help(model.settings, [], card, Language.DE)
    model.status = 500
    with pytest.raises(ModelError, match="InternalServerError"):
        await translate(model.settings, "ciao", Language.EN)
    assert len(model.asked) == 2  # asked once, not again and again


async def test_a_slow_model_is_not_waited_for(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_model, "SECONDS", 0.2)
    model.slow = True
    with pytest.raises(ModelError, match="APITimeoutError"):
        await translate(model.settings, "ciao", Language.EN)


async def test_without_a_key_nothing_is_asked(settings: Settings) -> None:
    assert not has_model(settings)
    with pytest.raises(ModelError, match="OPENAI_API_KEY"):
        await translate(settings, "ciao", Language.EN)
