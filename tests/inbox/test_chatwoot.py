"""Chatwoot as the desk, over real HTTP both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from contacts.erase import erase_contact
from core import clock
from core.db import Sessions
from core.settings import Settings
from core.types import HandoffReason
from inbox.chatwoot import client
from inbox.chatwoot.tell import tell_chatwoot
from inbox.handoff import open_handoff
from inbox.states import close
from tests.inbox import chatwoot_server
from tests.inbox.chatwoot_server import Chatwoot, post_event
from tests.inbox.conftest import Shift, add_message
from webhook import chatwoot as webhook

MINUTE = timedelta(minutes=1)


@dataclass
class Desks:
    """Pronto with a handoff on one side, Chatwoot on the other."""

    shift: Shift
    sessions: Sessions
    settings: Settings
    there: Chatwoot
    now: datetime

    async def tell(self, later: timedelta = timedelta()) -> int:
        """What the worker does in a while."""
        told, calls = 0, client.Chatwoot(self.settings)
        await self.shift.session.commit()
        while took := await tell_chatwoot(self.sessions, self.settings, calls, self.now + later):
            told += took
        await calls.aclose()
        return told

    async def sent(self) -> list[Any]:
        """What goes to the customer."""
        await self.shift.session.commit()
        return await self.shift.ask("SELECT text FROM outbox ORDER BY id")


async def serve(app: Any) -> tuple[uvicorn.Server, asyncio.Task[None], str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off", ws="none"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    return server, running, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


@pytest_asyncio.fixture
async def desks(shift: Shift, sessions: Sessions, settings: Settings) -> AsyncIterator[Desks]:
    there, pronto, now = Chatwoot(), FastAPI(), clock.now()
    pronto.include_router(webhook.router)
    servers = [await serve(there.app), await serve(pronto)]
    own = {"chatwoot_url": servers[0][2], "chatwoot_token": SecretStr(chatwoot_server.TOKEN), "chatwoot_inbox": 7}
    own |= {"chatwoot_account": 1, "chatwoot_secret": SecretStr(chatwoot_server.SECRET)}
    settings = settings.model_copy(update=own)
    pronto.state.sessions, pronto.state.settings = sessions, settings
    there.webhook = f"{servers[1][2]}/chatwoot/webhook"
    await shift.run("UPDATE contact SET last_inbound_at = :now", now=now)
    await shift.run("UPDATE handoff SET opened_at = :now", now=now)
    await shift.run("UPDATE handoff_change SET at = :now", now=now)
    await shift.run("UPDATE message SET sent_at = :now, received_at = :then", now=now, then=now - MINUTE)
    yield Desks(shift, sessions, settings, there, now)
    for server, running, _ in servers:
        server.should_exit = True
        await running


async def test_a_handoff_becomes_a_conversation_with_the_card_and_what_the_customer_writes(desks: Desks) -> None:
    await add_message(desks.shift.session, desks.shift.dario, "ci siete?", desks.now, received_at=desks.now + MINUTE)
    assert await desks.tell(MINUTE) == 2
    assert await desks.tell(MINUTE) == 0
    (card, wrote) = desks.there.read(1)
    assert wrote == ("customer", "ci siete?")
    assert card[0] == "note"
    assert card[1].startswith("Dario Conti ha chiesto una persona")
    assert card[1].endswith("/inbox?chat=dario")
    (contact,) = desks.there.contacts.values()
    assert (contact["identifier"], contact["name"]) == ("dario", "Dario Conti")
    assert desks.there.conversations[1]["custom_attributes"] == {"pronto_handoff": desks.shift.handoff}
    assert desks.there.heard == [False, False]  # its webhook told us of both: neither is an agent's answer


async def test_an_answer_there_reaches_the_customer_once_and_does_not_come_back(desks: Desks) -> None:
    await desks.tell()
    message = await desks.there.agent_writes(1, "Ciao Dario, ci sono")
    sender = {"id": 3, "name": "Mia", "email": "mia@example.org", "type": "user"}
    event = desks.there.describe_message(message, "outgoing", sender, None)
    assert await post_event(desks.there.webhook, event)  # told twice: two webhooks are set up
    assert await desks.sent() == ["Ciao Dario, ci sono"]
    assert await desks.shift.ask("SELECT a.email, h.state FROM handoff h JOIN account a ON a.id = h.account_id") == [
        ("mia@example.org", "waiting")
    ]
    assert await desks.shift.ask("SELECT password_hash FROM account WHERE email = 'mia@example.org'") == [None]
    await desks.tell(MINUTE)
    assert [who for who, _ in desks.there.read(1)] == ["note", "agent"]


async def test_what_pronto_says_meanwhile_is_a_note_there_and_never_an_answer(desks: Desks) -> None:
    await desks.tell()
    await desks.there.agent_writes(1, "Nota per i colleghi", private=True)
    assert await desks.sent() == []
    await close(desks.shift.session, desks.settings, desks.shift.handoff, desks.shift.sofia, desks.now, "")
    await desks.tell(MINUTE)
    assert desks.there.read(1)[-1][1].startswith("→ Abbiamo concluso qui.")
    assert desks.there.conversations[1]["status"] == "resolved"
    assert len(await desks.sent()) == 1


async def test_resolving_there_closes_the_handoff_and_opening_it_again_takes_it_up(desks: Desks) -> None:
    await desks.tell()
    mia = {"id": 3, "name": "Mia", "email": "mia@example.org", "type": "user"}
    for _ in range(2):
        await desks.there.set_status(1, "resolved", mia)
    await desks.shift.session.commit()
    assert await desks.shift.ask("SELECT state, why FROM handoff_change ORDER BY id DESC LIMIT 1") == [
        ("closed", "resolved in Chatwoot")
    ]
    await desks.tell(MINUTE)
    await desks.there.set_status(1, "open", mia)
    await desks.shift.session.commit()
    assert await desks.shift.ask("SELECT state, closed_at FROM handoff") == [("assigned", None)]


async def test_a_colleague_there_may_answer_what_another_began(desks: Desks) -> None:
    await desks.tell()
    await desks.there.agent_writes(1, "Ciao")
    await desks.there.agent_writes(1, "Ti aiuto io", email="ugo@example.org")
    assert await desks.sent() == ["Ciao", "Ti aiuto io"]


async def test_what_cannot_be_sent_is_told_beside_the_answer(desks: Desks) -> None:
    await desks.tell()
    await desks.shift.run("UPDATE contact SET last_inbound_at = :at", at=desks.now - timedelta(days=2))
    await desks.shift.session.commit()
    await desks.there.agent_writes(1, "Ciao")
    assert await desks.sent() == []
    await desks.tell(MINUTE)
    assert desks.there.read(1)[-1][0] == "note"
    assert desks.there.read(1)[-1][1].startswith("⚠ La finestra di 24 ore si è chiusa il")


async def test_what_was_sent_and_failed_is_told_too(desks: Desks) -> None:
    await desks.tell()
    await desks.there.agent_writes(1, "Ciao")
    await desks.sent()
    await desks.shift.run("UPDATE outbox SET state = 'failed', reason = 'WhatsApp cannot deliver to this customer'")
    await desks.tell(MINUTE)
    await desks.tell(MINUTE)
    notes = [words for who, words in desks.there.read(1) if who == "note"][1:]
    assert notes == ["⚠ WhatsApp cannot deliver to this customer: «Ciao»"]


async def test_a_file_of_an_agent_there_leaves_as_a_file(desks: Desks) -> None:
    await desks.tell()
    files = [{"file_type": "image", "data_url": "https://chat.example.org/rails/1.png"}]
    await desks.there.agent_writes(1, "Ecco", files=files)
    await desks.sent()
    (body,) = await desks.shift.ask("SELECT body FROM outbox")
    assert body["image"] == {"link": "https://chat.example.org/rails/1.png", "caption": "Ecco"}


async def test_answers_that_got_lost_make_nothing_twice(desks: Desks) -> None:
    await add_message(desks.shift.session, desks.shift.dario, "ci siete?", desks.now, received_at=desks.now + MINUTE)
    desks.there.swallow = 4  # contact, conversation, card, message: each is done, and each answer lost
    for minutes in (1, 2, 5, 10, 20):
        await desks.tell(minutes * MINUTE)
    assert (len(desks.there.contacts), len(desks.there.conversations)) == (1, 1)
    assert [who for who, _ in desks.there.read(1)] == ["note", "customer"]


async def test_what_happens_while_it_is_away_is_told_later_in_order(desks: Desks) -> None:
    desks.there.down = True
    assert await desks.tell() == 0
    for number in range(3):
        at = desks.now + number * timedelta(seconds=1)
        await add_message(desks.shift.session, desks.shift.dario, f"m{number}", at, received_at=at + MINUTE)
    assert await desks.tell(2 * MINUTE) == 0
    desks.there.down = False
    await desks.tell(10 * MINUTE)
    assert [words for _, words in desks.there.read(1)][1:] == ["m0", "m1", "m2"]


async def test_a_second_handoff_is_a_new_conversation_of_the_same_contact(desks: Desks) -> None:
    await desks.tell()
    await close(desks.shift.session, desks.settings, desks.shift.handoff, desks.shift.sofia, desks.now, "")
    await open_handoff(desks.shift.session, desks.shift.dario, HandoffReason.WISH, "t2", {}, desks.now + MINUTE)
    await desks.tell(2 * MINUTE)
    assert (len(desks.there.contacts), len(desks.there.conversations)) == (1, 2)


async def test_who_is_erased_is_deleted_there_however_long_it_was_away(desks: Desks) -> None:
    await desks.tell()
    assert len(desks.there.contacts) == len(desks.there.conversations) == 1
    desks.there.down = True
    await erase_contact(desks.shift.session, desks.shift.dario, desks.now, "secret")
    for hour in range(20):
        assert await desks.tell(timedelta(hours=hour)) == 0
    await erase_contact(desks.shift.session, desks.shift.dario, desks.now + timedelta(days=30), "secret")
    desks.there.down = False
    assert await desks.tell(timedelta(days=30)) == 1
    assert not desks.there.contacts
    assert not desks.there.conversations
    await erase_contact(desks.shift.session, desks.shift.dario, desks.now + timedelta(days=31), "secret")
    assert await desks.tell(timedelta(days=31)) == 0


async def test_only_chatwoot_is_heard(desks: Desks) -> None:
    await desks.tell()
    event = {"event": "message_created", "id": 1, "content": "x", "message_type": "outgoing", "conversation": {"id": 1}}
    event |= {"sender": {"email": "mia@example.org", "type": "user"}}
    for signed, at in ((False, None), (True, 1_600_000_000)):
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            await post_event(desks.there.webhook, event, signed, at)
    assert await post_event(f"{desks.there.webhook}?key={chatwoot_server.SECRET}", event, signed=False)
    assert await desks.sent() == ["x"]


@pytest.mark.parametrize("event", [{"event": "contact_updated", "id": 1}, {"event": "conversation_created"}])
async def test_other_events_are_none_of_our_business(desks: Desks, event: dict[str, Any]) -> None:
    assert not await post_event(desks.there.webhook, event)


async def test_an_event_of_another_shape_is_refused(desks: Desks) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        await post_event(desks.there.webhook, {"event": "message_created"})


def test_half_a_setting_is_refused_with_what_lacks() -> None:
    with pytest.raises(
        ValidationError, match="set PRONTO_CHATWOOT_TOKEN, PRONTO_CHATWOOT_INBOX, PRONTO_CHATWOOT_SECRET"
    ):
        Settings(demo=True, chatwoot_url="https://chat.example.org", chatwoot_account=1)
