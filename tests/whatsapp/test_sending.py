from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from starlette.responses import JSONResponse, Response

from core.types import Delivery, DeliveryStatus
from whatsapp import client as client_module
from whatsapp.claim import claim_messages
from whatsapp.deliveries import store_deliveries
from whatsapp.sending import OutboxSender
from whatsapp.settle import expire_stale, release_dead, resolve_unknown


async def report(desk, callback: str, status: DeliveryStatus, wamid: str = "wamid.x") -> None:
    async with desk.sessions() as session:
        await store_deliveries(session, [Delivery(wamid, status, desk.clock(), "900", callback)], desk.clock())
        await session.commit()


async def test_a_queued_message_is_sent_and_accepted(desk, graph) -> None:
    [made] = await desk.queue(await desk.add_contact())
    await desk.step()
    row = await desk.row(made)
    assert (row.state, row.wamid, row.accepted_at, row.owner) == ("accepted", "wamid.1", desk.clock(), None)
    assert graph.bodies[0]["to"] == "+390200000001"
    assert graph.bodies[0]["biz_opaque_callback_data"] == row.callback
    assert graph.bodies[0]["text"] == {"body": "Ciao"}


async def test_a_contact_without_phone_is_reached_by_user_id(desk, graph) -> None:
    await desk.queue(await desk.add_contact(phone=None, user_id="IT.4411"))
    await desk.step()
    assert graph.bodies[0]["recipient"] == "IT.4411"
    assert "to" not in graph.bodies[0]


async def test_every_request_leaves_a_row(desk) -> None:
    [made] = await desk.queue(await desk.add_contact())
    await desk.step()
    [attempt] = await desk.run("SELECT * FROM attempt")
    assert (attempt.outbox_id, attempt.outcome, attempt.http_status) == (made, "accepted", 200)


async def test_messages_of_a_contact_leave_one_after_the_other(desk, graph) -> None:
    contact = await desk.add_contact()
    for words in ("uno", "due", "tre"):
        await desk.queue(contact, words)
    await desk.step()
    assert await desk.states() == ["accepted", "queued", "queued"]
    await desk.step()
    await desk.step()
    assert [body["text"]["body"] for body in graph.bodies] == ["uno", "due", "tre"]


async def test_a_slow_answer_holds_up_nobody_else(desk, graph) -> None:
    held = asyncio.Event()

    async def wait(body: dict[str, object]) -> Response:
        if body["to"] == "+390200000001":
            await held.wait()
        return graph.accept(body)

    graph.answer = wait
    await desk.queue(await desk.add_contact())
    await desk.sender.step()
    for _ in range(3):
        await desk.queue(await desk.add_contact())
    async with asyncio.timeout(10):
        while (await desk.states()).count("accepted") < 3:
            if not await desk.sender.step():
                await desk.sender.rest()
    assert await desk.states() == ["sending", "accepted", "accepted", "accepted"]
    held.set()
    await desk.sender.drain()
    assert (await desk.states())[0] == "accepted"


async def test_two_workers_send_nothing_twice(desk, graph) -> None:
    for _ in range(40):
        contact = await desk.add_contact()
        await desk.queue(contact, "uno")
        await desk.queue(contact, "due")
    other = OutboxSender(desk.sessions, desk.client, desk.settings, worker_id=2, now=desk.clock)
    async with asyncio.timeout(30):
        while "queued" in await desk.states():
            await asyncio.gather(desk.sender.step(), other.step())
            await asyncio.gather(desk.sender.drain(), other.drain())
            desk.clock.move(1)
    sent = [(body["to"], body["text"]["body"]) for body in graph.bodies]
    assert len(sent) == len(set(sent)) == 80
    assert all(sent.index((to, "uno")) < sent.index((to, "due")) for to, _ in sent)


async def test_the_gate_blocks_and_the_next_message_goes_on(desk, graph) -> None:
    contact = await desk.add_contact()
    made = await desk.queue_template(contact)
    await desk.queue(contact)
    await desk.step()
    await desk.step()
    assert await desk.states() == ["blocked", "accepted"]
    assert (await desk.row(made)).reason == "no consent"
    assert len(graph.bodies) == 1


async def test_a_closed_window_blocks_replies(desk) -> None:
    contact = await desk.add_contact(last_inbound_at=desk.clock() - timedelta(hours=25))
    [made] = await desk.queue(contact)
    await desk.step()
    assert (await desk.row(made)).reason == "window closed"


@pytest.mark.parametrize(("newest", "state"), [(True, "accepted"), (False, "blocked")])
async def test_the_newest_consent_counts(desk, newest: bool, state: str) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact, not newest)
    desk.clock.move(1)
    await desk.consent(contact, newest)
    await desk.queue_template(contact)
    await desk.step()
    assert await desk.states() == [state]


