"""A round of a worker's campaigns asks once whether there is anything, and leaves nothing out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from campaigns.plans import enter_due, plan_by_hand
from campaigns.release.watch import Watch
from campaigns.round import work_round
from campaigns.walking import walk_due
from core.tables import Consent
from tests.campaigns.triggers.conftest import World


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    run: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        run.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield run
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_round_with_nothing_to_do_is_one_question_and_what_happens_next_is_seen(
    world: World, engine: AsyncEngine
) -> None:
    ada = await world.meet()
    await world.run("on: event, kind: purchase, wait: 2 days")
    await work_round(world.sessions, world.settings, world.now)
    with counted(engine) as run:
        assert await work_round(world.sessions, world.settings, world.now) == 0
    assert len(run) == 1
    await world.happen(ada, "purchase")
    assert await work_round(world.sessions, world.settings, world.now) == 0
    world.now += timedelta(days=2)
    assert await work_round(world.sessions, world.settings, world.now) == 2  # the plan, and the first step
    assert await world.list_entered() == [ada]
    world.now += timedelta(days=29)
    assert await work_round(world.sessions, world.settings, world.now) == 0
    await world.happen(ada, "purchase")
    assert await work_round(world.sessions, world.settings, world.now) == 1  # it counts, and the journey is over


async def test_what_has_nothing_due_leaves_its_share_to_the_others(world: World) -> None:
    people = [await world.meet(number) for number in range(8)]
    for name in ("other", "trial"):
        await world.run("on: manual", name=name)

    async def plan(name: str, ids: list[int]) -> None:
        async with world.sessions.begin() as session:
            await plan_by_hand(session, name, ids, "list", world.now)

    await plan("trial", people)
    assert await enter_due(world.sessions, world.settings, world.now, 4) == 4
    await plan("other", people[:3])
    assert await enter_due(world.sessions, world.settings, world.now, 4) == 4
    assert len(await world.list_entered("other")) == 2
    assert len(await world.list_entered("trial")) == 6
    assert await walk_due(world.sessions, world.settings, world.now, 4) == 4
    assert await walk_due(world.sessions, world.settings, world.now, 4) == 4  # now only one of them has any


async def test_campaigns_are_looked_at_closely_only_when_something_came_in(world: World, engine: AsyncEngine) -> None:
    ada = await world.meet()
    await world.run("on: manual")
    watch = Watch()
    await watch.look(world.sessions, world.settings, world.now)
    with counted(engine) as run:
        await watch.look(world.sessions, world.settings, world.now)
    assert len(run) == 1
    said = {"purpose": "marketing", "given": False, "channel": "whatsapp", "wording": "stop"}
    await world.add(Consent(contact_id=ada, at=world.now, **said))
    with counted(engine) as run:
        await watch.look(world.sessions, world.settings, world.now)
    assert len(run) > 1
