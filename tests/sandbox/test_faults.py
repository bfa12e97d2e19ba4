"""Trouble on demand, as a sender meets it."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.conftest import ANA, Sandbox, template

BORIS = "+390200000012"


async def codes(sandbox: Sandbox, count: int) -> list[int]:
    return [(await sandbox.send()).status_code for _ in range(count)]


async def test_a_rule_strikes_once_unless_told_otherwise(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"code": 131016})
    assert await codes(sandbox, 2) == [503, 200]


async def test_a_rule_strikes_so_many_times(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"code": 131056, "times": 2})
    assert await codes(sandbox, 3) == [400, 400, 200]


async def test_a_rule_strikes_every_third(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"code": 131000, "every": 3})
    assert await codes(sandbox, 6) == [200, 200, 500, 200, 200, 500]


async def test_a_rule_strikes_always_until_it_is_taken_away(sandbox: Sandbox) -> None:
    await sandbox.write()
    rule = await sandbox.control("faults", {"code": 131000, "always": True})
    assert await codes(sandbox, 2) == [500, 500]
    assert (await sandbox.control("faults", method="GET"))[0]["hits"] == 2
    await sandbox.control(f"faults/{rule['id']}", method="DELETE")
    assert await codes(sandbox, 1) == [200]


@pytest.mark.parametrize(
    "match",
    [{"customer": BORIS[1:]}, {"callback": "ob_2"}, {"contains": "secondo"}, {"customer": BORIS[1:], "type": "text"}],
)
async def test_a_rule_strikes_only_what_it_matches(sandbox: Sandbox, match: dict[str, str]) -> None:
    await sandbox.write()
    await sandbox.write(customer=BORIS, text="Ciao")
    await sandbox.control("faults", {"code": 131026, "always": True, "match": match})
    await sandbox.accepted(biz_opaque_callback_data="ob_1")
    struck = await sandbox.send(to=BORIS, biz_opaque_callback_data="ob_2", text={"body": "il secondo"})
    assert struck.json()["error"]["code"] == 131026


async def test_a_rule_can_match_a_template(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"code": 132015, "always": True, "match": {"template": "energy_value"}})
    await sandbox.accepted()
    assert (await sandbox.send(type="template", template=template())).json()["error"]["code"] == 132015


async def test_a_late_code_comes_as_a_failed_status(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"code": 131049, "late": True})
    wamid = await sandbox.accepted()
    await sandbox.settle()
    (row,) = sandbox.application.values("statuses")
    assert (row["id"], row["status"], row["errors"][0]["code"]) == (wamid, "failed", 131049)


async def test_a_plain_status_is_not_metas_json(sandbox: Sandbox) -> None:
    await sandbox.control("faults", {"http_status": 502})
    answer = await sandbox.send()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/plain; charset=utf-8")


async def hang(sandbox: Sandbox) -> None:
    body = {"messaging_product": "whatsapp", "to": ANA, "type": "text", "text": {"body": "Ciao"}}
    await sandbox.client.post("/v25.0/900/messages", json=body | {"biz_opaque_callback_data": "ob_9"}, timeout=0.5)


async def test_a_timeout_after_accepting_still_sends_the_statuses(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"timeout": "accepted"})
    with pytest.raises(httpx.ReadTimeout):
        await hang(sandbox)
    await sandbox.settle()
    rows = sandbox.application.values("statuses")
    assert [(row["status"], row["biz_opaque_callback_data"]) for row in rows] == [
        ("sent", "ob_9"),
        ("delivered", "ob_9"),
    ]
    assert (await sandbox.control("messages", method="GET"))["total"] == 1


async def test_a_timeout_that_loses_the_message_sends_nothing(sandbox: Sandbox) -> None:
    await sandbox.write()
    await sandbox.control("faults", {"timeout": "lost"})
    with pytest.raises(httpx.ReadTimeout):
        await hang(sandbox)
    await sandbox.settle()
    assert sandbox.application.values("statuses") == []
    assert (await sandbox.control("messages", method="GET"))["total"] == 0


@pytest.mark.parametrize(("rule", "total"), [({"drop": "lost"}, 0), ({"drop_after_accept": True}, 1)])
async def test_a_connection_can_be_cut_before_or_after_accepting(
    sandbox: Sandbox, rule: dict[str, object], total: int
) -> None:
    await sandbox.write()
    await sandbox.control("faults", rule)
    with pytest.raises(httpx.RemoteProtocolError):
        await sandbox.send()
    assert (await sandbox.control("messages", method="GET"))["total"] == total


async def test_a_template_can_be_held_for_assessment(sandbox: Sandbox) -> None:
    await sandbox.control("faults", {"held": True})
    answer = await sandbox.send(type="template", template=template())
    assert answer.json()["messages"][0]["message_status"] == "held_for_quality_assessment"


async def test_an_empty_rule_is_refused(sandbox: Sandbox) -> None:
    assert (await sandbox.client.post("/control/faults", json={"times": 3})).status_code == 422
    assert (await sandbox.client.post("/control/faults", json={"cod": 3})).status_code == 422


async def test_when_whatsapp_is_down_nothing_passes_in_either_direction(sandbox: Sandbox) -> None:
    await sandbox.control("down", {"on": True})
    await sandbox.write()
    answer = await sandbox.send()
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, 131016)
    assert sandbox.application.posts == []
    await sandbox.control("down", {"on": False})
    await sandbox.settle()
    assert len(sandbox.application.values("messages")) == 1
    await sandbox.accepted()