async def test_a_resume_lifts_a_stop(desk) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    await desk.queue_template(contact)
    for value in ("stop", "resume"):
        desk.clock.move(1)
        await desk.run(
            "INSERT INTO platform_preference (contact_id, value, at, payload) VALUES (:c, :v, :at, '{}')",
            c=contact,
            v=value,
            at=desk.clock(),
        )
    await desk.step()
    assert await desk.states() == ["accepted"]


async def test_a_held_template_says_so(desk, graph) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    graph.answer = lambda body: graph.accept(body, message_status="held_for_quality_assessment")
    await desk.queue_template(contact)
    await desk.step()
    assert await desk.states() == ["held_for_quality_assessment"]


async def test_a_passing_fault_is_tried_again_and_then_given_up(desk, graph) -> None:
    graph.answer = lambda body: graph.refuse(131000, 500)
    [made] = await desk.queue(await desk.add_contact())
    for _ in range(5):
        await desk.step()
        desk.clock.move(1000)
    row = await desk.row(made)
    assert (row.state, row.error_code, row.attempts, len(graph.bodies)) == ("failed", 131000, 5, 5)
    assert row.failed_at is not None


async def test_a_retry_waits_and_later_messages_wait_with_it(desk, graph) -> None:
    contact = await desk.add_contact()
    graph.answer = lambda body: graph.refuse(131000, 500)
    [made] = await desk.queue(contact, "uno")
    await desk.queue(contact, "due")
    await desk.step()
    await desk.step()
    assert len(graph.bodies) == 1
    assert (await desk.row(made)).due_at > desk.clock()
    graph.answer = graph.accept
    for _ in range(2):
        desk.clock.move(5)
        await desk.step()
    assert [body["text"]["body"] for body in graph.bodies] == ["uno", "uno", "due"]
    assert (await desk.row(made)).error_code is None


async def test_a_definite_error_fails_with_code_and_reason(desk, graph) -> None:
    graph.answer = lambda body: graph.refuse(131026)
    [made] = await desk.queue(await desk.add_contact())
    await desk.step()
    row = await desk.row(made)
    assert (row.state, row.error_code, row.reason) == ("failed", 131026, "WhatsApp cannot deliver to this customer")
    [attempt] = await desk.run("SELECT * FROM attempt")
    assert (attempt.outcome, attempt.code, attempt.detail, attempt.http_status) == ("error", 131026, "so it is", 400)


async def test_a_bad_token_stops_the_number_and_burns_nothing(desk, graph) -> None:
    graph.answer = lambda body: graph.refuse(190, 401)
    for _ in range(3):
        await desk.queue(await desk.add_contact())
    await desk.step()
    number = await desk.number()
    assert number.pause_reason == "the access token is missing, expired or revoked (190)"
    assert number.paused_until == desk.clock() + timedelta(minutes=10)
    desk.clock.move(500)
    await desk.step()
    assert len(graph.bodies) == 3
    assert [row.attempts for row in await desk.run("SELECT * FROM outbox WHERE state = 'queued'")] == [0, 0, 0]


async def test_after_a_pause_one_message_tries_first(desk, graph) -> None:
    graph.answer = lambda body: graph.refuse(190, 401)
    for _ in range(3):
        await desk.queue(await desk.add_contact())
    await desk.step()
    desk.clock.move(601)
    await desk.step()
    assert len(graph.bodies) == 4
    assert (await desk.number()).paused_until == desk.clock() + timedelta(minutes=10)
    graph.answer = graph.accept
    desk.clock.move(601)
    await desk.step()
    assert sorted(await desk.states()) == ["accepted", "queued", "queued"]
    assert (await desk.number()).pause_reason is None
    await desk.step()
    assert await desk.states() == ["accepted"] * 3


async def test_a_number_told_to_slow_down_rests_briefly(desk, graph) -> None:
    graph.answer = lambda body: graph.refuse(130429, 429)
    await desk.queue(await desk.add_contact())
    await desk.step()
    graph.answer = graph.accept
    desk.clock.move(1)
    await desk.step()
    assert await desk.states() == ["queued"]
    desk.clock.move(2)
    await desk.step()
    assert await desk.states() == ["accepted"]


async def test_an_unreachable_server_uses_up_no_try(desk, graph) -> None:
    [made] = await desk.queue(await desk.add_contact())
    address = desk.client._base
    desk.client._base = "http://127.0.0.1:1/v25.0"
    for _ in range(9):
        await desk.step()
        desk.clock.move(3)
    assert ((await desk.row(made)).state, (await desk.row(made)).attempts) == ("queued", 0)
    desk.client._base = address
    desk.client._urls.clear()
    await desk.step()
    assert await desk.states() == ["accepted"]


