"""My account: name, language, light or dark, password, and where I am logged in."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from accounts.audit import Deed, note_deed
from accounts.login import LockedError, LoginError, log_in
from accounts.passwords import LONGEST, SHORTEST, PasswordError, check_password, hash_password
from accounts.people import set_password, set_wishes
from accounts.sessions import end_sessions, list_sessions, require_role
from core.types import Language, Theme
from pages.page import Here, page
from pages.parts import button, form, form_choice, form_field, put, say, table
from pages.room import VISIT, get_room, read_time
from pages.times import write_moment

NAMES = {Language.IT: "Italiano", Language.DE: "Deutsch", Language.EN: "English"}


@page("/account", title="my_account")
async def show_account(here: Here) -> None:
    with put("div", classes="cards"):
        draw_wishes(here)
        draw_password(here)
    await draw_browsers(here)


def draw_wishes(here: Here) -> None:
    words, visitor = here.words, here.visitor

    async def save(fields: dict[str, str]) -> None:
        language = Language(fields["language"]) if fields["language"] else None
        async with get_room().sessions.begin() as session:
            await require_role(session, visitor)
            await set_wishes(session, visitor.account_id, fields["name"], language, Theme(fields["theme"]))
        ui.navigate.to("/account")

    with put("section", classes="card"):
        put("h2", words("looks"))
        with form(save):
            form_field(words("name"), "name", value=visitor.name, required=True, maxlength="80", autocomplete="name")
            languages = {"": words("language_browser")} | {one.value: NAMES[one] for one in Language}
            form_choice(words("language"), "language", languages, visitor.language or "")
            themes = {theme.value: words(f"theme_{theme}") for theme in Theme}
            form_choice(words("theme"), "theme", themes, visitor.theme)
            put("button", words("save"), "button main", type="submit")


def draw_password(here: Here) -> None:
    words, visitor, address = here.words, here.visitor, VISIT.get().address

    async def change(fields: dict[str, str]) -> None:
        problem = await change_password(here, fields, address)
        if problem:
            say(problem, "negative")
        else:
            say(words("password_changed"))
            ui.navigate.to("/account")

    with put("section", classes="card"):
        put("h2", words("change_password"))
        if get_room().settings.demo and visitor.email.startswith("demo-"):
            put("p", words("demo_no_password"), "quiet")
            return
        with form(change):
            put("input", type="hidden", value=visitor.email, autocomplete="username")
            form_field(words("old_password"), "old", "password", required=True, autocomplete="current-password")
            form_field(words("new_password"), "new", "password", required=True, autocomplete="new-password",
                       minlength=str(SHORTEST), maxlength=str(LONGEST))  # fmt: skip
            put("p", words("password_advice", shortest=SHORTEST), "quiet")
            form_field(words("password_again"), "again", "password", required=True, autocomplete="new-password")
            put("button", words("change_password"), "button main", type="submit")


async def change_password(here: Here, fields: dict[str, str], address: str) -> str:
    """Sets a new password if the old one is right (tries are counted as at the login); what is wrong, or nothing."""
    words, visitor, room = here.words, here.visitor, get_room()
    try:
        check_password(fields["new"], visitor.email)
        if fields["new"] != fields["again"]:
            return words("password_differs")
        await log_in(room.sessions, visitor.email, fields["old"][:1000], address, read_time())
    except PasswordError as error:
        return words(f"password_{error}", shortest=SHORTEST)
    except LockedError:
        return words("locked")
    except LoginError:
        return words("old_wrong")
    new_hash = await hash_password(fields["new"])
    async with room.sessions.begin() as session:
        await require_role(session, visitor)
        await set_password(session, visitor.account_id, new_hash, visitor.actor, read_time(), keep=visitor.session_id)
    return ""


async def draw_browsers(here: Here) -> None:
    words, visitor, room = here.words, here.visitor, get_room()

    async def end(only: int | None = None, but: int | None = None) -> None:
        async with room.sessions.begin() as session:
            await end_sessions(session, visitor.account_id, only=only, but=but)
            deed = Deed.LOGGED_OUT if only else Deed.LOGGED_OUT_EVERYWHERE
            await note_deed(session, visitor.actor, deed, read_time())
        ui.navigate.to("/account")

    async with room.sessions() as session:
        rows = await list_sessions(session, visitor.account_id, read_time())
    with put("section", classes="card"):
        put("h2", words("browsers"))
        headings = [words(name) for name in ("browser", "address", "since", "last_seen", "actions")]
        body, _ = table(headings, words("browsers"))
        for row in rows:
            with body, put("tr"):
                put("td", name_browser(row.browser))
                put("td", row.address)
                put("td", write_moment(row.created_at, here.language, room.settings.timezone))
                put("td", write_moment(row.seen_at, here.language, room.settings.timezone))
                with put("td"):
                    if row.id == visitor.session_id:
                        put("span", words("this_browser"), "tag")
                    else:
                        button(words("log_out_there"), partial(end, row.id), "small")
        with put("div", classes="row"):
            button(words("log_out_others"), lambda: end(but=visitor.session_id))
            button(words("log_out_everywhere"), end, "danger")


def name_browser(agent: str) -> str:
    """The name people know, from what a browser says of itself; where they write the same, the rarer comes first."""
    browsers = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip
    found = [next((name for sign, name in names if sign in agent), "") for names in (browsers, systems)]
    return " · ".join(name for name in found if name) or agent[:60] or "?"
