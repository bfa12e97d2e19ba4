from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from core.db import migrate
from core.postgres import start_postgres, stop_postgres
from tests.bot.conftest import HEADERS, Actions, Bot, say


@pytest.fixture
def sender() -> str:
    return f"{uuid.uuid4().hex}.1"


@pytest.fixture
def own_bot(bot_environment: dict[str, str], trained: None) -> Iterator[Bot]:
    """An engine a test may kill."""
    running = Bot(bot_environment)
    running.start()
    yield running
    running.kill()


def test_a_killed_engine_goes_on_where_it_was(own_bot: Bot, sender: str, actions: Actions) -> None:
    first = say(own_bot, sender, "vorrei confrontare le offerte luce", "t1")
    own_bot.kill()
    own_bot.start()
    assert say(own_bot, sender, "vorrei confrontare le offerte luce", "t1") == {**first, "replayed": True}
    done = say(own_bot, sender, "20123, 2700 kwh", "t2")
    assert done["slots"]["yearly_kwh"] == 2700.0
    assert len(actions.calls) == 1


def test_two_engines_share_a_conversation(bot: Bot, second_bot: Bot, sender: str) -> None:
    say(bot, sender, "vorrei confrontare le offerte luce", "t1")
    here = say(second_bot, sender, "20123", "t2")
    back = say(bot, sender, "20123", "t2")  # the first engine does not know of t2 until its save is refused
    assert back == {**here, "replayed": True}
    assert say(bot, sender, "circa 2.700", "t3")["slots"]["yearly_kwh"] == 2700.0
    assert say(second_bot, sender, "ciao", "t4")["slots"]["postcode"] == "20123"


def test_events_are_stored_once_and_in_order(bot: Bot, second_bot: Bot, sender: str, postgres_url: str) -> None:
    for number in range(6):
        say((bot, second_bot)[number % 2], sender, "ciao", f"t{number}")
    with psycopg.connect(postgres_url) as connection:
        rows: list[Any] = connection.execute(
            "SELECT data::json->>'message_id' FROM rasa.events WHERE sender_id = %s AND type_name = 'user' ORDER BY id",
            (sender,),
        ).fetchall()
    assert [row[0] for row in rows] == [f"t{number}" for number in range(6)]


def test_without_postgresql_the_turn_waits_and_then_goes_on(
    bot_environment: dict[str, str], trained: None, sender: str, tmp_path: Path
) -> None:
    server = start_postgres(tmp_path / "store")
    migrate(server.url)
    engine = Bot({**bot_environment, "PRONTO_DATABASE_URL": server.url})
    try:
        engine.start()
        say(engine, sender, "vorrei confrontare le offerte luce", "t1")
        stop_postgres(server)
        body = {"sender": sender, "message_id": "t2", "text": "20123", "slots": {"language": "it"}}
        refused = httpx.post(f"{engine.url}/webhook", json=body, headers=HEADERS, timeout=30)
        assert (refused.status_code, refused.json()["error"][:8]) == (503, "database")
        server = start_postgres(tmp_path / "store")
        assert server.url == engine.environment["PRONTO_DATABASE_URL"]
        answer = say(engine, sender, "20123", "t2")
        assert (answer["replayed"], answer["slots"]["postcode"]) == (False, "20123")
    finally:
        engine.kill()
        stop_postgres(server)
        shutil.rmtree(server.home)
