"""Above the list: whether one is there, and whether news sound or show on the desktop (both off until switched on)."""

from __future__ import annotations

from dataclasses import dataclass, field

from nicegui.element import Element

from accounts.sessions import require_role
from core import clock
from inbox.agents import read_agents, set_away
from pages.page import Here
from pages.parts import icon, put
from pages.room import get_room


@dataclass
class Bell:
    """away belongs to the account; sound and notices to this browser, which remembers them."""

    here: Here
    away: bool = False
    switch: Element = field(init=False)

    async def draw(self) -> None:
        words, by = self.here.words, self.here.visitor.account_id
        async with get_room().sessions() as session:
            self.away = any(one.away for one in await read_agents(session) if one.id == by)
        with put("div", classes="bell", role="group", aria_label=words("bell")):
            self.switch = put("button", classes="switch", type="button", aria_pressed=str(self.away).lower())
            with self.switch:
                icon("coffee")
                put("span", words("away"))
            self.switch.props["title"] = words("away_explained")
            self.switch.on("click", self.turn, args=[])
            for name, symbol in (("sound", "volume_up"), ("notice", "notifications")):
                label = words(name)
                with put("button", classes="switch", type="button", aria_pressed="false", data_bell=name,
                         aria_label=label, title=label):  # fmt: skip
                    icon(symbol)

    async def turn(self) -> None:
        """Away gets nothing assigned; what one has stays one's own."""
        self.away = not self.away
        async with get_room().sessions.begin() as session:
            await require_role(session, self.here.visitor)
            await set_away(session, self.here.visitor.account_id, self.away, clock.now())
        self.switch.props["aria-pressed"] = str(self.away).lower()
        self.switch.update()
