from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.settings import Settings
from core.types import Language
from inbox.reply import WindowClosedError, reply, send_template
from inbox.states import close, take
from inbox.words import RefusedError
from tests.inbox.conftest import Shift

LATER = timedelta(hours=25)


async def test_an_answer_is_queued_once_and_makes_the_handoff_ones_own(
    shift: Shift, settings: Settings, now: datetime
) -> None:
    first = await reply(shift.session, settings, shift.handoff, shift.sofia, " Ciao Dario! ", "k1", now)
    again = await reply(shift.session, settings, shift.handoff, shift.sofia, "Ciao Dario!", "k1", now)
    assert (len(first), again) == (1, [])
    rows = await shift.ask("SELECT text, purpose, kind, phone_number_id, turn_id, key FROM outbox")
    assert [row[:5] for row in rows] == [("Ciao Dario!", "service", "reply", "900", None)]
    assert rows[0][5].startswith(f"agent:{shift.sofia}:{shift.handoff}:k1")
    row = (await shift.ask("SELECT state, account_id, first_response_at, unanswered_since FROM handoff"))[0]
    assert row == ("waiting", shift.sofia, now, None)


async def test_the_first_answer_counts_for_the_response_time(shift: Shift, settings: Settings, now: datetime) -> None:
    for minutes in (3, 9):
        at = now + timedelta(minutes=minutes)
        await reply(shift.session, settings, shift.handoff, shift.sofia, "Eccomi", f"k{minutes}", at)
    assert await shift.ask("SELECT first_response_at FROM handoff") == [now + timedelta(minutes=3)]


async def test_nobody_answers_over_a_colleague(shift: Shift, settings: Settings, now: datetime) -> None:
    await take(shift.session, shift.handoff, shift.jonas, now)
    with pytest.raises(RefusedError, match="Jonas has it since"):
        await reply(shift.session, settings, shift.handoff, shift.sofia, "Ciao", "k1", now)
    assert await shift.ask("SELECT count(*) FROM outbox") == [0]


@pytest.mark.parametrize("words", ["", "  \n "])
async def test_an_empty_answer_is_refused(shift: Shift, settings: Settings, now: datetime, words: str) -> None:
    with pytest.raises(RefusedError, match="Write something"):
        await reply(shift.session, settings, shift.handoff, shift.sofia, words, "k1", now)


async def test_to_a_closed_handoff_nothing_is_sent(shift: Shift, settings: Settings, now: datetime) -> None:
    await close(shift.session, settings, shift.handoff, shift.sofia, now, "", tell=False)
    with pytest.raises(RefusedError, match="closed already"):
        await reply(shift.session, settings, shift.handoff, shift.sofia, "Ciao", "k1", now)


async def test_after_the_window_the_error_names_it_and_offers_templates(
    shift: Shift, settings: Settings, now: datetime
) -> None:
    await agree(shift, now)
    with pytest.raises(WindowClosedError) as late:
        await reply(shift.session, settings, shift.handoff, shift.sofia, "Ciao", "k1", now + LATER)
    assert late.value.closed_at == now + timedelta(hours=24) - timedelta(seconds=60)
    assert "22/11 21:59" in late.value.say(Language.DE, "Europe/Rome")
    assert "energy_value" in late.value.templates
    assert "Dario" in late.value.templates["energy_value"]


async def test_to_who_never_wrote_only_a_template_goes(shift: Shift, settings: Settings, now: datetime) -> None:
    await shift.run("UPDATE contact SET last_inbound_at = NULL")
    with pytest.raises(WindowClosedError, match="never written"):
        await reply(shift.session, settings, shift.handoff, shift.sofia, "Ciao", "k1", now)


async def test_a_template_leaves_after_the_window(shift: Shift, settings: Settings, now: datetime) -> None:
    await agree(shift, now)
    arguments = (shift.session, settings, shift.handoff, shift.sofia, "energy_value")
    assert await send_template(*arguments, {}, "k1", now + LATER)
    assert await send_template(*arguments, {}, "k1", now + LATER) is None
    assert await shift.ask("SELECT kind, state FROM outbox") == [("template", "queued")]
    assert await shift.ask("SELECT state FROM handoff") == ["waiting"]


@pytest.mark.parametrize("template", ["energy_value", "nonsense"])
async def test_a_template_that_may_not_go_is_refused(
    shift: Shift, settings: Settings, now: datetime, template: str
) -> None:
    with pytest.raises(RefusedError, match="cannot be sent"):
        await send_template(shift.session, settings, shift.handoff, shift.sofia, template, {}, "k1", now)


async def agree(shift: Shift, now: datetime) -> None:
    """The customer wants offers, and everything the template needs is known."""
    await shift.run(
        "INSERT INTO consent (contact_id, purpose, given, at, channel, wording)"
        " VALUES (:c, 'marketing', true, :now, 'api', 'Sì')",
        c=shift.dario,
        now=now,
    )
    await shift.run("UPDATE contact SET place = 'Bolzano'")
    await shift.run(
        "INSERT INTO contract (contact_id, kind, expires_on, source) VALUES (:c, 'electricity', '2026-12-10', 'api')",
        c=shift.dario,
    )
