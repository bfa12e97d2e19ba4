"""JSON from outside, made safe for PostgreSQL: no NUL, no lone surrogate, nothing too deep or too large for jsonb."""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

MAX_DEPTH = 64  # Meta nests about ten levels; what lies deeper is cut
INT64 = 2**63
REPLACEMENT = "�"


class ParseError(ValueError):
    """The body is not JSON, or not an object as Meta sends."""


def load_json(body: bytes) -> Any:
    """The value in these bytes, storable as it is. Raises ParseError if it is not JSON."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return clean_value(load_odd_json(body))  # orjson refuses lone surrogates, deep nesting and huge numbers
    if b"\\u0000" in body:
        return clean_value(value)
    try:
        orjson.dumps([[value]])  # what is stored may be wrapped once or twice
    except orjson.JSONEncodeError:  # deeper than orjson writes
        return clean_value(value)
    return value


def load_odd_json(body: bytes) -> Any:
    """The value in these bytes by the slower, more patient parser. Raises ParseError if it is not JSON."""
    try:
        return json.loads(body.decode(), parse_int=read_int, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ParseError("the body is not JSON") from error


def read_int(digits: str) -> int | str:
    """A whole number; one too long for Python stays text."""
    return int(digits) if len(digits) < 30 else digits


def refuse_constant(name: str) -> None:
    """NaN and Infinity are not JSON."""
    raise ValueError(name)


def clean_value(value: Any, depth: int = 0) -> Any:
    """The same value with everything replaced that PostgreSQL or orjson would refuse."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, (dict, list)):
        if depth >= MAX_DEPTH:
            return None
        if isinstance(value, list):
            return [clean_value(item, depth + 1) for item in value]
        return {clean_text(key): clean_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, bool) or value is None:
        return value
    storable = -INT64 <= value < INT64 if isinstance(value, int) else math.isfinite(value)
    return value if storable else str(value)


def clean_text(text: str) -> str:
    """Text without NUL and without halves of a character."""
    return text.replace("\0", REPLACEMENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def write_json(value: Any) -> str:
    """JSON text of a value that went through load_json."""
    return orjson.dumps(value).decode()
