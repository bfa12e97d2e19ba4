"""Whatever JSON comes, the parser returns updates the store can take, or says it is not JSON of Meta's."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import AddressChange, InboundMessage, PlatformUpdate, PreferenceChange
from tests.broken_bodies import ANY_JSON, BODIES, break_body
from whatsapp.json_body import write_json
from whatsapp.parse import ParseError, parse_webhook


def check_body(body: bytes) -> None:
    try:
        updates = parse_webhook(body)
    except ParseError:
        return
    for update in updates:
        if isinstance(update, (InboundMessage, PreferenceChange)):
            assert "\0" not in write_json(update.payload)
            assert update.address.phone or update.address.user_id
        if isinstance(update, InboundMessage):
            assert (
                "\0" not in (update.text or "") + (update.reply_id or "") + (update.profile_name or "") + update.wamid
            )
            (update.text or "").encode()
        if isinstance(update, PlatformUpdate):
            assert "\\u0000" not in write_json(update.value)
            assert len(update.field) <= 100
        if isinstance(update, AddressChange):
            assert update.previous != update.current


@settings(max_examples=200, deadline=None)
@given(ANY_JSON)
def test_any_json_is_survived(value: Any) -> None:
    check_body(json.dumps(value).encode())
    check_body(json.dumps({"object": "whatsapp_business_account", "entry": value}).encode())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(body: bytes) -> None:
    check_body(body)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(BODIES), st.integers(0, 2**32), ANY_JSON)
def test_a_good_body_with_broken_parts_is_survived(body: dict[str, Any], seed: int, extra: Any) -> None:
    check_body(json.dumps(break_body(body, seed, extra)).encode())
