"""Texts people write into YAML files: one per language, and another where Lei and Sie need other words."""

from __future__ import annotations

from collections.abc import Mapping

from core.types import AddressForm

FORMAL_KEYS = {"it_formal": "it", "de_formal": "de"}  # English has one form of address


def choose_edition[T](texts: Mapping[str, T], address: AddressForm) -> dict[str, T]:
    """Language to text: with formal address it_formal and de_formal stand in for it and de, where they are."""
    chosen = {language: text for language, text in texts.items() if language not in FORMAL_KEYS}
    if address is AddressForm.FORMAL:
        chosen |= {language: texts[key] for key, language in FORMAL_KEYS.items() if texts.get(key)}
    return chosen
