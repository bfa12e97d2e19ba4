"""The people who work with Pronto: roles, invites by link, leaving. For admins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from nicegui.element import Element
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.invites import list_invites, make_invite, make_password_link, withdraw_invite
from accounts.people import AccountError, change_role, deactivate_account, list_accounts, reactivate_account
from accounts.sessions import require_role
from core.tables import Account, Invite
from core.types import Role
from pages.page import Here, page
from pages.parts import button, form, form_choice, form_field, link, put, say, table
from pages.places import Entry
from pages.room import get_room, read_time
from pages.times import write_moment

type Deed = Callable[[AsyncSession], Awaitable[str | None]]


@page("/people", title="people", roles=(Role.ADMIN,), entry=Entry("group", 80, "p"))
async def show_people(here: Here) -> None:
    page = PeoplePage(here)
    page.draw_invite_form()
    page.link_place = put("div", aria_live="polite")
    page.lists = put("div")
    await page.draw_lists()


class PeoplePage:
    """The page in one browser. link_place: where a new link is shown, once; lists: what is drawn anew."""

    def __init__(self, here: Here) -> None:
        self.here, self.words = here, here.words
        self.link_place: Element
        self.lists: Element

    async def do(self, deed: Deed, email: str = "") -> None:
        """Does something as an admin, shows the link it made, and draws the lists anew; or says why not."""
        room = get_room()
        try:
            async with room.sessions.begin() as session:
                await require_role(session, self.here.visitor, Role.ADMIN)
                token = await deed(session)
        except AccountError as error:
            say(self.words(f"error_{error}"), "negative")
            token = None
        if token:
            self.draw_link(email, f"{room.settings.public_url.rstrip('/')}/invite/{token}")
        await self.draw_lists()

    def draw_invite_form(self) -> None:
        words = self.words

        async def invite(fields: dict[str, str]) -> None:
            email, role = fields["email"], Role(fields["role"])
            await self.do(
                lambda session: make_invite(session, email, role, self.here.visitor.actor, read_time()), email
            )

        with put("section", classes="card"):
            put("h2", words("invite_title"))
            with form(invite, "row"):
                form_field(words("email"), "email", "email", required=True, maxlength="320", autocomplete="off")
                form_choice(words("role"), "role", self.name_roles(), Role.AGENT)
                put("button", words("invite"), "button main", type="submit")

    def draw_link(self, email: str, url: str) -> None:
        words = self.words
        self.link_place.clear()
        with self.link_place, put("section", classes="card"):
            put("p", words("invite_made", email=email))
            with put("div", classes="copy-line"):
                put("input", value=url, readonly=True, id="invite-link", aria_label=words("invite"))
                button(words("copy"), symbol="content_copy", data_copy="invite-link", data_done=words("copied"))

    async def draw_lists(self) -> None:
        async with get_room().sessions() as session:
            accounts, invites = await list_accounts(session), await list_invites(session, read_time())
        self.lists.clear()
        with self.lists:
            self.draw_accounts(accounts)
            if invites:
                self.draw_invites(invites)

    def draw_accounts(self, accounts: list[Account]) -> None:
        words = self.words
        with put("section", classes="card"):
            put("h2", words("people_list"))
            with put("p"):
                link(words("agents_link"), "/inbox/agents", symbol="support_agent")
            body, _ = table(
                [words(name) for name in ("name", "email", "role", "state", "actions")], words("people_list")
            )
            for account in accounts:
                with body, put("tr"):
                    put("td", account.name)
                    put("td", account.email)
                    with put("td"):
                        self.draw_role(account)
                    put("td", words("deactivated" if account.deactivated_at else "active"))
                    with put("td"), put("div", classes="row"):
                        self.draw_deeds(account)

    def draw_role(self, account: Account) -> None:
        async def change(value: str) -> None:
            role, actor = Role(value), self.here.visitor.actor
            await self.do(lambda session: change_role(session, account.id, role, actor, read_time()))

        label = self.words("role_of", name=account.name)
        with put("select", aria_label=label, disabled=account.deactivated_at is not None) as choice:
            for value, text in self.name_roles().items():
                put("option", text, value=value, selected=value == account.role)
        choice.on("change", lambda e: change(str(e.args)), js_handler="(e) => emit(e.target.value)")

    def draw_deeds(self, account: Account) -> None:
        words, actor = self.words, self.here.visitor.actor

        async def back(session: AsyncSession) -> None:
            await reactivate_account(session, account.id, actor, read_time())

        async def renew(session: AsyncSession) -> str:
            return await make_password_link(session, account.id, actor, read_time())

        async def leave(session: AsyncSession) -> None:
            await deactivate_account(session, account.id, actor, read_time())

        if account.deactivated_at is not None:
            button(words("reactivate"), lambda: self.do(back), "small")
            return
        button(words("password_link"), lambda: self.do(renew, account.email), "small")
        button(words("deactivate"), lambda: self.do(leave), "small danger")

    def draw_invites(self, invites: list[Invite]) -> None:
        words, zone = self.words, get_room().settings.timezone
        with put("section", classes="card"):
            put("h2", words("invites_open"))
            body, _ = table(
                [words(name) for name in ("email", "role", "valid_until", "actions")], words("invites_open")
            )
            for invite in invites:
                with body, put("tr"):
                    put("td", invite.email)
                    put("td", words(f"role_{invite.role}"))
                    put("td", write_moment(invite.expires_at, self.here.language, zone))
                    with put("td"):
                        button(words("withdraw"), partial(self.do, self.withdraw(invite.id)), "small")

    def withdraw(self, invite_id: int) -> Deed:
        return lambda session: withdraw_invite(session, invite_id, self.here.visitor.actor, read_time())

    def name_roles(self) -> dict[str, str]:
        return {role.value: self.words(f"role_{role}") for role in Role}
