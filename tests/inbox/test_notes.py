from __future__ import annotations

from datetime import date, datetime

import pytest

from inbox.notes import add_note, list_people, mark_mentions_read, read_called
from inbox.tasks import add_task, finish_task, list_tasks, reopen_task
from inbox.words import RefusedError
from tests.inbox.conftest import Shift


async def test_who_is_called_in_a_note_has_it_unread_until_they_look(shift: Shift, now: datetime) -> None:
    words = "Jonas, sai quanto paga?"
    await add_note(shift.session, shift.dario, shift.handoff, shift.sofia, words, now, [shift.jonas, shift.sofia])
    assert await shift.ask("SELECT account_id, text FROM note") == [(shift.sofia, words)]
    assert await read_called(shift.session) == {shift.dario: {shift.jonas}}  # one's own call is no news
    assert await mark_mentions_read(shift.session, shift.jonas, shift.dario) == 1
    assert await read_called(shift.session) == {}
    assert await shift.ask("SELECT mentions FROM note") == [sorted([shift.sofia, shift.jonas])]


async def test_a_note_calls_only_people_who_work_here(shift: Shift, now: datetime) -> None:
    await shift.run("UPDATE account SET deactivated_at = :now WHERE id = :id", now=now, id=shift.jonas)
    assert [one.name for one in await list_people(shift.session)] == ["Sofia"]
    with pytest.raises(RefusedError):
        await add_note(shift.session, shift.dario, None, shift.sofia, "?", now, [shift.jonas])
    with pytest.raises(RefusedError):
        await add_note(shift.session, shift.dario, None, shift.sofia, "  ", now)


async def test_a_task_by_hand_is_done_once_and_can_be_opened_again(shift: Shift, now: datetime) -> None:
    later = await add_task(shift.session, shift.dario, "mandare il contratto", date(2026, 12, 1), shift.sofia, now)
    first = await add_task(
        shift.session, shift.dario, " richiamare ", date(2026, 11, 23), shift.sofia, now, shift.jonas
    )
    assert [one.facts["title"] for one in await list_tasks(shift.session, shift.dario)] == [
        "richiamare",
        "mandare il contratto",
    ]
    assert await finish_task(shift.session, first, shift.jonas, now)
    assert not await finish_task(shift.session, first, shift.sofia, now)
    assert [one.id for one in await list_tasks(shift.session, shift.dario)] == [later]
    assert [one.done_by for one in await list_tasks(shift.session, shift.dario, done=True)] == [shift.jonas]
    assert await reopen_task(shift.session, first)
    assert len(await list_tasks(shift.session, shift.dario)) == 2


async def test_a_task_needs_a_title_and_somebody_who_works_here(shift: Shift, now: datetime) -> None:
    for title, to in ((" ", None), ("richiamare", 999)):
        with pytest.raises(RefusedError):
            await add_task(shift.session, shift.dario, title, date(2026, 12, 1), shift.sofia, now, to)
