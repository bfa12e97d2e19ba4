"""Lei and Sie: the texts of data/texts/formal laid over the responses of domain.yml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bot.paths import FORMAL

LANGUAGES = ("it", "de")  # English has one form of address
KEYS = {"text", "confused", "buttons", "label"}
VALUE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
Wording = dict[str, Any]  # one entry of a response, as Rasa reads it


class FormalTextError(ValueError):
    """A formal text does not fit its informal one; the message says which and what to do."""


def read_formal(project: Path) -> dict[str, dict[str, Any]]:
    """Language to response name to text. Raises FormalTextError where a file is missing or is not YAML."""
    texts = {}
    for language in LANGUAGES:
        file = project / FORMAL / f"{language}.yml"
        try:
            texts[language] = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except FileNotFoundError as error:
            raise FormalTextError(f"{FORMAL}/{file.name} is missing, and PRONTO_ADDRESS=formal needs it") from error
        except yaml.YAMLError as error:
            raise FormalTextError(f"{FORMAL}/{file.name} is not YAML: {error}") from error
    return texts


def address_formally(responses: dict[str, list[Wording]], texts: dict[str, dict[str, Any]]) -> dict[str, list[Wording]]:
    """The responses with every formal text in its place; those given stay as they are. Raises FormalTextError."""
    for language, own in texts.items():
        if unknown := sorted(own.keys() - responses.keys()):
            raise FormalTextError(f"{language}.yml: domain.yml has no {', '.join(unknown)}: correct or delete it")
    return {name: [word_formally(name, wording, texts) for wording in wordings] for name, wordings in responses.items()}


def word_formally(name: str, wording: Wording, texts: dict[str, dict[str, Any]]) -> Wording:
    """One wording with its formal text, titles and label, where there are any."""
    conditions = {one["name"]: one["value"] for one in wording.get("condition", [])}
    where = f"{conditions.get('language')}.yml: {name}"
    entry = texts.get(conditions.get("language", ""), {}).get(name)
    if entry is None:
        return wording
    entry = {"text": entry} if isinstance(entry, str) else entry
    if strange := sorted(entry.keys() - KEYS):
        raise FormalTextError(f"{where}: {', '.join(strange)} is not known here: use {', '.join(sorted(KEYS))}")
    text = entry.get("confused" if conditions.get("confused") else "text", wording["text"])
    if set(VALUE.findall(text)) != set(VALUE.findall(wording["text"])):
        raise FormalTextError(f"{where}: the values in braces are not those of domain.yml")
    worded = {**wording, "text": text}
    if titles := entry.get("buttons"):
        worded["buttons"] = name_buttons(where, wording.get("buttons", []), titles)
    if label := entry.get("label"):
        if "link" not in (wording.get("custom") or {}):
            raise FormalTextError(f"{where}: it has no link that a label could stand on")
        worded["custom"] = {**wording["custom"], "link": {**wording["custom"]["link"], "label": label}}
    return worded


def name_buttons(where: str, buttons: list[dict[str, str]], titles: list[str]) -> list[dict[str, str]]:
    """The same buttons in the same order under other titles."""
    if len(buttons) != len(titles):
        raise FormalTextError(f"{where}: it needs {len(buttons)} buttons, as in domain.yml")
    return [{**button, "title": title} for button, title in zip(buttons, titles, strict=True)]
