"""Whether WhatsApp would take our templates: its rules of length, values, buttons and categories.

Sources: Meta's pages "Template components", "Template categorization" and the errors 2388xxx of creating templates.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from campaigns.templates.definitions import (
    FOLDER,
    FORMAL_SUFFIX,
    PLACEHOLDER,
    STOP_PAYLOAD,
    Definition,
    Wording,
    load_samples,
    read_files,
)
from campaigns.templates.meta import fill_samples
from core.texts import FORMAL_KEYS
from core.types import Purpose, TemplateKind
from offers.yaml_file import Document, FileError

NAME = re.compile(r"[a-z0-9_]{1,500}")
ENDS = re.compile(r"^\s*\{\{\w+\}\}|\{\{\w+\}\}[\s.!?]*$")  # 2388299; a full stop behind it does not help
BRACES = re.compile(r"\{\{|\}\}")
LOWER = re.compile(r"[a-z][a-z0-9_]*")
WORD = re.compile(r"\w+(?:['’-]\w+)*")
UGLY = re.compile(r"\t| {5,}|\n{3,}")
FOREIGN = re.compile(r"wa\.me|bit\.ly|tinyurl\.|goo\.gl", re.I)
MOST_TEXT, MOST_BUTTONS = 1024, 10
# What makes reviewers see an advert: a template with it is not UTILITY.
PROMOTION = re.compile(
    r"\b(sconto|scontat\w+|promozion\w*|offerta speciale|buono sconto|rabatt\w*|gutschein\w*|sonderangebot\w*|"
    r"angebotspreis\w*|discount\w*|coupon\w*|voucher\w*|special offer|promo)\b",
    re.I,
)
SAME = {"full_name": "name"}  # formal texts address by the whole name


def check_templates(proposals: Collection[str], folder: Path = FOLDER) -> list[FileError]:
    """Everything WhatsApp or we would stumble over, each with file and line. proposals: the conversations there are."""
    try:
        samples = load_samples(folder)
        files = list(read_files(folder))
    except FileError as error:
        return [error]
    problems = []
    for document, definitions in files:
        for name, definition in definitions.items():
            problems += [document.error((name,), words) for words in check_name(name, definition)]
            problems += check_fields(document, name, definition, proposals)
            for key, wording in definition.texts.items():
                problems += check_wording(document, name, key, definition, samples)
                problems += check_buttons(document, name, key, wording, definition)
    return problems


def check_name(name: str, definition: Definition) -> Iterator[str]:
    if not NAME.fullmatch(name):
        yield "write the name in small letters, digits and underscores only"
    if name.endswith(FORMAL_SUFFIX):
        yield f"{FORMAL_SUFFIX} is put behind the names of formal texts by itself: choose another name"


def check_fields(
    document: Document, name: str, definition: Definition, proposals: Collection[str]
) -> Iterator[FileError]:
    """What concerns all languages: proposal, contract, link, category."""
    if definition.proposal and definition.proposal not in proposals:
        known = ", ".join(proposals)
        yield document.error((name, "proposal"), f"there is no conversation {definition.proposal!r}: use {known}")
    names = {one for wording in definition.texts.values() for one in wording.parameters()}
    if ("days" in names) and not definition.contract:
        yield document.error((name,), "{{days}} needs `contract`: the days until which contract ends")
    linked = [key for key, wording in definition.texts.items() if wording.link]
    if linked and (not definition.link or len(linked) < len(definition.texts)):
        yield document.error((name,), "a link needs `link` with the value it leads to, and a button in every text")
    if definition.link and not linked:
        yield document.error((name, "link"), "no text has a button for it: write link: with a title into each")
    if definition.kind is TemplateKind.OFFER and definition.category == "UTILITY":
        yield document.error((name, "purpose"), "WhatsApp counts every offer as marketing: write purpose: marketing")


def check_wording(
    document: Document, name: str, key: str, definition: Definition, samples: dict[str, dict[str, str]]
) -> Iterator[FileError]:
    """One text: its values, its length, and what WhatsApp refuses in it."""
    wording, place = definition.texts[key], (name, "texts", key, "body")
    body, values = wording.body, wording.parameters()
    if len(BRACES.findall(body)) != 2 * len(PLACEHOLDER.findall(body)):
        yield document.error(place, "a value is written like {{name}}: look for a brace too many or too few")
        return
    if ENDS.search(body):
        yield document.error(place, "WhatsApp takes no value at the beginning or the end: put words around it")
    if wrong := [one for one in values if not LOWER.fullmatch(one)]:
        yield document.error(place, f"{{{{{wrong[0]}}}}}: WhatsApp takes small letters, digits and underscores only")
    if strange := {SAME.get(one, one) for one in values} ^ {SAME.get(one, one) for one in reference(definition)}:
        yield document.error(place, f"{{{{{min(strange)}}}}} stands in one language only: use the same values")
    if unknown := [one for one in values if one not in samples]:
        yield document.error(place, f"{{{{{unknown[0]}}}}} has no example: add it to samples.yml")
        return
    count = len(PLACEHOLDER.findall(body))
    if len(WORD.findall(PLACEHOLDER.sub(" ", body))) < 2 * count + 1:
        yield document.error(place, f"too few words for {count} values: WhatsApp wants more text around them")
    if len(fill_samples(wording, FORMAL_KEYS.get(key, key), samples)) > MOST_TEXT:
        yield document.error(place, f"with its examples it has more than {MOST_TEXT} characters: shorten it")
    if UGLY.search(body):
        yield document.error(place, "WhatsApp takes no tabs, no five spaces and no two empty lines in a row")
    if FOREIGN.search(body):
        yield document.error(place, "WhatsApp refuses shortened links and wa.me: use `link`")
    if definition.purpose is Purpose.SERVICE and (found := PROMOTION.search(body)):
        yield document.error(
            place, f"{found[0]!r} makes it marketing for WhatsApp: leave it out, or purpose: marketing"
        )


def reference(definition: Definition) -> list[str]:
    """The values of the first language, which the others have too."""
    return next(iter(definition.texts.values())).parameters()


def check_buttons(
    document: Document, name: str, key: str, wording: Wording, definition: Definition
) -> Iterator[FileError]:
    """Number and titles of what can be tapped."""
    place = (name, "texts", key, "buttons")
    titles = [button.title for button in wording.buttons] + ([wording.link] if wording.link else [])
    most = MOST_BUTTONS - (definition.category == "MARKETING")  # one is for the way out
    if len(titles) > most:
        yield document.error(place, f"{len(titles)} buttons are too many: {most} are the most")
    if len(set(titles)) < len(titles):
        yield document.error(place, "two buttons have the same title")
    for title in titles:
        if "{{" in title or "\n" in title:
            yield document.error(place, f"{title!r}: a title holds no value and no line break")
    if any(button.payload == STOP_PAYLOAD for button in wording.buttons) and definition.category == "MARKETING":
        yield document.error(place, "the way out of marketing is added by itself: delete this button")
