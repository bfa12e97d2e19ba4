"""What a campaign would do today, and what it would have done last month: through its own entry and the one gate.

Only first messages are foreseen: what comes after depends on answers nobody knows. A replay takes consent, score and
offers as they are now, for what they were on each day is not kept whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from campaigns.arms import CONTROL, foresee_arms
from campaigns.entering import check_entries
from campaigns.gate.deciding import foresee_many
from campaigns.gate.limits import find_limits
from campaigns.gate.room import read_people_limit, read_room
from campaigns.gate.wishes import Foreseen, SendWish
from campaigns.journeys.conditions import Facts, find_unmet
from campaigns.journeys.facts import load_facts
from campaigns.journeys.journey import Journey
from campaigns.journeys.steps import Branch, Converse, HandOver, MakeTask, Send
from campaigns.release.meant import Meant, list_meant
from core.settings import Settings

DAY = timedelta(days=1)
MONTH = 30  # days
SHOWN = 200  # people with their text

CONVERTED = text("""
    SELECT count(*) FROM (SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[]))
        AS t (contact_id, at)) AS n
    WHERE EXISTS (SELECT 1 FROM event e WHERE e.contact_id = n.contact_id AND e.kind = ANY(CAST(:kinds AS text[]))
        AND e.at >= n.at AND e.at < n.at + CAST(:within AS interval))
""")


@dataclass(frozen=True)
class FirstMessage:
    """What one person gets first. reason: why it would be held, empty if it would go; again_at: until when."""

    contact_id: int
    arm: str
    template: str
    reason: str
    again_at: datetime | None
    text: str


@dataclass
class DryRun:
    """What a day would bring. refused: by entry reason; held: by hold reason; silent: whose journey begins otherwise.

    people: the first of them; percent: of the people WhatsApp lets us reach in a day, None without a limit.
    """

    day: date
    meant: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    control: int = 0
    silent: int = 0
    sent: int = 0
    held: Counter[str] = field(default_factory=Counter)
    later: int = 0
    cost: Decimal = Decimal(0)
    currency: str = "EUR"
    percent: float | None = None
    people: list[FirstMessage] = field(default_factory=list)
    entering: list[tuple[int, datetime]] = field(default_factory=list)

    @property
    def entered(self) -> int:
        return len(self.entering)


@dataclass(frozen=True)
class Replay:
    """The last days as if it had run. converted: those of them who did it anyway, whose days to convert are over."""

    days: Sequence[DryRun]
    ripe: int
    converted: int

    @property
    def entered(self) -> int:
        return sum(day.entered for day in self.days)

    @property
    def base_rate(self) -> float | None:
        return self.converted / self.ripe if self.ripe else None


async def foresee_day(
    session: AsyncSession,
    settings: Settings,
    campaign: str,
    journey: Journey,
    now: datetime,
    day: date | None = None,
    skip: frozenset[int] = frozenset(),
) -> DryRun:
    """A day of the company's calendar, today if none is named. skip: contacts that count as having been in it."""
    zone = ZoneInfo(settings.timezone)
    day = day or now.astimezone(zone).date()
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    meant = await list_meant(session, campaign, journey, settings.timezone, day, begins)
    dry = DryRun(day, meant=len(meant))
    at = {one.at for one in meant.values()}
    refused: dict[int, str | None] = {}
    for moment in sorted(at):
        ids = [one.contact_id for one in meant.values() if one.at == moment]
        refused |= await check_entries(session, settings, campaign, journey, ids, moment)
    refused |= dict.fromkeys(skip & meant.keys(), "already_under_way")
    dry.refused.update(why for why in refused.values() if why)
    entering = [one for one in meant.values() if not refused[one.contact_id]]
    dry.entering = [(one.contact_id, one.at) for one in entering]
    await foresee_messages(session, settings, campaign, journey, entering, dry)
    limit = await read_people_limit(session, find_limits(settings))
    dry.percent = 100 * dry.sent / limit if limit else None
    return dry


