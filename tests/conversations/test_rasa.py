import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from starlette.responses import JSONResponse, Response

from conversations.answer import RasaAnswer, RasaMessage, merge_messages
from conversations.rasa import FAILURES, RasaClient, RasaDown
from core.settings import Settings
from core.types import Language, Location, Media, MessageKind, Option, Outbound
from tests.conversations.conftest import Outside


@pytest_asyncio.fixture
async def rasa(talk_settings: Settings) -> AsyncIterator[RasaClient]:
    client = RasaClient(talk_settings)
    yield client
    await client.aclose()


async def ask(rasa: RasaClient, message_id: str = "t1") -> RasaAnswer:
    return await rasa.ask(
        sender="c1.1", message_id=message_id, text="ciao", language=Language.IT, proposal=None, kinds=["text"]
    )


async def test_an_answer_is_read(rasa: RasaClient) -> None:
    answer = await ask(rasa)
    assert [message.text for message in answer.messages] == ["Hai scritto: ciao"]


async def test_the_same_question_gets_the_recorded_answer(rasa: RasaClient) -> None:
    await ask(rasa)
    assert (await ask(rasa)).replayed


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"error": "no model"}, 503),
        JSONResponse({"error": "wrong token"}, 401),
        Response("<html>", 200),
        Response("", 200),
        JSONResponse([1], 200),
        JSONResponse({"message_id": "t2", "messages": []}),
        JSONResponse({"message_id": "t1", "messages": [{"buttons": "x"}]}),
    ],
)
async def test_whatever_is_no_answer_is_a_rasa_that_is_down(
    rasa: RasaClient, outside: Outside, answer: Response
) -> None:
    outside.answer = lambda question: answer
    with pytest.raises(RasaDown):
        await ask(rasa)


async def test_a_rasa_nobody_reaches_is_down_and_spared(talk_settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    rasa = RasaClient(talk_settings.model_copy(update={"rasa_url": f"http://127.0.0.1:{port}"}))
    for _ in range(FAILURES):
        with pytest.raises(RasaDown, match="ConnectError"):
            await ask(rasa)
    with pytest.raises(RasaDown, match="a moment ago"):
        await ask(rasa)
    await rasa.aclose()


async def test_one_refused_question_spares_nobody(rasa: RasaClient, outside: Outside) -> None:
    outside.answer = lambda question: JSONResponse({"error": "actions: boom"}, 503)
    for _ in range(FAILURES + 1):
        with pytest.raises(RasaDown, match="boom"):
            await ask(rasa)


def merge(*messages: dict[str, Any]) -> Outbound | None:
    return merge_messages([RasaMessage.model_validate(message) for message in messages])


def test_texts_are_joined_by_a_blank_line() -> None:
    assert merge({"text": "Uno "}, {"text": ""}, {"text": "Due"}) == Outbound("Uno\n\nDue")


def test_nothing_said_is_no_message() -> None:
    assert merge() is merge({"text": "  "}) is merge({"custom": {"list_label": "Offerte"}}) is None


def test_the_last_buttons_win() -> None:
    first, last = [{"title": "A", "payload": "/a"}], [{"title": "B", "payload": "/b", "description": "più"}]
    assert merge({"text": "x", "buttons": first}, {"text": "y", "buttons": last}) == Outbound(
        "x\n\ny", (Option("/b", "B", "più"),)
    )


def test_the_same_answer_is_offered_once() -> None:
    buttons = [{"title": "Sì", "payload": "/affirm"}, {"title": "Certo", "payload": "/affirm"}]
    merged = merge({"text": "x", "buttons": buttons})
    assert merged is not None
    assert len(merged.options) == 1


def test_pictures_and_files_are_media() -> None:
    merged = merge({"text": "x", "image": "https://p/a.png"}, {"attachment": "https://p/b.pdf"})
    assert merged is not None
    assert merged.media == (
        Media(MessageKind.IMAGE, "https://p/a.png"),
        Media(MessageKind.DOCUMENT, "https://p/b.pdf"),
    )


def test_a_video_is_one_as_rasa_writes_it() -> None:
    merged = merge({"text": "x", "attachment": {"type": "video", "payload": {"src": "https://p/a.mp4"}}})
    assert merged is not None
    assert merged.media == (Media(MessageKind.VIDEO, "https://p/a.mp4"),)


def test_a_question_for_the_place_offers_to_share_it() -> None:
    merged = merge({"text": "Dove ti trovi?", "custom": {"location_request": True}})
    assert merged is not None
    assert merged.asks_location


def test_location_link_and_label_come_from_custom_parts() -> None:
    merged = merge(
        {"text": "x", "custom": {"location": {"latitude": 45, "longitude": 9, "name": "Duomo"}}},
        {"custom": {"link": {"url": "https://p/l", "label": "Apri"}, "unknown": 1}},
        {"custom": {"list_label": "Offerte"}},
    )
    assert merged == Outbound(
        "x",
        list_label="Offerte",
        location=Location(45, 9, "Duomo"),
        link_url="https://p/l",
        link_label="Apri",
    )
