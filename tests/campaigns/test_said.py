"""What is said about a campaign is said in the reader's language, with numbers and times as they are written there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.journeys.reading import FOLDER, parse_journey
from campaigns.pages.parts import WORDS
from campaigns.pages.refused import list_refused, say_refused
from campaigns.pages.said import RELEASE_WORDS, say_fault, say_why
from campaigns.release.whys import write_why
from core.settings import Settings
from core.tables import TemplateState
from core.types import Language
from offers.yaml_file import FileError, parse_document
from pages.words import Words


@pytest.mark.parametrize(
    ("language", "why", "told"),
    [
        ("de", write_why("template_stopped", template="cart_reminder", status="PAUSED"), "cart_reminder angehalten (pausiert)"),
        ("it", write_why("template_stopped", template="cart_reminder", status="IN_APPEAL"), "cart_reminder (IN_APPEAL)"),
        ("it", write_why("too_many_opt_outs", count=31, messages=1000, percent="3.1", limit="2.5"), "1.000 messaggi 31 persone hanno detto stop (3,1 %, limite 2,5 %)"),
        ("de", write_why("scheduled", at="2026-11-23T23:30+00:00"), "Beginnt von selbst: 24.11.2026 00:30."),
        ("it", "Prezzi da rivedere", "Prezzi da rivedere"),
    ],
)  # fmt: skip
def test_why_a_campaign_is_in_its_state(language: str, why: str, told: str) -> None:
    assert told in say_why(Words(Language(language), RELEASE_WORDS), why, "Europe/Rome")


def test_a_fault_names_its_file_and_line() -> None:
    with pytest.raises(FileError) as fault:
        parse_document(Path("cart.yml"), "title: x\ntitle: y")
    assert say_fault(Words(Language.DE, RELEASE_WORDS), fault.value) == (
        "cart.yml, Zeile 2: title: steht hier zweimal: streiche eines"
    )


async def test_a_template_whatsapp_does_not_let_through_is_told_with_its_own_reason(
    session: AsyncSession, settings: Settings, now: datetime
) -> None:
    journey = parse_journey("cart", (FOLDER / "cart.yml").read_text(encoding="utf-8"))
    demo = settings.model_copy(update={"demo": True})
    assert await list_refused(session, demo, journey) == []
    for language, status, reason in (("it", "REJECTED", "INVALID_FORMAT"), ("de", "PAUSED", None)):
        session.add(
            TemplateState(name="cart_reminder", language=language, status=status, reason=reason, changed_at=now)
        )
    await session.flush()
    refused = await list_refused(session, settings.model_copy(update={"demo": False}), journey)
    assert list(say_refused(Words(Language.DE, RELEASE_WORDS, WORDS), refused)) == [
        "cart_reminder (Italienisch) kann nicht hinaus: WhatsApp hat den Text abgelehnt. WhatsApp schreibt: INVALID_FORMAT",
        "cart_reminder (Deutsch) kann nicht hinaus: WhatsApp hat die Vorlage pausiert.",
        "cart_reminder (Englisch) kann nicht hinaus: WhatsApp kennt diesen Text noch nicht; er geht mit „pronto templates push“ dorthin.",
    ]
