"""Why a campaign is in its state: a person's own words as they are, Pronto's as a code with facts for any language."""

from __future__ import annotations

SIGN = "!"


def write_why(code: str, **facts: object) -> str:
    """A reason of Pronto's own. code: a name in words.yml, where its sentence stands; facts without spaces."""
    return " ".join([f"{SIGN}{code}", *(f"{name}={fact}" for name, fact in facts.items())])


def read_why(why: str) -> tuple[str, dict[str, str]] | None:
    """Code and facts of a reason of Pronto's own; None for a person's."""
    if not why.startswith(SIGN):
        return None
    code, *pairs = why.removeprefix(SIGN).split(" ")
    return code, dict(pair.split("=", 1) for pair in pairs)
