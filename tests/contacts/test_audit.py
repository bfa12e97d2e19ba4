"""The data audit counts what is there, judges it by the settings and says what is missing in numbers."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.audit import GAPS_NEEDED, Audit, audit_data, judge, make_json
from contacts.audit_figures import FIELDS, PROBLEMS
from contacts.audit_tables import show_audit
from contacts.audit_words import WORDS
from core.settings import Settings
from core.tables import Consent, Contact, Contract, Event, Outbox, Place, PlatformPreference
from scoring.learned.defection import GAPS_NEEDED as GAPS_LEARNED_FROM

FULL: dict[str, Any] = {
    "phone": "+4232000001",
    "name": "Ada Frick",
    "language": "de",
    "country": "LI",
    "postcode": "9490",
}
NOTHING: dict[str, Any] = dict.fromkeys((*(f"has_{name}" for name in FIELDS), *(f"is_{name}" for name in PROBLEMS)), 0)
NOTHING |= dict.fromkeys(
    ("contacts", "has_external_id", "complete", "clean", "active", "agreed", "refused", "reachable"), 0
)
NOTHING |= dict.fromkeys(("sent", "arrived", "written_to", "buyers", "with_outcome", "gaps"), 0)
NOTHING |= dict.fromkeys(("first_at", "last_at", "bought_first_at", "bought_last_at"))


async def add(session: AsyncSession, now: datetime, **values: Any) -> int:
    """A contact, fresh unless told otherwise."""
    contact = Contact(**{"token": f"t{values}", "updated_at": now, "created_at": now} | values)
    session.add(contact)
    await session.flush()
    return contact.id


async def add_contract(session: AsyncSession, contact_id: int, now: datetime, ends: date) -> None:
    session.add(Contract(contact_id=contact_id, kind="gym", expires_on=ends, source="api", updated_at=now))
    await session.flush()


async def send(session: AsyncSession, contact_id: int, at: datetime, *, arrives: bool) -> None:
    key = f"{contact_id} {at} {arrives}"
    times: dict[str, Any] = {"due_at": at, "created_at": at, "accepted_at": at, "delivered_at": at if arrives else None}
    state = "delivered" if arrives else "failed"
    row = {"phone_number_id": "900", "key": key, "callback": key, "kind": "template", "purpose": "marketing"}
    session.add(Outbox(contact_id=contact_id, body={}, text="x", state=state, **row, **times))
    await session.flush()


@pytest.fixture
async def places(session: AsyncSession) -> AsyncSession:
    """A session in which the table of places knows one Swiss town at least; rolled back by the test's end."""
    session.add(Place(country="LI", postcode="9490", name="Vaduz"))
    await session.flush()
    return session


async def audit(session: AsyncSession, settings: Settings, now: datetime) -> Audit:
    return await audit_data(session, settings, now)


def problems_of(found: Audit) -> dict[str, int]:
    return {one.name: one.number for one in found.problems}


async def test_an_empty_store_is_audited_too(session: AsyncSession, settings: Settings, now: datetime) -> None:
    found = await audit(session, settings, now)
    assert (found.contacts, found.problems) == (0, ())
    assert [check.grade for check in found.checks] == ["unknown"] * 5 + ["too_low"]
    assert {feature.level for feature in found.features} == {"no"}


async def test_a_profile_is_complete_with_an_address_a_name_a_place_and_an_occasion(
    places: AsyncSession, settings: Settings, now: datetime
) -> None:
    await add_contract(places, await add(places, now, **FULL), now, now.date() + timedelta(60))
    buyer = await add(places, now, **FULL | {"phone": "+4232000002", "name": "Bo"})
    places.add(Event(contact_id=buyer, kind="purchase", at=now - timedelta(3)))
    await add(places, now, **FULL | {"phone": "+4232000003", "name": "Carla"})
    found = await audit(places, settings, now)
    assert {one.name: one.number for one in found.fields} == dict.fromkeys(FIELDS, 3) | {
        "occasion": 2,
        "external_id": 0,
    }
    assert (found.checks[0].name, found.checks[0].value, found.checks[0].grade) == ("complete", 66.6, "enough")
    assert (found.checks[1].name, found.checks[1].grade) == ("complete_start", "too_low")
    assert problems_of(found) == {}


