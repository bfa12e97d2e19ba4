"""Whether a customer says "no more messages": bare stop words, and sentences that mean nothing else.

A false yes silences someone who wanted an answer; a false no writes to someone who asked us not to. So a bare word
counts only if it is all they say ("stop, I meant 3500" is a correction), while a whole clause ("don't message me
again") counts wherever it stands. Decided without Rasa, so that it works while Rasa is down.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from conversations.stop_phrases import BARE, POLITE, SENTENCES, WRITING_EN

STOP_PAYLOADS = frozenset({"STOP_MKT", "STOP"})  # ids of our own "no more of this" buttons

LONGEST = 200  # letters of a clause; who asks for silence is brief

_courtesy = re.compile(rf"^(?:{POLITE} )+|(?: {POLITE})+$")
_polite_only = re.compile(rf"(?:{POLITE})(?: {POLITE})*")
_bare = re.compile(rf"{BARE}(?: {BARE})*")
_sentence = re.compile("|".join(f"(?:{pattern})" for pattern in SENTENCES))
_ending = re.compile(  # plain enough to count at the end of a clause that says something else before
    r"(?:^| )(?:non (?:scrivetemi|contattatemi|scrivermi|contattarmi|disturbatemi) (?:mai )?piu|lasciatemi in pace"
    r"|(?:schreibt|schreiben sie) mir (?:bitte )?nicht mehr"
    r"|(?:lasst|lassen sie) mich (?:bitte |endlich )?in (?:ruhe|frieden)"
    rf"|(?<!not )(?<!don t )(?<!dont )(?<!never )stop {WRITING_EN} me|leave me alone"
    r"|(?:remove|take) me (?:from|off) your list)$"
)
# with a question mark these ask whether that is so
_doubtful = re.compile(r"(?:non mi|keine|no more|niente|no|basta|end) .*")
_not_now = re.compile(r"(?:do not|don t|dont|non|nicht) .* (?:now|ora|adesso|jetzt)")


def wants_stop(texts: Sequence[str]) -> bool:
    """Whether these messages, in the order they were written, ask for no more messages."""
    clauses = [[normalise(clause) for clause in re.split(r"[.,;:!?\n…]+", text)] for text in texts]
    asked = {normalise(re.split(r"[.,;:!\n…]", part)[-1]) for text in texts for part in text.split("?")[:-1]}
    for clause in (clause for message in clauses for clause in message if clause):
        if len(clause) > LONGEST:
            continue
        plain = strip_courtesy(clause)
        if (clause in asked and _doubtful.fullmatch(plain)) or _not_now.fullmatch(clause):
            continue
        if _sentence.fullmatch(plain) or _ending.search(plain):
            return True
    said = [words for message in clauses if (words := [clause for clause in message if not means_nothing(clause)])]
    return bool(said) and all(_bare.fullmatch(strip_courtesy(clause)) for clause in said[-1])


def means_nothing(clause: str) -> bool:
    """Whether a clause is empty or mere politeness."""
    return not clause or _polite_only.fullmatch(clause) is not None


def strip_courtesy(clause: str) -> str:
    """The clause without please, thanks and greetings at its ends."""
    return _courtesy.sub("", clause).strip()


def normalise(clause: str) -> str:
    """A clause folded, without drawn-out letters and with the commonest shorthand written out."""
    words = fold(re.sub(r"(?<!\d)\+(?!\d)", " piu ", clause))
    return re.sub(r"\bnn\b", "non", re.sub(r"([a-z])\1{2,}", r"\1", words))


def fold(text: str) -> str:
    """Lower case letters and digits without accents, single spaces between words."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())
