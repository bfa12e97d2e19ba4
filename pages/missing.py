"""What is shown where there is no page, and where one failed."""

from __future__ import annotations

import logging
from pathlib import Path

from nicegui import ui

from pages.frame import draw_frame
from pages.parts import link, put
from pages.room import VISIT
from pages.words import Words

log = logging.getLogger(__name__)
WORDS = Path(__file__).with_name("words.yml")


def show_missing() -> None:
    """404, in the frame of every page."""
    show("not_found", 404)


def show_failed(error: Exception) -> None:
    """500. What went wrong is for the log, not for the page."""
    log.error("a page failed", exc_info=error)
    show("failed", 500)


def show(what: str, status: int) -> None:
    visit, client = VISIT.get(), ui.context.client
    words = Words(visit.language, WORDS)
    client.status_code = status
    with draw_frame(client, visit, words, "", words(what)):
        put("p", words(f"{what}_why"))
        link(words("to_start"), "/", "button")
