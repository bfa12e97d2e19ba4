from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.settings import Settings
from core.types import Language
from inbox.numbers import read_numbers, write_csv
from inbox.reply import reply
from inbox.states import close
from inbox.teaching import export_teachings, list_teachings, mark_misunderstood, review_teaching
from inbox.words import RefusedError
from tests.inbox.conftest import Shift, add_message

DAY = timedelta(days=1)
KNOWN = frozenset({"thank", "ask_price"})


async def test_numbers_tell_response_closing_and_stars(shift: Shift, settings: Settings, now: datetime) -> None:
    settings = settings.model_copy(update={"satisfaction": True})
    await reply(shift.session, settings, shift.handoff, shift.sofia, "Eccomi", "k1", now + timedelta(minutes=4))
    await close(shift.session, settings, shift.handoff, shift.sofia, now + timedelta(minutes=30), "")
    await shift.run("UPDATE satisfaction SET stars = 4")
    await shift.run(
        "INSERT INTO turn (contact_id, session_number, text, decision, started_at, finished_at)"
        " VALUES (:c, 1, 'x', 'ask_rasa', :n, :n), (:c, 2, 'y', 'ask_rasa', :n, :n)",
        c=shift.dario,
        n=now,
    )
    numbers = await read_numbers(shift.session, now - DAY, now + DAY)
    assert [(line.group, line.key) for line in numbers.lines] == [
        ("all", "all"),
        ("agent", "Sofia"),
        ("language", "it"),
        ("reason", "wish"),
    ]
    line = numbers.lines[1]
    assert (line.handoffs, line.closed, line.response_median, line.close_median, line.stars) == (1, 1, 4.0, 30.0, 4.0)
    assert (numbers.talks, numbers.contained) == (2, 1)  # turn t1 handed over
    assert write_csv(numbers).splitlines()[2] == "agent,Sofia,1,1,4.0,4.0,30.0,1,4.0,,,"
    assert write_csv(numbers).splitlines()[-1] == "assistant,all,,,,,,,,2,1,50.0"
    assert write_csv(numbers).splitlines()[-2] == "rate,wish,1,,,,,,,2,,50.0"
    assert [(rate.reason, rate.per_cent) for rate in numbers.rates] == [("wish", 50.0)]


async def test_without_handoffs_there_is_only_a_heading(shift: Shift, now: datetime) -> None:
    numbers = await read_numbers(shift.session, now + DAY, now + 2 * DAY)
    assert (numbers.lines, numbers.talks) == ((), 0)


async def test_a_misunderstood_sentence_becomes_training_data_once_accepted(shift: Shift, now: datetime) -> None:
    message = await add_message(shift.session, shift.dario, "quanto  [viene] al mese?", now)
    first = await mark_misunderstood(shift.session, message.id, "thank", shift.sofia, now, KNOWN)
    assert await mark_misunderstood(shift.session, message.id, "ask_price", shift.sofia, now, KNOWN) == first
    assert [(one.intent, one.accepted) for one in await list_teachings(shift.session)] == [("ask_price", None)]
    assert "quanto" not in await export_teachings(shift.session, Language.IT)
    await review_teaching(shift.session, first, True, shift.jonas, now)
    await shift.session.flush()
    exported = await export_teachings(shift.session, Language.IT)
    assert "intent: ask_price" in exported
    assert "- quanto viene al mese?" in exported
    assert "quanto" not in await export_teachings(shift.session, Language.DE)


async def test_only_words_and_known_intents_can_be_taught(shift: Shift, now: datetime) -> None:
    message = await add_message(shift.session, shift.dario, "", now)
    with pytest.raises(RefusedError):
        await mark_misunderstood(shift.session, message.id, "thank", shift.sofia, now, KNOWN)
    message = await add_message(shift.session, shift.dario, "ciao", now)
    with pytest.raises(RefusedError, match="ask_price, thank"):
        await mark_misunderstood(shift.session, message.id, "nonsense", shift.sofia, now, KNOWN)
