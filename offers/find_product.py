"""Which product, and which size of it, a customer's sentence is about, in any of our languages and with typos."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from core.types import Language
from offers.facts import Product

ENOUGH = 0.6  # the share of a product's words that must be there
ALIKE = 0.83  # one wrong letter in six: "giaca" is giacca, while "punto" is not punte
FILLERS = {"con", "per", "und", "mit", "von", "fur", "for", "and", "the", "der", "die", "das", "dei", "set", "kit"}
FILLERS |= {"paia", "paar", "pairs"}
SIZE_WORD = r"(?:taglia|taglie|misura|numero|nr|tg|size|grosse|groesse|gr|nummer)"
SPOKEN_SIZES = {
    **dict.fromkeys(("small", "piccola", "piccolo", "klein"), "S"),
    **dict.fromkeys(("medium", "media", "mittel"), "M"),
    **dict.fromkeys(("large", "grande", "gross"), "L"),
}


@dataclass(frozen=True)
class Found:
    """A product with its certainty from 0 to 1, and the words of the sentence that name it."""

    product: Product
    score: float
    words: frozenset[str]


def find_products(products: Sequence[Product], sentence: str, limit: int = 3) -> list[Found]:
    """The products a sentence names, the surest first; ask back if there are several.

    A product is named by its name or one of its words, in any language. Words that several products share count less.
    A product is left out if another is named by the same words and more ("drill bits" are no drill).
    """
    words = split_words(sentence)
    phrases = [(product, product_phrases(product)) for product in products]
    shared = Counter(part for _, group in phrases for part in frozenset[str]().union(*group))
    nearest = {part: max(((likeness(part, word), word) for word in words), default=(0.0, "")) for part in shared}
    found = [
        best for product, group in phrases if (best := best_phrase(product, group, nearest, shared)).score >= ENOUGH
    ]
    kept = [it for it in found if not any(it.words < other.words for other in found)]
    return sorted(kept, key=lambda it: (-it.score, -len(it.words), it.product.sku))[:limit]


def best_phrase(
    product: Product,
    phrases: Sequence[frozenset[str]],
    nearest: Mapping[str, tuple[float, str]],
    shared: Mapping[str, int],
) -> Found:
    """The phrase of a product the sentence comes nearest to. nearest: the likest word of the sentence, per part."""
    best = Found(product, 0.0, frozenset())
    for phrase in phrases:
        score = sum(nearest[part][0] / shared[part] for part in phrase) / sum(1 / shared[part] for part in phrase)
        named = frozenset(word for like, word in (nearest[part] for part in phrase) if like)
        if (score, len(named)) > (best.score, len(best.words)):
            best = Found(product, round(score, 3), named)
    return best


def product_phrases(product: Product) -> list[frozenset[str]]:
    """What may name a product: its name with and without its proper name (the words all languages share), its words."""
    names = [frozenset(split_words(product.name.say(language))) for language in Language]
    proper = frozenset.intersection(*names)
    others = [
        frozenset(split_words(text))
        for group in (product.words.it, product.words.de, product.words.en)
        for text in group
    ]
    return [phrase for phrase in dict.fromkeys((*names, *(name - proper for name in names), *others)) if phrase]


@lru_cache(maxsize=4096)  # the names of the products come again with every sentence
def split_words(text: str) -> tuple[str, ...]:
    """Words without accents, case, hyphens, fillers and numbers."""
    plain = strip_accents(text)
    joined = re.sub(r"(?<=[a-z])-(?=[a-z])", "", plain)
    return tuple(word for word in re.findall(r"[a-z]+", joined) if len(word) > 2 and word not in FILLERS)


def strip_accents(text: str) -> str:
    return "".join(it for it in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(it))


def likeness(part: str, word: str) -> float:
    """1 for the same word, less for a typo, 0 for another word. Words must start alike: "taglia" is no maglia."""
    if part == word or part + "s" == word:
        return 1.0
    shortest = min(len(part), len(word))
    alike = 3 if shortest < 5 else 1
    if shortest < 4 or part[:alike] != word[:alike]:
        return 0.0
    matcher = SequenceMatcher(None, part, word, autojunk=False)
    if matcher.real_quick_ratio() < ALIKE:  # their lengths alone tell
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0.0


def find_size(product: Product, sentence: str) -> str | None:
    """The size a sentence names, as the product writes it; after "size" also one it is not made in.

    A single letter counts only after such a word, as a capital, or alone: the "l" of "l'ordine" is no size.
    """
    if not product.sizes:
        return None
    plain = strip_accents(sentence)
    known = {strip_accents(size): size for size in product.sizes}
    if match := re.search(rf"\b{SIZE_WORD}\.?\s*(?:e|la|is|ist)?\s*\b(x{{0,3}}[sml]|\d{{2,3}})\b(?!['’])", plain):
        return known.get(match[1], match[1].upper())
    if (match := re.fullmatch(r"\s*(?:[a-z]{1,4}\s+)?([a-z0-9]+)\s*[?!.]*\s*", plain)) and match[1] in known:
        return known[match[1]]
    for word, size in known.items():
        if word.isdigit() and re.search(
            rf"(?<![\d.,€£]){word}(?![\d.,]*\d|\s*(?:€|eur|%|kg|cm|pezz|stuck|pieces))", plain
        ):
            return size
        if not word.isdigit() and re.search(rf"(?<![\w'’]){re.escape(size)}(?![\w'’])", sentence):
            return size
    words = re.findall(r"[a-z]+", plain)
    return next((SPOKEN_SIZES[word] for word in words if SPOKEN_SIZES.get(word) in product.sizes), None)
