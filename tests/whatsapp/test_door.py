import pytest

from whatsapp.door import GAP, beat_door, open_door


async def open_now(desk) -> int:
    async with desk.sessions.begin() as session:
        return await open_door(session, desk.clock())


async def stay_open(desk, door: int, seconds: float) -> None:
    """The web app is there for so long."""
    for _ in range(round(seconds)):
        desk.clock.move(1)
        async with desk.sessions.begin() as session:
            await beat_door(session, door, desk.clock())


@pytest.fixture
async def closed(desk, graph):
    """No web app is there, and one message left without an answer."""
    await desk.run("DELETE FROM door")
    graph.answer = lambda body: graph.cut()
    await desk.queue(await desk.add_contact())
    await desk.step()
    graph.answer = graph.accept
    return desk


async def test_silence_counts_only_while_a_web_app_is_there(closed) -> None:
    closed.clock.move(3600)
    await closed.step()
    assert await closed.states() == ["unknown"]
    await stay_open(closed, await open_now(closed), 59)
    await closed.step()
    assert await closed.states() == ["unknown"]


async def test_a_message_leaves_again_when_a_web_app_was_there_long_enough(closed, graph) -> None:
    closed.clock.move(3600)
    await stay_open(closed, await open_now(closed), 60)
    await closed.step()
    assert await closed.states() == ["accepted"]
    assert len(graph.bodies) == 2


async def test_a_gap_starts_the_time_anew(closed) -> None:
    door = await open_now(closed)
    await stay_open(closed, door, 50)
    closed.clock.move(GAP.total_seconds() + 1)
    await stay_open(closed, door, 50)
    await closed.step()
    assert await closed.states() == ["unknown"]
    await stay_open(closed, door, 11)
    await closed.step()
    assert await closed.states() == ["accepted"]


async def test_a_web_app_that_starts_again_starts_the_time_anew(closed) -> None:
    await stay_open(closed, await open_now(closed), 50)
    await stay_open(closed, await open_now(closed), 50)
    await closed.step()
    assert await closed.states() == ["unknown"]


async def test_of_two_web_apps_one_is_enough(closed) -> None:
    await open_now(closed)
    closed.clock.move(30)
    await stay_open(closed, await open_now(closed), 60)
    await closed.step()
    assert await closed.states() == ["accepted"]


async def test_while_all_are_away_nothing_is_due(closed) -> None:
    closed.clock.move(61)
    assert await closed.next_due() is None
