"""Whatever JSON comes, the parser returns updates the store can take, or says it is not JSON of Meta's."""

import copy
import json
import random
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.types import AddressChange, InboundMessage, PlatformUpdate, PreferenceChange
from whatsapp.json_body import write_json
from whatsapp.parse import ParseError, parse_webhook

BODIES = [
    json.loads(path.read_bytes()) for path in sorted((Path(__file__).parents[1] / "data" / "whatsapp").glob("*.json"))
]
WORDS = st.sampled_from(
    [
        "object",
        "whatsapp_business_account",
        "entry",
        "changes",
        "field",
        "value",
        "messages",
        "statuses",
        "contacts",
        "id",
        "from",
        "type",
        "text",
        "body",
        "system",
        "user_id",
        "wa_id",
        "timestamp",
        "errors",
        "user_preferences",
        "interactive",
        "button_reply",
        "metadata",
        "phone_number_id",
        "edit",
        "message",
        "stop",
        "\x00",
        "�",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(), max_size=20)
    | WORDS
)
ANY_JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=40,
)
NASTY = [None, True, 0, -1, 10**40, 1e300, "", "\0", "\ud800", "x" * 5000, [], {}, [[]], [{}], {"": {}}, [None], "stop"]


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
    chance = random.Random(seed)
    broken = copy.deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        break_one(broken, chance, extra)
    check_body(json.dumps(broken).encode())


def break_one(value: Any, chance: random.Random, extra: Any) -> None:
    """Walks down to somewhere and puts something else there, or takes it away."""
    while True:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(value[key], (dict, list)) and value[key] and chance.random() < 0.85:
            value = value[key]
            continue
        match chance.randint(0, 3):
            case 0:
                del value[key]
            case 1:
                value[key] = copy.deepcopy(extra)
            case 2:
                value[key] = copy.deepcopy(chance.choice(NASTY))
            case 3:
                value[key] = [value[key], copy.deepcopy(chance.choice(NASTY)), value[key]]
        return
