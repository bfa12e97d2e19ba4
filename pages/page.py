"""One page: who may see it, its place in the navigation, and who looks at it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.client import Client
from nicegui.language import Language as QuasarLanguage

from accounts.sessions import Visitor
from core.types import Language, Role, Theme
from pages.frame import Keys, draw_frame
from pages.live import PAUSE, Reader, Wants
from pages.parts import put
from pages.places import Entry, Place, add_place
from pages.room import VISIT, get_room
from pages.watch import watch_page
from pages.words import Words

WORDS = Path(__file__).with_name("words.yml")
QUASAR: dict[Language, QuasarLanguage] = {Language.IT: "it", Language.DE: "de", Language.EN: "en-US"}
EVERYBODY = (Role.AGENT, Role.MARKETER, Role.ADMIN)
DARK = {Theme.AUTO: None, Theme.LIGHT: False, Theme.DARK: True}


@dataclass(frozen=True)
class Here:
    """What a page knows about who looks at it."""

    visitor: Visitor
    words: Words
    client: Client

    @property
    def language(self) -> Language:
        return self.words.language

    def read_news(self, channel: str, reader: Reader, wants: Wants | None = None, pause: float = PAUSE) -> None:
        """Calls reader, inside this page, with what comes on a channel while the page is open.

        wants: whether the page cares for a payload; pause: seconds of rest after each call.
        """
        content = self.client.content

        async def read_inside(payloads: frozenset[str]) -> None:
            with content:
                await reader(payloads)

        self.client.on_delete(get_room().live.subscribe(channel, read_inside, wants, pause))


type Draw = Callable[..., Awaitable[None]]


class LivePage(ui.page):
    """NiceGUI's page in the language and light of whoever asks for it."""

    def resolve_language(self) -> QuasarLanguage:
        return QUASAR[VISIT.get().language]

    def resolve_dark(self) -> bool | None:
        return DARK[VISIT.get().theme]


def page(
    path: str,
    title: str,
    words: Path = WORDS,
    roles: tuple[Role, ...] = EVERYBODY,
    entry: Entry | None = None,
    keys: Keys = (),
) -> Callable[[Draw], Draw]:
    """Makes an async function a page. title: a name in words; with an entry the page is in the navigation.

    keys: the page's own shortcuts, told in the list behind ?.

    The function is given `here: Here`, and what else it names from the path and the query.
    """
    if entry is not None:
        add_place(Place(path, title, words, roles, entry))

    def register(draw: Draw) -> Draw:
        async def show(**values: Any) -> None:
            visit, client = VISIT.get(), ui.context.client
            own = Words(visit.language, WORDS, words)
            if visit.visitor is None:  # the guard lets nobody through who is not logged in
                raise LookupError("a page without a visitor")
            here = Here(visit.visitor, own, client)
            allowed = visit.visitor.role in roles
            watch_page(client, visit.visitor)
            heading = own(title) if allowed else own("not_allowed")
            with draw_frame(client, visit, own, client.request.url.path, heading, keys if allowed else ()):
                if allowed:
                    await draw(here=here, **values)
                else:
                    client.status_code = 403
                    put("p", own("not_allowed_why", role=own(f"role_{visit.visitor.role}")))

        signature = inspect.signature(draw, eval_str=True)
        asked = [one for name, one in signature.parameters.items() if name != "here"]
        show.__signature__ = signature.replace(parameters=asked, return_annotation=None)  # type: ignore[attr-defined]
        LivePage(path, title="Pronto", reconnect_timeout=10, response_timeout=20)(show)
        return draw

    return register
