from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from core import clock
from core.db import Sessions
from core.tables import Consent, Contact, Contract, Event, Message, Offer, Outbox
from scoring.refresh import refresh_stale
from webhook.profile import explain_contact

GIULIA: dict[str, Any] = {
    "external_id": "crm-1",
    "phone": "+39 02 0000 0001",
    "name": "Giulia Bianchi",
    "language": "it",
    "postcode": "39100",
    "consent": {"purpose": "marketing", "given": True, "wording": "Sì, scrivetemi", "at": "2026-11-01T10:00:00+01:00"},
    "contract": {"kind": "electricity", "supplier": "Old", "expires_on": None, "price_per_kwh": "0.25"},
}


def expires_in(days: int) -> dict[str, str]:
    """A contract that ends in so many days, on the calendar of contacts without a time zone of their own."""
    today = clock.now().astimezone(ZoneInfo("Europe/Rome")).date()
    return {"kind": "electricity", "expires_on": (today + timedelta(days)).isoformat()}


async def put(client: httpx.AsyncClient, *contacts: dict[str, Any]) -> str:
    """Puts contacts; the token of the first."""
    answer = await client.put("/api/contacts", json=list(contacts))
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["token"])


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "demo"}])
async def test_without_the_key_nothing_is_told(address: str, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as stranger:
        assert (await stranger.get("/api/contacts/x")).status_code == 401


async def test_a_contact_is_stored_with_consent_and_contract(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA)
    contact = (await session.scalars(select(Contact))).one()
    assert (contact.phone, contact.place, contact.region) == (
        "+390200000001",
        "Bolzano",
        "Trentino-Alto Adige/Südtirol",
    )
    assert contact.score_stale_at is not None
    assert (await session.scalars(select(Consent.wording))).all() == ["Sì, scrivetemi"]
    assert (await session.scalars(select(Contract.supplier))).all() == ["Old"]


async def test_the_same_request_again_changes_nothing(client: httpx.AsyncClient, session: AsyncSession) -> None:
    assert await put(client, GIULIA) == await put(client, GIULIA)
    for table in (Contact, Consent, Contract):
        assert len((await session.scalars(select(table))).all()) == 1


async def test_one_contact_needs_no_list(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/contacts", json=GIULIA)
    assert answer.json()[0]["external_id"] == "crm-1"


async def test_fields_left_out_stay_and_null_clears(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA)
    await put(client, {"external_id": "crm-1", "name": None, "contract": expires_in(10)})
    contact = (await session.scalars(select(Contact))).one()
    contract = (await session.scalars(select(Contract))).one()
    assert (contact.name, contact.postcode, contract.supplier) == (None, "39100", "Old")


async def test_an_unclear_postcode_leaves_the_place_open(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, {"phone": "+393331234567", "postcode": "00030"})
    contact = (await session.scalars(select(Contact))).one()
    assert (contact.place, contact.region) == (None, "Lazio")


async def test_a_new_number_keeps_the_contact(client: httpx.AsyncClient, session: AsyncSession) -> None:
    token = await put(client, GIULIA)
    assert await put(client, GIULIA | {"phone": "+390200000099"}) == token
    assert (await session.scalars(select(Contact.phone))).all() == ["+390200000099"]


async def test_an_external_id_of_another_contact_is_a_conflict(client: httpx.AsyncClient) -> None:
    await put(client, GIULIA, {"phone": "+390200000002", "external_id": "crm-2"})
    answer = await client.put("/api/contacts", json={"phone": "+390200000002", "external_id": "crm-1"})
    assert answer.status_code == 409
    assert "belong to two contacts" in answer.json()["detail"][0]["msg"]


async def test_every_bad_item_is_named_by_its_index(client: httpx.AsyncClient, session: AsyncSession) -> None:
    answer = await client.put("/api/contacts", json=[{"external_id": "x"}, GIULIA, {"external_id": "y"}])
    assert [(one["loc"], one["msg"][:17]) for one in answer.json()["detail"]] == [
        (["body", 0], "external_id 'x' i"),
        (["body", 2], "external_id 'y' i"),
    ]
    assert (await session.scalars(select(Contact))).all() == []


async def test_telling_again_leaves_score_and_consents_alone(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA)
    await session.execute(text("UPDATE contact SET score_stale_at = NULL"))
    await session.commit()
    await put(client, GIULIA | {"consent": GIULIA["consent"] | {"proof": "another request"}})
    assert await session.scalar(select(Contact.score_stale_at)) is None
    assert len((await session.scalars(select(Consent))).all()) == 1


async def test_a_person_known_by_user_id_gets_the_number_of_the_crm(
    client: httpx.AsyncClient, session: AsyncSession
) -> None:
    token = await put(client, {"user_id": "IT.4411", "external_id": "crm-1"})
    assert await put(client, {"external_id": "crm-1", "phone": "+390200000001"}) == token
    contact = (await session.scalars(select(Contact))).one()
    assert (contact.phone, contact.user_id) == ("+390200000001", "IT.4411")


async def test_a_bare_number_is_scored_too(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, {"phone": "+390200000001"})
    assert await session.scalar(select(Contact.score_stale_at)) is not None


async def test_what_a_person_may_be_worth_has_a_currency(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA | {"value": "240"})
    contact = (await session.scalars(select(Contact))).one()
    assert (str(contact.value), contact.value_currency) == ("240.00", "EUR")


async def test_a_purchase_keeps_what_was_paid(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA)
    bought = {"contact": "crm-1", "kind": "purchase", "key": "r-1", "amount": "12.90", "data": {"product": "shoes"}}
    assert (await client.post("/api/events", json=bought)).json() == {"stored": 1, "repeated": 0}
    assert (await session.scalars(select(Event.data))).all() == [
        {"product": "shoes", "amount": "12.90", "currency": "EUR"}
    ]


async def test_one_bad_contact_stores_none(client: httpx.AsyncClient, session: AsyncSession) -> None:
    answer = await client.put("/api/contacts", json=[GIULIA, {"external_id": "crm-9"}])
    assert answer.status_code == 422
    assert (await session.scalars(select(Contact))).all() == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("phone", "0471 123456", "with its country"),
        ("language", "fr", "'it', 'de' or 'en'"),
        ("timezone", "Rome", "like Europe/Rome"),
        ("consent", {"given": True, "wording": "x", "at": "2026-11-01T10:00:00"}, "timezone"),
        ("contract", [{"kind": "gas"}, {"kind": "gas"}], "one contract per kind"),
        ("contract", {"kind": "gas", "yearly_cost": "-1"}, "greater than or equal to 0"),
        ("nmae", "Ana", "Extra inputs are not permitted"),
    ],
)
async def test_a_wrong_field_is_named_with_its_remedy(
    client: httpx.AsyncClient, field: str, value: object, words: str
) -> None:
    answer = await client.put("/api/contacts", json=[GIULIA | {field: value}])
    assert answer.status_code == 422
    assert words in answer.text
    assert field in answer.text