async def test_too_many_to_one_customer_waits_longer_each_time(desk, graph) -> None:
    graph.answer = lambda body: graph.refuse(131056)
    [made] = await desk.queue(await desk.add_contact())
    waits = []
    for _ in range(3):
        await desk.step()
        waits.append(((await desk.row(made)).due_at - desk.clock()).total_seconds())
        desk.clock.move(200)
    assert 6 <= waits[0] <= 7.5
    assert 24 <= waits[1] <= 30
    assert 96 <= waits[2] <= 120


async def test_switched_off_marketing_is_remembered(desk, graph) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    graph.answer = lambda body: graph.refuse(131050)
    await desk.queue_template(contact)
    await desk.step()
    desk.clock.move(100_000)
    made = await desk.queue_template(contact)
    await desk.step()
    assert (await desk.row(made)).reason == "marketing switched off in WhatsApp"
    assert len(graph.bodies) == 1


async def test_too_much_marketing_rests_for_a_day(desk, graph) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    graph.answer = lambda body: graph.refuse(131049)
    await desk.queue_template(contact)
    await desk.step()
    graph.answer = graph.accept
    desk.clock.move(23 * 3600)
    await desk.queue_template(contact)
    await desk.step()
    desk.clock.move(3601)
    await desk.queue_template(contact)
    await desk.step()
    assert await desk.states() == ["failed", "blocked", "accepted"]


async def test_the_number_keeps_its_pace(desk, graph) -> None:
    desk.settings.send_rate = 80
    for _ in range(20):
        await desk.queue(await desk.add_contact())
    await desk.step()
    await desk.step()
    assert len(graph.bodies) == 4
    desk.clock.move(0.026)
    await desk.step()
    assert len(graph.bodies) == 6
    assert await desk.next_due() > desk.clock()


async def test_the_pair_keeps_its_pace(desk, graph) -> None:
    desk.settings.pair_burst = 2
    contact = await desk.add_contact()
    for _ in range(3):
        await desk.queue(contact)
    for _ in range(4):
        await desk.step()
    assert await desk.states() == ["accepted", "accepted", "queued"]
    assert (await desk.row(3)).due_at == desk.clock() + timedelta(seconds=6)
    desk.clock.move(6)
    await desk.step()
    assert len(graph.bodies) == 3


