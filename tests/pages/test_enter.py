"""The doors: login, demo, invite, logout; cookies, foreign origins and what is told to strangers."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from accounts.audit import Actor
from accounts.invites import make_invite
from accounts.passwords import hash_password
from accounts.people import create_account
from core.settings import Settings
from core.tables import Account, AccountSession, AuditLog, LoginAttempt
from core.types import Language, Role
from pages.guard import cookie_name, set_cookie
from pages.live import Live
from pages.origin import is_own, tidy_path
from pages.room import Room, read_time
from pages.words import choose_language

EMAIL, PASSWORD = "nina@example.org", "tre pizze e un gatto"
SYSTEM = Actor(None, "pronto")
SCRIPT = {"Accept": "*/*"}  # what asks is no navigation


async def make_nina(session: AsyncSession) -> int:
    password_hash = await hash_password(PASSWORD)
    account_id = await create_account(session, EMAIL, "Nina", Role.MARKETER, password_hash, SYSTEM, read_time())
    await session.commit()
    return account_id


async def test_strangers_are_led_to_the_login_and_back(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await make_nina(session)
    answer = await client.get("/account?a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/account%3Fa%3D1")
    login = await client.get(answer.headers["location"])
    assert 'value="/account?a=1"' in login.text
    fields = {"email": EMAIL, "password": PASSWORD, "next": "/account?a=1"}
    answer = await client.post("/login", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?a=1")
    cookie = answer.headers["set-cookie"]
    assert re.match(r"pronto=[\w.-]+; HttpOnly; Max-Age=43200; Path=/; SameSite=lax", cookie)
    assert (await client.get("/account")).status_code == 200
    assert await session.scalar(select(AuditLog.deed).order_by(AuditLog.id.desc())) == "logged_in"


async def test_wrong_email_and_wrong_password_look_the_same(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await make_nina(session)
    wrong = await client.post("/login", data={"email": EMAIL, "password": "wrong"})
    unknown = await client.post("/login", data={"email": "nemo@example.org", "password": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(EMAIL, "") == unknown.text.replace("nemo@example.org", "")
    session.add_all(LoginAttempt(email=EMAIL, address="127.0.0.1", at=read_time()) for _ in range(4))
    await session.commit()
    locked = await client.post("/login", data={"email": EMAIL, "password": PASSWORD})
    assert locked.status_code == 429
    assert "quarter of an hour" in locked.text


async def test_what_comes_from_another_site_is_refused(client: httpx.AsyncClient, session: AsyncSession) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        for path in ("/login", "/logout", "/enter/admin"):
            answer = await client.post(path, headers={"Origin": origin})
            assert answer.status_code == 403
    socket = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    assert (await client.get(socket, headers=SCRIPT)).status_code == 401
    assert (await client.get(socket, headers={"Origin": "https://evil.example"})).status_code == 403
    assert await session.scalar(select(func.count(AccountSession.id))) == 0


async def test_logging_out_ends_the_session_in_the_store(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await client.post("/enter/agent")
    token = client.cookies["pronto"]
    answer = await client.post("/logout")
    assert answer.headers["location"] == "/login"
    assert await session.scalar(select(func.count(AccountSession.id))) == 0
    client.cookies.set("pronto", token)
    assert (await client.get("/account")).status_code == 303


async def test_every_login_brings_a_new_token_and_ends_the_old_one(
    client: httpx.AsyncClient, session: AsyncSession
) -> None:
    await client.post("/enter/agent")
    first = client.cookies["pronto"]
    await client.post("/enter/admin")
    assert client.cookies["pronto"] != first
    assert await session.scalar(select(func.count(AccountSession.id))) == 1


async def test_a_session_too_old_is_nobody(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await client.post("/enter/agent")
    await session.execute(update(AccountSession).values(seen_at=read_time() - timedelta(minutes=121)))
    await session.commit()
    assert (await client.get("/account")).status_code == 303
    assert (await client.get("/session", headers=SCRIPT)).status_code == 401


async def test_an_invite_becomes_an_account(client: httpx.AsyncClient, session: AsyncSession) -> None:
    token = await make_invite(session, EMAIL, Role.AGENT, SYSTEM, read_time())
    await session.commit()
    form = await client.get(f"/invite/{token}")
    assert EMAIL in form.text
    for password, again, why in (("short", "short", "Too short"), (PASSWORD, "else", "differ")):
        answer = await client.post(f"/invite/{token}", data={"name": "Nina", "password": password, "again": again})
        assert (answer.status_code, why in answer.text, 'value="Nina"' in answer.text) == (422, True, True)
    answer = await client.post(f"/invite/{token}", data={"name": "Nina", "password": PASSWORD, "again": PASSWORD})
    assert answer.status_code == 303
    assert "Nina" in (await client.get("/account")).text
    again = await client.get(f"/invite/{token}")
    assert (again.status_code, "used already" in again.text) == (404, True)
    assert (await session.scalars(select(Account.role))).all() == ["agent"]


async def test_pages_say_what_browsers_may_do(client: httpx.AsyncClient) -> None:
    for path in ("/login", "/account"):
        answer = await client.get(path, follow_redirects=False)
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self';" in (await client.get("/login")).headers["content-security-policy"]


async def test_machines_paths_are_no_pages(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.post("/healthz")).status_code == 405
    assert (await client.get("/api/none")).json() == {"detail": "Not Found"}
    assert (await client.get("/l/none")).status_code == 404
    assert (await client.get("/webhook")).status_code == 403


async def test_too_long_or_endless_forms_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/login", data={"email": "x" * 30_000})).status_code == 413

    async def endless() -> object:  # type: ignore[misc]
        yield b"email="

    assert (await client.post("/login", content=endless())).status_code == 413


@pytest.mark.parametrize(
    ("path", "tidy"),
    [("/score?a=b", "/score?a=b"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil", "/"),
     ("", "/"), ("/logout", "/"), ("/a\r\nb", "/")],
)  # fmt: skip
def test_after_the_login_nobody_is_led_elsewhere(path: str, tidy: str) -> None:
    assert tidy_path(path) == tidy


def test_only_our_own_pages_may_change_something() -> None:
    ours = "https://pronto.example"
    assert is_own({"origin": ours, "host": "10.0.0.1"}, ours), "behind a proxy that changes Host"
    assert is_own({"sec-fetch-site": "same-origin"}, ours)
    assert is_own({}, ours), "no browser, no cookie"
    assert not is_own({"origin": "https://evil.example", "host": "pronto.example"}, ours)
    assert not is_own({"sec-fetch-site": "same-site"}, ours)
    assert not is_own({"origin": "null"}, ours)


def test_behind_tls_the_cookie_is_bound_to_the_host(settings: Settings) -> None:
    room = Room(settings.model_copy(update={"public_url": "https://pronto.example"}), None, Live(""))  # type: ignore[arg-type]
    answer = Response()
    set_cookie(answer, room, "t")
    assert cookie_name(room) == "__Host-pronto"
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("header", "language"),
    [("de-AT,de;q=0.9,en;q=0.8", "de"), ("fr, en;q=0.5", "en"), ("en;q=0.2,it;q=0.9", "it"), ("", "it"), ("*", "it"),
     ("de;q=x", "de"), ("den", "it")],
)  # fmt: skip
def test_the_browsers_wish_decides_the_language(header: str, language: str) -> None:
    assert choose_language(header, Language.IT) == language
