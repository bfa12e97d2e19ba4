"""From probabilities to an intent: what the open question, the values found and a plain yes or no make likelier."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.extract.found import Found, is_question
from bot.extract.polarity import read_polarity
from bot.understand.model import IntentModel

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
SURE = 0.6  # of an intent that leads because a part of the message has it
_GIVING = {"offer_choice": "choose_offer", "option": ""}  # "" : only the intents that answer the question


@dataclass(frozen=True)
class Limits:
    """When a message is not understood, and how strongly context counts. All are settings of the component."""

    confidence: float = 0.15  # below: not understood
    margin: float = 0.005  # the first two closer than this: not understood, both are offered
    known: float = 0.3  # fewer n-grams known than this share: not our words
    nearest: float = 0.4  # the two likeliest readings are offered where they make up this much together
    wordless: float = 0.5  # below, without a letter or a figure ("???", an emoji): not understood
    answer_boost: float = 16.0  # an intent that answers the open question
    beside_boost: float = 4.0  # an intent that often comes up while this question is open
    value_boost: float = (
        16.0  # a value was found; once more where it answers the question, and where the message is little else
    )
    polarity_boost: float = 25.0  # the message is a plain yes or no
    strange_boost: float = 1.5  # out_of_scope: no examples can show all that is not ours


@dataclass(frozen=True)
class Understood:
    """ranking: (intent, confidence) from likely to unlikely; the first may be nlu_fallback.

    known: the share of the message's n-grams that are our words.
    """

    ranking: tuple[tuple[str, float], ...]
    known: float = 1.0

    @property
    def intent(self) -> str:
        return self.ranking[0][0]

    def lead(self, intent: str) -> Understood:
        """The same with this intent first, as sure as the first was."""
        if intent == self.intent:
            return self
        rest = tuple(one for one in self.ranking if one[0] not in (intent, FALLBACK))
        return Understood(((intent, max(SURE, self.ranking[0][1])), *rest), self.known)

    def list_nearest(self, limits: Limits) -> list[str]:
        """The two readings of a message that is not understood because both are likely; empty otherwise."""
        if self.intent != FALLBACK or self.known < limits.known or len(self.ranking) < 3:
            return []
        (first, likely), (second, close) = self.ranking[1:3]
        return [first, second] if likely + close >= limits.nearest and close >= likely / 2 else []


def classify_text(
    model: IntentModel,
    text: str,
    found: Sequence[Found],
    answers: Sequence[str],
    question: str | None,
    limits: Limits,
    beside: Sequence[str] = (),
) -> Understood:
    """The intent of a message: what the model says, weighed with the context."""
    shares, known = model.predict(text)
    weights = dict(zip(model.labels, shares.tolist(), strict=True))
    return decide_intent(text, weights, known, found, answers, question, limits, beside)


def decide_intent(
    text: str,
    shares: Mapping[str, float],
    known: float,
    found: Sequence[Found],
    answers: Sequence[str],
    question: str | None,
    limits: Limits,
    beside: Sequence[str] = (),
) -> Understood:
    """Weighs the model's shares with the context.

    answers: what answers the open question, likeliest first. beside: what else people say or ask while it is open.
    """
    weights = dict(shares)
    for intent in beside:
        if is_question(text) or not intent.startswith("ask_"):
            _scale(weights, intent, limits.beside_boost)
    for intent in () if is_question(text) else answers:
        _scale(weights, intent, limits.answer_boost)
    polarity = None
    if found:
        _weigh_values(weights, text, found, answers, question, limits)
    else:
        polarity = read_polarity(text)
        _scale(weights, OUT_OF_SCOPE, limits.strange_boost)
    if polarity is not None:
        _scale(weights, "affirm" if polarity else "deny", limits.polarity_boost)
        _scale(weights, "deny" if polarity else "affirm", 1 / limits.polarity_boost)
    total = sum(weights.values()) or 1.0
    ranking = sorted(((intent, weight / total) for intent, weight in weights.items()), key=lambda one: -one[1])
    wordless = not re.search(r"\w", text) and ranking[0][1] < limits.wordless
    if _is_unclear(ranking, known, bool(found) or polarity is not None, limits) or (wordless and polarity is None):
        ranking.insert(0, (FALLBACK, 1 - ranking[0][1]))
    return Understood(tuple(ranking), known)


def _weigh_values(
    weights: dict[str, float],
    text: str,
    found: Sequence[Found],
    answers: Sequence[str],
    question: str | None,
    limits: Limits,
) -> None:
    """A value makes giving it likely; more so where it answers the question or where little else is said."""
    fits = any(one.entity == question for one in found)
    if is_question(text):
        return
    boost = limits.value_boost ** (1 + fits + _covers_most(text, found))
    giving = {_GIVING.get(one.entity, "inform") for one in found} - {""}
    if fits and answers:
        giving.add(answers[0])
    for intent in giving:
        _scale(weights, intent, boost if fits or boost > limits.value_boost else boost / 2)


def _covers_most(text: str, found: Sequence[Found]) -> bool:
    """Whether hardly a word is left beside the values: "cap 20123", "circa 2700 kwh", "siamo in 4"."""
    rest = list(text)
    for one in found:
        rest[one.start : one.end] = " " * (one.end - one.start)
    return len(re.findall(r"[^\W\d_]{3,}", "".join(rest))) <= 2


def _scale(weights: dict[str, float], intent: str, factor: float) -> None:
    if intent in weights:
        weights[intent] *= factor


def _is_unclear(ranking: Sequence[tuple[str, float]], known: float, evident: bool, limits: Limits) -> bool:
    if evident or ranking[0][0] == OUT_OF_SCOPE:
        return False
    first = ranking[0][1]
    second = ranking[1][1] if len(ranking) > 1 else 0.0
    return first < limits.confidence or first - second < limits.margin or known < limits.known
