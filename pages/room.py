"""What pages work with while the web app runs: settings, sessions, news; and who visits a page."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.sessions import Lifetime, Visitor
from core.db import Sessions
from core.settings import Settings
from core.types import Language, Theme
from pages.live import Live


@dataclass(frozen=True)
class Visit:
    """One request: who makes it (None: nobody logged in), in which language, from where."""

    visitor: Visitor | None
    language: Language
    address: str

    @property
    def theme(self) -> Theme:
        return self.visitor.theme if self.visitor else Theme.AUTO


@dataclass(frozen=True)
class Room:
    """The one web app of this process."""

    settings: Settings
    sessions: Sessions
    live: Live

    @property
    def secret(self) -> str:
        return self.settings.secret_key.get_secret_value()

    @property
    def lifetime(self) -> Lifetime:
        return Lifetime(
            idle=timedelta(minutes=self.settings.login_idle_minutes), whole=timedelta(hours=self.settings.login_hours)
        )


VISIT: ContextVar[Visit] = ContextVar("visit")
_rooms: list[Room] = []  # NiceGUI's app is one per process, so is this


def open_room(room: Room) -> None:
    _rooms[:] = [room]


def get_room() -> Room:
    return _rooms[0]


def read_time() -> datetime:
    """The wall clock. Logins follow it and not the demo's clock, which would log everybody out when it is moved."""
    return datetime.now(UTC)
