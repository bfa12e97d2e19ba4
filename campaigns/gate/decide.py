"""The one gate: may this message go to this contact now? The first reason against it is the answer. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from campaigns.gate.details import GATE, Detail, describe
from campaigns.gate.facts import Facts
from campaigns.gate.limits import Limits
from campaigns.gate.quiet import ON_THE_WAY, find_quiet, next_open
from campaigns.gate.wishes import Held, Origin
from core.types import HoldReason as Reason
from core.types import Preference, TemplateKind
from whatsapp.errors import MARKETING_REST

TIRED = 3  # messages in a row that could not be delivered: blocked us, or no WhatsApp any more
DAYS = timedelta(days=1)
LATER = timedelta(hours=1)  # when nobody knows how long it takes: a person talks, a template is paused

SCORE_GATES = frozenset({Reason.SCORE, Reason.DEADLINE, Reason.SAVING})
CAPS = frozenset({Reason.DAILY_CAP, Reason.WEEKLY_CAP})
MOMENT = frozenset({Reason.CONVERSATION, Reason.QUIET_HOURS, Reason.HOLIDAY})
# What is not asked, by who wants the message. What a person may say and what WhatsApp allows counts for all of them.
# Another system chose the contact itself. Who asked for a message gets it whatever the score, and once. A person of
# ours writes in a conversation, sees it, and answers for the moment; messages like that hardly count for the pace.
UNASKED: dict[Origin, frozenset[Reason]] = {
    Origin.CAMPAIGN: frozenset(),
    Origin.SYSTEM: SCORE_GATES,
    Origin.ASKED: SCORE_GATES | CAPS,
    Origin.PERSON: SCORE_GATES | CAPS | MOMENT | {Reason.HANDOFF, Reason.PACE},
}


def decide(facts: Facts, limits: Limits, now: datetime) -> Held | None:
    """Why the message is held and when to ask again; None: it may go."""
    unasked = UNASKED[facts.origin]
    for stage in STAGES:
        for held in stage(facts, limits, now):
            if held.reason not in unasked:
                return held
    return None


def check_person(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """Erased or about to be, no way to reach them, blocked."""
    if facts.erased:
        yield Held(Reason.ERASED)
    if not facts.reachable:
        yield Held(Reason.NO_ADDRESS)
    if facts.undelivered >= TIRED:
        yield Held(Reason.BLOCKED)


def check_consent(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """WhatsApp's switch, a withdrawal, the consent for the purpose, a no to just this, WhatsApp's own limit."""
    if facts.is_marketing and facts.preference is Preference.STOP:
        yield Held(Reason.PLATFORM_STOP)
    if facts.consent is False:
        yield Held(Reason.OPTED_OUT)
    if facts.is_marketing and facts.consent is None:
        yield Held(Reason.NO_CONSENT)
    if facts.refusal:
        yield Held(Reason.REFUSED, detail=facts.refusal)
    if facts.is_marketing and facts.refused_at and now < facts.refused_at + MARKETING_REST:
        yield Held(Reason.MARKETING_REST, facts.refused_at + MARKETING_REST)


def check_conversation(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """A person talks with them, or the assistant does. A reminder may remind of the question that is open."""
    if facts.handoff_open:
        yield Held(Reason.HANDOFF, now + LATER)
    silent_at = facts.last_inbound_at and facts.last_inbound_at + timedelta(minutes=limits.conversation_minutes)
    if silent_at and now < silent_at:
        yield Held(Reason.CONVERSATION, silent_at)
    reminds = facts.kind in (TemplateKind.REMINDER, TemplateKind.HELP)
    if facts.question_until and now < facts.question_until and not reminds:
        yield Held(Reason.CONVERSATION, facts.question_until)


def check_template(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """Approved, in the contact's language, and no gap in it."""
    if facts.template_problem:
        yield Held(facts.template_problem, now + LATER, facts.template_detail)
    if facts.missing:
        yield Held(Reason.VALUE_MISSING, detail=describe("missing", names=facts.missing))


