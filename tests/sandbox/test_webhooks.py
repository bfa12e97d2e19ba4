"""Webhooks on their way to the application: ladder, signature, retries, repeats, disorder."""

from __future__ import annotations

import hashlib
import hmac
import json

from tests.sandbox.conftest import ANA, Sandbox, template


async def test_a_message_climbs_from_sent_over_delivered_to_read(sandbox: Sandbox) -> None:
    await sandbox.config(read_ms=20)
    await sandbox.write()
    wamid = await sandbox.accepted(biz_opaque_callback_data="ob_17")
    await sandbox.settle()
    rows = [row for row in sandbox.application.values("statuses") if row["id"] == wamid]
    assert [row["status"] for row in rows] == ["sent", "delivered", "read"]
    assert {row["biz_opaque_callback_data"] for row in rows} == {"ob_17"}
    assert {row["recipient_id"] for row in rows} == {ANA[1:]}
    assert all(isinstance(row["timestamp"], str) for row in rows)


async def test_sent_and_delivered_carry_the_price_and_read_does_not(sandbox: Sandbox) -> None:
    await sandbox.config(read_ms=0)
    await sandbox.write()
    free, paid = await sandbox.accepted(), await sandbox.accepted(type="template", template=template())
    await sandbox.settle()
    prices = {(row["id"], row["status"]): row.get("pricing") for row in sandbox.application.values("statuses")}
    assert prices[free, "sent"]["type"] == prices[free, "delivered"]["type"] == "free_customer_service"
    assert (prices[paid, "sent"]["category"], prices[paid, "sent"]["type"]) == ("marketing", "regular")
    assert prices[paid, "read"] is None


async def test_failed_comes_without_contacts_and_the_others_with(sandbox: Sandbox) -> None:
    await sandbox.accepted()
    await sandbox.accepted(type="template", template=template())
    await sandbox.settle()
    changes = [body["entry"][0]["changes"] for body in sandbox.application.bodies()]
    values = [change["value"] for group in changes for change in group]
    assert {value["statuses"][0]["status"]: "contacts" in value for value in values} == {
        "failed": False,
        "sent": True,
        "delivered": True,
    }


async def test_someone_without_a_number_is_named_by_user_id_only(sandbox: Sandbox) -> None:
    await sandbox.write(customer="IT.900100200300", text="Ciao")
    await sandbox.accepted(to=None, recipient="IT.900100200300")
    await sandbox.settle()
    (message,) = sandbox.application.values("messages")
    assert message["from_user_id"] == "IT.900100200300"
    assert "from" not in message
    assert "recipient_id" not in sandbox.application.values("statuses")[0]
    assert "wa_id" not in sandbox.application.values("contacts")[0]


async def test_a_status_by_hand_only_moves_forward(sandbox: Sandbox) -> None:
    await sandbox.write()
    wamid = await sandbox.accepted()
    await sandbox.settle()
    assert (await sandbox.control(f"messages/{wamid}/status", {"status": "read"}))["moved"]
    assert not (await sandbox.control(f"messages/{wamid}/status", {"status": "delivered"}))["moved"]
    await sandbox.settle()
    assert sandbox.application.ladder(wamid) == ["sent", "delivered", "read"]


