"""Webhook bodies no sane sender writes: any JSON, and recorded bodies with parts missing, doubled or replaced."""

import copy
import json
import random
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

BODIES = [
    json.loads(path.read_bytes()) for path in sorted((Path(__file__).parent / "data" / "whatsapp").glob("*.json"))
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


def break_body(body: dict[str, Any], seed: int, extra: Any) -> dict[str, Any]:
    """A copy of the body with one to four parts broken."""
    chance = random.Random(seed)
    broken = copy.deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        break_one(broken, chance, extra)
    return broken


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