@pytest.mark.parametrize(
    ("values", "problem", "clean"),
    [
        ({"phone": None, "user_id": "LI.1"}, "no_phone", 1),
        ({"phone": "003904711"}, "bad_phone", 0),
        ({"postcode": "1234"}, "bad_postcode", 0),
        ({"postcode": "1234", "country": "ZZ"}, None, 1),
        ({"language": "fr"}, "bad_language", 1),
        ({"updated_at": datetime(2025, 1, 1).astimezone()}, "not_current", 1),
        ({"created_at": datetime(2027, 1, 1).astimezone()}, "bad_date", 1),
    ],
)
async def test_what_is_wrong_with_a_contact_is_counted(
    places: AsyncSession, settings: Settings, now: datetime, values: dict[str, Any], problem: str | None, clean: int
) -> None:
    await add(places, now, **FULL | values)
    found = await audit(places, settings, now)
    assert problems_of(found) == ({problem: 1} if problem else {})
    assert found.clean.number == clean


async def test_contracts_that_ended_or_cannot_be_are_counted(
    places: AsyncSession, settings: Settings, now: datetime
) -> None:
    for number, ends in enumerate((date(2026, 11, 20), date(2062, 1, 1), date(2026, 11, 30))):
        own = await add(places, now, **FULL | {"phone": f"+423200000{number}", "name": f"N{number}"})
        await add_contract(places, own, now, ends)
    assert problems_of(await audit(places, settings, now)) == {"expired_contract": 1, "bad_contract_end": 1}


async def test_duplicates_are_suspected_by_name_id_and_phone(
    places: AsyncSession, settings: Settings, now: datetime
) -> None:
    await add(places, now, **FULL | {"external_id": "CRM-0042"})
    await add(places, now, **FULL | {"phone": "+4232000002", "name": "frick, ada"})
    await add(places, now, **FULL | {"phone": "+4232000003", "name": "Bo", "external_id": "crm 0042"})
    await add(places, now, **FULL | {"phone": "+42302000003", "name": "Cy"})
    await add(places, now, **FULL | {"phone": "+4232000009", "name": "Ada Frick", "postcode": None})
    found = await audit(places, settings, now)
    assert problems_of(found) == {"same_name": 2, "same_external_id": 2, "similar_phone": 2}
    assert found.clean.number == 1


async def test_deliverability_is_the_share_of_sent_messages_that_arrived(
    places: AsyncSession, settings: Settings, now: datetime
) -> None:
    reached = await add(places, now, **FULL)
    lost = await add(places, now, **FULL | {"phone": "+4232000002", "name": "Bo"})
    for days in (2, 3, 4):
        await send(places, reached, now - timedelta(days), arrives=True)
    await send(places, lost, now - timedelta(2), arrives=False)
    await send(places, lost, now - timedelta(hours=1), arrives=False)  # may still arrive
    await send(places, lost, now - timedelta(600), arrives=True)  # tells nothing any more
    found = await audit(places, settings, now)
    assert next(check.value for check in found.checks if check.name == "deliverable") == 75.0
    assert problems_of(found) == {"undeliverable": 1}


async def test_consent_counts_as_it_stands_now(places: AsyncSession, settings: Settings, now: datetime) -> None:
    for number, said in enumerate([(True,), (True, False), (False, True), (True,), ()]):
        own = await add(places, now, **FULL | {"phone": f"+423200000{number}", "name": f"N{number}"})
        for days, given in enumerate(said):
            row = {"purpose": "marketing", "channel": "api", "wording": "x", "proof": str(days)}
            places.add(Consent(contact_id=own, given=given, at=now - timedelta(9 - days), **row))
        if number == 3:
            places.add(PlatformPreference(contact_id=own, value="stop", at=now, payload={}))
    await places.flush()
    found = await audit(places, settings, now)
    assert {one.name: one.number for one in found.consent} == {"agreed": 3, "refused": 1, "reachable": 2}


