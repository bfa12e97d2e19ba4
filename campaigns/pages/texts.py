"""What the messages of a journey say, with examples for what is filled in, and whether WhatsApp lets them through."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.journeys.steps import Send
from campaigns.templates.definitions import FOLDER, PLACEHOLDER, load_samples, load_templates
from core.types import Language
from pages.parts import put
from pages.room import get_room
from pages.words import Words


def draw_texts(words: Words, sends: Mapping[str, Send]) -> None:
    """One after the other, in the reader's language, behind a line to open."""
    if not sends:
        return
    known = load_templates(get_room().settings.address)
    with put("details"):
        put("summary", words("message_texts"))
        put("p", words("texts_where"), "quiet")
        for step, send in sends.items():
            for name in dict.fromkeys(send.list_templates()):
                if name not in known:
                    continue
                wording = known[name].texts[words.language]
                put("h3", f"{step}: {name}")
                put("p", read_text(name, words.language), "message-text")
                options = [button.title for button in wording.buttons] + ([wording.link] if wording.link else [])
                put("p", " · ".join(options), "quiet")


def read_text(name: str, language: Language) -> str:
    """A message with examples for what is filled in; its name where there is none of it."""
    known, samples = load_templates(get_room().settings.address), load_samples(FOLDER)
    if name not in known:
        return name
    body = known[name].texts[language].body
    return PLACEHOLDER.sub(lambda found: samples.get(found[1], {}).get(language, found[0]), body)
