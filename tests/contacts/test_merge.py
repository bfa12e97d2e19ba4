"""Two contacts become one: every row moves, and of what there is only one the right one stays."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.identity import find_contact, resolve_contacts
from contacts.merge import merge_contacts
from core.tables import Base, Contact
from core.types import Address

ROWS = {  # one row per table that belongs to a contact; a new table must be added here
    "answer": "(contact_id, name, value, sentence, turn_key, at) VALUES (:c, 'kwh', '2700', 'x', 't' || :c, :now)",
    "contact_stat": "(contact_id, created_on, rolled_at) VALUES (:c, '2026-11-21', :now)",
    "arm_assignment": "(campaign, contact_id, arm, at) VALUES ('energy', :c, 'a', :now)",
    "consent": "(contact_id, purpose, given, at, channel, wording, proof) VALUES (:c, 'marketing', true, :now, 'api', 'x', 'p')",
    "contact_merge": "(loser_id, loser_token, winner_id) VALUES (1000 + :c, 'old' || :c, :c)",
    "contract": "(contact_id, kind, source, updated_at) VALUES (:c, 'electricity', 'api', :now)",
    "contract_end": "(contact_id, kind, noted_at, expires_on) VALUES (:c, 'electricity', :now, '2026-12-31')",
    "data_copy": "(token, contact_id, turn_key, created_at, expires_at) VALUES ('d' || :c, :c, 't' || :c, :now, :now)",
    "attachment": "(contact_id, kind, mime_type, name, created_at) VALUES (:c, 'image', 'image/png', 'x', :now)",
    "chatwoot_talk": "(contact_id, handoff_id, chatwoot_contact, conversation, made_at)"
    " VALUES (:c, 1000 + :c, 1, :c, :now)",
    "wake": "(contact_id) VALUES (:c)",
    "enrollment": "(campaign, version_id, contact_id, arm, step_at, entered_at)"
    " VALUES ('energy', 1000, :c, 'a', :now, :now)",
    "event": "(contact_id, kind, at) VALUES (:c, 'form', :now)",
    "former_address": "(contact_id, phone, until) VALUES (:c, '+39' || :c, :now)",
    "handoff": "(contact_id, reason, turn_key, card, opened_at) VALUES (:c, 'wish', 't' || :c, '{}', :now)",
    "handoff_change": "(handoff_id, contact_id, at, state, why) VALUES (1000 + :c, :c, :now, 'open', 'wish')",
    "hook_call": "(contact_id, kind, key, body, created_at) VALUES (:c, 'handoff', 'h' || :c, '{}', :now)",
    "lane": "(contact_id) VALUES (:c)",
    "learned_score": "(contact_id, model_id, chance, reasons, computed_at) VALUES (:c, 1, 0.1, '[]', :now)",
    "link": "(token, contact_id, url, created_at) VALUES ('l' || :c, :c, 'https://example.com/o', :now)",
    "message": "(contact_id, wamid, phone_number_id, kind, payload, sent_at) VALUES (:c, 'w' || :c, '900', 'text', '{}', :now)",
    "next_offer": "(contact_id, kind, offer_code, supplier, yearly_saving, saving_percent, currency, reason, computed_at)"
    " VALUES (:c, 'electricity', 'LUX', 'Lux', 60, 9.5, 'EUR', '[]', :now)",
    "note": "(contact_id, account_id, text, at) VALUES (:c, 1000, 'x', :now)",
    "outbox": "(contact_id, phone_number_id, key, callback, kind, purpose, body, text, due_at, created_at)"
    " VALUES (:c, '900', 'k' || :c, 'cb' || :c, 'reply', 'service', '{}', 'x', :now, :now)",
    "plan": "(campaign, contact_id, occasion, due_at, created_at) VALUES ('energy', :c, 'o' || :c, :now, :now)",
    "platform_preference": "(contact_id, value, at, payload) VALUES (:c, 'stop', :now, '{}')",
    "satisfaction": "(contact_id, handoff_id, asked_at) VALUES (:c, 1000 + :c, :now)",
    "score": "(contact_id, pack, version, points, band, receipt, computed_at) VALUES (:c, 'energy', '1', 10, 'low', '[]', :now)",
    "score_change": "(contact_id, version, points, band, receipt, at) VALUES (:c, '1', 10, 'low', '[]', :now)",
    "send_decision": "(contact_id, template, at, send, facts) VALUES (:c, 'energy_value', :now, true, '{}')",
    "task": "(contact_id, kind, facts, key, created_at, due_on)"
    " VALUES (:c, 'band_crossed', '{}', 'task' || :c, :now, '2026-11-22')",
    "teaching": "(contact_id, message_id, sentence, language, intent, account_id, at)"
    " VALUES (:c, 1000 + :c, 'x', 'it', 'thank', 1000, :now)",
    "turn": "(contact_id, session_number, text, started_at) VALUES (:c, 1, 'x', :now)",
}
# Rows others point at: a person of ours, a handoff and a message of each, a journey.
ACCOUNT = "INSERT INTO account (id, email, name, role, created_at) VALUES (1000, 's@example.org', 'S', 'agent', :now)"
HANDOFF = (
    "INSERT INTO handoff (id, contact_id, reason, turn_key, card, opened_at, closed_at)"
    " VALUES (1000 + :c, :c, 'wish', 'n' || :c, '{}', :now, :now) ON CONFLICT DO NOTHING"
)
MESSAGE = (
    "INSERT INTO message (id, contact_id, wamid, phone_number_id, kind, payload, sent_at)"
    " VALUES (1000 + :c, :c, 'n' || :c, '900', 'text', '{}', :now)"
)
VERSION = (
    "INSERT INTO campaign_version (id, campaign, number, content, published_by, published_at)"
    " VALUES (1000, 'energy', 1, '', '', :now) ON CONFLICT DO NOTHING"
)
NEEDS = {
    "chatwoot_talk": [HANDOFF],
    "enrollment": [VERSION],
    "handoff_change": [HANDOFF],
    "satisfaction": [HANDOFF],
    "note": [f"{ACCOUNT} ON CONFLICT DO NOTHING"],
    "teaching": [f"{ACCOUNT} ON CONFLICT DO NOTHING", MESSAGE],
}
ONE_EACH = {
    "arm_assignment",
    "consent",
    "contact_stat",
    "contract",
    "contract_end",
    "lane",
    "learned_score",
    "next_offer",
    "platform_preference",
    "score",
}

type Fill = Callable[[str, int], Awaitable[None]]


def owned_tables() -> set[str]:
    contact = Contact.__table__.c.id
    return {t.name for t in Base.metadata.sorted_tables if any(k.column is contact for k in t.foreign_keys)}


@pytest.fixture
async def pair(session: AsyncSession) -> tuple[int, int]:
    addresses = [Address(None, "IT.1"), Address("+393330000001")]
    first = (await resolve_contacts(session, addresses[:1]))[addresses[0]]
    return first, (await resolve_contacts(session, addresses[1:]))[addresses[1]]


@pytest.fixture
def fill(session: AsyncSession, now: datetime) -> Fill:
    async def insert(table: str, contact_id: int) -> None:
        for needed in (*NEEDS.get(table, ()), f"INSERT INTO {table} {ROWS[table]}"):
            sql = needed.replace("|| :c", f"|| '{contact_id}'").replace(":c", str(contact_id))
            await session.execute(text(sql), {"now": now} if ":now" in sql else {})

    return insert


async def merge(session: AsyncSession, pair: tuple[int, int], now: datetime) -> None:
    assert await merge_contacts(session, *pair, pair[1], now, now) == pair[0]


async def read(session: AsyncSession, sql: str) -> list[Any]:
    return list((await session.execute(text(sql))).all())


def test_every_table_of_a_contact_is_tested_here() -> None:
    assert owned_tables() == set(ROWS)


@pytest.mark.parametrize("table", sorted(ROWS))
async def test_rows_of_the_loser_move_to_the_winner(
    session: AsyncSession, pair: tuple[int, int], fill: Fill, now: datetime, table: str
) -> None:
    await fill(table, pair[1])
    await merge(session, pair, now)
    owner = "winner_id" if table == "contact_merge" else "contact_id"
    owners = [row[0] for row in await read(session, f"SELECT {owner} FROM {table}")]
    assert set(owners) == {pair[0]}
    assert len(owners) == (2 if table in ("contact_merge",) else 1)


@pytest.mark.parametrize("table", sorted(ROWS))
async def test_rows_of_both_can_be_merged(
    session: AsyncSession, pair: tuple[int, int], fill: Fill, now: datetime, table: str
) -> None:
    for contact_id in pair:
        await fill(table, contact_id)
    await merge(session, pair, now)
    owner = "winner_id" if table == "contact_merge" else "contact_id"
    owners = [row[0] for row in await read(session, f"SELECT {owner} FROM {table}")]
    assert set(owners) == {pair[0]}
    assert len(owners) == (1 if table in ONE_EACH else 3 if table == "contact_merge" else 2)


async def test_everything_at_once_can_be_merged(
    session: AsyncSession, pair: tuple[int, int], fill: Fill, now: datetime
) -> None:
    for table in ROWS:
        for contact_id in pair:
            await fill(table, contact_id)
    await merge(session, pair, now)
    assert len(await read(session, "SELECT 1 FROM contact")) == 1


async def test_the_winners_values_stay_and_the_losers_fill_the_gaps(
    session: AsyncSession, pair: tuple[int, int], now: datetime
) -> None:
    earlier = now - timedelta(days=1)
    await session.execute(
        text("UPDATE contact SET name='Ana', last_inbound_at=:at WHERE id=:i"), {"i": pair[0], "at": earlier}
    )
    await session.execute(
        text("UPDATE contact SET name='A.', postcode='20121', external_id='crm7', last_inbound_at=:at WHERE id=:i"),
        {"i": pair[1], "at": now},
    )
    await merge(session, pair, now)
    (row,) = await read(session, "SELECT * FROM contact")
    assert (row.name, row.postcode, row.external_id, row.last_inbound_at) == ("Ana", "20121", "crm7", now)
    assert (row.phone, row.user_id) == ("+393330000001", "IT.1")
    assert row.score_stale_at == now


async def test_the_contract_told_last_stays(session: AsyncSession, pair: tuple[int, int], now: datetime) -> None:
    for contact_id, supplier, at in ((pair[0], "old", now - timedelta(days=9)), (pair[1], "new", now)):
        await session.execute(
            text(
                "INSERT INTO contract (contact_id, kind, supplier, source, updated_at) VALUES (:c, 'gas', :s, 'api', :at)"
            ),
            {"c": contact_id, "s": supplier, "at": at},
        )
    await merge(session, pair, now)
    assert [row.supplier for row in await read(session, "SELECT supplier FROM contract")] == ["new"]


async def test_an_unfinished_turn_of_the_loser_starts_anew(
    session: AsyncSession, pair: tuple[int, int], fill: Fill, now: datetime
) -> None:
    for contact_id in pair:
        await fill("turn", contact_id)
        await fill("message", contact_id)
        await session.execute(
            text("UPDATE message SET turn_id = (SELECT id FROM turn WHERE contact_id = :c) WHERE contact_id = :c"),
            {"c": contact_id},
        )
    await fill("lane", pair[1])
    await merge(session, pair, now)
    open_turns = await read(session, "SELECT id FROM turn WHERE finished_at IS NULL")
    assert len(open_turns) == 1
    assert [row.turn_id for row in await read(session, "SELECT turn_id FROM message ORDER BY wamid")] == [
        open_turns[0].id,
        None,
    ]
    assert (await read(session, "SELECT ready_at FROM lane"))[0].ready_at == now


async def test_the_winners_claimed_lane_stays_claimed(
    session: AsyncSession, pair: tuple[int, int], now: datetime
) -> None:
    for contact_id, owner in ((pair[0], 5), (pair[1], 6)):
        await session.execute(
            text("INSERT INTO lane (contact_id, owner, epoch) VALUES (:c, :o, 3)"), {"c": contact_id, "o": owner}
        )
    await merge(session, pair, now)
    ((owner, epoch, ready_at),) = await read(session, "SELECT owner, epoch, ready_at FROM lane")
    assert (owner, epoch, ready_at) == (5, 3, now)


async def test_one_of_two_open_handoffs_stays_open(
    session: AsyncSession, pair: tuple[int, int], fill: Fill, now: datetime
) -> None:
    for contact_id in pair:
        await fill("handoff", contact_id)
    await merge(session, pair, now)
    assert [row.turn_key for row in await read(session, "SELECT turn_key FROM handoff WHERE closed_at IS NULL")] == [
        f"t{pair[0]}"
    ]


async def test_links_already_sent_keep_working(
    session: AsyncSession, pair: tuple[int, int], fill: Fill, now: datetime
) -> None:
    for contact_id in pair:
        await fill("link", contact_id)
    await merge(session, pair, now)
    urls = {row.token: row.url for row in await read(session, "SELECT token, url FROM link")}
    assert urls == {f"l{pair[0]}": "https://example.com/o", f"l{pair[1]}": f"https://example.com/o#l{pair[1]}"}


async def test_merging_keeps_the_losers_token(session: AsyncSession, pair: tuple[int, int], now: datetime) -> None:
    token = (await read(session, f"SELECT token FROM contact WHERE id = {pair[1]}"))[0].token
    await merge(session, pair, now)
    found = await find_contact(session, token)
    assert found is not None
    assert found.id == pair[0]