async def foresee_messages(
    session: AsyncSession, settings: Settings, campaign: str, journey: Journey, entering: Sequence[Meant], dry: DryRun
) -> None:
    """Asks the gate about everybody's first message, at the time it would leave.

    What left before takes its share of people and money; the pace only spreads messages over the day.
    """
    ids = [one.contact_id for one in entering]
    arms = await foresee_arms(session, campaign, ids, journey.arms, journey.control_percent)
    dry.control = sum(arm == CONTROL for arm in arms.values())
    gone: list[Foreseen] = []
    for moment in sorted({one.at for one in entering}):
        there = [one for one in entering if one.at == moment and arms[one.contact_id] != CONTROL]
        facts = await load_facts(session, settings, journey, [one.contact_id for one in there], moment)
        wishes = [make_wish(campaign, journey, one, arms[one.contact_id], facts, moment) for one in there]
        dry.silent += wishes.count(None)
        asked = [wish for wish in wishes if wish]
        together = [*(one.wish for one in gone), *asked]
        room = replace(await read_room(session, settings, find_limits(settings), together, moment), minute=None)
        for one in gone:
            room.take(one.wish.campaign, one.cost, one.is_new)
        for one in await foresee_many(session, settings, asked, moment, room):
            held = one.held
            if held:
                dry.held[held.reason.value] += 1
                dry.later += held.again_at is not None
            else:
                gone.append(one)
                dry.sent += 1
                dry.cost += one.cost
            dry.currency = one.currency
            if len(dry.people) < SHOWN:
                told = (held.reason.value, held.again_at) if held else ("", None)
                arm = arms[one.wish.contact_id]
                dry.people.append(FirstMessage(one.wish.contact_id, arm, one.wish.template, *told, one.text or ""))


def make_wish(
    campaign: str, journey: Journey, one: Meant, arm: str, facts: Mapping[int, Facts], at: datetime
) -> SendWish | None:
    """What the gate would be asked first for a contact; None: the journey waits or ends before any message."""
    step = find_first_send(journey, facts.get(one.contact_id), arm, at)
    if step is None:
        return None
    key = f"dry:{campaign}:{one.contact_id}"
    asked = journey.make_wish(step, campaign, one.contact_id, step.choose_template(arm), key)
    return replace(asked, arm=arm, values=one.values)


def find_first_send(journey: Journey, facts: Facts | None, arm: str, at: datetime) -> Send | None:
    """The message somebody gets first who does nothing."""
    name = journey.start
    for _ in journey.steps:
        step = journey.steps[name]
        if isinstance(step, Send):
            return step
        if isinstance(step, Branch) and facts:
            fitting = (case.go for case in step.branch if find_unmet(case.when, facts, at, arm=arm) is None)
            name = next(fitting, step.otherwise)
        elif isinstance(step, MakeTask | Converse | HandOver):
            name = step.then
        else:
            return None
    return None


async def replay_month(
    session: AsyncSession, settings: Settings, campaign: str, journey: Journey, now: datetime
) -> Replay:
    """The last 30 days as if it had run: each contact enters once; who converted anyway gives the base rate."""
    today = now.astimezone(ZoneInfo(settings.timezone)).date()
    days: list[DryRun] = []
    seen: frozenset[int] = frozenset()
    for number in range(MONTH, 0, -1):
        dry = await foresee_day(session, settings, campaign, journey, now, today - number * DAY, seen)
        seen |= {contact_id for contact_id, _ in dry.entering}
        days.append(dry)
    within = timedelta(days=journey.conversion.within_days)
    entered = [one for dry in days for one in dry.entering]
    # Days that are not over yet count as far as they are: the rate is rather too low than too high.
    values = {
        "ids": [contact_id for contact_id, _ in entered],
        "times": [at for _, at in entered],
        "kinds": [kind.value for kind in journey.conversion.events],
        "within": within,
    }
    converted = int(await session.scalar(CONVERTED, values) or 0) if entered else 0
    return Replay(days, len(entered), converted)
