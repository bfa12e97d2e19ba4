"""The agents' inbox: who waits on the left, the conversation in the middle, what is known on the right."""

from __future__ import annotations

import asyncio

from nicegui import ui
from nicegui.events import GenericEventArguments

from core import clock
from inbox.agents import note_presence
from inbox.pages.acts import Acts
from inbox.pages.board import SETTLE
from inbox.pages.chat import Chat
from inbox.pages.panel import Panel
from inbox.pages.parts import WORDS
from inbox.pages.queue import QueueList, choose_view
from inbox.pages.teach import Teach
from pages.look import look_url
from pages.page import Here, page
from pages.parts import put, say
from pages.places import Entry
from pages.room import get_room

CARD_PAUSE = 1.0  # seconds
KEYS = (
    ("j", "key_next"), ("k", "key_previous"), ("r", "key_reply"), ("n", "key_note"), ("t", "take"), ("p", "pass_on"),
    ("w", "wait"), ("z", "snooze"), ("c", "close_chat"), ("i", "key_panel"), ("m", "misunderstood"),
    ("l", "translate"), ("Enter", "key_send"), ("Shift Enter", "key_line"), ("Esc", "key_back"),
)  # fmt: skip


@page("/inbox", title="inbox", words=WORDS, entry=Entry("inbox", 10, "i"), keys=KEYS)
async def show_inbox(here: Here, chat: str = "", view: str = "", search: str = "") -> None:
    scripts = "".join(f'<script src="{look_url(name)}" defer></script>' for name in ("inbox.js", "clicks.js"))
    ui.add_head_html(f'<link rel="stylesheet" href="{look_url("inbox.css")}">{scripts}')
    await Inbox(here, view, search[:200]).draw(chat[:80])


class Inbox:
    """The page in one browser. Its three columns are drawn apart, so that what an agent writes is never disturbed."""

    def __init__(self, here: Here, view: str, search: str) -> None:
        self.here = here
        self.queue = QueueList(here, choose_view(view), search)
        self.acts = Acts()
        self.chat = Chat(here, self.acts, self.redraw)
        self.panel = Panel(here, self.acts)
        self.teach = Teach(here, self.chat.refresh)

    async def draw(self, token: str) -> None:
        words, now = self.here.words, clock.now()
        shows = "chat" if token else "list"
        with put("div", classes="inbox", data_shows=shows, data_now=f"{now.timestamp():.3f}"):
            with put("section", classes="queue", aria_label=words("queue")):
                await self.queue.draw()
            with put("section", classes="chat", aria_label=words("conversation")):
                self.chat.place()
            with put("aside", classes="panel", aria_label=words("panel")):
                self.panel.place()
        on = self.here.client.layout.on
        on("inbox-choose", self.hear_choice)
        on("inbox-send", self.hear_reply)
        on("inbox-typing", lambda _: self.chat.note_typing(), throttle=2)
        on("inbox-deed", self.hear_deed)
        on("inbox-teach", lambda event: self.teach.ask(self.chat.row, read_id(event)))
        on("inbox-translate", lambda event: self.chat.translate(read_id(event)))
        on("inbox-problem", lambda event: say(str(event.args)[:400], "warning"))
        on("inbox-visible", lambda event: self.chat.turn(event.args is True))
        on("inbox-look", lambda _: self.redraw())
        on("pronto-active", lambda _: self.note_presence(), args=[])
        self.here.read_news("contact", self.hear_news, self.is_open, SETTLE)
        self.here.read_news("contact", self.hear_card, self.is_open, CARD_PAUSE)
        await self.note_presence()
        await self.choose(token)
        await self.chat.composer.tell_people()

    async def note_presence(self) -> None:
        """Who has the inbox open and does something can be given handoffs."""
        async with get_room().sessions.begin() as session:
            await note_presence(session, self.here.visitor.account_id, clock.now())

    async def hear_choice(self, event: GenericEventArguments) -> None:
        await self.choose(str(event.args)[:80])

    async def hear_reply(self, event: GenericEventArguments) -> None:
        given = event.args if isinstance(event.args, dict) else {}
        await self.chat.hear_reply({name: str(value) for name, value in given.items()})

    async def hear_deed(self, event: GenericEventArguments) -> None:
        """Does what was clicked or pressed, unless it was meant for another conversation or makes no sense any more."""
        given = event.args if isinstance(event.args, dict) else {}
        act = await self.chat.find_act(str(given.get("token")), str(given.get("name")))
        with self.here.client.content:
            if isinstance(act, str):
                say(self.here.words(act), "warning")
            elif (doing := act()) is not None:
                await doing

    async def choose(self, token: str) -> None:
        """Opens a conversation, or none."""
        await self.chat.open(token)
        await self.panel.show(self.chat.row)

    async def redraw(self) -> None:
        """After a deed: everything may look different."""
        await self.chat.refresh()
        await self.panel.show(self.chat.row)
        await self.queue.refresh()

    def is_open(self, contact_id: str) -> bool:
        return self.chat.row is not None and contact_id == str(self.chat.row.contact_id)

    async def hear_news(self, _: frozenset[str]) -> None:
        await self.chat.refresh()

    async def hear_card(self, _: frozenset[str]) -> None:
        """The card follows when the message is drawn: it is read at leisure."""
        await asyncio.sleep(CARD_PAUSE)
        await self.panel.show(self.chat.row)


def read_id(event: GenericEventArguments) -> int:
    """The message a button of the page stands on; 0 where somebody sent something else."""
    return int(event.args) if str(event.args).isdigit() and len(str(event.args)) < 19 else 0
