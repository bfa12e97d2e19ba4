"""What the judge of the scripted year counts: messages per person, people, money and messages per minute."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

DAY = timedelta(days=1)
OFFICE = ZoneInfo("Europe/Rome")  # whose days and months the company's money is counted in
PRICES = {"IT": Decimal("0.06"), "DE": Decimal("0.12")}  # of a marketing message, as limits.yml says it
CHEAP = {"IT": Decimal("0.03"), "DE": Decimal("0.05")}  # of the others
ELSEWHERE = (Decimal("0.10"), Decimal("0.05"))


@dataclass(frozen=True)
class Most:
    """How much there may be. people: in 24 hours; own_money: of one campaign a day."""

    per_day: int
    per_week: int
    people: int
    per_minute: int
    day_money: Decimal
    month_money: Decimal
    own_money: dict[str, Decimal]


def check_caps(messages: Sequence[Row[Any]], most: Most) -> Iterator[str]:
    days: dict[int, list[date]] = defaultdict(list)
    for one in messages:
        days[one.contact_id].append(one.sent_at.astimezone(ZoneInfo(one.zone)).date())
    for own in days.values():
        if max(Counter(own).values()) > most.per_day:
            yield "more than a day's messages"
        if any(sum(day <= other < day + 7 * DAY for other in own) > most.per_week for day in own):
            yield "more than a week's messages"


def check_people(messages: Sequence[Row[Any]], most: Most) -> Iterator[str]:
    """Different people within any 24 hours: the window slides over what did not fail, for WhatsApp counts so.

    messages: those to people who had not written within 24 hours; the others may be as many as they are.
    """
    inside: Counter[int] = Counter()
    first = 0
    reached = [one for one in messages if not one.failed]
    for one in reached:
        inside[one.contact_id] += 1
        while reached[first].sent_at <= one.sent_at - DAY:
            gone = reached[first].contact_id
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        if len(inside) > most.people:
            yield "more people than WhatsApp allows"


def check_money(messages: Sequence[Row[Any]], most: Most) -> Iterator[str]:
    """What was queued on a day and in a month of the company's, in all and of a campaign with money of its own."""
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    months: defaultdict[str, Decimal] = defaultdict(Decimal)
    own: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for one in messages:
        day = one.created_at.astimezone(OFFICE).date()
        price = find_price(one.country, one.purpose == "marketing")
        days[day] += price
        months[f"{day:%Y-%m}"] += price
        if one.campaign in most.own_money:
            own[one.campaign, day] += price
    yield from ("more money than a day's" for spent in days.values() if spent > most.day_money)
    yield from ("more money than a month's" for spent in months.values() if spent > most.month_money)
    yield from ("more money than a campaign's" for (name, _), spent in own.items() if spent > most.own_money[name])


def find_price(country: str, marketing: bool) -> Decimal:
    """What WhatsApp asks for a message."""
    prices, other = (PRICES, ELSEWHERE[0]) if marketing else (CHEAP, ELSEWHERE[1])
    return prices.get(country, other)


def check_pace(messages: Sequence[Row[Any]], most: Most) -> Iterator[str]:
    """Within a minute of the clock no more are queued than may leave in one."""
    minutes: Counter[datetime] = Counter(one.created_at.replace(second=0, microsecond=0) for one in messages)
    yield from ("more than a minute's messages" for count in minutes.values() if count > most.per_minute)
