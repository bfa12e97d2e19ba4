"""Learning from the store: enough data, no hindsight, nothing replaced."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Sessions
from core.settings import Settings
from scoring.learned.apply import promote_model
from scoring.learned.chance import read_chances
from scoring.learned.learn import EVERY, Learned, learn
from scoring.learned.minimum import Stock, TooLittle, check_stock
from scoring.learned.outcomes import Outcome, read_cases, read_outcomes
from scoring.learned.past import NAMES, note_ends, read_features
from scoring.learned.words import explain_chance, load_words
from tests.scoring.learned.conftest import Happen, Live
from tests.scoring.people import set_limits
from webhook.profile import read_profile

ZONE = "Europe/Rome"
ONE = text("INSERT INTO contact (token, phone) VALUES ('one', '+390299999999') RETURNING id")


@pytest.fixture
def little(settings: Settings) -> Settings:
    """Settings of a company that is content with less."""
    return settings.model_copy(update={"records_simple": 100, "audit_history_minimum": 4})


async def read_one(session: AsyncSession, contact_id: int, at: datetime) -> dict[str, float]:
    _, values, _ = await read_features(session, [contact_id], at, ZONE)
    return dict(zip(NAMES, values[0], strict=True))


@pytest.fixture
async def one(sessions: Sessions, session: AsyncSession) -> int:
    contact_id = int((await session.execute(ONE)).scalar_one())
    await session.commit()
    return contact_id


@pytest.mark.parametrize(
    ("stock", "missing"),
    [
        (Stock(120, 80, 8), "120 contacts with an outcome, 500 needed"),
        (Stock(900, 300, 2.5), "2.5 months of outcomes, 6 needed"),
        (Stock(900, 12, 8), "12 contacts won, 50 needed"),
    ],
)
def test_too_little_data_is_refused_in_numbers(settings: Settings, stock: Stock, missing: str) -> None:
    with pytest.raises(TooLittle, match=missing):
        check_stock(stock, settings)


def test_fewer_contacts_bear_a_coarser_model(settings: Settings) -> None:
    assert check_stock(Stock(700, 300, 8), settings) < check_stock(Stock(1000, 300, 8), settings)


async def test_without_history_nothing_is_stored(sessions: Sessions, settings: Settings, now: datetime) -> None:
    with pytest.raises(TooLittle, match="0 contacts with an outcome"):
        await learn(sessions, settings, now)
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM learned_model")) == 0


async def test_it_learns_what_decides_and_stands_beside_the_rules(
    live: Live, sessions: Sessions, session: AsyncSession, settings: Settings, now: datetime
) -> None:
    await live(700, 9)
    await session.execute(
        text("INSERT INTO score SELECT id, 'energy', 'v1', 10, 'low', '[]', '[]', :now FROM contact"), {"now": now}
    )
    await session.commit()
    learned = await learn(sessions, settings, now)
    assert learned is not None
    report = learned.report
    assert report["learned"]["auc"] > 0.7
    assert report["learned"]["lift"] > 1.5
    assert report["calibration_error"] < 0.1
    assert report["compared"]["rules"]["rows"] == 0  # the rules had no history of scores to be compared with
    assert report["weights"][0]["feature"] == "days_since_quote"
    assert learned.contacts == 700
    sums = "SELECT sum(points), count(*) FROM score"
    assert (await session.execute(text(sums))).one() == (7000, 700)
    asked = await session.scalar(
        text(
            "SELECT contact_id FROM event e WHERE kind = 'quote_request' AND at > :since AND NOT EXISTS (SELECT 1"
            " FROM event c WHERE c.contact_id = e.contact_id AND c.kind = 'complaint') ORDER BY contact_id LIMIT 1"
        ),
        {"since": now - timedelta(days=30)},
    )
    quiet = await session.scalar(
        text(
            "SELECT id FROM contact WHERE id NOT IN (SELECT contact_id FROM event WHERE kind = 'quote_request'"
            " AND at > :since) ORDER BY id LIMIT 1"
        ),
        {"since": now - timedelta(days=100)},
    )
    assert asked is not None
    assert quiet is not None
    high, low = [(await read_chances(session, one))[Outcome.REPURCHASE] for one in (asked, quiet)]
    assert high.chance > 2 * low.chance
    assert (await read_profile(session, asked, "en"))["learned"]["words"][0].endswith("not from the rules)")
    lines = explain_chance(high.chance, high.reasons, high.horizon_days, "en")
    assert any(line.startswith("raises it: last quote request") for line in lines)
    assert not high.promoted
    assert str(learned.defection).startswith("not enough to learn from: 440 customers watched, 500 needed")


async def test_two_workers_learn_once_a_month(
    live: Live, sessions: Sessions, session: AsyncSession, little: Settings, now: datetime
) -> None:
    await live(300, 7)
    both = await asyncio.gather(*(learn(sessions, little, now, due_only=True) for _ in range(2)))
    assert sum(one is not None for one in both) == 1
    assert await learn(sessions, little, now + timedelta(days=29), due_only=True) is None
    assert await learn(sessions, little, now + EVERY, due_only=True) is not None
    each = "SELECT outcome, count(*) FROM learned_model GROUP BY 1 ORDER BY 1"
    assert (await session.execute(text(each))).all() == [("defection", 2), ("repurchase", 2)]


async def test_a_promoted_model_speaks_until_a_person_promotes_another(
    live: Live, sessions: Sessions, session: AsyncSession, little: Settings, now: datetime
) -> None:
    await live(300, 7)
    first = await learn(sessions, little, now)
    assert first is not None
    assert await promote_model(session, first.model_id, now)
    assert not await promote_model(session, 999, now)
    assert await promote_model(session, first.model_id, now)
    await session.commit()
    second = await learn(sessions, little, now)
    assert second is not None
    lost = second.defection
    assert isinstance(lost, Learned)
    assert lost.report["horizon_days"] == 90
    assert 0 < lost.contacts < 300  # of customers only, and not of those who are inactive
    stored = "SELECT DISTINCT outcome, model_id FROM learned_score ORDER BY 1"
    found = (await session.execute(text(stored))).all()
    assert found == [("defection", lost.model_id), ("repurchase", first.model_id)]  # each is promoted for itself


async def test_what_comes_later_is_not_seen(one: int, session: AsyncSession, happen: Happen, now: datetime) -> None:
    past = now - timedelta(days=60)
    await happen((one, "quote_request", past - timedelta(days=3), "{}"))
    before = await read_one(session, one, past)
    await happen(
        (one, "purchase", past + timedelta(days=2), '{"amount": 90}'),
        (one, "complaint", past + timedelta(days=9), "{}"),
        (one, "offer_click", past, "{}"),
    )
    after = await read_one(session, one, past)
    assert {name: value for name, value in after.items() if not np.isnan(value)} == {
        name: value for name, value in before.items() if not np.isnan(value)
    }
    assert before["days_since_quote"] == 3
    assert (await read_one(session, one, now))["spent"] == 90


async def test_a_contract_end_counts_as_it_was_noted_then(one: int, session: AsyncSession, now: datetime) -> None:
    await session.execute(
        text("INSERT INTO contract (contact_id, kind, expires_on, source) VALUES (:one, 'gas', :on, 'api')"),
        {"one": one, "on": (now + timedelta(days=20)).date()},
    )
    await session.execute(
        text("INSERT INTO event (contact_id, kind, at) VALUES (:one, 'form', :at)"),
        {"one": one, "at": now - timedelta(days=90)},
    )
    await note_ends(session, 0, 10**6, now)
    await session.execute(text("UPDATE contract SET expires_on = expires_on + 365"))  # renewed
    later = now + timedelta(days=10)
    await note_ends(session, 0, 10**6, later)
    await note_ends(session, 0, 10**6, later + timedelta(days=1))
    assert await session.scalar(text("SELECT count(*) FROM contract_end")) == 2
    assert np.isnan((await read_one(session, one, now - timedelta(days=30)))["days_left"])  # nobody knows any more
    assert (await read_one(session, one, now + timedelta(days=5)))["days_left"] == 15
    assert (await read_one(session, one, now + timedelta(days=15)))["days_left"] == 370


async def test_who_buys_and_cancels_has_not_been_won(
    one: int, session: AsyncSession, happen: Happen, now: datetime
) -> None:
    day = timedelta(days=1)
    await happen((one, "purchase", now + day, "{}"))
    assert await read_outcomes(session, [one], now, 30) == {one}
    assert await read_outcomes(session, [one], now, 1) == set()
    await happen((one, "cancelled", now + 5 * day, "{}"))
    assert await read_outcomes(session, [one], now, 30) == set()
    await happen((one, "purchase", now + 9 * day, "{}"))
    assert await read_outcomes(session, [one], now, 30) == {one}


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([("form", -20)], []),  # nobody's customer
        ([("purchase", -20)], []),  # first buyers are inactive by then: lost already
        ([("purchase", -60), ("purchase", -20)], [True]),
        ([("purchase", -60), ("purchase", -50)], []),  # so are those who came back
        ([("purchase", -60), ("purchase", -20), ("purchase", 80)], [False]),
        ([("purchase", -60), ("purchase", -20), ("purchase", 95)], [True]),
        ([("purchase", -60), ("purchase", -20), ("purchase", 40), ("cancelled", 50)], [True]),
        ([("purchase", -60), ("purchase", -20), ("cancelled", -5)], []),  # gone before
    ],
)
async def test_a_customer_is_lost_who_stays_away_or_cancels(
    one: int, session: AsyncSession, happen: Happen, now: datetime, events: list[tuple[str, int]], expected: list[bool]
) -> None:
    await set_limits(session, now, first_buyer=5, repeat_buyer=24)  # inactive after 10 and 48 days
    await happen(*((one, kind, now + timedelta(days=days), "{}") for kind, days in events))
    assert list((await read_cases(session, Outcome.DEFECTION, [one], now)).values()) == expected


async def test_without_a_limit_only_cancelling_is_a_loss(
    one: int, session: AsyncSession, happen: Happen, now: datetime
) -> None:
    await happen((one, "renewal_accepted", now - timedelta(days=300), "{}"))
    assert await read_cases(session, Outcome.DEFECTION, [one], now) == {one: False}
    await happen((one, "cancelled", now + timedelta(days=60), "{}"))
    assert await read_cases(session, Outcome.DEFECTION, [one], now) == {one: True}


async def test_ignored_messages_and_the_morning_after_are_read(
    one: int, session: AsyncSession, happen: Happen, now: datetime
) -> None:
    evening = datetime(2026, 11, 10, 20, 30, tzinfo=now.tzinfo)  # 21:30 in Rome
    await happen((one, "quote_request", evening, "{}"))
    for number, delivered in enumerate((evening + timedelta(hours=11), evening + timedelta(days=3), now)):
        await session.execute(
            text(
                "INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, due_at,"
                " created_at, delivered_at) VALUES (:one, '900', :key, :key, 'reply', 'service', '{}', 'x', :at, :at, :at)"
            ),
            {"one": one, "key": f"k{number}", "at": delivered},
        )
    seen = await read_one(session, one, now + timedelta(minutes=1))
    assert (seen["asked_hour"], seen["next_morning"], seen["ignored_in_a_row"]) == (21, 1, 2)


@pytest.mark.parametrize("language", ["it", "de", "en"])
def test_every_feature_has_words(language: str) -> None:
    assert set(load_words()[language]["features"]) == set(NAMES)
    reasons = [{"feature": name, "value": value, "weight": 0.5} for name in NAMES for value in (None, 3.0)]
    lines = explain_chance(0.123, reasons, 30, language)
    assert "12" in lines[0]
    assert not any("{" in line for line in lines)
