from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from core.types import Delivery, DeliveryStatus, OutboxState
from whatsapp.deliveries import advance_state, store_deliveries

SENT, DELIVERED, READ, PLAYED, FAILED = DeliveryStatus
PRICING = {"pricing_model": "PMP", "type": "regular", "category": "marketing", "billable": True}


async def store(desk, *deliveries: Delivery) -> None:
    async with desk.sessions() as session:
        await store_deliveries(session, deliveries, desk.clock())
        await session.commit()


async def send(desk, **contact: object) -> int:
    """A message accepted as wamid.1."""
    [made] = await desk.queue(await desk.add_contact(**contact))
    await desk.step()
    return made


def fail(code: int, at: datetime, wamid: str = "wamid.1") -> Delivery:
    return Delivery(wamid, FAILED, at, "900", errors=({"code": code, "title": "no"},))


@pytest.mark.parametrize(
    ("state", "status", "after"),
    [
        (OutboxState.QUEUED, SENT, OutboxState.SENT),
        (OutboxState.SENDING, SENT, OutboxState.SENT),
        (OutboxState.UNKNOWN, READ, OutboxState.READ),
        (OutboxState.ACCEPTED, SENT, OutboxState.SENT),
        (OutboxState.HELD, SENT, OutboxState.SENT),
        (OutboxState.SENT, DELIVERED, OutboxState.DELIVERED),
        (OutboxState.SENT, FAILED, OutboxState.FAILED),
        (OutboxState.ACCEPTED, PLAYED, OutboxState.READ),
        (OutboxState.EXPIRED, DELIVERED, OutboxState.DELIVERED),
        (OutboxState.CANCELLED, SENT, OutboxState.SENT),
        (OutboxState.READ, DELIVERED, OutboxState.READ),
        (OutboxState.DELIVERED, SENT, OutboxState.DELIVERED),
        (OutboxState.DELIVERED, FAILED, OutboxState.DELIVERED),
        (OutboxState.READ, FAILED, OutboxState.READ),
        (OutboxState.FAILED, SENT, OutboxState.FAILED),
        (OutboxState.FAILED, READ, OutboxState.FAILED),
    ],
)
def test_states_only_move_forward(state: OutboxState, status: DeliveryStatus, after: OutboxState) -> None:
    assert advance_state(state, status) is after


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_any_order_of_statuses_ends_the_same(desk, order: tuple[int, ...]) -> None:
    made = await send(desk)
    start = desk.clock()
    moments = [start + timedelta(seconds=second) for second in (1, 2, 3)]
    statuses = [Delivery("wamid.1", s, at, "900") for s, at in zip((SENT, DELIVERED, READ), moments, strict=True)]
    for position in order:
        await store(desk, statuses[position])
    row = await desk.row(made)
    assert (row.state, row.sent_at, row.delivered_at, row.read_at) == ("read", *moments)


async def test_one_batch_may_hold_all_statuses_of_many_messages(desk) -> None:
    ids = [await send(desk) for _ in range(3)]
    at = desk.clock()
    await store(desk, *(Delivery(f"wamid.{n}", s, at, "900") for s in (READ, SENT, DELIVERED) for n in (3, 1, 2)))
    assert {(await desk.row(one)).state for one in ids} == {"read"}
    assert len(await desk.run("SELECT * FROM delivery_report")) == 9


async def test_a_repeated_status_is_kept_once_and_changes_nothing(desk) -> None:
    made = await send(desk)
    first = Delivery("wamid.1", SENT, desk.clock(), "900")
    await store(desk, first, first)
    before = await desk.row(made)
    await store(desk, Delivery("wamid.1", SENT, desk.clock() + timedelta(hours=1), "900"))
    assert await desk.row(made) == before
    assert len(await desk.run("SELECT * FROM delivery_report")) == 1


async def test_read_means_delivered_and_sent(desk) -> None:
    made = await send(desk)
    await store(desk, Delivery("wamid.1", READ, desk.clock(), "900"))
    row = await desk.row(made)
    assert row.sent_at == row.delivered_at == row.read_at == desk.clock()


