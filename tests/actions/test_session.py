from __future__ import annotations

from sqlalchemy import text

from core.db import Sessions
from tests.actions.conftest import Customer


async def test_a_session_starts_with_the_profile(connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(text("UPDATE contact SET postcode = '20121', place = 'Milano'"))
        contract = "INSERT INTO contract (contact_id, kind, yearly_kwh, source) VALUES (1, 'electricity', 2700, 'api')"
        await session.execute(text(contract))
    done = await Customer(slots={"language": None}).run("action_session_start")
    assert done.slots == {"postcode": "20121", "country": "IT", "place": "Milano", "yearly_kwh": 2700.0}


async def test_what_came_with_the_message_survives_the_start(connected: Sessions) -> None:
    done = await Customer(slots={"language": "de", "proposal": "energy_comparison"}).run("action_session_start")
    assert done.slots["proposal"] == "energy_comparison"
    assert [event["event"] for event in done.events][::3] == ["session_started", "action"]


async def test_what_the_customer_said_beats_the_contract(connected: Sessions) -> None:
    async with connected.begin() as session:
        await session.execute(
            text(
                "INSERT INTO answer (contact_id, name, value, sentence, turn_key, at)"
                " VALUES (1, 'yearly_kwh', '3100', '3100', 't1', now())"
            )
        )
        contract = "INSERT INTO contract (contact_id, kind, yearly_kwh, source) VALUES (1, 'electricity', 2700, 'api')"
        await session.execute(text(contract))
    done = await Customer().run("action_session_start")
    assert done.slots["yearly_kwh"] == 3100.0


async def test_a_merged_contact_is_found_by_its_old_token(connected: Sessions) -> None:
    async with connected.begin() as session:
        merged = "INSERT INTO contact_merge (loser_id, loser_token, winner_id) VALUES (99, 'old', 1)"
        await session.execute(text(merged))
    done = await Customer(token="old").run("action_session_start")
    assert done.events[0]["event"] == "session_started"
