"""How people really type: each training line also without accents, in chat spelling and with one slip of the finger."""

from __future__ import annotations

import random
import re
import unicodedata
import zlib

_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_CHAT = {
    # Italian
    "che": "ke", "perché": "xké", "non": "nn", "per": "x", "comunque": "cmq", "sono": "sn", "quanto": "qnt",
    "questo": "qst", "anche": "anke", "grazie": "grz", "qualcosa": "qlcs", "messaggio": "msg", "più": "+",
    # German
    "nicht": "nich", "habe": "hab", "ist": "is", "eine": "ne", "einen": "nen", "vielleicht": "vllt", "und": "u",
    "möchte": "möcht", "will": "wil", "mit": "m", "auch": "auc", "nein": "nee", "etwas": "was",
    # English
    "you": "u", "are": "r", "please": "pls", "thanks": "thx", "because": "cuz", "your": "ur", "don't": "dont",
    "what": "wat", "i'm": "im", "can't": "cant", "people": "ppl", "with": "w", "really": "rly",
}  # fmt: skip


def augment_line(text: str) -> list[str]:
    """The line and its variants, the same ones at every training."""
    chance = random.Random(zlib.crc32(text.encode()))
    variants = [text, _strip_accents(text), text.translate(_DIGRAPHS), _chat_spelling(text), _slip_finger(text, chance)]
    return list(dict.fromkeys(variants))


def _strip_accents(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.replace("ß", "ss"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _chat_spelling(text: str) -> str:
    return re.sub(r"[\w']+", lambda word: _CHAT.get(word.group().lower(), word.group()), text)


def _slip_finger(text: str, chance: random.Random) -> str:
    """One letter dropped or two swapped, inside a word of five letters or more."""
    words = list(re.finditer(r"[^\W\d_]{5,}", text))
    if not words:
        return text
    word = chance.choice(words)
    at = chance.randrange(word.start() + 1, word.end() - 1)
    if chance.random() < 0.5:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