async def test_pricing_is_kept_with_the_message(desk) -> None:
    made = await send(desk)
    await store(desk, Delivery("wamid.1", SENT, desk.clock(), "900", pricing=PRICING))
    await store(desk, Delivery("wamid.1", DELIVERED, desk.clock(), "900"))
    assert (await desk.row(made)).pricing == PRICING


async def test_a_status_of_an_unknown_message_is_kept(desk) -> None:
    await store(desk, Delivery("wamid.other", SENT, desk.clock(), "900", callback="nobody's"))
    [report] = await desk.run("SELECT * FROM delivery_report")
    assert (report.wamid, report.outbox_id, report.callback) == ("wamid.other", None, "nobody's")


async def test_a_report_names_its_message(desk) -> None:
    made = await send(desk)
    await store(desk, Delivery("wamid.1", SENT, desk.clock(), "900", errors=({"code": 1},)))
    [report] = await desk.run("SELECT * FROM delivery_report")
    assert (report.outbox_id, report.errors) == (made, [{"code": 1}])


async def test_a_callback_finds_a_message_not_yet_accepted(desk) -> None:
    [made] = await desk.queue(await desk.add_contact())
    callback = (await desk.row(made)).callback
    await store(desk, Delivery("wamid.7", SENT, desk.clock(), "900", callback=callback))
    row = await desk.row(made)
    assert (row.state, row.wamid, row.accepted_at) == ("sent", "wamid.7", desk.clock())
    await desk.step()
    assert (await desk.row(made)).state == "sent"


async def test_a_failure_has_code_reason_and_time(desk) -> None:
    made = await send(desk)
    await store(desk, fail(131026, desk.clock()))
    row = await desk.row(made)
    assert (row.state, row.error_code, row.failed_at) == ("failed", 131026, desk.clock())
    assert row.reason == "WhatsApp cannot deliver to this customer"


async def test_a_failure_without_a_code_still_fails(desk) -> None:
    made = await send(desk)
    await store(desk, Delivery("wamid.1", FAILED, desk.clock(), "900"))
    row = await desk.row(made)
    assert (row.state, row.error_code) == ("failed", None)
    assert row.reason


async def test_failure_of_a_second_copy_does_not_count(desk) -> None:
    made = await send(desk)
    callback = (await desk.row(made)).callback
    other = Delivery("wamid.first", FAILED, desk.clock(), "900", callback, errors=({"code": 131000},))
    await store(desk, other)
    assert (await desk.row(made)).state == "accepted"


async def test_marketing_stops_when_a_failure_says_so(desk) -> None:
    made = await send(desk)
    at = desk.clock() - timedelta(minutes=1)
    await store(desk, fail(131050, at))
    [preference] = await desk.run("SELECT * FROM platform_preference")
    row = await desk.row(made)
    assert (preference.contact_id, preference.value, preference.at) == (row.contact_id, "stop", at)


async def test_too_much_marketing_told_later_rests_for_a_day(desk) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    await desk.queue_template(contact)
    await desk.step()
    await store(desk, fail(131049, desk.clock()))
    second = await desk.queue_template(contact)
    await desk.step()
    assert (await desk.row(second)).reason == "too much marketing in the last 24 hours"


@pytest.mark.parametrize(("code", "paused"), [(131048, True), (131042, True), (131026, False)])
async def test_a_failure_may_stop_the_number(desk, code: int, paused: bool) -> None:
    await send(desk)
    await store(desk, fail(code, desk.clock()))
    number = await desk.number()
    assert (number.paused_until is not None) is paused
    assert (number.pause_reason is not None) is paused


@pytest.mark.parametrize(("status", "stale"), [(SENT, False), (DELIVERED, True), (READ, True), (FAILED, True)])
async def test_what_a_customer_did_makes_the_score_stale(desk, status: DeliveryStatus, stale: bool) -> None:
    await send(desk)
    await store(desk, Delivery("wamid.1", status, desk.clock(), "900"))
    [contact] = await desk.run("SELECT * FROM contact")
    assert contact.score_stale_at == (desk.clock() if stale else None)


async def test_no_deliveries_are_no_work(desk) -> None:
    await store(desk)
    assert await desk.run("SELECT * FROM delivery_report") == []
