"""Invents rules and contacts at random, for the proof that both ways to score agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Base, Contact, Contract, Event, Handoff, Message, NextOffer, Outbox
from core.types import EventKind
from scoring.nodes import RulesError
from scoring.reach import reachable_points
from scoring.reading import RulesReader, read_rules
from scoring.rules import Cap, RuleBook
from scoring.signals import SIGNALS, Shape

ZONES = (None, "America/New_York", "Asia/Tokyo", "Pacific/Kiritimati")
KINDS = [kind.value for kind in EventKind]
NAMES = st.text("aé'\"%:{}\\ \u20ac", min_size=1, max_size=4)  # what an id in YAML may hold and SQL stumbles over
READER = RulesReader(Path("rules.yml"))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """A signal with limits that can be met."""
    name = draw(st.sampled_from(sorted(SIGNALS)))
    signal = SIGNALS[name]
    if signal.shape is Shape.DAYS:
        return {"signal": name, "at_least": draw(st.integers(1, 4)), "within": draw(st.integers(0, 40))}
    low, high = (1, 12) if signal.shape is Shape.MONTH else (-3, 40)
    first, second = sorted(draw(st.tuples(st.integers(low, high), st.integers(low, high))))
    limits = draw(st.sampled_from([{"at_least": first}, {"at_most": second}, {"at_least": first, "at_most": second}]))
    window = {"within": draw(st.integers(0, 40))} if signal.on and draw(st.booleans()) else {}
    return {"signal": name} | limits | window


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    rule = {"id": f"{draw(NAMES)}{number}", "points": draw(st.integers(-30, 60).filter(bool))} | draw(conditions())
    signal = SIGNALS[rule["signal"]]
    if (signal.on or signal.shape in (Shape.SINCE, Shape.DAYS)) and draw(st.booleans()):
        rule["half_life"] = draw(st.integers(1, 20))
        if signal.shape is not Shape.DAYS and draw(st.booleans()):
            for limit in ("at_least", "at_most"):
                rule.pop(limit, None)
    return rule


@st.composite
def versions(draw: st.DrawFn) -> dict[str, Any]:
    """Rules, caps and gates; the bands lie where these rules can get."""
    made = [draw(rules(number)) for number in range(draw(st.integers(2, 7)))]
    made.append({"id": "sure", "signal": "days_known", "at_least": 0, "points": 30})
    made.append({"id": "more", "signal": "orders", "at_least": 1, "points": 40})
    gives = [rule for rule in made if rule["points"] > 0]
    caps = []
    if len(gives) > 1 and draw(st.booleans()):
        most = draw(st.integers(1, min(100, sum(rule["points"] for rule in gives) - 1)))
        caps = [{"id": "the cap", "rules": [rule["id"] for rule in gives], "at_most": most}]
    read = [READER.read_rule(yaml.compose(yaml.safe_dump(rule))) for rule in made]
    caps_read = [Cap(cap["id"], tuple(cap["rules"]), cap["at_most"]) for cap in caps]
    reach = sorted(reachable_points(read, caps_read) & set(range(100)))
    if len(reach) < 3:
        return draw(versions())
    middle, high = sorted(draw(st.sets(st.sampled_from(reach[1:]), min_size=2, max_size=2)))
    actions = st.sampled_from(["task", "trigger", "nothing"])
    bands = [("low", 0, middle - 1, "nurture"), ("middle", middle, high - 1, "educate"), ("high", high, 100, "offer")]
    version: dict[str, Any] = {
        "rules": made,
        "bands": [
            {"name": name, "from": low, "to": top, "purpose": purpose, "on_enter": draw(actions)}
            for name, low, top, purpose in bands
        ],
    }
    gates = [{"above": draw(st.integers(0, max(reach) - 1)), "only_if": draw(st.lists(conditions(), min_size=1, max_size=3))}
             for _ in range(draw(st.integers(0, 2)))]  # fmt: skip
    if caps:
        version["caps"] = caps
    return version | ({"gates": gates} if gates else {})


@st.composite
def books(draw: st.DrawFn) -> tuple[str, RuleBook]:
    """The text of an edition that can be published, and what it says."""
    packs = {
        "energy": {"kinds": ["electricity", "gas"], "active": "v1", "versions": {"v1": draw(versions())}},
        "it's": {"buyers": True, "active": "v1", "versions": {"v1": draw(versions())}},
    }
    for pack in packs.values():
        version = pack["versions"]["v1"]
        for gate in list(version.get("gates", [])):  # gates nobody gets through are refused
            one = {"default": "x", "packs": {"x": {"active": "v1", "versions": {"v1": version | {"gates": [gate]}}}}}
            try:
                read_rules(Path("x"), yaml.safe_dump(one))
            except RulesError:
                version["gates"].remove(gate)
        if not version.get("gates"):
            version.pop("gates", None)
    content = yaml.safe_dump({"default": draw(st.sampled_from(sorted(packs))), "packs": packs}, sort_keys=False)
    return content, read_rules(Path("rules.yml"), content)


type Rows = list[Base]


@st.composite
def histories(draw: st.DrawFn, number: int, now: datetime) -> tuple[Contact, Rows]:
    """A contact with what happened to it in the last weeks; its id is `number`."""
    ago = st.integers(0, 60 * 24 * 60).map(lambda minutes: now - timedelta(minutes=minutes))
    contact = Contact(
        id=number,
        token=f"t{number}",
        timezone=draw(st.sampled_from(ZONES)),
        value=draw(st.none() | st.integers(0, 40)),
        country=draw(st.none() | st.just("IT")),
        created_at=draw(ago),
    )
    found: Rows = []
    for kind in draw(st.sets(st.sampled_from(["electricity", "gas", "gym"]), max_size=2)):
        day = now.date() + timedelta(days=draw(st.integers(-5, 45)))
        found.append(Contract(contact_id=number, kind=kind, expires_on=draw(st.none() | st.just(day)), source="x"))
    for index, kind in enumerate(draw(st.lists(st.sampled_from(KINDS), max_size=8))):
        data = draw(st.sampled_from([{}, {"page": "price"}, {"amount": 12.5}, {"amount": "x"}]))
        found.append(Event(contact_id=number, kind=kind, at=draw(ago), key=f"{number}.{index}", data=data))
    for index, at in enumerate(draw(st.lists(ago, max_size=4))):
        found.append(
            Message(
                contact_id=number, wamid=f"{number}.{index}", phone_number_id="9", kind="text", payload={}, sent_at=at
            )
        )
    for index, at in enumerate(draw(st.lists(ago, max_size=7))):
        key = f"{number}.{index}"
        found.append(
            Outbox(
                contact_id=number,
                phone_number_id="9",
                key=key,
                callback=key,
                kind="reply",
                purpose="service",
                body={},
                text="",
                due_at=at,
                created_at=at,
                delivered_at=at,
            )
        )
    if draw(st.booleans()):
        found.append(
            Handoff(contact_id=number, reason="frustration", turn_key=f"{number}", card={}, opened_at=draw(ago))
        )
    if draw(st.booleans()):
        found.append(
            NextOffer(
                contact_id=number,
                kind="electricity",
                offer_code="x",
                supplier="x",
                yearly_saving=9,
                saving_percent=draw(st.integers(0, 4000)) / 100,
                currency="EUR",
                reason={},
                computed_at=draw(ago),
            )
        )
    return contact, found


async def add_histories(session: AsyncSession, made: list[tuple[Contact, Rows]]) -> None:
    session.add_all([contact for contact, _ in made])
    await session.flush()
    session.add_all([row for _, rows in made for row in rows])
    await session.flush()
