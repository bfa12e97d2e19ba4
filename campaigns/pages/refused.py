"""Messages of a journey that WhatsApp does not let through now, and why: told before anybody waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nicegui.element import Element
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.explain import name_reason
from campaigns.gate.preparing import make_components
from campaigns.gate.reading import read_words
from campaigns.journeys.journey import Journey
from campaigns.templates.definitions import load_templates
from core.settings import Settings
from core.types import HoldReason, Language
from pages.parts import put
from pages.words import Words

OWN = Path(__file__).with_name("refused.yml")


@dataclass(frozen=True)
class Refused:
    """One template. status: WhatsApp's word, None where it has none of it; reason: why, as WhatsApp wrote it."""

    template: str
    languages: tuple[Language, ...]
    problem: HoldReason
    status: str | None
    reason: str | None


async def list_refused(session: AsyncSession, settings: Settings, journey: Journey) -> list[Refused]:
    """What the gate would hold for its template, languages with the same word together."""
    said, known = await read_words(session, settings), load_templates(settings.address)
    found: dict[tuple[str, HoldReason, str | None, str | None], list[Language]] = {}
    for name in journey.list_templates():
        for language, wording in known[name].texts.items() if name in known else ():
            key = (name + wording.suffix, language)
            word, row = said.find(*key, make_components(wording, language, settings.public_url)), said.rows.get(key)
            if word.problem:
                status, reason = (row.status, row.reason) if row else (None, None)
                found.setdefault((name, word.problem, status, reason), []).append(Language(language))
    return [
        Refused(name, tuple(languages), problem, status, reason)
        for (name, problem, status, reason), languages in found.items()
    ]


def say_refused(words: Words, refused: Sequence[Refused]) -> Iterator[str]:
    """A sentence for each."""
    own = Words(words.language, OWN)
    for one in refused:
        languages = ", ".join(words(f"in_{language}") for language in one.languages)
        status = f"status_{one.status or 'missing'}".lower()
        why = own(status) if status in own else name_reason(one.problem, words.language)
        told = own("refused", template=one.template, languages=languages, why=why)
        yield f"{told} {own('reason', reason=one.reason)}" if one.reason else told


def draw_refused(place: Element, words: Words, refused: Sequence[Refused]) -> None:
    place.clear()
    with place:
        for line in say_refused(words, refused):
            put("p", line, "held")
