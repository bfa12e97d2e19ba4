from __future__ import annotations

from datetime import datetime

import pytest

from accounts.audit import Actor
from core.settings import Settings
from core.types import AddressForm, HandoffReason, Language
from inbox.card import load_texts, read_card, suggest_replies
from inbox.correct import correct_answer
from inbox.words import RefusedError
from tests.inbox.conftest import Shift
from whatsapp.window import close_window_at

SENTENCE = "ne consumo 2700 all'anno"


@pytest.fixture
async def told(shift: Shift, now: datetime) -> Shift:
    """Dario told his consumption, objected, agreed to offers, and was scored."""
    own = {"c": shift.dario, "now": now}
    await shift.run(
        "INSERT INTO answer (contact_id, name, value, sentence, turn_key, at)"
        " VALUES (:c, 'yearly_kwh', '2700', :said, 't1', :now)",
        **own,
        said=SENTENCE,
    )
    await shift.run(
        "INSERT INTO event (contact_id, kind, at, data) VALUES (:c, 'objection', :now,"
        """ '{"kind": "too_expensive", "sentence": "costa troppo"}')""",
        **own,
    )
    await shift.run(
        "INSERT INTO consent (contact_id, purpose, given, at, channel, wording)"
        " VALUES (:c, 'marketing', true, :now, 'api', 'Sì')",
        **own,
    )
    await shift.run(
        "INSERT INTO score (contact_id, pack, version, points, band, receipt, computed_at) VALUES"
        " (:c, 'energy', '1', 40, 'middle', '[]', :now)",
        **own,
    )
    await shift.run("""UPDATE handoff SET card = '{"topic": "energy_comparison", "open_question": "postcode"}'""")
    return shift


async def test_the_card_tells_in_the_agents_language_what_happened(
    told: Shift, settings: Settings, now: datetime
) -> None:
    card = await read_card(told.session, settings, told.handoff, Language.DE, "Sofia")
    assert card.summary == (
        "Dario Conti möchte mit einem Menschen sprechen. Es ging um: Stromvergleich. Letzte Worte: „voglio parlare con"
        " una persona“. Schon gesagt: kWh im Jahr 2700. Offen gebliebene Frage: Postleitzahl. Einwände: zu teuer."
    )
    assert [(one.label, one.value, one.sentence, one.corrected) for one in card.told] == [
        ("kWh im Jahr", 2700, SENTENCE, False)
    ]
    assert card.objections == (("zu teuer", "costa troppo"),)
    assert (card.points, card.band, card.consents) == (40, "middle", {"marketing": True})
    assert card.window_closes_at == close_window_at(now)


async def test_suggested_replies_are_in_the_customers_language(told: Shift, settings: Settings) -> None:
    card = await read_card(told.session, settings, told.handoff, Language.DE, "Sofia")
    assert card.language is Language.IT
    assert card.replies[0].startswith("Ciao Dario, sono Sofia di Pronto.")


@pytest.mark.parametrize("reason", HandoffReason)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("address", AddressForm)
def test_every_reason_has_two_replies_and_a_next_step(
    reason: HandoffReason, language: Language, address: AddressForm
) -> None:
    replies = suggest_replies(reason, language, address, None, "Sofia", "Pronto")
    assert len(set(replies)) == 2
    assert not any("{" in reply or "  " in reply for reply in replies)
    assert load_texts()["reasons"][reason.value]["next"][language.value]


async def test_who_is_known_by_nothing_has_a_card_too(shift: Shift, settings: Settings) -> None:
    await shift.run("UPDATE contact SET name = NULL, language = NULL, last_inbound_at = NULL")
    card = await read_card(shift.session, settings, shift.handoff, Language.EN, "Sofia")
    assert card.summary.startswith("The customer asked for a person.")
    assert (card.points, card.window_closes_at, card.told) == (None, None, ())
    with pytest.raises(LookupError):
        await read_card(shift.session, settings, 999, Language.EN, "Sofia")


async def test_a_correction_is_a_new_answer_with_who_and_audit(told: Shift, settings: Settings, now: datetime) -> None:
    actor = Actor(told.sofia, "sofia@example.org")
    assert await correct_answer(told.session, told.dario, "yearly_kwh", " 3100 ", actor, now) == 3100
    card = await read_card(told.session, settings, told.handoff, Language.EN, "Sofia")
    assert [(one.value, one.corrected) for one in card.told] == [(3100, True)]
    assert await told.ask("SELECT count(*) FROM answer") == [2]
    assert await told.ask("SELECT deed, subject, data ->> 'before' FROM audit_log") == [
        ("answer_corrected", "dario", "2700")
    ]
    assert await told.ask("SELECT score_stale_at FROM contact") == [now]


@pytest.mark.parametrize(
    ("name", "value"), [("yearly_kwh", "tanti"), ("yearly_kwh", ""), ("yearly_kwh", "-1"), ("shoe_size", "42")]
)
async def test_a_correction_that_does_not_fit_is_refused(told: Shift, now: datetime, name: str, value: str) -> None:
    with pytest.raises(RefusedError):
        await correct_answer(told.session, told.dario, name, value, Actor(told.sofia, "s@example.org"), now)
    assert await told.ask("SELECT count(*) FROM answer") == [1]
