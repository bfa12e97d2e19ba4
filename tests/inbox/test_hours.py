from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.db import Sessions
from core.settings import Settings
from core.types import AddressForm, Language
from inbox.agents import note_presence
from inbox.hours import tell_when
from inbox.watch import watch_handoffs
from offers.branches import measure_open
from offers.company import SHIPPED
from offers.support import load_support, read_support
from offers.yaml_file import FileError
from tests.inbox.conftest import Shift

SUPPORT = read_support(SHIPPED)
IT, DE, EN = Language.IT, Language.DE, Language.EN


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Rome")).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "language", "told"),
    [
        ("2026-11-23 10:00", IT, "Il team risponde oggi fino alle 18:00."),
        ("2026-11-23 10:00", DE, "Das Team antwortet heute bis 18:00 Uhr."),
        ("2026-11-23 17:45", EN, "The team answers until 18:00 today, then again tomorrow from 9:00."),
        ("2026-11-23 07:00", IT, "In questo momento il team non c'è: risponde di nuovo oggi dalle 9:00."),
        ("2026-11-23 20:00", DE, "Gerade ist niemand vom Team da: Geantwortet wird wieder morgen ab 9:00 Uhr."),
        ("2026-11-21 21:00", IT, "In questo momento il team non c'è: risponde di nuovo lunedì 23 novembre dalle 9:00."),
        ("2026-12-07 20:00", EN, "Nobody from the team is in right now: they answer again on Wednesday 9 December from 9:00."),
        ("2026-12-24 14:00", DE, "Gerade ist niemand vom Team da: Geantwortet wird wieder am Montag, 28. Dezember, ab 9:00 Uhr."),
    ],
)  # fmt: skip
def test_the_customer_is_told_when_people_answer(settings: Settings, at: str, language: Language, told: str) -> None:
    assert tell_when(settings, language, rome(at)) == told


def test_the_time_is_the_customers_own(settings: Settings) -> None:
    assert tell_when(settings, EN, rome("2026-11-23 10:00"), "Europe/London") == "The team answers until 17:00 today."


def test_lei_and_sie_get_the_same_hours(settings: Settings) -> None:
    formal = settings.model_copy(update={"address": AddressForm.FORMAL})
    for language in Language:
        assert tell_when(formal, language, rome("2026-11-23 10:00"))


def test_invented_hours_are_told_to_nobody_outside_the_demo(settings: Settings) -> None:
    assert load_support(settings) is not None
    assert tell_when(settings.model_copy(update={"demo": False}), IT, rome("2026-11-23 10:00")) == ""


def test_without_the_file_nothing_is_promised(settings: Settings, tmp_path: Path) -> None:
    assert tell_when(settings.model_copy(update={"company_dir": str(tmp_path)}), IT, rome("2026-11-23 10:00")) == ""


def test_a_place_without_holidays_is_refused_with_its_line(tmp_path: Path) -> None:
    text = (SHIPPED / "support.yml").read_text("utf-8").replace("public_holidays: IT", "public_holidays: IT-XX")
    (tmp_path / "support.yml").write_text(text, "utf-8")
    with pytest.raises(FileError, match=r"support.yml, line 13: public_holidays: 'IT-XX': write a country"):
        read_support(tmp_path)


def test_only_open_hours_count_as_waiting() -> None:
    assert SUPPORT is not None
    friday, monday = rome("2026-11-20 17:50"), rome("2026-11-23 09:05")
    assert measure_open(SUPPORT, friday, monday) == timedelta(hours=4, minutes=15)  # Saturday has 9 to 13
    assert measure_open(SUPPORT, monday, friday) == timedelta()


async def test_who_waits_overnight_is_late_only_when_people_were_there(
    shift: Shift, sessions: Sessions, settings: Settings
) -> None:
    opened, monday = rome("2026-11-21 22:00"), rome("2026-11-23 09:00")
    await shift.run("UPDATE handoff SET opened_at = :at, unanswered_since = :at", at=opened)
    await shift.run("UPDATE contact SET last_inbound_at = :at", at=rome("2026-11-22 22:00"))
    await shift.session.commit()
    assert await watch_handoffs(sessions, settings, monday + timedelta(minutes=14)) == 0
    assert await watch_handoffs(sessions, settings, monday + timedelta(minutes=15)) == 1
    (said,) = await shift.ask("SELECT text FROM outbox")
    assert said.endswith("una persona ti risponderà qui. Il team risponde oggi fino alle 18:00.")


async def test_who_writes_while_nobody_is_there_is_told_once_per_closing(
    shift: Shift, sessions: Sessions, settings: Settings
) -> None:
    evening = rome("2026-11-24 20:00")
    await shift.run("UPDATE handoff SET opened_at = :at", at=rome("2026-11-24 16:00"))
    await shift.run(
        "UPDATE handoff SET unanswered_since = :at, state = 'assigned', account_id = :a", at=evening, a=shift.sofia
    )
    await shift.run("UPDATE contact SET last_inbound_at = :at", at=evening)
    await note_presence(shift.session, shift.sofia, evening)
    await shift.session.commit()
    await watch_handoffs(sessions, settings, evening + timedelta(seconds=2))
    assert await shift.ask("SELECT text FROM outbox") == []  # she is there after all
    for minutes in (3, 4):
        await watch_handoffs(sessions, settings, evening + timedelta(minutes=minutes))
    assert await shift.ask("SELECT text FROM outbox") == [
        "Il tuo messaggio è arrivato. In questo momento il team non c'è: risponde di nuovo domani dalle 9:00."
    ]


async def test_who_asked_for_a_person_at_night_was_told_then(
    shift: Shift, sessions: Sessions, settings: Settings
) -> None:
    night = rome("2026-11-24 22:00")
    await shift.run(
        "UPDATE handoff SET opened_at = :at, unanswered_since = :later", at=night, later=night + timedelta(minutes=2)
    )
    await shift.run("UPDATE contact SET last_inbound_at = :at", at=night)
    await shift.session.commit()
    await watch_handoffs(sessions, settings, night + timedelta(minutes=3))
    assert await shift.ask("SELECT text FROM outbox") == []
