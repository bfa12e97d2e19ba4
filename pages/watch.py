"""Open pages of people who were logged out meanwhile, or got another role: they lead to the login."""

from __future__ import annotations

import asyncio
import logging

from nicegui.client import Client
from sqlalchemy.exc import SQLAlchemyError

from accounts.sessions import Visitor, find_ended, mark_seen
from pages.room import Room, get_room, read_time

log = logging.getLogger(__name__)

LOOK_EVERY = 30  # seconds; a session that is ended by hand is told at once
_open: dict[str, tuple[Client, Visitor]] = {}


def watch_page(client: Client, visitor: Visitor) -> None:
    """Ends this page with its session, and keeps the session alive while someone sits at the page."""
    _open[client.id] = client, visitor
    client.on_delete(lambda: _open.pop(client.id, None))
    client.layout.on("pronto-active", lambda _: note_presence(visitor), args=[])


async def note_presence(visitor: Visitor) -> None:
    async with get_room().sessions.begin() as session:
        await mark_seen(session, visitor.session_id, read_time())


async def end_pages(room: Room) -> None:
    """Leads every page whose session holds no longer to the login."""
    pages = list(_open.values())
    visitors = {visitor.session_id: visitor for _, visitor in pages}
    if not visitors:
        return
    async with room.sessions() as session:
        ended = await find_ended(session, visitors, read_time(), room.lifetime)
    leaving = [client for client, visitor in pages if visitor.session_id in ended]
    for client in leaving:
        client.open("/login")
    if leaving:
        await asyncio.sleep(0.5)  # until they were told
    for client in leaving:
        if client.has_socket_connection and not client.is_deleted:
            client.delete()  # it did not leave: nothing it still sends is heard. Those that left NiceGUI deletes itself


async def keep_watch(room: Room) -> None:
    """Looks now and then, for ever, for sessions that ended by time."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            await end_pages(room)
        except (SQLAlchemyError, OSError) as error:
            log.warning("the database is away: %s", type(error).__name__)