async def test_a_phone_that_is_off_gets_its_messages_when_it_is_on(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control(f"customers/{ANA}", {"reachable": False}, "PATCH")
    wamid = await sandbox.accepted()
    await sandbox.settle()
    assert sandbox.application.ladder(wamid) == ["sent"]
    await sandbox.control(f"customers/{ANA}", {"reachable": True}, "PATCH")
    await sandbox.settle()
    assert sandbox.application.ladder(wamid) == ["sent", "delivered"]


async def test_the_signature_is_right_over_bytes_with_escapes(sandbox: Sandbox) -> None:
    await sandbox.write(text="perché? è più € 👍 a/b")
    await sandbox.settle()
    ((body, headers),) = sandbox.application.posts
    expected = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == expected
    assert body.isascii()
    assert rb"perch\u00e9? \u00e8 pi\u00f9 \u20ac \ud83d\udc4d a\/b" in body
    assert sandbox.application.values("messages")[0]["text"]["body"] == "perché? è più € 👍 a/b"
    assert body != json.dumps(json.loads(body)).encode()


async def test_a_refused_webhook_comes_again_with_the_same_bytes(sandbox: Sandbox) -> None:
    sandbox.application.answers[:] = [500, 503, 301]
    wamid = await sandbox.write()
    await sandbox.settle()
    assert len(sandbox.application.posts) == 4
    assert len({body for body, _ in sandbox.application.posts}) == 1
    counts = await sandbox.control("webhook", method="GET")
    assert (counts["taken"], counts["failed_tries"], counts["last_problem"]) == (1, 3, "HTTP 301")
    (message,) = await sandbox.control(f"customers/{ANA}/messages", method="GET")
    assert (message["wamid"], message["state"]) == (wamid, "delivered")


async def test_a_silent_application_is_tried_until_it_is_back(sandbox: Sandbox) -> None:
    await sandbox.config(webhook_url="http://127.0.0.1:9/webhook")
    await sandbox.write()
    while not (await sandbox.control("webhook", method="GET"))["failed_tries"]:
        pass
    await sandbox.config(webhook_url=f"{sandbox.application.url}/webhook")
    await sandbox.settle()
    assert len(sandbox.application.posts) == 1


async def test_webhooks_are_doubled_on_demand(sandbox: Sandbox) -> None:
    await sandbox.config(duplicate_every=1)
    for number in range(3):
        await sandbox.write(text=str(number))
        await sandbox.settle()
    bodies = [body for body, _ in sandbox.application.posts]
    assert (len(bodies), len(set(bodies))) == (6, 3)


async def test_messages_of_one_customer_keep_their_order(sandbox: Sandbox) -> None:
    await sandbox.control("inbound", [{"customer": ANA, "text": str(number)} for number in range(200)])
    await sandbox.settle()
    texts = [message["text"]["body"] for message in sandbox.application.values("messages")]
    assert texts == [str(number) for number in range(200)]


async def test_messages_overtake_each_other_on_demand(sandbox: Sandbox) -> None:
    await sandbox.config(shuffle_ms=200, webhook_batch=1)
    await sandbox.control("inbound", [{"customer": ANA, "text": str(number)} for number in range(40)])
    await sandbox.settle()
    texts = [message["text"]["body"] for message in sandbox.application.values("messages")]
    assert texts != sorted(texts, key=int)
    assert sorted(texts, key=int) == [str(number) for number in range(40)]


async def test_a_backlog_is_packed_and_can_be_sent_one_by_one(sandbox: Sandbox) -> None:
    for batch, posts in ((100, 1), (1, 20)):
        await sandbox.config(webhook_batch=batch)
        await sandbox.control("webhook/pause", {"on": True})
        sandbox.application.posts.clear()
        await sandbox.write()
        await sandbox.control("inbound", [{"customer": ANA, "text": "x"} for _ in range(19)])
        await sandbox.control("webhook/pause", {"on": False})
        await sandbox.settle()
        assert len(sandbox.application.values("messages")) == 20
        assert len(sandbox.application.posts) == posts


async def test_several_messages_can_travel_in_one_body(sandbox: Sandbox) -> None:
    two = [{"customer": ANA, "text": "a"}, {"customer": "+390200000012", "text": "b"}]
    await sandbox.control("inbound?together=true", two)
    await sandbox.settle()
    assert len(sandbox.application.posts) == 1
    assert [message["text"]["body"] for message in sandbox.application.values("messages")] == ["a", "b"]


async def test_the_handshake_is_checked(sandbox: Sandbox) -> None:
    assert await sandbox.control("webhook/handshake") == {"verified": True}


async def test_a_body_of_ones_own_can_be_sent_with_a_wrong_signature(sandbox: Sandbox) -> None:
    await sandbox.client.post("/control/webhook/raw", json={"body": "no json", "signature": "wrong"})
    await sandbox.client.post("/control/webhook/raw", json={"field": "flows", "value": {"a": 1}, "signature": "none"})
    (first, headers), (second, others) = sandbox.application.posts
    assert first == b"no json"
    assert headers["x-hub-signature-256"] == "sha256=" + "0" * 64
    assert "x-hub-signature-256" not in others
    assert json.loads(second)["entry"][0]["changes"] == [{"field": "flows", "value": {"a": 1}}]


async def test_a_reset_forgets_what_waits(sandbox: Sandbox) -> None:
    ready = await sandbox.control("customers", method="GET")
    await sandbox.control("webhook/pause", {"on": True})
    await sandbox.control("inbound", [{"customer": f"+39020000{number:04}", "text": "x"} for number in range(50)])
    await sandbox.control("reset")
    await sandbox.settle()
    assert sandbox.application.posts == []
    assert await sandbox.control("customers", method="GET") == ready