def check_score(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """The score's own gates for offers, and what the step asks for beyond; the last day counts as inside."""
    wish, opens = facts.wish, facts.kind is TemplateKind.OFFER
    points, saving = facts.points, facts.saving_percent
    if wish.min_score is not None:
        if points is None:
            yield Held(Reason.SCORE, detail=describe("no_score"))
        elif points < wish.min_score:
            yield Held(Reason.SCORE, detail=describe("points", points=points, least=wish.min_score))
    if opens and points is None:
        yield Held(Reason.SCORE, now + LATER, describe("no_score"))
    for unmet in facts.score_gate if opens else ():
        yield Held(REASON_OF.get(unmet.get("signal", ""), Reason.SCORE), detail=Detail(GATE, unmet))
    if wish.within_days is not None:
        left = facts.days_left
        if left is None:
            yield Held(Reason.DEADLINE, detail=describe("no_deadline"))
        elif left < 0:
            yield Held(Reason.DEADLINE, detail=describe("too_late", days=-left))
        elif left > wish.within_days:
            early = describe("too_early", days=left, most=wish.within_days)
            yield Held(Reason.DEADLINE, now + (left - wish.within_days) * DAYS, early)
    if (least := wish.min_saving_percent) is not None:
        if saving is None:
            yield Held(Reason.SAVING, detail=describe("no_saving", least=least))
        elif saving < least:
            yield Held(Reason.SAVING, detail=describe("small_saving", percent=saving, least=least))


REASON_OF = {"days_left": Reason.DEADLINE, "saving_percent": Reason.SAVING}


def check_caps(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """How much the contact got, in days of its own calendar."""
    today = facts.local_day(now)
    days = sorted(facts.local_day(at) for at in facts.sent_at)
    week = [day for day in days if day > today - 7 * DAYS]
    if limits.caps.per_day and week.count(today) >= limits.caps.per_day:
        yield Held(Reason.DAILY_CAP, facts.day_start(today + DAYS))
    if limits.caps.per_week and len(week) >= limits.caps.per_week:
        frees = week[len(week) - limits.caps.per_week]  # once this one is a week old, there is room
        yield Held(Reason.WEEKLY_CAP, facts.day_start(frees + 7 * DAYS))


def check_quiet(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """Night, Sunday, public holiday where the contact lives."""
    if found := find_quiet(limits.quiet, facts.home, now):
        reason, again_at = found
        yield Held(reason, again_at)


def check_room(facts: Facts, limits: Limits, now: datetime) -> Iterator[Held]:
    """What is left of the portfolio's day, of the money, and of this minute."""
    room = facts.room
    if facts.is_new_today and room.people is not None and room.people < 1:
        yield Held(Reason.PORTFOLIO_LIMIT, room.find_place(now))
    if until := room.find_spent(facts.wish, facts.cost):
        yield Held(Reason.BUDGET, until)
    if room.paused_until:
        soon = min(room.paused_until, now + 24 * LATER)
        why = describe("number", reason=room.pause_reason) if room.pause_reason else None
        yield Held(Reason.NUMBER_PAUSED, max(soon, now + ON_THE_WAY), why)
    if room.minute is not None and room.minute < 1:
        yield Held(Reason.PACE, room.find_minute(now, limits.per_minute))


type Stage = Callable[[Facts, Limits, datetime], Iterator[Held]]
STAGES: tuple[Stage, ...] = (
    check_person,
    check_consent,
    check_conversation,
    check_template,
    check_score,
    check_caps,
    check_quiet,
    check_room,
)


def move_to_day(held: Held, facts: Facts, limits: Limits) -> Held:
    """The same, asked again only when the contact's day has begun."""
    if held.again_at is None or facts.origin is Origin.PERSON:
        return held
    return Held(held.reason, next_open(limits.quiet, facts.home, held.again_at), held.detail)
