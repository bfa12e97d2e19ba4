"""What customers send arrives in Meta's shape, and our own parser understands it."""

from __future__ import annotations

from typing import Any

import pytest

from core.types import AddressChange, InboundMessage, MessageKind, PlatformUpdate, PreferenceChange, Update
from tests.sandbox.conftest import ANA, Sandbox
from whatsapp.parse import parse_webhook

CASES: list[tuple[dict[str, Any], MessageKind, str | None]] = [
    ({"text": "Ciao"}, MessageKind.TEXT, "Ciao"),
    ({"id": "yes", "title": "Sì"}, MessageKind.BUTTON_REPLY, "Sì"),
    ({"id": "2", "title": "2 persone", "description": "2.300 kWh"}, MessageKind.LIST_REPLY, "2 persone"),
    ({"payload": "/affirm", "text": "Sì"}, MessageKind.BUTTON, "Sì"),
    ({"media": "meter.jpg", "text": "ecco"}, MessageKind.IMAGE, "ecco"),
    ({"media": "voice-de.ogg"}, MessageKind.AUDIO, None),
    ({"kind": "document", "media": "bill.jpg"}, MessageKind.DOCUMENT, None),
    ({"kind": "sticker", "media": "bill.jpg"}, MessageKind.STICKER, None),
    ({"location": {"latitude": 44.49, "longitude": 11.34}}, MessageKind.LOCATION, None),
    ({"kind": "contacts", "node": [{"name": {"formatted_name": "B"}, "phones": []}]}, MessageKind.CONTACTS, None),
    ({"kind": "reaction", "emoji": "👍", "reply_to": "wamid.1"}, MessageKind.REACTION, None),
    ({"kind": "nfm_reply", "node": {"name": "flow", "response_json": "{}"}}, MessageKind.FLOW_REPLY, None),
    ({"kind": "order", "node": {"catalog_id": "1", "product_items": []}}, MessageKind.ORDER, None),
    ({"kind": "unsupported"}, MessageKind.UNSUPPORTED, None),
    ({"raw": {"type": "hologram", "hologram": {}}}, MessageKind.UNKNOWN, None),
]


async def told(sandbox: Sandbox) -> list[Update]:
    """What our parser makes of everything the application was sent."""
    await sandbox.settle()
    return [update for body, _ in sandbox.application.posts for update in parse_webhook(body)]


@pytest.mark.parametrize(("inbound", "kind", "text"), CASES)
async def test_every_kind_is_understood(
    sandbox: Sandbox, inbound: dict[str, Any], kind: MessageKind, text: str | None
) -> None:
    wamid = await sandbox.write(**inbound)
    (update,) = await told(sandbox)
    assert isinstance(update, InboundMessage)
    assert (update.wamid, update.kind, update.address.phone) == (wamid, kind, ANA)
    assert update.reply_id == (inbound.get("id") or inbound.get("payload"))
    if text is not None:
        assert update.text == text


async def test_a_reply_names_the_message_it_answers(sandbox: Sandbox) -> None:
    await sandbox.write(text="sì", reply_to="wamid.7")
    (update,) = await told(sandbox)
    assert isinstance(update, InboundMessage)
    assert update.context_wamid == "wamid.7"


async def test_a_user_name_travels_with_someone_who_hides_the_number(sandbox: Sandbox) -> None:
    await sandbox.write(customer="IT.900100200300", text="Ciao")
    (update,) = await told(sandbox)
    assert isinstance(update, InboundMessage)
    assert (update.address.phone, update.address.user_id) == (None, "IT.900100200300")
    assert (update.profile_name, update.username) == ("Ana Ferri", "@ana.ferri")


@pytest.mark.parametrize("minimal", [False, True])
@pytest.mark.parametrize("value", ["stop", "resume"])
async def test_the_marketing_switch_is_told_in_both_shapes(sandbox: Sandbox, value: str, minimal: bool) -> None:
    await sandbox.control("customers", {"phone": ANA})
    await sandbox.control(f"customers/{ANA}/preference", {"value": value, "minimal": minimal})
    (update,) = await told(sandbox)
    assert isinstance(update, PreferenceChange)
    assert (update.value, update.address.phone) == (value, ANA)
    assert (update.address.user_id is None) == minimal


@pytest.mark.parametrize("kind", ["user_changed_number", "user_changed_user_id"])
async def test_a_new_number_is_told_and_the_chat_goes_on(sandbox: Sandbox, kind: str) -> None:
    await sandbox.write()
    await sandbox.control(f"customers/{ANA}/number", {"phone": "+390200000077", "kind": kind})
    await sandbox.write(customer="+390200000077", text="nuovo numero")
    _, *changes, message = await told(sandbox)
    change = next(update for update in changes if isinstance(update, AddressChange))
    assert (change.previous.phone, change.current.phone) == (ANA, "+390200000077")
    assert isinstance(message, InboundMessage)
    assert message.address.user_id == change.current.user_id != change.previous.user_id
    assert len(await sandbox.control("customers/+390200000077/messages", method="GET")) == 3


async def test_a_template_report_is_a_platform_update(sandbox: Sandbox) -> None:
    found = (await sandbox.client.get("/v25.0/700/message_templates?language=de")).json()["data"][0]
    await sandbox.control(f"templates/{found['id']}/review", {"status": "PAUSED"})
    (update,) = await told(sandbox)
    assert isinstance(update, PlatformUpdate)
    assert update.field == "message_template_status_update"


async def test_the_same_message_id_can_be_sent_twice(sandbox: Sandbox) -> None:
    for _ in range(2):
        await sandbox.write(text="Ciao", wamid="wamid.SAME")
    assert {update.wamid for update in await told(sandbox) if isinstance(update, InboundMessage)} == {"wamid.SAME"}
    assert len(await sandbox.control(f"customers/{ANA}/messages", method="GET")) == 1


@pytest.mark.parametrize(
    "inbound", [{}, {"media": "nothing.jpg"}, {"customer": "abc", "text": "x"}, {"kind": "telepathy"}]
)
async def test_an_impossible_message_is_refused(sandbox: Sandbox, inbound: dict[str, Any]) -> None:
    answer = await sandbox.client.post("/control/inbound", json={"customer": ANA} | inbound)
    assert answer.status_code == 422
