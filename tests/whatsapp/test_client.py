from __future__ import annotations

import asyncio
import logging
import socket

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response

from core.settings import Settings
from whatsapp import client as module
from whatsapp.client import Accepted, GraphClient
from whatsapp.errors import Action, SendError, UnknownOutcome

BODY = {"to": "+390200000001", "type": "text", "text": {"body": "Città"}}


async def test_it_posts_the_body_with_the_token(client: GraphClient, graph) -> None:
    await client.send("900", BODY)
    assert graph.paths == ["/v25.0/900/messages"]
    assert graph.bodies == [BODY]
    assert graph.headers[0]["authorization"] == "Bearer demo"


async def test_an_accepted_message_has_its_id(client: GraphClient) -> None:
    assert await client.send("900", BODY) == Accepted("wamid.1", None, "IT.1", "390200000001")


async def test_a_template_may_be_held_back(client: GraphClient, graph) -> None:
    message = {"id": "wamid.1", "message_status": "held_for_quality_assessment"}
    graph.answer = lambda body: JSONResponse({"messages": [message]})
    assert (await client.send("900", BODY)).message_status == "held_for_quality_assessment"


async def test_a_refusal_carries_code_detail_and_rule(client: GraphClient, graph) -> None:
    graph.answer = lambda body: graph.refuse(131026)
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    assert (caught.value.code, caught.value.detail, caught.value.http_status) == (131026, "so it is", 400)
    assert caught.value.action is Action.FAIL


async def test_an_unknown_number_is_told_from_a_bad_request(client: GraphClient, graph) -> None:
    graph.answer = lambda body: graph.refuse(100, error_subcode=33)
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    assert caught.value.code == 33


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "90"}, 90),
        ({"Retry-After": "soon"}, 60),
        ({"X-Business-Use-Case-Usage": '{"700":[{"estimated_time_to_regain_access":5}]}'}, 300),
        ({"X-Business-Use-Case-Usage": '{"700":[{"call_count":100}]}'}, 60),
        ({"X-Business-Use-Case-Usage": "[1]"}, 60),
    ],
)
async def test_it_rests_as_long_as_whatsapp_asks(
    client: GraphClient, graph, headers: dict[str, str], pause: float
) -> None:
    graph.answer = lambda body: graph.refuse(80007, 400, headers)
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    assert caught.value.policy.pause_seconds == pause


@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("bad gateway", 502),
        PlainTextResponse("ok"),
        JSONResponse({"messages": []}),
        JSONResponse([1]),
        JSONResponse({"contacts": [], "messages": [{}]}),
        PlainTextResponse("moved", 302),
    ],
)
async def test_an_answer_that_is_not_whatsapps_proves_nothing(client: GraphClient, graph, answer: Response) -> None:
    graph.answer = lambda body: answer
    with pytest.raises(UnknownOutcome):
        await client.send("900", BODY)


async def test_a_fault_of_whatsapp_itself_is_a_refusal(client: GraphClient, graph) -> None:
    graph.answer = lambda body: graph.refuse(131000, 500)
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    assert caught.value.action is Action.RETRY


async def test_a_refusal_without_a_code_goes_by_its_status(client: GraphClient, graph) -> None:
    graph.answer = lambda body: PlainTextResponse("no", 401)
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    assert caught.value.action is Action.PAUSE


async def test_a_cut_connection_proves_nothing(client: GraphClient, graph) -> None:
    graph.answer = lambda body: graph.cut()
    with pytest.raises(UnknownOutcome):
        await client.send("900", BODY)


async def test_a_timeout_proves_nothing(client: GraphClient, graph, monkeypatch: pytest.MonkeyPatch) -> None:
    async def wait(body: dict[str, object]) -> Response:
        await asyncio.sleep(0.5)
        return graph.accept(body)

    monkeypatch.setitem(module.TIMEOUT, "read", 0.05)
    graph.answer = wait
    with pytest.raises(UnknownOutcome, match="ReadTimeout"):
        await client.send("900", BODY)


async def test_it_works_again_after_a_cut(client: GraphClient, graph) -> None:
    graph.answer = lambda body: graph.cut()
    with pytest.raises(UnknownOutcome):
        await client.send("900", BODY)
    graph.answer = graph.accept
    assert (await client.send("900", BODY)).wamid == "wamid.1"


async def test_what_never_reached_whatsapp_was_not_sent(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = GraphClient(settings.model_copy(update={"graph_url": f"http://127.0.0.1:{port}"}))
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    assert caught.value.action is Action.SLOW
    await client.aclose()


async def test_typing_marks_the_message_as_read(client: GraphClient, graph) -> None:
    await client.mark_read("900", "wamid.in", typing=True)
    assert graph.bodies == [
        {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": "wamid.in",
            "typing_indicator": {"type": "text"},
        }
    ]


@pytest.mark.parametrize("broken", ["refuse", "cut"])
async def test_typing_that_fails_is_no_harm(client: GraphClient, graph, broken: str) -> None:
    graph.answer = lambda body: graph.cut() if broken == "cut" else graph.refuse(131000, 500)
    await client.mark_read("900", "wamid.in", typing=True)
    assert len(graph.bodies) == 1


async def test_the_token_is_in_no_log_and_no_error(graph, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = Settings(**settings.model_dump(exclude={"access_token"}), access_token="EAAsecret")
    client = GraphClient(secret.model_copy(update={"graph_url": graph.url}))
    graph.answer = lambda body: graph.refuse(190, 401)
    with pytest.raises(SendError) as caught:
        await client.send("900", BODY)
    await client.mark_read("900", "wamid.in", typing=True)
    await client.aclose()
    assert graph.headers[0]["authorization"] == "Bearer EAAsecret"
    assert "EAAsecret" not in caplog.text + str(caught.value) + repr(caught.value)
