from __future__ import annotations

from datetime import datetime, timedelta

from inbox.satisfaction import read_satisfaction, write_satisfaction_csv
from tests.inbox.conftest import Shift, add_contact

DAY = timedelta(days=1)


async def test_stars_are_counted_by_agent_language_and_week(shift: Shift, now: datetime) -> None:
    bruno = await add_contact(shift.session, "bruno", now, language="de")
    rows = [(shift.dario, shift.sofia, 4, now), (shift.dario, shift.sofia, 1, now), (bruno, None, 5, now + 2 * DAY)]
    rows += [(bruno, None, None, now)]  # asked, never answered
    for number, (contact, agent, stars, at) in enumerate(rows):
        await shift.run(
            "WITH made AS (INSERT INTO handoff (contact_id, account_id, reason, turn_key, card, opened_at, closed_at)"
            " VALUES (:c, :a, 'wish', :key, '{}', :at, :at) RETURNING id)"
            " INSERT INTO satisfaction (contact_id, handoff_id, stars, asked_at) SELECT :c, id, :s, :at FROM made",
            c=contact, a=agent, key=f"n{number}", s=stars, at=at,
        )  # fmt: skip
    lines = await read_satisfaction(shift.session, now - DAY, now + 3 * DAY, "Europe/Rome")
    assert [(one.group, one.key, one.asked, one.ratings, one.average) for one in lines] == [
        ("all", "all", 4, 3, 3.33),
        ("agent", "-", 2, 1, 5.0),
        ("agent", "Sofia", 2, 2, 2.5),
        ("language", "de", 2, 1, 5.0),
        ("language", "it", 2, 2, 2.5),
        ("week", "2026-W47", 3, 2, 2.5),
        ("week", "2026-W48", 1, 1, 5.0),
    ]
    assert write_satisfaction_csv(lines).splitlines()[3] == "agent,Sofia,2,2,2.5,1,0,0,1,0"


async def test_where_nobody_was_asked_there_is_nothing(shift: Shift, now: datetime) -> None:
    assert await read_satisfaction(shift.session, now - DAY, now + DAY, "Europe/Rome") == []
