"""The card of a handoff: what whoever takes over reads first, from facts and templates, in the agent's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from core.texts import choose_edition
from core.types import AddressForm, HandoffReason, Language
from offers.explain import explain_offer
from scoring.explain import explain_gates, explain_line
from whatsapp.window import close_window_at

TEXTS = Path(__file__).with_name("card.yml")
SAID_CHARS = 160  # of the customer's last words in the summary

READ = text("""
    SELECT h.id, h.contact_id, h.reason, h.card, h.opened_at, c.token, c.name, c.language, c.last_inbound_at,
           s.points, s.band, s.receipt, s.gate, st.sentiment, n.reason AS offer,
           (SELECT text FROM message WHERE contact_id = c.id AND text IS NOT NULL ORDER BY sent_at DESC, id DESC
            LIMIT 1) AS said,
           (SELECT coalesce(jsonb_agg(a ORDER BY a.id), '[]') FROM (
               SELECT DISTINCT ON (name) id, name, value, sentence, at, turn_key FROM answer
               WHERE contact_id = c.id ORDER BY name, id DESC) a) AS answers,
           (SELECT coalesce(jsonb_agg(o ORDER BY o.at), '[]') FROM (
               SELECT coalesce(data ->> 'kind', data ->> 'intent') AS kind, data ->> 'sentence' AS sentence, at
               FROM event WHERE contact_id = c.id AND kind = 'objection' ORDER BY at DESC LIMIT 5) o) AS objections,
           (SELECT coalesce(jsonb_object_agg(purpose, given), '{}') FROM (
               SELECT DISTINCT ON (purpose) purpose, given FROM consent WHERE contact_id = c.id
               ORDER BY purpose, at DESC, id DESC) p) AS consents,
           coalesce((SELECT value = 'stop' FROM platform_preference WHERE contact_id = c.id
                     ORDER BY at DESC, id DESC LIMIT 1), false) AS switched_off
    FROM handoff h JOIN contact c ON c.id = h.contact_id
    LEFT JOIN score s ON s.contact_id = c.id LEFT JOIN contact_stat st ON st.contact_id = c.id
    LEFT JOIN next_offer n ON n.contact_id = c.id WHERE h.id = :id
""")


@dataclass(frozen=True)
class Told:
    """A value the customer told, and the sentence it came from. corrected: by an agent."""

    name: str
    label: str
    value: Any
    sentence: str
    at: str
    corrected: bool


@dataclass(frozen=True)
class Card:
    """language: the customer's; everything else is in the agent's. replies: two to start from, in the customer's.

    receipt: (points, phrase); sentiment: below 0 unhappy, above 0 happy; consents: purpose to whether it was given.
    window_closes_at: until then free text may be sent, None if it never could.
    """

    handoff_id: int
    token: str
    name: str | None
    language: Language
    reason: HandoffReason
    label: str
    summary: str
    told: tuple[Told, ...]
    points: int | None
    band: str | None
    receipt: tuple[tuple[int, str], ...]
    gates: str | None
    objections: tuple[tuple[str, str], ...]
    sentiment: int | None
    offer: tuple[str, ...]
    consents: dict[str, bool]
    switched_off: bool
    window_closes_at: datetime | None
    next_step: str
    replies: tuple[str, ...]


async def read_card(session: AsyncSession, settings: Settings, handoff_id: int, language: Language, agent: str) -> Card:
    """The card as `agent` reads it, of what is known now. LookupError: there is no such handoff."""
    row = (await session.execute(READ, {"id": handoff_id})).mappings().one_or_none()
    if row is None:
        raise LookupError(f"handoff {handoff_id} does not exist")
    own = row["language"] or row["card"].get("language")
    theirs = Language(own) if own in set(Language) else settings.language
    told = tuple(read_told(one, language) for one in row["answers"])
    objections = tuple((word("objections", one["kind"], language), one["sentence"] or "") for one in row["objections"])
    reason = HandoffReason(row["reason"])
    return Card(
        handoff_id=row["id"],
        token=row["token"],
        name=row["name"],
        language=theirs,
        reason=reason,
        label=load_texts()["reasons"][reason.value]["label"][language.value],
        summary=summarise(row, told, [name for name, _ in objections], language),
        told=told,
        points=row["points"],
        band=row["band"],
        receipt=tuple((line["points"], explain_line(line, language)) for line in row["receipt"] or ()),
        gates=explain_gates(row["gate"], language) if row["gate"] is not None else None,
        objections=objections,
        sentiment=row["sentiment"],
        offer=tuple(explain_offer(row["offer"], language)) if row["offer"] else (),
        consents=row["consents"],
        switched_off=row["switched_off"],
        window_closes_at=close_window_at(row["last_inbound_at"]) if row["last_inbound_at"] else None,
        next_step=load_texts()["reasons"][reason.value]["next"][language.value],
        replies=suggest_replies(reason, theirs, settings.address, row["name"], agent, settings.company),
    )


def read_told(answer: Mapping[str, Any], language: Language) -> Told:
    corrected = str(answer["turn_key"]).startswith("agent:")
    label = word("values", answer["name"], language)
    return Told(answer["name"], label, answer["value"], answer["sentence"], answer["at"], corrected)


def summarise(row: RowMapping, told: Sequence[Told], objections: Sequence[str], language: Language) -> str:
    """The handoff in a few sentences: why, about what, the last words, what was told and what was left open."""
    card = row["card"]
    label = load_texts()["reasons"][row["reason"]]["label"][language.value]
    sentences = [phrase("asked", language, who=row["name"] or phrase("who", language), label=label)]
    if topic := card.get("topic"):
        sentences.append(phrase("topic", language, topic=word("topics", topic, language)))
    if words := " ".join(str(row["said"] or card.get("said") or "").split()):
        cut = words if len(words) <= SAID_CHARS else f"{words[: SAID_CHARS - 1]}…"
        sentences.append(phrase("said", language, words=cut))
    if told:
        values = ", ".join(f"{one.label} {one.value}" for one in told if not isinstance(one.value, dict | list))
        sentences.append(phrase("told", language, values=values))
    if question := card.get("open_question"):
        sentences.append(phrase("open", language, question=word("values", question, language)))
    if objections:
        sentences.append(phrase("objections", language, values=", ".join(dict.fromkeys(objections))))
    if call := card.get("callback"):
        parts = {name: call.get(name) or "" for name in ("time", "on", "phone")}
        sentences.append(" ".join(phrase("call", language, **parts).replace(" .", ".").split()))
    return " ".join(sentences)


def suggest_replies(
    reason: HandoffReason, language: Language, address: AddressForm, name: str | None, agent: str, company: str
) -> tuple[str, ...]:
    """Two replies to start from, in the customer's language; nothing in them is a promise or a price."""
    first = f" {name.split()[0]}" if name and name.split() else ""
    editions = [choose_edition(texts, address) for texts in load_texts()["reasons"][reason.value]["replies"]]
    return tuple(texts[language.value].format(name=first, agent=agent, company=company) for texts in editions)


def phrase(key: str, language: Language, **values: str) -> str:
    return str(load_texts()["summary"][key][language.value]).format(**values)


def word(section: str, key: str, language: Language) -> str:
    """The name of a value, topic or objection; without one of ours the key in plain words."""
    named = load_texts()[section].get(key)
    return str(named[language.value]) if named else str(key).replace("_", " ")


@cache
def load_texts() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(TEXTS.read_text("utf-8"))
    return content
