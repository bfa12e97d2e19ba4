"""Many deliveries, one commit, also with several web processes on one store."""

import asyncio
import json
import random

import pytest
from sqlalchemy import text

from conversations.intake import Intake, StoreDownError, log_failure
from core.db import Sessions, open_engine, open_sessions
from core.types import Update
from whatsapp.parse import parse_webhook


def message(number: int) -> list[Update]:
    """Message `number`, from one of ten customers, with a status of another of them in the same delivery."""
    item = {
        "from": f"39333000000{number % 10}",
        "from_user_id": f"IT.{number % 10}",
        "id": f"w{number}",
        "type": "text",
    }
    item |= {"timestamp": str(1795000000 + number), "text": {"body": "ciao"}}
    other = (number * 7) % 10
    status = {"id": f"out{other}", "status": "delivered", "timestamp": "1795000000", "recipient_user_id": f"IT.{other}"}
    status |= {"recipient_id": f"39333000000{other}", "biz_opaque_callback_data": f"cb{other}"}
    value = {"metadata": {"phone_number_id": "900"}, "messages": [item], "statuses": [status]}
    entry = [{"id": "700", "changes": [{"field": "messages", "value": value}]}]
    return parse_webhook(json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode())


async def test_several_processes_store_the_same_deliveries_once(sessions: Sessions) -> None:
    async def process(seed: int) -> None:
        intake = Intake(sessions, 1.5)
        numbers = list(range(200))
        random.Random(seed).shuffle(numbers)
        for start in range(0, 200, 20):
            await asyncio.gather(*(intake.store(message(number)) for number in numbers[start : start + 20]))

    await asyncio.gather(*(process(seed) for seed in range(4)))
    async with sessions() as session:
        counts = [
            (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
            for table in ("message", "contact", "lane", "delivery_report")
        ]
    assert counts == [200, 10, 10, 10]


async def test_what_arrives_during_a_commit_shares_the_next_one(sessions: Sessions) -> None:
    intake = Intake(sessions, 1.5)
    async with sessions() as session:
        query = text("SELECT count(DISTINCT received_at) FROM message")
        await asyncio.gather(*(intake.store(message(number)) for number in range(100)))
        assert (await session.execute(query)).scalar_one() <= 3


async def test_a_request_cut_off_while_waiting_hurts_nobody(sessions: Sessions) -> None:
    intake = Intake(sessions, 1.5)
    tasks = [asyncio.create_task(intake.store(message(number))) for number in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await intake.store(message(3))
    async with sessions() as session:
        assert (await session.execute(text("SELECT count(*) FROM message"))).scalar_one() == 4


async def test_the_intake_works_again_when_the_store_is_back(sessions: Sessions) -> None:
    engine = open_engine("postgresql://u:p@127.0.0.1:1/none")
    intake = Intake(open_sessions(engine), 1.5)
    with pytest.raises(StoreDownError):
        await intake.store(message(0))
    intake.sessions = sessions
    await intake.store(message(0))
    await engine.dispose()


def test_a_failure_is_logged_without_values(caplog: pytest.LogCaptureFixture) -> None:
    log_failure(KeyError("+393330000001"), 1)
    assert "KeyError" in caplog.text
    assert "393330000001" not in caplog.text
