"""What a delivery leaves in the store, however often and in whatever order it comes."""

import asyncio
import itertools
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from conversations.arrivals import SILENT
from conversations.receive import store_updates
from core.db import Sessions
from core.types import Address, InboundMessage, MessageKind, Update
from whatsapp.parse import parse_webhook

BODIES = Path(__file__).parents[1] / "data" / "whatsapp"
BURST = 1.5


@pytest.fixture
def now() -> datetime:
    """A little after the recorded bodies."""
    return datetime.fromisoformat("2026-11-18T12:00:00Z")


async def take(session: AsyncSession, now: datetime, *names: str, own_number: str = "900") -> None:
    for name in names:
        updates = parse_webhook((BODIES / f"{name}.json").read_bytes())
        await store_updates(session, updates, now, BURST, own_number)


async def take_text(session: AsyncSession, now: datetime, wamid: str, **item: Any) -> None:
    message = {"from": "393330000001", "id": wamid, "type": "text", "text": {"body": wamid}}
    message |= {"timestamp": str(int(now.timestamp()))} | item
    value = {"metadata": {"phone_number_id": "900"}, "messages": [message]}
    entry = [{"id": "700", "changes": [{"field": "messages", "value": value}]}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()
    await store_updates(session, parse_webhook(body), now, BURST)


async def read(session: AsyncSession, sql: str) -> list[Any]:
    return list((await session.execute(text(sql))).all())


async def count(session: AsyncSession, table: str) -> int:
    return int((await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


async def queue(session: AsyncSession, now: datetime, key: str, purpose: str, state: str = "queued") -> None:
    await session.execute(
        text(
            "INSERT INTO outbox (contact_id, phone_number_id, key, callback, kind, purpose, body, text, state, due_at,"
            " created_at) SELECT id, '900', :key, :key, 'template', :purpose, '{}', 'x', :state, :now, :now FROM contact"
        ),
        {"key": key, "purpose": purpose, "state": state, "now": now},
    )


async def test_a_message_is_stored_with_its_contact_and_wakes_the_lane(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "text")
    (contact,) = await read(session, "SELECT * FROM contact")
    (message,) = await read(session, "SELECT * FROM message")
    assert (contact.phone, contact.user_id, contact.name, contact.country) == ("+393330000001", "IT.1001", "Ana", "IT")
    assert (message.wamid, message.kind, message.contact_id, message.turn_id) == (
        "wamid.TEXT",
        "text",
        contact.id,
        None,
    )
    assert contact.last_inbound_at == message.sent_at
    assert contact.score_stale_at == now
    (lane,) = await read(session, "SELECT * FROM lane")
    assert lane.waiting_since == now
    assert lane.ready_at == now + timedelta(seconds=BURST)


@pytest.mark.parametrize("name", sorted(path.stem for path in BODIES.glob("*.json")))
async def test_every_recorded_body_is_stored_and_its_repeat_changes_nothing(
    session: AsyncSession, now: datetime, name: str
) -> None:
    await take(session, now, name)
    tables = ("contact", "message", "delivery_report", "platform_report", "platform_preference", "former_address")
    before = [await count(session, table) for table in tables]
    assert sum(before) > 0
    lanes = await read(session, "UPDATE lane SET ready_at = NULL RETURNING contact_id")
    await take(session, now, name)
    assert [await count(session, table) for table in tables] == before
    assert len(await read(session, "SELECT 1 FROM lane WHERE ready_at IS NULL")) == len(lanes)


@pytest.mark.parametrize("kind", list(MessageKind))
async def test_only_kinds_a_turn_can_answer_wake_the_lane(
    session: AsyncSession, now: datetime, kind: MessageKind
) -> None:
    await take(session, now, kind.value)
    assert await count(session, "message") == 1
    assert await count(session, "lane") == (0 if kind in SILENT else 1)


@pytest.mark.parametrize("name", ["button_reply", "list_reply", "button", "nfm_reply"])
async def test_a_tap_is_ready_at_once(session: AsyncSession, now: datetime, name: str) -> None:
    await take(session, now, "text", name)
    (lane,) = await read(session, "SELECT * FROM lane")
    assert lane.ready_at == now


async def test_typing_on_delays_the_turn_but_not_for_ever(session: AsyncSession, now: datetime) -> None:
    for number in range(20):
        await take_text(session, now + timedelta(seconds=number), f"w{number}")
        (lane,) = await read(session, "SELECT * FROM lane")
        assert lane.waiting_since == now
        assert lane.ready_at == now + timedelta(seconds=min(number + BURST, 4 * BURST))


async def test_a_repeat_does_not_wake_a_lane_again(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "text")
    await session.execute(text("UPDATE lane SET ready_at = NULL, waiting_since = NULL"))
    await take(session, now, "repeat")
    (lane,) = await read(session, "SELECT * FROM lane")
    assert (lane.ready_at, lane.waiting_since) == (None, None)


async def test_the_owner_of_a_lane_stays(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "text")
    await session.execute(text("UPDATE lane SET owner = 5, epoch = 3, ready_at = NULL"))
    await take(session, now, "image")
    (lane,) = await read(session, "SELECT * FROM lane")
    assert (lane.owner, lane.epoch, lane.ready_at) == (5, 3, now + timedelta(seconds=BURST))


async def test_an_older_message_does_not_close_the_window(session: AsyncSession, now: datetime) -> None:
    await take_text(session, now, "new")
    await take_text(session, now, "old", timestamp=str(int(now.timestamp()) - 500))
    (contact,) = await read(session, "SELECT last_inbound_at FROM contact")
    assert contact.last_inbound_at == now


async def test_a_time_in_the_future_does_not_keep_the_window_open(session: AsyncSession, now: datetime) -> None:
    await take_text(session, now, "future", timestamp="4000000000")
    (contact,) = await read(session, "SELECT last_inbound_at FROM contact")
    assert contact.last_inbound_at == now


async def test_a_message_without_a_time_was_sent_now(session: AsyncSession, now: datetime) -> None:
    await take_text(session, now, "timeless", timestamp="soon")
    (message,) = await read(session, "SELECT sent_at FROM message")
    assert message.sent_at == now


async def test_a_system_message_does_not_open_the_window(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "system")
    (contact,) = await read(session, "SELECT last_inbound_at FROM contact")
    assert contact.last_inbound_at is None


async def test_messages_of_one_delivery_are_stored_in_the_order_sent(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "batch")
    rows = await read(session, "SELECT text FROM message ORDER BY id")
    assert [row.text for row in rows] == ["uno", "due", "drei", "vier"]


async def test_a_name_we_have_from_elsewhere_stays(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "sender_without_contacts")
    await session.execute(text("UPDATE contact SET name = 'Anna Rossi (CRM)'"))
    await take(session, now, "text")
    assert [row.name for row in await read(session, "SELECT name FROM contact")] == ["Anna Rossi (CRM)"]


async def test_messages_stored_together_count_once_and_in_the_order_sent(session: AsyncSession, now: datetime) -> None:
    def told(wamid: str, seconds: int, name: str | None, kind: MessageKind = MessageKind.TEXT) -> InboundMessage:
        sent_at = now - timedelta(seconds=seconds)
        return InboundMessage(wamid, "900", Address("+393330000001"), kind, sent_at, {}, profile_name=name)

    later, earlier, edit = told("w1", 1, "Ana B."), told("w2", 9, "Ana"), told("w3", 0, None, MessageKind.EDIT)
    await store_updates(session, [later, edit, earlier, later, told("w2", 5, "Again")], now, BURST)
    assert [row.wamid for row in await read(session, "SELECT wamid FROM message ORDER BY id")] == ["w2", "w1", "w3"]
    (contact,) = await read(session, "SELECT name, last_inbound_at FROM contact")
    assert tuple(contact) == ("Ana B.", now - timedelta(seconds=1))


@pytest.mark.parametrize("table", ["lane", "contact"])
async def test_a_row_another_transaction_holds_is_changed_when_it_is_free(
    sessions: Sessions, now: datetime, table: str
) -> None:
    async with sessions.begin() as session:
        for number in range(3):
            await take_text(session, now, f"first{number}", **{"from": f"39333000000{number}"})
        await session.execute(text("UPDATE lane SET ready_at = NULL, waiting_since = NULL"))
    later = now + timedelta(minutes=1)
    column = {"lane": "epoch = epoch + 1", "contact": "place = 'Torino'"}[table]

    async def arrive() -> None:
        async with sessions.begin() as session:
            messages: list[Update] = [
                InboundMessage(f"w{number}", "900", Address(f"+39333000000{number}"), MessageKind.TEXT, later, {})
                for number in range(3)
            ]
            await store_updates(session, messages, later, BURST)

    async with sessions() as other:
        await other.execute(text(f"UPDATE {table} SET {column}"))
        arriving = asyncio.create_task(arrive())
        await asyncio.sleep(0.3)
        assert not arriving.done()
        await other.commit()
    await arriving
    async with sessions() as session:
        rows = await read(session, "SELECT last_inbound_at, ready_at FROM contact JOIN lane ON contact_id = id")
        assert [tuple(row) for row in rows] == [(later, later + timedelta(seconds=BURST))] * 3
        held = await read(session, f"SELECT 1 FROM {table} WHERE {column.replace('epoch + 1', '1')}")
    assert len(held) == 3


async def test_a_username_is_kept(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "sender_without_phone")
    assert [tuple(row) for row in await read(session, "SELECT phone, username FROM contact")] == [(None, "@ada.l")]


@pytest.mark.parametrize(
    "name", ["system", "system_customer_changed_number", "system_changed_user_id", "user_id_update"]
)
async def test_a_change_of_address_keeps_the_contact(session: AsyncSession, now: datetime, name: str) -> None:
    await take(session, now, "text")
    (before,) = await read(session, "SELECT * FROM contact")
    await take(session, now, name)
    (after,) = await read(session, "SELECT * FROM contact")
    assert after.id == before.id
    assert (after.phone, after.user_id) != (before.phone, before.user_id)


@pytest.mark.parametrize("order", list(itertools.permutations(["text", "system", "image", "sender_without_contacts"])))
async def test_a_number_change_in_any_order_ends_at_one_contact(
    session: AsyncSession, now: datetime, order: tuple[str, ...]
) -> None:
    await take(session, now, *order)
    contacts = await read(session, "SELECT phone, user_id FROM contact")
    assert [tuple(row) for row in contacts] == [("+393330000009", "IT.1009")]


async def test_a_repeated_change_does_not_touch_the_next_owner(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "text", "system")
    await take_text(session, now, "next", from_user_id="IT.3")
    await take(session, now, "system")
    rows = await read(session, "SELECT phone, user_id FROM contact ORDER BY id")
    assert [tuple(row) for row in rows] == [("+393330000009", "IT.1009"), ("+393330000001", "IT.3")]


async def test_a_status_teaches_the_user_id_of_a_known_number(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "sender_without_contacts", "status_sent")
    assert [row.user_id for row in await read(session, "SELECT user_id FROM contact")] == ["IT.1001"]


async def test_a_status_creates_no_contact(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "status_sent", "status_failed")
    assert await count(session, "contact") == 0
    assert await count(session, "delivery_report") == 2


async def test_a_status_moves_the_message_it_is_about(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "text")
    await queue(session, now, "ob_1", "service", "sending")
    await take(session, now, "status_delivered", "status_sent")
    assert [row.state for row in await read(session, "SELECT state FROM outbox")] == ["delivered"]


@pytest.mark.parametrize("name", ["user_preferences", "user_preferences_minimal"])
async def test_a_stop_is_kept_and_cancels_waiting_marketing_only(
    session: AsyncSession, now: datetime, name: str
) -> None:
    await take(session, now, "text")
    for key, purpose, state in (
        ("a", "marketing", "queued"),
        ("b", "service", "queued"),
        ("c", "marketing", "sending"),
    ):
        await queue(session, now, key, purpose, state)
    await take(session, now, name)
    assert [row.value for row in await read(session, "SELECT value FROM platform_preference")] == ["stop"]
    rows = await read(session, "SELECT state FROM outbox ORDER BY key")
    assert [row.state for row in rows] == ["cancelled", "queued", "sending"]


async def test_a_stop_from_a_stranger_is_remembered(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "user_preferences_minimal")
    await take(session, now, "text")
    rows = await read(session, "SELECT p.value FROM platform_preference p JOIN contact ON contact.id = contact_id")
    assert [row.value for row in rows] == ["stop"]


async def test_an_unknown_kind_is_stored_and_waits_for_nobody(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "unknown")
    (message,) = await read(session, "SELECT kind, payload FROM message")
    assert (message.kind, message.payload["hologram"]) == ("unknown", {"beams": 3})


async def test_a_message_to_another_number_is_kept_but_not_answered(session: AsyncSession, now: datetime) -> None:
    await take(session, now, "text", own_number="901")
    assert await count(session, "message") == 0
    assert [row.field for row in await read(session, "SELECT field FROM platform_report")] == ["messages.other_number"]


async def test_a_thousand_messages_in_one_delivery_are_stored(session: AsyncSession, now: datetime) -> None:
    (message,) = parse_webhook((BODIES / "text.json").read_bytes())
    assert isinstance(message, InboundMessage)
    text_item = message.payload
    messages = [{**text_item, "id": f"w{n}", "from": f"3933300{n % 100:05}", "from_user_id": None} for n in range(1000)]
    value = {"metadata": {"phone_number_id": "900"}, "messages": messages}
    entry = [{"id": "700", "changes": [{"field": "messages", "value": value}]}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()
    await store_updates(session, parse_webhook(body), now, BURST)
    assert (await count(session, "message"), await count(session, "lane")) == (1000, 100)
