"""What the buttons of the inbox do, by name: they are drawn anew while people click, and no click may be lost.

The browser tells the page which name was clicked; the element it was clicked on may be gone by the time that comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from nicegui.element import Element

from pages.parts import icon, put

type Act = Callable[[], Awaitable[None] | None]


@dataclass
class Acts:
    """What can be done in one browser now. parts: a part of the page to the names of its acts, and keys for them."""

    parts: dict[str, dict[str, Act]] = field(default_factory=dict)

    def begin(self, part: str) -> None:
        """This part is drawn anew: what could be done there is over."""
        self.parts[part] = {}

    def put_button(
        self, part: str, of: str, name: str, act: Act, classes: str, symbol: str = "", text: str = "", label: str = "",
        key: str = "",
    ) -> Element:  # fmt: skip
        """A button with an icon, a text or both. of: the token of the conversation it is about."""
        self.parts[part][name] = act
        if key:
            self.parts[part][f"key:{key}"] = act
        named = {"aria_label": label or None, "title": label or (f"{text} ({key})" if key else None)}
        made = put("button", classes=classes, type="button", data_deed=name, data_of=of, data_key=key or None, **named)
        with made:
            if symbol:
                icon(symbol)
            if text:
                put("span", text)
        return made

    def find(self, name: str) -> Act | None:
        """None: it cannot be done any more."""
        return next((acts[name] for acts in self.parts.values() if name in acts), None)
