"""From wishes to facts: reads everything about a batch and fills its texts, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.gate.details import Detail
from campaigns.gate.facts import Facts, Room
from campaigns.gate.limits import Limits
from campaigns.gate.quiet import Home
from campaigns.gate.reading import (
    Deadline,
    Person,
    TemplateWord,
    Words,
    read_deadlines,
    read_people,
    read_words,
)
from campaigns.gate.room import hold_room, read_room
from campaigns.gate.wishes import Held, SendWish
from campaigns.refusals import Proposed, find_refusals
from campaigns.templates.definitions import (
    Definition,
    Filled,
    MissingValueError,
    Wording,
    fill_template,
    load_samples,
    load_templates,
)
from campaigns.templates.meta import write_components
from campaigns.values import RENEWAL_NAMES, Needed, read_values
from core.settings import Settings
from core.types import HoldReason, Language, Preference, Purpose, TemplateKind
from offers.member import Member, load_members
from scoring.gate import GateAnswer, read_gates
from whatsapp.window import is_window_open

REFUSABLE = {"membership_renewal", "win_back"}  # proposals somebody may have said a last word about
DAY = timedelta(hours=24)


class UnknownTemplateError(ValueError):
    """There is no template of this name; the message says which there are."""


@dataclass
class Prepared:
    """A wish with what decides it. facts is None where there is nobody to write to, which held then says."""

    wish: SendWish
    definition: Definition
    person: Person | None = None
    member: Member | None = None
    facts: Facts | None = None
    filled: Filled | None = None
    held: Held | None = None

    @property
    def cost(self) -> Decimal:
        return self.facts.cost if self.facts else Decimal(0)

    def take(self, now: datetime) -> None:
        """It leaves: the next message to the same contact finds it in its history."""
        if self.person:
            self.person.sent_at.append(now)


@dataclass(frozen=True)
class Batch:
    """What was read for all of it."""

    settings: Settings
    limits: Limits
    now: datetime
    people: Mapping[int, Person]
    gates: Mapping[int, GateAnswer]
    deadlines: Mapping[tuple[int, str], Deadline]
    words: Words


async def prepare(
    session: AsyncSession,
    settings: Settings,
    limits: Limits,
    wishes: Sequence[SendWish],
    now: datetime,
    hold: bool = False,
    room: Room | None = None,
) -> list[Prepared]:
    """Facts and texts of each wish, in order. room: what is left, read unless it is given.

    hold: from reading it on, nobody else decides.
    """
    definitions = load_templates(settings.address)
    for wish in wishes:
        if wish.template not in definitions:
            known = ", ".join(definitions)
            raise UnknownTemplateError(f"template {wish.template!r} is unknown: use {known}")
    ids = sorted({wish.contact_id for wish in wishes})
    scored = sorted({wish.contact_id for wish in wishes if asks_score(wish, definitions[wish.template])})
    kinds = sorted({kind for wish in wishes if (kind := definitions[wish.template].contract)})
    batch = Batch(
        settings=settings,
        limits=limits,
        now=now,
        people=await read_people(session, ids, now, settings.timezone),
        gates=await read_gates(session, scored, now, settings.timezone) if scored else {},
        deadlines=await read_deadlines(session, ids, kinds, now, settings.timezone),
        words=await read_words(session, settings),
    )
    prepared = [start(batch, wish, definitions[wish.template]) for wish in wishes]
    there = [(one, one.person) for one in prepared if one.person]
    await join_members(session, [one for one, _ in there], now)
    values = await read_values(session, settings, [need(batch, one, person) for one, person in there], now)
    refusals = await find_refusals(session, [propose(one, person) for one, person in there], now)
    if room is None:
        if hold:
            await hold_room(session)
        room = await read_room(session, settings, limits, wishes, now)
    for (one, person), own, refusal in zip(there, values, refusals, strict=True):
        describe(batch, room, one, person, {**own, **one.wish.values}, refusal)
    return prepared


async def join_members(session: AsyncSession, there: Sequence[Prepared], now: datetime) -> None:
    """Gives those whose membership has a say what is known of it."""
    asked = [one for one in there if one.definition.proposal in REFUSABLE or tells_renewal(one.definition)]
    if asked:
        members = await load_members(session, [one.wish.contact_id for one in asked], now)
        for one in asked:
            one.member = members.get(one.wish.contact_id)


def tells_renewal(definition: Definition) -> bool:
    """Whether its texts tell of a renewal."""
    return any(RENEWAL_NAMES & {*wording.parameters()} for wording in definition.texts.values())


def propose(one: Prepared, person: Person) -> Proposed:
    """What the template proposes."""
    return Proposed(person.id, one.definition.proposal, person.row.zone, one.member)


def asks_score(wish: SendWish, definition: Definition) -> bool:
    """Whether the score has a say."""
    own = (wish.min_score, wish.within_days, wish.min_saving_percent)
    return definition.kind is TemplateKind.OFFER or any(one is not None for one in own)


def start(batch: Batch, wish: SendWish, definition: Definition) -> Prepared:
    person = batch.people.get(wish.contact_id)
    return Prepared(wish, definition, person, held=None if person else Held(HoldReason.ERASED))


def choose_language(batch: Batch, person: Person) -> Language:
    """The contact's, or the company's where it is none of ours."""
    own = person.row.language
    return Language(own) if own in set(Language) else batch.settings.language


def need(batch: Batch, one: Prepared, person: Person) -> Needed:
    """Which values the text wants."""
    language = choose_language(batch, person)
    wording = one.definition.texts[language]
    names = frozenset([*wording.parameters(), *([one.definition.link] if one.definition.link else [])])
    contract = batch.deadlines.get((person.id, one.definition.contract)) if one.definition.contract else None
    return Needed(person.row, language, names, contract, one.member)


def describe(
    batch: Batch, room: Room, one: Prepared, person: Person, values: Mapping[str, str], refusal: Detail | None
) -> None:
    """Fills the text and gathers the facts."""
    definition, now = one.definition, batch.now
    row, language = person.row, choose_language(batch, person)
    wording = definition.texts[language]
    word = find_word(batch, one.wish.template, language, wording)
    missing = None
    try:
        one.filled = fill_template(one.wish.template, language, wording, values, definition.link)
    except MissingValueError as error:
        missing = ", ".join(error.names)
    gate = batch.gates.get(person.id)
    deadline = batch.deadlines.get((person.id, definition.contract or ""))
    marketing = definition.category == "MARKETING" or word.marketing
    purpose = Purpose.MARKETING if marketing and definition.purpose is Purpose.SERVICE else definition.purpose
    asleep = row.session_seen_at and row.session_seen_at + timedelta(hours=batch.settings.session_hours)
    one.facts = Facts(
        wish=one.wish,
        kind=definition.kind,
        home=Home(row.zone, row.country, row.region, row.postcode, row.place),
        room=room,
        language=language,
        is_marketing=marketing,
        erased=row.erased,
        reachable=row.reachable,
        undelivered=person.undelivered,
        preference=Preference(row.preference) if row.preference else None,
        consent=getattr(row, purpose.value),
        refusal=refusal,
        refused_at=person.refused_at,
        handoff_open=row.handoff_open,
        last_inbound_at=row.last_inbound_at,
        question_until=asleep if row.question_open else None,
        template_problem=word.problem,
        template_detail=word.detail,
        missing=missing,
        points=gate.points if gate else None,
        score_gate=gate.unmet if gate else (),
        days_left=deadline.days if definition.contract and deadline else gate.days_left if gate else None,
        saving_percent=gate.saving_percent if gate else None,
        sent_at=person.sent_at,
        is_new_today=not is_window_open(row.last_inbound_at, now) and not any(at > now - DAY for at in person.sent_at),
        cost=batch.limits.price(row.country, "MARKETING" if marketing else "UTILITY"),
    )


def find_word(batch: Batch, name: str, language: Language, wording: Wording) -> TemplateWord:
    """WhatsApp's word about the text this contact would read."""
    components = make_components(wording, language.value, batch.settings.public_url)
    return batch.words.find(name + wording.suffix, language.value, components)


@cache
def make_components(wording: Wording, language: str, public_url: str) -> list[dict[str, object]]:
    """As they would be handed in; made once per text."""
    return write_components(wording, language, load_samples(), public_url)
