"""The audit log, newest first. For admins."""

from __future__ import annotations

from accounts.audit import read_deeds
from core.tables import AuditLog
from core.types import Role
from pages.page import Here, page
from pages.parts import button, field, put, table
from pages.places import Entry
from pages.room import get_room
from pages.times import write_moment

LINES = 50


@page("/audit", title="audit", roles=(Role.ADMIN,), entry=Entry("history", 90, "a"))
async def show_audit(here: Here) -> None:
    words, room = here.words, get_room()
    put("p", words("audit_intro"), "quiet")
    shown: dict[str, str] = {"who": ""}

    async def search(who: str) -> None:
        shown["who"] = who
        body.clear()
        await add_lines(None)

    async def add_lines(before_id: int | None) -> None:
        async with room.sessions() as session:
            lines = await read_deeds(session, LINES + 1, before_id, shown["who"])
        older.clear()
        with body:
            for line in lines[:LINES]:
                draw_line(here, line)
            if not lines and before_id is None:
                with put("tr"):
                    put("td", words("nothing"), colspan="4")
        if len(lines) > LINES:
            with older:
                button(words("older"), lambda: add_lines(lines[LINES - 1].id))

    with put("section", classes="card"):
        with put("div", classes="row"):
            field(words("search_who"), search, kind="search", at_once=True)
        body, _ = table([words(name) for name in ("when", "who", "what", "about")], words("audit"))
        older = put("div", classes="row")
    await add_lines(None)


def draw_line(here: Here, line: AuditLog) -> None:
    words = here.words
    with put("tr"):
        put("td", write_moment(line.at, here.language, get_room().settings.timezone))
        put("td", line.who)
        put("td", words(f"deed_{line.deed}"))
        put("td", say_about(here, line))


def say_about(here: Here, line: AuditLog) -> str:
    """Whom or what a line is about: the subject, a role before and after, a note."""
    words, data = here.words, line.data
    roles = [words(f"role_{data[name]}") for name in ("before", "role") if data.get(name)]
    parts = [line.subject or "", " → ".join(roles), str(data.get("note") or "")]
    return " · ".join(part for part in parts if part)
