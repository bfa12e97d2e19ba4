"""Those on a journey are moved once, whoever walks, whatever breaks, and by the version they belong to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from campaigns import walking
from campaigns.walking import walk_due
from core.tables import Campaign, Lane
from tests.campaigns.journeys.world import World

JOURNEY = """
title: {it: Prova, de: Probe, en: Trial}
purpose: marketing
pack: energy
triggers: [{on: manual}]
conversion: {events: [purchase], within_days: 30}
steps:
  job:
    task: {it: Chiama, de: Ruf an, en: Call}
    then: hold
  hold:
    wait:
    - {reply: [affirm, deny], go: branch}
    - {option: /more_info, go: done}
    - {click: true, go: person}
    - {after: 2 days, go: done}
  branch:
    branch:
    - {when: {language: it, unless: {event: {kind: complaint}}}, go: talk}
    otherwise: person
  talk:
    converse: energy_comparison
    tell: {preference: green}
    if_closed: done
    then: done
  person:
    hand_over: wish
    then: done
  done: {end: finished}
"""


@pytest.fixture
async def crowd(world: World) -> list[int]:
    await world.run("trial", JOURNEY)
    contacts = [await world.meet(number) for number in range(6)]
    await world.enter("trial", *contacts)
    return contacts


async def test_two_walkers_do_each_step_once(world: World, crowd: list[int]) -> None:
    await asyncio.gather(*(walk_due(world.sessions, world.settings, world.now, 2) for _ in range(6)))
    await world.walk()
    assert await world.stands() == [("hold", None)] * 6
    assert await world.count("task") == 6
    steps = await world.read("SELECT enrollment_id, step FROM enrollment_step")
    assert len(steps) == len(set(steps)) == 12


async def test_what_broke_in_the_middle_is_done_again_as_a_whole(
    world: World, crowd: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def pull_the_plug(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(walking, "store_walks", pull_the_plug)
        with pytest.raises(ConnectionError):
            await world.walk()
    assert await world.count("task") == 0
    assert await world.stands() == [("job", None)] * 6
    await world.walk()
    assert await world.count("task") == 6


async def test_something_that_happened_wakes_at_once_and_only_whom_it_concerns(world: World, crowd: list[int]) -> None:
    await world.walk()
    assert await world.walk(minutes=1) == 0
    await world.happen(crowd[0], "page_visit")
    assert await world.count("wake") == 1
    assert await world.walk() == 1
    assert await world.stands() == [("hold", None)] * 6
    await world.say(crowd[1], "inform", "/more_info")
    assert await world.walk() == 1
    assert (await world.stands())[1] == ("done", "finished")
    assert await world.count("wake") == 0


async def test_a_click_brings_a_person_and_the_journey_goes_on_to_its_end(world: World, crowd: list[int]) -> None:
    await world.walk()
    await world.happen(crowd[0], "offer_click")
    await world.walk()
    (handoff,) = await world.read("SELECT contact_id, reason, closed_at FROM handoff")
    assert tuple(handoff) == (crowd[0], "wish", None)
    assert (await world.stands())[0] == ("done", "finished")


async def test_a_conversation_begins_once_and_only_while_the_window_is_open(world: World, crowd: list[int]) -> None:
    await world.walk()
    await world.say(crowd[0], "affirm")
    await asyncio.gather(*(walk_due(world.sessions, world.settings, world.now) for _ in range(3)))
    await world.walk()
    asked = await world.read("SELECT contact_id, text, session_number FROM turn WHERE finished_at IS NULL")
    assert [tuple(row) for row in asked] == [(crowd[0], '/energy_comparison{"preference":"green"}', 1)]
    await world.say(crowd[1], "affirm")
    world.now += timedelta(hours=30)
    await world.walk()
    assert await world.count("turn WHERE finished_at IS NULL") == 1
    chain = await world.read("SELECT moved_by FROM enrollment_step WHERE enrollment_id = 2 ORDER BY id")
    assert [row.moved_by for row in chain] == ["entered", "task", "reply:affirm", "case:1", "window_closed"]


async def test_nobody_talks_into_a_turn_under_way(world: World, crowd: list[int]) -> None:
    await world.walk()
    await world.say(crowd[0], "affirm")
    async with world.sessions.begin() as session:
        (await session.get_one(Lane, crowd[0])).owner = 7
    await world.walk()
    assert (await world.stands())[0] == ("talk", None)
    async with world.sessions.begin() as session:
        (await session.get_one(Lane, crowd[0])).owner = None
    await world.walk(seconds=6)
    assert (await world.stands())[0] == ("done", "finished")


async def test_nothing_moves_while_a_campaign_is_paused(world: World, crowd: list[int]) -> None:
    async with world.sessions.begin() as session:
        (await session.get_one(Campaign, "trial")).state = "paused"
    assert await world.walk() == 0
    async with world.sessions.begin() as session:
        (await session.get_one(Campaign, "trial")).state = "running"
    assert await world.walk() == 6


async def test_those_under_way_finish_with_their_version_unless_the_new_one_takes_them(
    world: World, crowd: list[int]
) -> None:
    await world.walk()
    second = await world.run("trial", JOURNEY.replace("after: 2 days", "after: 9 days"))
    assert {row.version_id for row in await world.read("SELECT version_id FROM enrollment")} == {second - 1}
    moved = JOURNEY.replace("hold", "rest").replace("steps:", "running: move\nmoves: {hold: rest}\nsteps:", 1)
    third = await world.run("trial", moved)
    assert await world.run("trial", moved) == third  # the same is not published again
    rows = await world.read("SELECT version_id, step FROM enrollment")
    assert {tuple(row) for row in rows} == {(third, "rest")}
    await world.say(crowd[0], "inform", "/more_info")
    await world.walk()
    assert (await world.stands())[0] == ("done", "finished")


async def test_the_control_arm_walks_no_step_and_ends_with_its_time(world: World) -> None:
    await world.run("trial", JOURNEY, control_percent=60)
    contacts = [await world.meet(number) for number in range(12)]
    await world.enter("trial", *contacts)
    arms = await world.read("SELECT arm, step, due_at FROM enrollment")
    left_alone = [row for row in arms if row.arm == "control"]
    assert left_alone
    assert {row.step for row in left_alone} == {None}
    await world.walk()
    assert await world.count("task") == len(arms) - len(left_alone)
    await world.walk(days=31)
    assert {outcome for _, outcome in await world.stands()} == {"finished"}
