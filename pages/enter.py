"""Logging in and out, accepting an invite: plain pages with plain forms, which need no JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from accounts.audit import Deed, note_deed
from accounts.demo import ACCOUNTS, enter_demo
from accounts.invites import accept_invite, find_invite
from accounts.login import LockedError, LoginError, log_in
from accounts.passwords import LONGEST, SHORTEST, PasswordError, check_password, hash_password
from accounts.people import AccountError
from accounts.sessions import end_sessions, open_account_session
from core.tables import Invite
from pages.guard import set_cookie
from pages.look import look_url
from pages.origin import PLAIN_POLICY, tidy_path
from pages.places import places_for
from pages.room import VISIT, Room, get_room, read_time
from pages.words import Words

router = APIRouter(include_in_schema=False)
FOLDER = Path(__file__).parent
TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER / "plain"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
MAX_FORM = 20_000


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a small form."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 9 and int(length) <= MAX_FORM):
        raise HTTPException(413, "too large")
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1].replace("\x00", "") for name, values in fields.items()}


type Form = Annotated[dict[str, str], Depends(read_form)]


@dataclass(frozen=True)
class Talk:
    """The words for whoever asks, and the page they are put on."""

    words: Words
    room: Room

    def show(self, template: str, title: str, status: int = 200, **values: object) -> HTMLResponse:
        given = {"problem": "", "words": self.words, "title": self.words(title), "theme": VISIT.get().theme.value}
        given |= {"look_url": look_url, "demo": self.room.settings.demo, "demo_accounts": ACCOUNTS}
        page = TEMPLATES.get_template(f"{template}.html").render(**(given | values))
        return HTMLResponse(page, status, headers={"Content-Security-Policy": PLAIN_POLICY})


def read_talk() -> Talk:
    return Talk(Words(VISIT.get().language, FOLDER / "words.yml"), get_room())


type OurTalk = Annotated[Talk, Depends(read_talk)]


@router.get("/login")
async def show_login(talk: OurTalk, next: str = "/") -> Response:
    if VISIT.get().visitor is not None:
        return RedirectResponse(tidy_path(next), 303)
    return talk.show("login", "log_in", next=tidy_path(next), email="")


@router.post("/login")
async def take_login(request: Request, form: Form, talk: OurTalk) -> Response:
    email, wanted = form.get("email", "")[:320], tidy_path(form.get("next", "/"))
    room = talk.room
    try:
        account_id = await log_in(
            room.sessions, email, form.get("password", "")[:1000], VISIT.get().address, read_time()
        )
    except LoginError as error:
        locked = isinstance(error, LockedError)
        problem = talk.words("locked" if locked else "wrong")
        status = 429 if locked else 401
        return talk.show("login", "log_in", status, next=wanted, email=email, problem=problem)
    return await let_in(request, room, account_id, wanted)


@router.post("/enter/{key}")
async def take_demo(request: Request, key: str, form: Form, talk: OurTalk) -> Response:
    """One click into the demo, and only there."""
    try:
        if not talk.room.settings.demo:
            raise LookupError("this is not the demo")
        async with talk.room.sessions.begin() as session:
            account_id = await enter_demo(session, key, read_time())
    except LookupError as error:
        raise HTTPException(404) from error
    return await let_in(request, talk.room, account_id, tidy_path(form.get("next", "/")))


async def let_in(request: Request, room: Room, account_id: int, wanted: str) -> Response:
    """A new session, always with a new token; whoever was logged in here before is logged out."""
    before = VISIT.get().visitor
    async with room.sessions.begin() as session:
        if before is not None:
            await end_sessions(session, before.account_id, only=before.session_id)
        browser = request.headers.get("user-agent", "")
        token = await open_account_session(
            session, account_id, room.secret, VISIT.get().address, browser, read_time(), room.lifetime
        )
    answer = RedirectResponse(wanted, 303)
    set_cookie(answer, room, token)
    return answer


@router.post("/logout")
async def take_logout(talk: OurTalk) -> Response:
    visitor = VISIT.get().visitor
    if visitor is not None:
        async with talk.room.sessions.begin() as session:
            await end_sessions(session, visitor.account_id, only=visitor.session_id)
            await note_deed(session, visitor.actor, Deed.LOGGED_OUT, read_time())
    answer = RedirectResponse("/login", 303)
    set_cookie(answer, talk.room, "")
    return answer


@router.get("/invite/{token}")
async def show_invite(token: str, talk: OurTalk) -> Response:
    async with talk.room.sessions() as session:
        invite = await find_invite(session, token, read_time())
    return show_invite_form(talk, invite) if invite else show_no_invite(talk)


@router.post("/invite/{token}")
async def take_invite(token: str, request: Request, form: Form, talk: OurTalk) -> Response:
    name, password = form.get("name", "").strip()[:80], form.get("password", "")
    async with talk.room.sessions() as session:
        invite = await find_invite(session, token, read_time())
        if invite is None:
            return show_no_invite(talk)
        try:
            check_password(password, invite.email)
        except PasswordError as error:
            return show_invite_form(talk, invite, name, talk.words(f"password_{error}", shortest=SHORTEST))
        if password != form.get("again"):
            return show_invite_form(talk, invite, name, talk.words("password_differs"))
        try:
            account_id = await accept_invite(session, invite, name, await hash_password(password), read_time())
        except AccountError:
            return show_no_invite(talk)
        await session.commit()
    return await let_in(request, talk.room, account_id, "/")


def show_invite_form(talk: Talk, invite: Invite, name: str = "", problem: str = "") -> Response:
    new = invite.account_id is None
    given = {"email": invite.email, "role": invite.role, "new": new, "name": name, "problem": problem}
    given |= {"shortest": SHORTEST, "longest": LONGEST}
    return talk.show("invite", "welcome" if new else "new_password", 422 if problem else 200, **given)


def show_no_invite(talk: Talk) -> Response:
    return talk.show("message", "invite_gone", 404, message=talk.words("invite_gone_why"))


@router.get("/")
async def show_start() -> Response:
    """Everybody's first page: the first in their navigation."""
    visitor = VISIT.get().visitor
    places = places_for(visitor.role) if visitor else []
    return RedirectResponse(places[0].path if places else "/account", 303)