@pytest.mark.parametrize(
    "body", [b'{"phone": "+390200000001", "name": "a\\u0000b"}', b'{"phone": "+390200000001", "name": "\\ud800"}']
)
async def test_text_that_cannot_be_stored_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.put("/api/contacts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


async def test_a_name_that_cannot_exist_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/contacts/a%00b")).status_code == 404


async def test_a_contact_without_any_id_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.put("/api/contacts", json={"name": "Ana"})
    assert answer.status_code == 422
    assert "give phone, user_id or external_id" in answer.text


async def test_an_event_is_stored_once_and_marks_the_score(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA)
    await session.execute(text("UPDATE contact SET score_stale_at = NULL"))
    await session.commit()
    quote = {"contact": "crm-1", "kind": "quote_request", "key": "q-1", "data": {"page": "/luce"}}
    assert (await client.post("/api/events", json=quote)).json() == {"stored": 1, "repeated": 0}
    assert (await client.post("/api/events", json=[quote, quote])).json() == {"stored": 0, "repeated": 2}
    assert (await session.scalars(select(Event.data))).all() == [{"page": "/luce"}]
    assert await session.scalar(select(Contact.score_stale_at)) is not None


async def test_an_event_of_a_stranger_is_refused_by_name(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/events", json={"contact": "crm-7", "kind": "form", "key": "1"})
    assert answer.status_code == 404
    assert "'crm-7'" in answer.json()["detail"][0]["msg"]


async def test_an_event_cannot_lie_in_the_future(client: httpx.AsyncClient) -> None:
    await put(client, GIULIA)
    future = {"contact": "crm-1", "kind": "form", "key": "1", "at": "2099-01-01T00:00:00Z"}
    answer = await client.post("/api/events", json=future)
    assert answer.status_code == 422
    assert "correct `at`" in answer.json()["detail"][0]["msg"]


async def test_a_contact_is_found_by_all_its_names(client: httpx.AsyncClient, sessions: Sessions) -> None:
    token = await put(client, GIULIA | {"user_id": "IT.4411"})
    async with sessions.begin() as session:
        merge = "INSERT INTO contact_merge (loser_id, loser_token, winner_id) SELECT 99, 'old', id FROM contact"
        await session.execute(text(merge))
    for name in (token, "+390200000001", "390200000001", "IT.4411", "crm-1", "old"):
        assert (await client.get(f"/api/contacts/{name}")).json()["token"] == token, name


async def test_an_unknown_contact_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/contacts/nobody")).status_code == 404


async def test_a_profile_has_exactly_these_parts(client: httpx.AsyncClient) -> None:
    token = await put(client, GIULIA)
    profile = (await client.get(f"/api/contacts/{token}")).json()
    assert profile["consent"] == {
        "marketing": {"given": True, "at": "2026-11-01T09:00:00+00:00", "wording": "Sì, scrivetemi"},
        "platform": None,
    }
    assert profile["contract"][0]["price_per_kwh"] == "0.250000"
    assert set(profile) == {
        *("token", "external_id", "name", "phone", "user_id", "language", "postcode", "place", "region", "consent"),
        *(
            "contract",
            "answers",
            "events",
            "score",
            "score_history",
            "learned",
            "defection",
            "next_offer",
            "turns",
            "outbox",
            "handoff",
        ),
        "window_until",
    }


async def test_a_score_comes_with_its_receipt_in_words(client: httpx.AsyncClient, sessions: Sessions) -> None:
    token = await put(client, GIULIA | {"contract": expires_in(20)})
    await refresh_stale(sessions, clock.now())
    score = (await client.get(f"/api/contacts/{token}?language=de")).json()["score"]
    assert (score["points"], score["band"], score["version"]) == (50, "middle", "v3")
    assert score["receipt"][0]["words"].startswith("der Vertrag endet am ")


async def test_the_history_shows_both_directions_with_attempts_and_statuses(
    client: httpx.AsyncClient, session: AsyncSession
) -> None:
    token = await put(client, GIULIA | {"contract": expires_in(20)})
    contact_id = await session.scalar(select(Contact.id))
    assert contact_id is not None
    sent = (
        await client.post("/api/messages", json={"contact": token, "template": "energy_value", "at_once": True})
    ).json()
    session.add(
        Message(
            contact_id=contact_id,
            wamid="w1",
            phone_number_id="900",
            kind="text",
            text="Sì",
            payload={},
            sent_at=clock.now(),
        )
    )
    await session.execute(text("UPDATE message SET received_at = now() + interval '1 minute'"))
    values = {"id": sent["id"]}
    await session.execute(
        text("INSERT INTO attempt (outbox_id, at, outcome, http_status) VALUES (:id, now(), 'accepted', 200)"), values
    )
    await session.execute(
        text("INSERT INTO delivery_report (wamid, status, outbox_id, at) VALUES ('o1', 'delivered', :id, now())"),
        values,
    )
    await session.commit()
    history = (await client.get(f"/api/contacts/{token}/messages")).json()
    assert {entry["direction"]: entry["text"][:4] for entry in history} == {"out": "Ciao", "in": "Sì"}
    out = next(entry for entry in history if entry["direction"] == "out")
    assert [attempt["outcome"] for attempt in out["attempts"]] == ["accepted"]
    assert [status["status"] for status in out["statuses"]] == ["delivered"]


async def test_a_template_is_filled_from_the_contact(client: httpx.AsyncClient, session: AsyncSession) -> None:
    await put(client, GIULIA | {"contract": expires_in(20)})
    answer = await client.post("/api/messages", json={"contact": "crm-1", "template": "energy_value", "at_once": True})
    assert answer.status_code == 200, answer.text
    row = (await session.scalars(select(Outbox))).one()
    assert row.text.startswith("Ciao Giulia, il tuo contratto luce scade tra 20 giorni.")
    assert "per Bolzano in" in row.text
    assert [option["id"] for option in row.options] == ["/affirm", "/deny", "STOP_MKT"]
    assert (row.proposal, row.purpose, row.kind) == ("energy_comparison", "marketing", "template")


async def test_one_occasion_is_sent_once(client: httpx.AsyncClient) -> None:
    await put(client, GIULIA | {"contract": expires_in(20)})
    body = {"contact": "crm-1", "template": "energy_value", "at_once": True}
    first, second, other = [
        (await client.post("/api/messages", json=body | extra)).json() for extra in ({}, {}, {"key": "second chance"})
    ]
    assert (first["repeated"], second["repeated"], other["repeated"]) == (False, True, False)
    assert first["id"] == second["id"] != other["id"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"consent": []}, 409, "has not agreed"),
        ({"contract": []}, 409, "needs days"),
        ({"contract": expires_in(1)}, 409, "needs days"),
        ({"name": None}, 409, "needs name"),
        ({"postcode": None}, 409, "needs place"),
    ],
)
async def test_a_message_with_a_gap_is_not_sent(
    client: httpx.AsyncClient, session: AsyncSession, changes: dict[str, Any], status: int, words: str
) -> None:
    await put(client, GIULIA | {"contract": expires_in(20)} | changes)
    answer = await client.post("/api/messages", json={"contact": "crm-1", "template": "energy_value", "at_once": True})
    assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert (await session.scalars(select(Outbox))).all() == []


