"""Cuts texts where a reader would: between paragraphs, lines, sentences, words. Lengths in characters."""

from __future__ import annotations

import re

SENTENCE_END = r"(?:(?<=[.!?…])|(?<=[.!?…][\"”»)]))\s+"
BORDERS = tuple(re.compile(pattern) for pattern in (r"\s*\n\s*\n\s*", r"\s*\n\s*", SENTENCE_END, r"\s+"))


def fit(text: str, limit: int) -> str:
    """The text, shortened with an ellipsis if it is too long."""
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def split_text(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters; no piece is empty and no letter is lost."""
    pieces, rest = [], text.strip()
    while len(rest) > limit:
        end, start = _find_border(rest, limit)
        pieces.append(rest[:end])
        rest = rest[start:].lstrip()
    return [*pieces, rest] if rest else pieces


def cut_tail(text: str, limit: int) -> tuple[str, str]:
    """(lead, tail) with a tail of at most `limit` characters: the last paragraph, line, sentence, or words."""
    text = text.strip()
    if len(text) <= limit:
        return "", text
    for border in BORDERS[:-1]:
        cuts = [match for match in border.finditer(text) if len(text) - match.end() <= limit]
        if cuts:
            return text[: cuts[-1].end()].rstrip(), text[cuts[-1].end() :]
    cuts = [match for match in BORDERS[-1].finditer(text) if len(text) - match.end() <= limit]
    start = cuts[0].end() if cuts else len(text) - limit
    return text[:start].rstrip(), text[start:]


def split_title(title: str, description: str | None, limit: int, more: int) -> tuple[str, str]:
    """A row's title of at most `limit` characters; what does not fit leads its description of at most `more`."""
    first, *_ = pieces = split_text(" ".join(title.split()), limit)
    rest = " ".join(pieces[1:])
    return first, fit(" · ".join(part for part in (rest, (description or "").strip()) if part), more)


def _find_border(text: str, limit: int) -> tuple[int, int]:
    """(end of this piece, start of the next): the strongest border in the second half, else between letters."""
    for border in BORDERS:
        cuts = [match for match in border.finditer(text, 0, limit + 2) if limit // 2 <= match.start() <= limit]
        if cuts:
            return cuts[-1].start(), cuts[-1].end()
    return limit, limit
