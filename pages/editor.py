"""A YAML editor in a page: in the light of its reader, with a name for screen readers and the wrong line marked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from difflib import unified_diff
from functools import partial

from nicegui import ui
from nicegui.element import Element

from core.types import Theme
from pages.page import Here
from pages.parts import button, put, say

PAUSE = 0.4  # seconds without a key before the text is checked
NAME_EDITOR = """
const wait = setInterval(() => {
  const box = document.querySelector('.cm-content');
  if (!box) return;
  clearInterval(wait);
  box.setAttribute('aria-label', %s);
  box.tabIndex = 0;
}, 50);
"""


class Editor:
    """One per page. check: looks at the text once nobody has written for a moment; an older look gives way to a newer.

    The page's words need: leave_editor, check_wrong (line, problem), go_to_line, no_difference.
    """

    def __init__(self, here: Here, content: str, label: str, check: Callable[[], Awaitable[None]]) -> None:
        self.here, self.check = here, check
        self.round = 0
        self.area = ui.codemirror(
            content, language="YAML", indent="  ", line_wrapping=True, on_change=lambda _: self.check_soon()
        ).classes("editor")
        dark = here.visitor.theme is Theme.DARK
        self.area.set_theme("githubDark" if dark else "githubLight")
        here.client.run_javascript(NAME_EDITOR % repr(label))
        put("p", here.words("leave_editor"), "quiet")
        self.verdict: Element = put("div", aria_live="polite")
        self.difference: Element | None = None

    @property
    def content(self) -> str:
        return self.area.value or ""

    def draw_difference(self, title: str) -> None:
        """A card to be unfolded, in which show_difference writes."""
        with put("section", classes="card"), put("details"):
            put("summary", title)
            self.difference = put("pre", classes="difference", tabindex="0", aria_label=title)

    def draw_version(
        self, body: Element, cells: Iterable[str], content: str, tag: str | None, take: str, taken: str
    ) -> None:
        """A row of a text there was or is. tag: said of the one that counts; take: puts it here, which says `taken`."""
        with body, put("tr"):
            for cell in cells:
                put("td", cell)
            with put("td"), put("div", classes="row"):
                if tag:
                    put("span", tag, "tag")
                button(take, partial(self.take, content, taken), "small")

    def take(self, content: str, taken: str) -> None:
        """Puts another text in the place of what stands there; it counts only once it is saved."""
        self.area.value = content
        say(taken, "info")

    async def start(self) -> None:
        """Everything is drawn: the first look at the text."""
        await self.here.client.connected()
        await self.follow_light()
        await self.check()

    async def follow_light(self) -> None:
        """Where the device decides, only the browser knows."""
        if self.here.visitor.theme is Theme.AUTO:
            dark = await self.here.client.run_javascript(
                "matchMedia('(prefers-color-scheme: dark)').matches", timeout=10
            )
            self.area.set_theme("githubDark" if dark else "githubLight")

    async def check_soon(self) -> None:
        self.round += 1
        mine = self.round
        await asyncio.sleep(PAUSE)
        if mine == self.round:
            await self.check()

    def begin(self) -> int:
        """The number of a check that begins now."""
        self.round += 1
        return self.round

    def show_good(self, told: str) -> None:
        self.verdict.clear()
        self.area.decorations = []
        with self.verdict:
            put("p", told, "good")

    def show_problem(self, line: int, problem: str) -> None:
        """Says what is wrong and marks its line."""
        words, lines = self.here.words, self.content.count("\n") + 1
        line = min(max(line, 1), lines)
        self.verdict.clear()
        with self.verdict, put("div", classes="problem"):
            put("p", words("check_wrong", line=line, problem=problem))
            button(words("go_to_line"), partial(self.area.reveal_line, line), "small")
        self.area.decorations = [{"kind": "line", "line": line, "class": "wrong-line"}]

    def show_difference(self, before: str) -> None:
        """What was changed in a text, as lines that came and went, in the card for it."""
        if self.difference is None:
            return
        lines = list(unified_diff(before.splitlines(), self.content.splitlines(), lineterm="", n=2))[2:]
        self.difference.clear()
        with self.difference:
            if not lines:
                put("span", self.here.words("no_difference"))
            for line in lines:
                kind = {"+": "added", "-": "removed"}.get(line[:1], "")
                put("span", line + "\n", kind)