async def test_given_parameters_fill_gaps(client: httpx.AsyncClient) -> None:
    await put(client, GIULIA | {"contract": expires_in(20), "name": None})
    body = {"contact": "crm-1", "template": "energy_value", "parameters": {"name": "Giulia"}, "at_once": True}
    assert (await client.post("/api/messages", json=body)).status_code == 200


@pytest.mark.parametrize(
    "body", [{"template": "unheard_of"}, {"template": "energy_value", "parameters": {"colour": "red"}}]
)
async def test_an_unknown_template_or_parameter_is_named(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    await put(client, GIULIA)
    answer = await client.post("/api/messages", json={"contact": "crm-1"} | body)
    assert answer.status_code == 422


async def test_an_offer_is_added_and_replaced(client: httpx.AsyncClient, session: AsyncSession) -> None:
    offer = {
        "code": "OWN-7",
        "country": "IT",
        "supplier": "Own",
        "name": "Own",
        "price_type": "fixed",
        "price_per_kwh": "0.15",
        "fixed_per_year": "96.00",
        "green": True,
        "region": ["03", "04"],
    }
    for price in ("0.15", "0.14"):
        assert (await client.put("/api/offers", json=offer | {"price_per_kwh": price})).json() == {"stored": 1}
    row = (await session.scalars(select(Offer).where(Offer.code == "OWN-7"))).one()
    await session.delete(row)
    await session.commit()
    assert (str(row.price_per_kwh), row.region, row.source) == ("0.140000", "03;04", "api")


async def test_the_clock_moves_and_scores_follow(client: httpx.AsyncClient, sessions: Sessions) -> None:
    before = clock.now()
    token = await put(client, GIULIA | {"contract": expires_in(70)})
    await refresh_stale(sessions, clock.now())
    try:
        moved = (await client.post("/api/clock", json={"seconds": 20 * 86400})).json()["now"]
        assert datetime.fromisoformat(moved) - before > timedelta(days=20)
        await refresh_stale(sessions, clock.now())
        assert (await client.get(f"/api/contacts/{token}")).json()["score"]["points"] == 40
    finally:
        async with sessions.begin() as session:
            await session.execute(text("DELETE FROM clock"))
            await clock.sync_clock(session)


async def test_a_profile_takes_three_statements_however_much_there_is_and_no_rollback(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    token = await put(client, GIULIA)
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    def refuse(_c: Any) -> None:
        statements.append("ROLLBACK")

    event.listen(engine.sync_engine, "before_cursor_execute", count)
    event.listen(engine.sync_engine, "rollback", refuse)
    await client.get(f"/api/contacts/{token}")
    event.remove(engine.sync_engine, "before_cursor_execute", count)
    event.remove(engine.sync_engine, "rollback", refuse)
    assert len(statements) == 3, statements


async def test_a_contact_is_explained_in_words(
    client: httpx.AsyncClient, sessions: Sessions, session: AsyncSession
) -> None:
    await put(client, GIULIA | {"contract": {"kind": "electricity", "supplier": "Old", **expires_in(20)}})
    await refresh_stale(sessions, clock.now())
    words = await explain_contact(session, "crm-1", "en")
    assert words is not None
    lines = words.splitlines()
    assert lines[0] == "Giulia Bianchi, +390200000001, Bolzano, Trentino-Alto Adige/Südtirol"
    assert lines[1].startswith("Score: 50 of 100 (middle), rules v3")
    assert lines[2].startswith("   +40  the contract ends on ")
    assert 'Consent to marketing: given on 1 Nov 2026 ("Sì, scrivetemi")' in lines
    assert lines[-1] == "24-hour window: closed, never wrote"


async def test_the_next_best_offer_is_shown_with_its_reason(
    client: httpx.AsyncClient, sessions: Sessions, session: AsyncSession
) -> None:
    price = {"price_type": "fixed", "price_per_kwh": "0.15", "fixed_per_year": "60.00", "green": True}
    await client.put(
        "/api/offers", json=price | {"code": "LI-1", "country": "LI", "supplier": "Lihga", "name": "Rhein"}
    )
    contract = {"kind": "electricity", "yearly_kwh": "2000", "price_per_kwh": "0.20", "fixed_per_year": "100.00"}
    try:
        token = await put(
            client, {"external_id": "crm-9", "phone": "+4232000000", "country": "LI", "contract": contract}
        )
        await refresh_stale(sessions, clock.now())
        offer = (await client.get(f"/api/contacts/{token}", params={"language": "de"})).json()["next_offer"]
        words = await explain_contact(session, "crm-9", "it")
        assert await session.scalar(text("SELECT next_id FROM offer_sweep WHERE kind = 'electricity'")) == 0
    finally:
        await session.execute(text("DELETE FROM offer WHERE code = 'LI-1'"))
        await session.commit()
    # 100 + 2000 * 0.20 = 500 today, 60 + 2000 * 0.15 = 360
    assert (offer["supplier"], offer["yearly_saving"], offer["saving_percent"]) == ("Lihga", "140.00", "28.00")
    assert "Ersparnis: 140,00 € im Jahr (28,0 %)" in offer["words"]
    assert "  con Lihga, Rhein: 360,00 € all'anno" in (words or "").splitlines()


async def test_the_audit_tells_what_is_missing(client: httpx.AsyncClient) -> None:
    await put(client, GIULIA)
    report = (await client.get("/api/audit")).json()
    assert report["contacts"] == report["clean"]["number"] == 1
    assert report["features"][-1]["missing"]["reachable"] > 1000


async def test_a_stranger_is_not_explained(session: AsyncSession) -> None:
    assert await explain_contact(session, "nobody", "en") is None


async def test_every_route_and_field_is_documented(address: str) -> None:
    async with httpx.AsyncClient(base_url=address, trust_env=False) as anyone:
        document = (await anyone.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        assert all(method["summary"] for method in methods.values()), path
    assert (
        "Never a total bill"
        in document["components"]["schemas"]["ContractIn"]["properties"]["yearly_cost"]["description"]
    )
