"""Every shape WhatsApp can send, each a body in tests/data/whatsapp."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.types import (
    Address,
    AddressChange,
    Delivery,
    DeliveryStatus,
    InboundMessage,
    MessageKind,
    PlatformUpdate,
    Preference,
    PreferenceChange,
    Update,
)
from whatsapp.fields import NO_TIME
from whatsapp.parse import ParseError, parse_webhook

BODIES = Path(__file__).parents[1] / "data" / "whatsapp"
ANA = Address("+393330000001", "IT.1001")
BRUNO = Address("+491510000002", "DE.1002")
PLATFORM = [
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "template_correct_category_detection",
    "message_template_components_update",
    "phone_number_quality_update",
    "business_capability_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "phone_number_name_update",
    "security",
    "flows",
    "business_username_update",
    "smb_message_echoes",
    "smb_app_state_sync",
    "history",
    "standby",
    "messaging_handovers",
    "tracking_events",
    "automatic_events",
    "calls",
]


def parse_file(name: str) -> list[Update]:
    return parse_webhook((BODIES / f"{name}.json").read_bytes())


def parse_one(name: str) -> Any:
    (update,) = parse_file(name)
    return update


def parse_value(field: str = "messages", **value: Any) -> list[Update]:
    value = {"metadata": {"phone_number_id": "900"}, **value}
    return parse_webhook(envelope([{"id": "700", "changes": [{"field": field, "value": value}]}]))


def envelope(entry: Any) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


@pytest.mark.parametrize("kind", list(MessageKind))
def test_every_kind_of_message_has_a_recorded_body(kind: MessageKind) -> None:
    message = parse_file(kind.value)[-1]
    assert isinstance(message, InboundMessage)
    assert message.kind is kind


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("text", "Buongiorno, quanto spendo di luce?"),
        ("image", "la mia bolletta"),
        ("video", None),
        ("document", "ecco la bolletta"),
        ("audio", None),
        ("sticker", None),
        ("location", "Duomo, Piazza del Duomo, Milano"),
        ("contacts", "Ana Rossi"),
        ("reaction", "👍"),
        ("reaction_removed", None),
        ("button_reply", "Sì, volentieri"),
        ("list_reply", "Energia verde"),
        ("nfm_reply", "Sent"),
        ("button", "Non mi interessa"),
        ("order", "consegna domani"),
        ("edit", "volevo dire gas"),
        ("revoke", None),
        ("unsupported", None),
        ("unknown", None),
        ("escaped", "Perché costa così tanto? 🔌"),
    ],
)
def test_text_is_what_a_person_would_read(name: str, text: str | None) -> None:
    assert parse_one(name).text == text


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("button_reply", "/affirm"),
        ("list_reply", '/inform{"preference":"green"}'),
        ("nfm_reply", "t17"),
        ("nfm_reply_without_token", None),
        ("button", "STOP_MKT"),
        ("text", None),
    ],
)
def test_a_tap_tells_the_id_of_the_option(name: str, reply: str | None) -> None:
    assert parse_one(name).reply_id == reply


@pytest.mark.parametrize(
    ("name", "wamid"),
    [
        ("button_reply", "wamid.OUT1"),
        ("button_without_context", None),
        ("reaction", "wamid.OUT1"),
        ("edit", "wamid.TEXT"),
        ("revoke", "wamid.TEXT"),
        ("referred_product", "wamid.OUT4"),
        ("forwarded", None),
    ],
)
def test_context_is_the_message_it_refers_to(name: str, wamid: str | None) -> None:
    assert parse_one(name).context_wamid == wamid


def test_a_message_carries_sender_number_time_and_profile() -> None:
    message = parse_one("text")
    assert message.address == ANA
    assert message.phone_number_id == "900"
    assert message.sent_at == datetime.fromtimestamp(1795000000, UTC)
    assert message.profile_name == "Ana"
    assert message.wamid == "wamid.TEXT"


def test_the_payload_is_kept_as_received() -> None:
    assert parse_one("referral").payload["referral"]["ctwa_clid"] == "clid1"


def test_a_sender_without_phone_number_is_known_by_user_id() -> None:
    message = parse_one("sender_without_phone")
    assert message.address == Address(None, "IT.4411")
    assert message.username == "@ada.l"


def test_a_parent_id_is_kept_beside_the_user_id() -> None:
    assert parse_one("sender_with_parent_id").address == Address(None, "US.77", "US.ENT.77")


def test_a_sender_without_contacts_is_known_by_phone_number() -> None:
    assert parse_one("sender_without_contacts").address == Address("+393330000001")


def test_the_user_id_in_contacts_completes_the_sender() -> None:
    assert parse_one("user_id_only_in_contacts").address == ANA


def test_a_contact_of_somebody_else_does_not_complete_the_sender() -> None:
    (message,) = parse_value(
        contacts=[{"wa_id": "491510000002", "user_id": "DE.1002"}],
        messages=[
            {"from": "393330000001", "id": "a", "timestamp": "1795000000", "type": "text", "text": {"body": "x"}}
        ],
    )
    assert isinstance(message, InboundMessage)
    assert message.address == Address("+393330000001")


def test_one_contact_beside_two_senders_is_given_to_neither() -> None:
    text = {"timestamp": "1795000000", "type": "text", "text": {"body": "x"}}
    updates = parse_value(
        contacts=[{"user_id": "IT.1001"}],
        messages=[{"from": "393330000001", "id": "a", **text}, {"from": "491510000002", "id": "b", **text}],
    )
    assert [u.address for u in updates if isinstance(u, InboundMessage)] == [
        Address("+393330000001"),
        Address("+491510000002"),
    ]


def test_every_part_of_a_batch_comes_out_in_order() -> None:
    updates = parse_file("batch")
    assert [u.wamid for u in updates if isinstance(u, InboundMessage)] == [f"wamid.BATCH{n}" for n in (1, 2, 3, 4)]
    assert [u.status for u in updates if isinstance(u, Delivery)] == [DeliveryStatus.DELIVERED, DeliveryStatus.READ]
    assert [u.field for u in updates if isinstance(u, PlatformUpdate)] == ["account_alerts"]


def test_senders_of_a_batch_are_not_mixed_up() -> None:
    messages = [u for u in parse_file("batch") if isinstance(u, InboundMessage)]
    assert [m.address for m in messages] == [ANA, ANA, BRUNO, BRUNO]
    assert [m.profile_name for m in messages] == ["Ana", "Ana", "Bruno", "Bruno"]


def test_an_interactive_message_with_errors_only_is_unsupported() -> None:
    assert parse_one("interactive_with_errors").kind is MessageKind.UNSUPPORTED


def test_a_text_without_a_body_is_unsupported() -> None:
    (message,) = parse_value(messages=[{"from": "393330000001", "id": "a", "type": "text", "text": {}}])
    assert isinstance(message, InboundMessage)
    assert message.kind is MessageKind.UNSUPPORTED


def test_what_stands_beside_messages_is_reported() -> None:
    message, report = parse_file("conversation_summary")
    assert isinstance(message, InboundMessage)
    assert isinstance(report, PlatformUpdate)
    assert report.field == "messages.conversation_context"


@pytest.mark.parametrize(
    ("name", "previous", "current"),
    [
        ("system", ANA, Address("+393330000009", "IT.1009")),
        ("system_customer_changed_number", Address("+393330000001"), Address("+393330000009")),
        ("system_changed_user_id", Address(None, "IT.1001"), Address(None, "DE.1009")),
        (
            "system_changed_user_id_by_sender",
            Address(None, "IT.1001"),
            Address(None, "DE.1009", "DE.ENT.1009"),
        ),
    ],
)
def test_a_change_of_address_is_told_before_the_message(name: str, previous: Address, current: Address) -> None:
    change, message = parse_file(name)
    assert isinstance(change, AddressChange)
    assert isinstance(message, InboundMessage)
    assert (change.previous, change.current) == (previous, current)
    assert message.address == current


@pytest.mark.parametrize("name", ["user_id_update", "user_id_update_plain"])
def test_the_field_user_id_update_tells_a_change_too(name: str) -> None:
    change = parse_one(name)
    assert isinstance(change, AddressChange)
    assert (change.previous.user_id, change.current.user_id) == ("IT.1001", "IT.2002")


def test_a_new_security_code_is_no_change_of_address() -> None:
    assert isinstance(parse_one("system_identity_changed"), InboundMessage)


@pytest.mark.parametrize("status", list(DeliveryStatus))
def test_every_status_has_a_recorded_body(status: DeliveryStatus) -> None:
    delivery = parse_one(f"status_{status.value}")
    assert isinstance(delivery, Delivery)
    assert delivery.status is status


def test_a_status_carries_callback_and_pricing() -> None:
    delivery = parse_one("status_sent")
    assert delivery.callback == "ob_1"
    assert delivery.pricing["type"] == "free_customer_service"
    assert delivery.address == ANA


def test_a_failed_status_without_contacts_keeps_its_errors() -> None:
    assert parse_one("status_failed").errors[0]["code"] == 131050


def test_a_status_for_a_user_id_has_no_phone_number() -> None:
    assert parse_one("status_user_id_only").address == Address(None, "IT.1001", "IT.ENT.1001")


def test_a_group_is_not_taken_for_a_person() -> None:
    assert parse_one("status_group").address is None


def test_a_new_status_is_reported() -> None:
    assert parse_one("status_unknown").field == "messages.statuses"


@pytest.mark.parametrize(
    ("name", "value", "address"),
    [
        ("user_preferences", Preference.STOP, ANA),
        ("user_preferences_minimal", Preference.STOP, Address("+393330000001")),
        ("user_preferences_resume", Preference.RESUME, Address("+393330000001")),
    ],
)
def test_the_switch_for_marketing_is_read(name: str, value: Preference, address: Address) -> None:
    change = parse_one(name)
    assert isinstance(change, PreferenceChange)
    assert (change.value, change.address) == (value, address)


def test_a_preference_we_do_not_know_is_reported() -> None:
    assert parse_one("user_preferences_signup").field == "user_preferences"


def test_a_stop_of_another_category_counts_and_a_resume_does_not() -> None:
    item = {"wa_id": "393330000001", "category": "everything", "timestamp": 1795000030}
    stop, resume = parse_value(
        "user_preferences", user_preferences=[{**item, "value": "stop"}, {**item, "value": "resume"}]
    )
    assert isinstance(stop, PreferenceChange)
    assert isinstance(resume, PlatformUpdate)


@pytest.mark.parametrize("field", PLATFORM)
def test_every_other_field_is_kept_as_a_report(field: str) -> None:
    update = parse_one(field)
    assert isinstance(update, PlatformUpdate)
    assert (update.field, update.account_id) == (field, "700")


@pytest.mark.parametrize("name", ["errors_only", "user_actions"])
def test_errors_and_clicks_are_kept_as_reports(name: str) -> None:
    assert parse_one(name).field.startswith("messages.")


def test_a_repeated_report_has_the_same_key_and_another_one_has_not() -> None:
    body = (BODIES / "account_alerts.json").read_bytes()
    again, other = json.loads(body), json.loads(body)
    other["entry"][0]["time"] += 60
    keys = [
        parse_webhook(json.dumps(b, sort_keys=s).encode())[0] for b, s in ((again, False), (again, True), (other, True))
    ]
    assert all(isinstance(key, PlatformUpdate) for key in keys)
    first, same, later = (key.key for key in keys if isinstance(key, PlatformUpdate))
    assert first == same != later


def test_an_event_of_another_product_is_kept_as_a_report() -> None:
    (update,) = parse_webhook(b'{"object":"page","entry":[]}')
    assert isinstance(update, PlatformUpdate)
    assert update.field == "page"


@pytest.mark.parametrize(
    "body",
    [b"", b"hello", b"{", b"[]", b"1", b'"x"', b"null", b"{}", b'{"object":1}', b"\xff\xfe", b"NaN", b"[" * 5000],
)
def test_what_is_not_an_object_of_metas_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse_webhook(body)


@pytest.mark.parametrize("entry", [None, {}, [], [{}], [{"changes": None}], [{"changes": []}]])
def test_an_empty_delivery_brings_nothing(entry: Any) -> None:
    assert parse_webhook(envelope(entry)) == []


@pytest.mark.parametrize(
    "broken", [None, 7, "x", [], {}, {"id": "a"}, {"from": "39333"}, {"id": "w" * 600, "from": "39333"}]
)
def test_a_broken_part_does_not_lose_the_good_ones(broken: Any) -> None:
    good = {"from": "393330000001", "id": "good", "type": "text", "text": {"body": "x"}}
    updates = parse_value(messages=[broken, good, broken])
    assert [u.wamid for u in updates if isinstance(u, InboundMessage)] == ["good"]
    assert len(updates) == 3


@pytest.mark.parametrize("timestamp", [None, "", "x", "-1", -1, 0, 10**30, 1e300, "9" * 400, True, [], {}, "１７９５"])
def test_an_unreadable_time_does_not_lose_the_message(timestamp: Any) -> None:
    body = {"from": "393330000001", "id": "a", "type": "text", "text": {"body": "x"}, "timestamp": timestamp}
    (message,) = parse_value(messages=[body])
    assert isinstance(message, InboundMessage)
    assert message.sent_at == NO_TIME


def test_what_the_store_refuses_is_replaced() -> None:
    raw = rb'{"id":"a","from":"393330000001","type":"text","text":{"body":"a\u0000b\ud800c"},"n\u0000":12345678901234567890123456789012345}'
    (message,) = parse_webhook(
        envelope([]).replace(b"[]", b'[{"changes":[{"field":"messages","value":{"messages":[' + raw + b"]}}]}]")
    )
    assert isinstance(message, InboundMessage)
    assert message.text == "a�b�c"
    assert message.payload["n�"] == "12345678901234567890123456789012345"


@pytest.mark.parametrize("depth", [100, 300, 800])
def test_deep_nesting_is_cut_and_the_message_kept(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    raw = b'{"id":"a","from":"393330000001","type":"text","text":{"body":"x"},"deep":' + deep + b"}"
    (message,) = parse_webhook(
        envelope([]).replace(b"[]", b'[{"changes":[{"field":"messages","value":{"messages":[' + raw + b"]}}]}]")
    )
    assert isinstance(message, InboundMessage)
    assert message.text == "x"
