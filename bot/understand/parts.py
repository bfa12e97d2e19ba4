"""Two wishes in one message: "sì, ma quanto costa?" is a yes and a question, "ciao, voglio disdire" only the second."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.extract.found import Found, is_correction
from bot.extract.polarity import read_polarity
from bot.understand.decide import SURE

MOST_CLAUSES = 6  # a letter, not a message: it is read as a whole
LEAST_WORDS = 3  # beside an "and" without a comma: "luce e gas" are no two clauses
_SENTENCES = re.compile(r"(?:(?<=[.!?])(?!\d)|\n|,(?!\d))\s*(?:(?:e|und|and|ma|aber|but|però)\s+)?", re.IGNORECASE)
_JOINTS = re.compile(r"\s+(?:(?P<but>ma|aber|but|però)|e|und|and)\s+", re.IGNORECASE)
_TALK = frozenset({"greet", "goodbye", "thank", "chitchat"})
_STARTS = frozenset(
    {
        *("energy_comparison", "insurance_comparison", "membership_renewal", "cart_checkout", "come_back"),
        *("buy", "find_branch", "how_to", "call_me"),
    }
)
_GIVING = frozenset({"inform", "choose_offer"})  # values are found whatever the intent is
_BEFORE_VALUES = frozenset(
    {"ask_human", "call_me", "complain", "opt_out", "erase_data", "wrong_person", "bot_challenge"}
)
# Too short or vague to be told apart from the rest of a sentence.
_NEVER_BESIDE = frozenset({"nlu_fallback", "out_of_scope", "dont_know", "later", "help"})

Read = Callable[[str, Sequence[Found]], tuple[str, float]]


@dataclass(frozen=True)
class Part:
    """A clause and what it says."""

    intent: str
    confidence: float
    text: str


def find_parts(text: str, found: Sequence[Found], read: Read) -> list[Part]:
    """The clauses that say different things, in order; empty where the message says one thing."""
    clauses = split_clauses(text)
    if not 1 < len(clauses) <= MOST_CLAUSES or (found and is_correction(text)):
        return []
    parts: list[Part] = []
    for start, end in clauses:
        inside = [
            Found(one.entity, one.value, one.start - start, one.end - start)
            for one in found
            if start <= one.start and one.end <= end
        ]
        intent, confidence = read(text[start:end], inside)
        if intent in _GIVING and not inside:
            continue
        if confidence >= SURE and intent not in _NEVER_BESIDE | {part.intent for part in parts}:
            parts.append(Part(intent, confidence, text[start:end]))
    return parts if len(parts) > 1 and any(part.intent not in _TALK for part in parts) else []


def split_clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses stand: between sentence ends, lines, commas and words such as "and" or "but"."""
    clauses = []
    for start, end in _cut(text, 0, len(text), list(_SENTENCES.finditer(text))):
        joints = [
            one for one in _JOINTS.finditer(text, start, end) if one["but"] or _joins_clauses(text, start, one, end)
        ]
        clauses += _cut(text, start, end, joints)
    return [(start, end) for start, end in clauses if re.search(r"\w", text[start:end])]


def _cut(text: str, start: int, end: int, borders: Sequence[re.Match[str]]) -> list[tuple[int, int]]:
    edges = [start, *(edge for border in borders for edge in border.span()), end]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _joins_clauses(text: str, start: int, joint: re.Match[str], end: int) -> bool:
    sides = text[start : joint.start()], text[joint.end() : end]
    return all(len(side.split()) >= LEAST_WORDS for side in sides)


def choose_leading(parts: Sequence[Part], whole: str) -> str:
    """The intent the message is treated as: the whole's, unless that is none, small talk, or a question beside more.

    A yes or a no, and what starts a conversation, lead: the question beside it is answered all the same. A value is
    kept whatever leads, so "3200, but can I ask a person?" is the wish for a person.
    """
    if whole in _GIVING:
        return next((part.intent for part in parts if _leads_values(part)), whole)
    if _weigh(whole) == 0:
        wishes = [part for part in parts if part.intent not in ("affirm", "deny")]
        return max(wishes, key=lambda part: _weigh(part.intent)).intent if wishes else whole
    if _weigh(whole) == 1:
        return next((part.intent for part in parts if part.intent in _STARTS or _is_plain(part)), whole)
    return whole


def _leads_values(part: Part) -> bool:
    wish = part.intent in _BEFORE_VALUES or part.intent.startswith("ask_")
    return wish and len(part.text.split()) >= LEAST_WORDS


def _is_plain(part: Part) -> bool:
    """Whether a clause is a yes or no and little else."""
    return read_polarity(part.text) is not None and len(part.text.split()) <= LEAST_WORDS


def _weigh(intent: str) -> int:
    if intent in _TALK or intent in ("nlu_fallback", "out_of_scope"):
        return 0
    if (intent.startswith("ask_") and intent != "ask_human") or intent == "bot_challenge":
        return 1
    return 2 if intent in ("affirm", "deny") else 3
