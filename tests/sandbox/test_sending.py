"""What the Graph API takes, what it refuses, and with which code."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.errors import TITLES
from tests.sandbox.conftest import ANA, PATH, Sandbox, template


def code_of(answer: httpx.Response) -> int:
    assert answer.status_code >= 400, answer.text
    return int(answer.json()["error"]["code"])


async def test_a_text_inside_the_window_is_accepted_in_metas_shape(sandbox: Sandbox) -> None:
    await sandbox.write()
    answer = (await sandbox.send()).json()
    assert answer["messaging_product"] == "whatsapp"
    user_id = (await sandbox.control(f"customers/{ANA}", method="GET"))["user_id"]
    assert user_id.startswith("IT.9001")
    assert answer["contacts"] == [{"input": ANA, "user_id": user_id, "wa_id": ANA[1:]}]
    assert answer["messages"][0]["id"].startswith("wamid.")


async def test_an_error_has_metas_shape(sandbox: Sandbox) -> None:
    answer = await sandbox.send(text={"body": ""})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["message"]) == (400, "OAuthException", "(#100) Invalid parameter")
    assert error["error_data"]["messaging_product"] == "whatsapp"
    assert error["fbtrace_id"]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "token"}])
async def test_a_wrong_token_is_190(sandbox: Sandbox, header: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url) as stranger:
        answer = await stranger.post(PATH, json={}, headers=header)
    assert (answer.status_code, code_of(answer)) == (401, 190)


async def test_an_expired_token_is_190_with_subcode_463(sandbox: Sandbox) -> None:
    await sandbox.control("token", {"state": "expired"})
    assert (await sandbox.send()).json()["error"]["error_subcode"] == 463


async def test_an_unknown_number_is_100_with_subcode_33(sandbox: Sandbox) -> None:
    answer = await sandbox.client.post("/v25.0/901/messages", json={})
    error = answer.json()["error"]
    assert (error["code"], error["error_subcode"], error["type"]) == (100, 33, "GraphMethodException")


async def test_a_deregistered_number_is_133010(sandbox: Sandbox) -> None:
    await sandbox.client.post("/v25.0/900/deregister")
    assert code_of(await sandbox.send()) == 133010
    await sandbox.client.post("/v25.0/900/register")
    await sandbox.write()
    await sandbox.accepted()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"messaging_product": "telegram"}, 100),
        ({"to": None}, 100),
        ({"to": "abc"}, 131009),
        ({"to": "+390200000000"}, 131021),
        ({"to": None, "recipient": "nobody"}, 131009),
        ({"type": "carrier_pigeon"}, 100),
        ({"text": None}, 131008),
        ({"text": "no object"}, 131008),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"type": "image", "image": {"id": "4711"}}, 100),
    ],
)
async def test_a_bad_request_is_refused(sandbox: Sandbox, change: dict[str, Any], code: int) -> None:
    assert code_of(await sandbox.send(**change)) == code


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe"])
async def test_what_is_no_json_object_is_100(sandbox: Sandbox, body: bytes) -> None:
    assert code_of(await sandbox.client.post(PATH, content=body)) == 100


async def test_a_user_id_reaches_someone_without_a_number(sandbox: Sandbox) -> None:
    await sandbox.write(customer="IT.900100200300", text="Ciao")
    answer = (await sandbox.send(to=None, recipient="IT.900100200300")).json()
    assert answer["contacts"] == [{"input": "IT.900100200300", "user_id": "IT.900100200300"}]


async def test_to_wins_over_recipient(sandbox: Sandbox) -> None:
    await sandbox.write()
    answer = (await sandbox.send(recipient="IT.900100200300")).json()
    assert answer["contacts"][0]["wa_id"] == ANA[1:]


async def failed_code(sandbox: Sandbox, wamid: str) -> int:
    """The code a message that was accepted then failed with."""
    await sandbox.settle()
    (row,) = [row for row in sandbox.application.values("statuses") if row["id"] == wamid]
    assert row["status"] == "failed"
    return int(row["errors"][0]["code"])


async def test_a_text_without_a_window_fails_late_with_131047(sandbox: Sandbox) -> None:
    assert await failed_code(sandbox, await sandbox.accepted()) == 131047


async def test_a_window_closes_after_24_hours_of_the_customers_time(sandbox: Sandbox) -> None:
    await sandbox.write(text="Ciao", seconds_ago=24 * 3600 - 60)
    await sandbox.accepted()
    await sandbox.write(customer="+390200000012", text="Ciao", seconds_ago=24 * 3600 + 1)
    assert await failed_code(sandbox, await sandbox.accepted(to="+390200000012")) == 131047


async def test_moving_the_clock_closes_the_window(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("clock", {"seconds": 24 * 3600})
    assert await failed_code(sandbox, await sandbox.accepted()) == 131047


async def test_late_codes_can_be_told_at_once(sandbox: Sandbox) -> None:
    await sandbox.config(late_codes=[])
    assert code_of(await sandbox.send()) == 131047


async def test_someone_without_whatsapp_is_131026(sandbox: Sandbox) -> None:
    await sandbox.config(open_world=False)
    assert await failed_code(sandbox, await sandbox.accepted(to="+390200000099")) == 131026
    assert await failed_code(sandbox, await sandbox.accepted(to=None, recipient="IT.1")) == 131026


async def test_the_46th_message_to_one_person_at_once_is_131056(sandbox: Sandbox) -> None:
    await sandbox.config(pair_seconds=6)
    await sandbox.write()
    for _ in range(45):
        await sandbox.accepted()
    assert code_of(await sandbox.send()) == 131056
    await sandbox.write(customer="+390200000012", text="Ciao")
    await sandbox.accepted(to="+390200000012")
    await sandbox.control("clock", {"seconds": 6})
    await sandbox.accepted()
    assert code_of(await sandbox.send()) == 131056


async def test_more_than_a_seconds_worth_at_once_is_130429(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.config(throughput=0.5, pair_seconds=0)
    codes = [(await sandbox.send()).status_code for _ in range(3)]
    assert codes == [400, 400, 400]
    await sandbox.config(throughput=2)
    await sandbox.control("clock", {"seconds": 60})
    answers = [await sandbox.send() for _ in range(4)]
    assert [answer.status_code for answer in answers][:2] == [200, 200]
    assert 130429 in [code_of(answer) for answer in answers[2:] if answer.status_code != 200]


async def test_a_third_marketing_template_in_a_day_is_131049_where_caps_exist(sandbox: Sandbox) -> None:
    for _ in range(2):
        await sandbox.accepted(to="+5511900000001", type="template", template=template())
    third = await sandbox.accepted(to="+5511900000001", type="template", template=template())
    assert await failed_code(sandbox, third) == 131049
    await sandbox.control("clock", {"seconds": 24 * 3600})
    await sandbox.accepted(to="+5511900000001", type="template", template=template())
    await sandbox.settle()
    assert len(sandbox.application.values("statuses")) == 3 * 2 + 1


async def test_europeans_and_open_windows_know_no_cap(sandbox: Sandbox) -> None:
    await sandbox.write(customer="+5511900000002", text="Oi")
    for to in (ANA, "+5511900000002"):
        for _ in range(3):
            await sandbox.accepted(to=to, type="template", template=template())
    await sandbox.settle()
    assert "failed" not in [row["status"] for row in sandbox.application.values("statuses")]


async def test_marketing_to_the_united_states_is_131049(sandbox: Sandbox) -> None:
    wamid = await sandbox.accepted(to="+12025550123", type="template", template=template())
    assert await failed_code(sandbox, wamid) == 131049


async def test_marketing_after_a_stop_is_131050_until_resumed(sandbox: Sandbox) -> None:
    await sandbox.control("customers", {"phone": ANA})
    await sandbox.control(f"customers/{ANA}/preference", {"value": "stop"})
    assert await failed_code(sandbox, await sandbox.accepted(type="template", template=template())) == 131050
    await sandbox.control(f"customers/{ANA}/preference", {"value": "resume"})
    wamid = await sandbox.accepted(type="template", template=template())
    await sandbox.settle()
    assert sandbox.application.ladder(wamid) == ["sent", "delivered"]


@pytest.mark.parametrize("code", sorted(TITLES))
async def test_every_code_can_be_asked_for(sandbox: Sandbox, code: int) -> None:
    await sandbox.control("faults", {"code": code})
    answer = await sandbox.send()
    assert code_of(answer) == code
    assert answer.json()["error"]["error_data"]["details"]


async def test_a_read_receipt_shows_blue_ticks_and_typing(sandbox: Sandbox) -> None:
    first, second = await sandbox.write(), await sandbox.write(text="ci sei?")
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": second}
    answer = await sandbox.client.post(PATH, json=body | {"typing_indicator": {"type": "text"}})
    assert answer.json() == {"success": True}
    calls = await sandbox.control("calls", method="GET")
    assert [(call["kind"], call["wamid"]) for call in calls] == [("typing", second)]
    messages = await sandbox.control(f"customers/{ANA}/messages", method="GET")
    assert [(one["wamid"], one["state"]) for one in messages] == [(first, "read"), (second, "read")]
    customer = await sandbox.control(f"customers/{ANA}", method="GET")
    assert 20 < customer["typing"] <= 25


async def test_a_read_receipt_for_an_unknown_message_is_131009(sandbox: Sandbox) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.nothing"}
    assert code_of(await sandbox.client.post(PATH, json=body)) == 131009


async def test_only_marketing_templates_go_through_marketing_messages(sandbox: Sandbox) -> None:
    body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "Ciao"}}
    assert code_of(await sandbox.client.post("/v25.0/900/marketing_messages", json=body)) == 131055
    utility = {
        "name": "note",
        "language": "it",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Ciao"}],
    }
    created = (await sandbox.client.post("/v25.0/700/message_templates", json=utility)).json()
    await sandbox.control(f"templates/{created['id']}/review", {"status": "APPROVED"})
    body |= {"type": "template", "template": {"name": "note", "language": {"code": "it"}}}
    assert code_of(await sandbox.client.post("/v25.0/900/marketing_messages", json=body)) == 134100
    body |= {"template": template()}
    assert (await sandbox.client.post("/v25.0/900/marketing_messages", json=body)).status_code == 200


async def test_the_log_holds_every_accepted_send_in_order(sandbox: Sandbox) -> None:
    await sandbox.write()
    for number in range(3):
        await sandbox.accepted(biz_opaque_callback_data=f"ob_{number}")
    await sandbox.send(text={"body": ""})
    log = await sandbox.control("messages?since=1", method="GET")
    assert log["total"] == 3
    assert [one["callback"] for one in log["messages"]] == ["ob_1", "ob_2"]