async def test_erased_contacts_do_not_count(places: AsyncSession, settings: Settings, now: datetime) -> None:
    await add(places, now, **FULL | {"erased_at": now})
    assert (await audit(places, settings, now)).contacts == 0


async def test_history_goes_from_the_first_to_the_last_event(
    places: AsyncSession, settings: Settings, now: datetime
) -> None:
    own = await add(places, now, **FULL)
    for days in (400, 30, 2):
        places.add(Event(contact_id=own, kind="purchase" if days < 400 else "form", at=now - timedelta(days)))
    await places.flush()
    found = await audit(places, settings, now)
    history = next(check for check in found.checks if check.name == "history")
    assert (history.value, history.grade) == (13.0, "optimal")
    segments = next(one for one in found.features if one.name == "segments")
    assert segments.missing == {"buyers": 499, "bought_months": pytest.approx(5.1)}


def test_a_learned_score_is_justified_by_outcomes_and_history(settings: Settings, now: datetime) -> None:
    def levels(outcomes: int, months: int) -> tuple[str, str]:
        told = {"contacts": 9000, "with_outcome": outcomes, "first_at": now - timedelta(months * 30.5), "last_at": now}
        found = {one.name: one.level for one in judge(NOTHING | told, settings, now).features}
        return found["simple_learned_score"], found["learned_score"]

    assert levels(499, 24) == ("no", "no")
    assert levels(500, 6) == ("yes", "no")
    assert levels(1000, 12) == ("optimal", "yes")
    assert levels(5000, 5) == ("no", "no")
    assert levels(5000, 18) == ("optimal", "optimal")


def test_limits_are_settings(settings: Settings, now: datetime) -> None:
    strict = settings.model_copy(update={"audit_complete_minimum": 90.0, "audit_complete_optimal": 95.0})
    figures = NOTHING | {"contacts": 10, "complete": 8}
    assert judge(figures, settings, now).checks[0].grade == "optimal"
    assert judge(figures, strict, now).checks[0].grade == "too_low"


def test_the_defection_limit_needs_what_its_learning_needs() -> None:
    assert GAPS_NEEDED == GAPS_LEARNED_FROM


@pytest.mark.parametrize("language", ["it", "de", "en", "fr"])
async def test_the_report_is_printed_in_a_language_and_fits_a_terminal(
    places: AsyncSession, settings: Settings, now: datetime, language: str
) -> None:
    await add(places, now, **FULL | {"phone": "1", "postcode": "1"})
    await places.execute(text("UPDATE contact SET language = 'xx'"))
    console = Console(width=110, record=True, force_terminal=False)
    with console.capture() as captured:
        console.print(show_audit(await audit(places, settings, now), language))
    printed = captured.get()
    words = WORDS.get(language, WORDS["en"])
    assert words["bad_postcode"] in printed
    assert words["rules_score"] in printed
    assert "need_" not in printed


def test_every_word_is_there_in_every_language() -> None:
    assert WORDS["it"].keys() == WORDS["de"].keys() == WORDS["en"].keys()
    assert WORDS["en"].keys() >= {*FIELDS, *PROBLEMS}


async def test_the_report_for_machines_is_json(session: AsyncSession, settings: Settings, now: datetime) -> None:
    report = make_json(await audit(session, settings, now))
    assert json.loads(json.dumps(report)) == report
    assert report["checks"][0] == {
        "name": "complete",
        "value": None,
        "unit": "%",
        "minimum": 60.0,
        "optimal": 80.0,
        "grade": "unknown",
    }
    assert report["features"][0]["missing"] == {"contacts": 1}