async def test_a_timeout_is_unknown_and_blocks_the_contact(desk, graph, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(body: dict[str, object]) -> Response:
        await asyncio.sleep(0.3)
        return graph.accept(body)

    monkeypatch.setitem(client_module.TIMEOUT, "read", 0.05)
    graph.answer = wait
    contact = await desk.add_contact()
    await desk.queue(contact)
    await desk.queue(contact)
    await desk.step()
    await desk.step()
    assert await desk.states() == ["unknown", "queued"]
    assert len(graph.bodies) == 1


async def test_a_status_settles_an_unknown_outcome(desk, graph) -> None:
    graph.answer = lambda body: graph.cut()
    [made] = await desk.queue(await desk.add_contact())
    await desk.step()
    await report(desk, (await desk.row(made)).callback, DeliveryStatus.SENT)
    desk.clock.move(100)
    await desk.step()
    row = await desk.row(made)
    assert (row.state, row.wamid, len(graph.bodies)) == ("sent", "wamid.x", 1)


async def test_an_unknown_reply_leaves_once_more_and_only_once(desk, graph) -> None:
    graph.answer = lambda body: graph.cut()
    [made] = await desk.queue(await desk.add_contact())
    await desk.step()
    desk.clock.move(59)
    await desk.step()
    assert len(graph.bodies) == 1
    desk.clock.move(2)
    await desk.step()
    assert len(graph.bodies) == 2
    desk.clock.move(61)
    await desk.step()
    desk.clock.move(61)
    await desk.step()
    row = await desk.row(made)
    assert (row.state, row.reason, len(graph.bodies)) == ("failed", "unknown outcome", 2)


async def test_an_unknown_template_is_not_sent_again(desk, graph) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    graph.answer = lambda body: graph.cut()
    made = await desk.queue_template(contact)
    await desk.step()
    desk.clock.move(61)
    await desk.step()
    row = await desk.row(made)
    assert (row.state, row.reason, len(graph.bodies)) == ("failed", "unknown outcome", 1)


async def test_a_late_status_revives_what_was_given_up(desk, graph) -> None:
    contact = await desk.add_contact()
    await desk.consent(contact)
    graph.answer = lambda body: graph.cut()
    made = await desk.queue_template(contact)
    await desk.step()
    desk.clock.move(61)
    await desk.step()
    await report(desk, (await desk.row(made)).callback, DeliveryStatus.DELIVERED)
    row = await desk.row(made)
    assert (row.state, row.reason, row.failed_at) == ("delivered", None, None)


async def test_a_status_may_come_before_the_answer(desk, graph) -> None:
    async def report_first(body: dict[str, str]) -> Response:
        await report(desk, body["biz_opaque_callback_data"], DeliveryStatus.DELIVERED, "wamid.1")
        return graph.accept(body)

    graph.answer = report_first
    [made] = await desk.queue(await desk.add_contact())
    await desk.step()
    row = await desk.row(made)
    assert (row.state, row.wamid, row.delivered_at) == ("delivered", "wamid.1", desk.clock())


async def test_a_dead_workers_messages_become_unknown(desk, graph) -> None:
    contact = await desk.add_contact()
    await desk.queue(contact)
    await desk.queue(await desk.add_contact())
    async with desk.sessions() as session:
        claim = await claim_messages(session, desk.settings, 7, 1, desk.clock())
        await session.commit()
    assert len(claim.ready) == 1
    async with desk.sessions() as session:
        assert await release_dead(session, 7, desk.clock()) == 1
        assert await release_dead(session, 7, desk.clock()) == 0
        await session.commit()
    assert await desk.states() == ["unknown", "queued"]
    desk.clock.move(61)
    await desk.step()
    assert await desk.states() == ["accepted", "accepted"]
    assert len(graph.bodies) == 2


async def test_an_answer_for_a_worker_thought_dead_still_counts(desk, graph) -> None:
    async def reap_first(body: dict[str, object]) -> Response:
        async with desk.sessions() as session:
            await release_dead(session, 1, desk.clock())
            await session.commit()
        desk.clock.move(61)
        async with desk.sessions() as session:
            await resolve_unknown(session, desk.clock(), 60)
            await session.commit()
        return graph.accept(body)

    graph.answer = reap_first
    await desk.queue(await desk.add_contact())
    await desk.step()
    assert await desk.states() == ["accepted"]


async def test_answers_wait_for_a_database_that_is_away(desk, graph, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.queue(await desk.add_contact())
    await desk.sender.step()
    await asyncio.gather(*desk.sender._flying)
    sessions = desk.sender._sessions

    def refuse() -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(desk.sender, "_sessions", refuse)
    with pytest.raises(ConnectionError):
        await desk.sender.step()
    monkeypatch.setattr(desk.sender, "_sessions", sessions)
    await desk.sender.step()
    assert await desk.states() == ["accepted"]
    assert len(graph.bodies) == 1


async def test_rest_ends_when_the_next_message_is_due(desk) -> None:
    await desk.queue(await desk.add_contact())
    assert await desk.next_due() == desk.clock()
    start = datetime.now(UTC)
    await desk.sender.rest(5)
    assert datetime.now(UTC) - start < timedelta(seconds=1)


async def test_with_nothing_queued_nothing_is_due(desk) -> None:
    assert await desk.next_due() is None


async def test_an_unknown_message_is_due_when_patience_ends(desk, graph) -> None:
    graph.answer = lambda body: graph.cut()
    contact = await desk.add_contact()
    await desk.queue(contact)
    await desk.queue(contact)
    await desk.step()
    assert await desk.next_due() == desk.clock() + timedelta(seconds=60)


async def test_what_is_not_delivered_in_thirty_days_expires(desk) -> None:
    await desk.queue(await desk.add_contact())
    await desk.step()
    desk.clock.move(31 * 86400)
    await desk.queue(await desk.add_contact())
    await desk.step()
    async with desk.sessions() as session:
        assert await expire_stale(session, desk.clock()) == 1
        await session.commit()
    assert await desk.states() == ["expired", "accepted"]


async def test_answers_and_statuses_at_the_same_time_do_not_deadlock(desk, graph) -> None:
    for _ in range(60):
        contact = await desk.add_contact()
        await desk.queue(contact, "uno")
        await desk.queue(contact, "due")

    async def report_all(status: DeliveryStatus, order: random.Random) -> None:
        async with asyncio.timeout(200):
            while "queued" in await desk.states():
                callbacks = [body["biz_opaque_callback_data"] for body in graph.bodies]
                news = [Delivery(f"wamid.of.{one}", status, desk.clock(), "900", one) for one in callbacks]
                order.shuffle(news)
                async with desk.sessions() as session:
                    await store_deliveries(session, news, desk.clock())
                    await session.commit()

    def accept(body: dict[str, str]) -> Response:
        return JSONResponse({"messages": [{"id": f"wamid.of.{body['biz_opaque_callback_data']}"}]})

    async def send() -> None:
        while "queued" in await desk.states():
            desk.clock.move(1)
            if not await desk.sender.step():
                await desk.sender.rest(0.05)
        await desk.sender.drain()

    graph.answer = accept
    await asyncio.gather(
        send(), report_all(DeliveryStatus.SENT, random.Random(1)), report_all(DeliveryStatus.READ, random.Random(2))
    )
    assert len(graph.bodies) == 120
    assert set(await desk.states()) <= {"accepted", "sent", "read"}
