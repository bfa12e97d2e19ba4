"""Templates, media, the number: the Graph API beside sending."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import ANA, Sandbox, template

METER = Path("sandbox/files/meter.jpg").read_bytes()


@pytest.mark.parametrize("language", ["it", "de", "en"])
async def test_the_demos_template_reaches_the_phone_with_its_buttons(sandbox: Sandbox, language: str) -> None:
    node = template(language=language)
    payloads = [{"type": "payload", "payload": name} for name in ("/affirm", "/deny", "STOP_MKT")]
    node["components"] += [
        {"type": "button", "sub_type": "quick_reply", "index": str(n), "parameters": [one]}
        for n, one in enumerate(payloads)
    ]
    answer = await sandbox.send(type="template", template=node)
    assert answer.json()["messages"][0]["message_status"] == "accepted"
    (message,) = (await sandbox.control("messages", method="GET"))["messages"]
    assert "Ana" in message["shown"]["text"]
    assert "30" in message["shown"]["text"]
    assert [button["id"] for button in message["shown"]["buttons"]] == ["/affirm", "/deny", "STOP_MKT"]


def quick_reply(index: str, sub_type: str = "quick_reply", payload: str = "/affirm") -> dict[str, Any]:
    parameters = [{"type": "payload", "payload": payload}]
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": parameters}


def body_of(*parameters: dict[str, Any]) -> dict[str, Any]:
    return template() | {"components": [{"type": "body", "parameters": list(parameters)}]}


def named(**values: str) -> list[dict[str, Any]]:
    return [{"type": "text", "parameter_name": name, "text": text} for name, text in values.items()]


@pytest.mark.parametrize(
    ("node", "code"),
    [
        (template(name="missing"), 132001),
        (template(language="fr"), 132001),
        ({"name": "energy_value"}, 131008),
        (template(name="energy_value", language="it", days="30"), 132000),
        (body_of(*named(name="Ana", days="30", place="Bologna", more="x")), 132000),
        (body_of(*named(name="Ana", days="30", city="Bologna")), 132012),
        (body_of(*[{"type": "text", "text": "x"}] * 3), 132012),
        (body_of(*named(name="Ana", days="30"), {"type": "image", "parameter_name": "place", "image": {}}), 132012),
        (template(name="energy_value", language="it") | {"components": "wrong"}, 100),
        (body_of(*named(name="A\nna", days="30", place="Bologna")), 132018),
        (body_of(*named(name="A     na", days="30", place="Bologna")), 132018),
        (body_of(*named(name="", days="30", place="Bologna")), 132018),
        (body_of(*named(name="A" * 1024, days="30", place="Bologna")), 132005),
        (template() | {"components": [*template()["components"], quick_reply("3")]}, 132018),
        (template() | {"components": [*template()["components"], quick_reply("0", "url")]}, 132018),
        (template() | {"components": [*template()["components"], quick_reply("0", payload="p" * 257)]}, 132012),
    ],
)
async def test_a_template_send_that_does_not_fit_is_refused(sandbox: Sandbox, node: dict[str, Any], code: int) -> None:
    answer = await sandbox.send(type="template", template=node)
    assert (answer.status_code >= 400, answer.json()["error"]["code"]) == (True, code)


NEW = {
    "name": "news",
    "language": "it",
    "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Ciao {{1}}, ecco {{2}}.", "example": {"body_text": [["Ana", "tutto"]]}},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Apri", "url": "https://example.org/l/{{1}}"}]},
    ],
}
PICTURE = {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.org/a.jpg"}}]}
WORDS = {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "tutto"}]}
SUFFIX = {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "abc"}]}


async def create(sandbox: Sandbox) -> str:
    answer = await sandbox.client.post("/v25.0/700/message_templates", json=NEW)
    assert answer.json()["status"] == "PENDING"
    return str(answer.json()["id"])


def news(*components: dict[str, Any]) -> dict[str, Any]:
    return {"name": "news", "language": {"code": "it"}, "components": list(components)}


async def test_a_new_template_can_be_sent_once_it_is_approved(sandbox: Sandbox) -> None:
    template_id = await create(sandbox)
    node = news(PICTURE, WORDS, SUFFIX)
    assert (await sandbox.send(type="template", template=node)).json()["error"]["code"] == 132001
    await sandbox.control(f"templates/{template_id}/review", {"status": "APPROVED"})
    await sandbox.accepted(type="template", template=node)
    (message,) = (await sandbox.control("messages", method="GET"))["messages"]
    assert message["category"] == "utility"
    assert message["shown"]["text"] == "Ciao Ana, ecco tutto."
    assert message["shown"]["buttons"] == [{"kind": "link", "title": "Apri", "url": "https://example.org/l/abc"}]


@pytest.mark.parametrize(
    ("components", "code"), [((WORDS, SUFFIX), 132012), ((PICTURE, WORDS), 131008), ((PICTURE, SUFFIX), 132000)]
)
async def test_header_and_link_of_a_template_need_their_parameters(
    sandbox: Sandbox, components: tuple[dict[str, Any], ...], code: int
) -> None:
    await sandbox.control(f"templates/{await create(sandbox)}/review", {"status": "APPROVED"})
    answer = await sandbox.send(type="template", template=news(*components))
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("REJECTED", 132001)])
async def test_a_template_that_is_not_approved_is_refused_and_told(sandbox: Sandbox, status: str, code: int) -> None:
    listed = (await sandbox.client.get("/v25.0/700/message_templates?language=it")).json()["data"]
    found = next(entry for entry in listed if entry["name"] == template()["name"])
    await sandbox.control(f"templates/{found['id']}/review", {"status": status, "reason": "SCAM"})
    assert (await sandbox.send(type="template", template=template())).json()["error"]["code"] == code
    await sandbox.settle()
    (change,) = sandbox.application.bodies()[0]["entry"][0]["changes"]
    assert change["field"] == "message_template_status_update"
    assert (change["value"]["event"], change["value"]["message_template_id"]) == (status, int(found["id"]))


async def test_a_template_is_approved_by_itself_if_set_so(sandbox: Sandbox) -> None:
    await sandbox.config(template_review_ms=10)
    await create(sandbox)
    await sandbox.settle()
    (found,) = (await sandbox.client.get("/v25.0/700/message_templates?name=news")).json()["data"]
    assert found["status"] == "APPROVED"


async def test_a_name_and_language_can_be_used_once_and_freed(sandbox: Sandbox) -> None:
    await create(sandbox)
    assert (await sandbox.client.post("/v25.0/700/message_templates", json=NEW)).status_code == 400
    assert (await sandbox.client.delete("/v25.0/700/message_templates?name=news")).json() == {"success": True}
    await create(sandbox)


async def test_another_account_is_unknown(sandbox: Sandbox) -> None:
    for path in ("701/message_templates", "701/subscribed_apps", "4711"):
        assert (await sandbox.client.get(f"/v25.0/{path}")).json()["error"]["error_subcode"] == 33


async def test_the_app_can_be_subscribed(sandbox: Sandbox) -> None:
    assert (await sandbox.client.delete("/v25.0/700/subscribed_apps")).json() == {"success": True}
    assert (await sandbox.client.get("/v25.0/700/subscribed_apps")).json() == {"data": []}
    await sandbox.client.post("/v25.0/700/subscribed_apps")
    assert len((await sandbox.client.get("/v25.0/700/subscribed_apps")).json()["data"]) == 1


async def test_the_number_tells_about_itself(sandbox: Sandbox) -> None:
    number = (await sandbox.client.get("/v23.0/900")).json()
    assert (number["id"], number["display_phone_number"]) == ("900", "+390200000000")


async def test_media_of_a_customer_is_fetched_in_two_steps(sandbox: Sandbox) -> None:
    await sandbox.write(media="meter.jpg", text="il mio contatore")
    await sandbox.settle()
    node = sandbox.application.values("messages")[0]["image"]
    assert node["caption"] == "il mio contatore"
    assert base64.b64decode(node["sha256"]) == hashlib.sha256(METER).digest()
    told = (await sandbox.client.get(f"/v25.0/{node['id']}?phone_number_id=900")).json()
    assert (told["mime_type"], told["file_size"], told["sha256"]) == (
        "image/jpeg", len(METER), hashlib.sha256(METER).hexdigest()
    )  # fmt: skip
    for url in (told["url"], node["url"]):
        assert (await sandbox.client.get(url)).content == METER
        assert (await sandbox.client.get(url, headers={"Authorization": ""})).status_code == 401
    part = await sandbox.client.get(told["url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, METER[10:20])


async def test_a_media_address_is_gone_after_five_minutes(sandbox: Sandbox) -> None:
    await sandbox.write(media="voice-it.ogg")
    await sandbox.settle()
    node = sandbox.application.values("messages")[0]["audio"]
    assert (node["mime_type"], node["voice"]) == ("audio/ogg; codecs=opus", True)
    await sandbox.control("clock", {"seconds": 301})
    assert (await sandbox.client.get(node["url"])).status_code == 404
    fresh = (await sandbox.client.get(f"/v25.0/{node['id']}")).json()["url"]
    assert (await sandbox.client.get(fresh)).content.startswith(b"OggS")


async def test_an_uploaded_picture_can_be_sent(sandbox: Sandbox) -> None:
    await sandbox.write()
    fields = {"messaging_product": "whatsapp", "type": "image/jpeg"}
    answer = await sandbox.client.post("/v25.0/900/media", data=fields, files={"file": ("a.jpg", METER, "image/jpeg")})
    await sandbox.accepted(type="image", image={"id": answer.json()["id"]})
    (message,) = (await sandbox.control(f"customers/{ANA}/messages", method="GET"))[1:]
    assert (await sandbox.client.get(message["shown"]["media"]["url"])).content == METER


@pytest.mark.parametrize(("mime_type", "data"), [("image/jpeg", b""), ("chemical/x-pdb", b"x")])
async def test_a_file_whatsapp_does_not_take_is_131053(sandbox: Sandbox, mime_type: str, data: bytes) -> None:
    fields = {"messaging_product": "whatsapp", "type": mime_type}
    answer = await sandbox.client.post("/v25.0/900/media", data=fields, files={"file": ("a", data, mime_type)})
    assert answer.json()["error"]["code"] == 131053
