"""The same rules as scoring/score.py, as SQL over contact_stat: for all contacts at once, receipt for receipt.

Each level of the query is fenced (OFFSET 0), because PostgreSQL would otherwise write the points of every rule out
again wherever the sum is used.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    SmallInteger,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    extract,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.tables import ContactStat
from scoring.rules import HIGHEST, LOWEST, Cap, Condition, Rule, RuleBook, RuleSet, age_points
from scoring.score import CAP, LIMIT
from scoring.signals import SIGNALS, Shape

type Sql = ColumnElement[Any]
type Columns = Any  # the columns of a level, by name

NOW = bindparam("now", required=False, type_=DateTime(timezone=True))
ZONE = bindparam("zone", required=False, type_=Text)
FENCE: ColumnElement[int] = literal_column("0")


def score_all(book: RuleBook, chosen: ColumnElement[bool], receipts: bool = True) -> Select[Any]:
    """Selects contact_id, today, pack, version, points, band, on_enter (and receipt, gate) of the chosen.

    The query wants the parameters now and zone. chosen: a condition on contact_stat.
    """
    stat = read_stats(book, chosen)
    parts = [score_pack(stat, pack.rules, receipts) for pack in book.packs]
    return parts[0] if len(parts) == 1 else select(union_all(*parts).subquery())


def read_stats(book: RuleBook, chosen: ColumnElement[bool]) -> CTE:
    """The facts of the chosen contacts, with their own today and the pack they belong to."""
    row = ContactStat.__table__.c
    zone = func.coalesce(row.timezone, ZONE)
    today = case(
        (row.timezone.is_(None), cast(func.timezone(ZONE, NOW), Date)), else_=cast(func.timezone(zone, NOW), Date)
    )
    packs: list[tuple[ColumnElement[bool], Sql]] = []
    for pack in book.packs:
        if pack.kinds:
            packs.append((row.contract_kind.in_([string(kind) for kind in pack.kinds]), string(pack.name)))
    if book.buyers:
        packs.append((or_(row.orders > number(0), row.cart_on.is_not(None)), string(book.buyers.name)))
    own = case(*packs, else_=string(book.default)) if packs else string(book.default)
    return select(ContactStat.__table__, today.label("today"), own.label("own_pack")).where(chosen).cte("stat")


def score_pack(stat: CTE, rules: RuleSet, receipts: bool) -> Select[Any]:
    """One pack's contacts: points of each rule, then caps and sum, then what follows from the sum."""
    used = [stat.c.contact_id, stat.c.today, *(stat.c[name] for name in find_columns(rules))]
    each = select(*used, *(earn(rule, stat.c).label(f"rule_{at}") for at, rule in enumerate(rules.rules)))
    level = fence(each.where(stat.c.own_pack == string(rules.pack)))
    over = [find_over(cap, rules, level.c) for cap in rules.caps]
    given = sum((func.coalesce(level.c[f"rule_{at}"], number(0)) for at in range(len(rules.rules))), start=number(0))
    total = sum((-one for one in over), start=given)
    level = fence(select(level, *(one.label(f"cap_{at}") for at, one in enumerate(over)), total.label("total")))
    clamped = func.greatest(number(LOWEST), func.least(number(HIGHEST), level.c.total))
    level = fence(select(level, clamped.label("points")))
    points = level.c.points
    found: list[ColumnElement[Any]] = [
        level.c.contact_id,
        level.c.today,
        string(rules.pack).label("pack"),
        string(rules.version).label("version"),
        cast(points, SmallInteger).label("points"),
        case(*((points <= number(band.highest), string(band.name)) for band in rules.bands)).label("band"),
        case(*((points <= number(band.highest), string(band.on_enter)) for band in rules.bands)).label("on_enter"),
    ]
    if receipts:
        found += [write_receipt(rules, level.c).label("receipt"), write_gate(rules, level.c).label("gate")]
    return select(*found)


def find_columns(rules: RuleSet) -> list[str]:
    """The columns of contact_stat these rules look at."""
    asked = [rule.when for rule in rules.rules] + [one for gate in rules.gates for one in gate.only_if]
    signals = [SIGNALS[condition.signal] for condition in asked]
    return sorted({name for signal in signals for name in (signal.column, signal.on) if name})


def fence(query: Select[Any]) -> Subquery:
    return query.offset(FENCE).subquery()


def number(value: int) -> Sql:
    """A constant in the text of the query, so that it is planned once and folded."""
    return literal(value, Integer, literal_execute=True)


def string(value: str) -> Sql:
    return cast(literal(value, Text, literal_execute=True), Text)


def read_value(condition: Condition, row: Columns) -> Sql:
    """The signal's value, as read_signal gives it."""
    signal = SIGNALS[condition.signal]
    if signal.shape is Shape.MONTH:
        return cast(extract("month", row.today), Integer)
    column: Sql = row[signal.column]
    if signal.shape is Shape.UNTIL:
        return column.op("-", return_type=Integer())(row.today)
    if signal.shape is Shape.SINCE:
        return count_days(column, row)
    return func.cardinality(column) if signal.shape is Shape.DAYS else column


def read_day(condition: Condition, row: Columns) -> Any:
    """The day of the fact, None where the signal has none."""
    signal = SIGNALS[condition.signal]
    if signal.shape is Shape.MONTH or (signal.shape is Shape.NUMBER and not signal.on):
        return None
    if signal.shape is Shape.DAYS:
        return row[signal.column][number(1)]
    return row[signal.on or signal.column]


def count_days(day: Sql, row: Columns) -> Sql:
    """How many days ago a day is, a whole number in PostgreSQL."""
    return row.today.op("-", return_type=Integer())(day)  # type: ignore[no-any-return]


def hold(condition: Condition, row: Columns) -> ColumnElement[bool]:
    """Whether the condition holds; unknown facts make it NULL, which counts as no."""
    signal, parts = SIGNALS[condition.signal], []
    day = read_day(condition, row)
    if signal.shape is Shape.DAYS:
        day = row[signal.column][number(condition.at_least or 1)]
    else:
        value = read_value(condition, row)
        parts += [value >= number(condition.at_least)] if condition.at_least is not None else []
        parts += [value <= number(condition.at_most)] if condition.at_most is not None else []
        parts = parts or [value.is_not(None)]
    if condition.within is not None:
        parts.append(count_days(day, row).between(number(0), number(condition.within)))
    return and_(*parts)


def earn(rule: Rule, row: Columns) -> Sql:
    """The rule's points, NULL where it gives none."""
    if rule.half_life is None:
        return case((hold(rule.when, row), number(rule.points)))
    left = age_points(rule.points, rule.half_life)
    age = count_days(read_day(rule.when, row), row)
    table = literal_column(f"(CAST('{{{','.join(map(str, left))}}}' AS smallint[]))", ARRAY(SmallInteger))
    return case((and_(hold(rule.when, row), age.between(number(0), number(len(left) - 1))), table[age + number(1)]))


def find_over(cap: Cap, rules: RuleSet, row: Columns) -> Sql:
    """By how much a group of rules exceeds its cap, 0 or more."""
    own = [func.coalesce(row[f"rule_{at}"], number(0)) for at, rule in enumerate(rules.rules) if rule.id in cap.rules]
    return func.greatest(sum(own, start=number(0)) - number(cap.at_most), number(0))


def write_receipt(rules: RuleSet, row: Columns) -> Sql:
    lines = [write_rule_line(rule, row[f"rule_{at}"], row) for at, rule in enumerate(rules.rules)]
    for at, cap in enumerate(rules.caps):
        over = row[f"cap_{at}"]
        line = write_line(cap.id, -over, {"signal": CAP, "at_most": cap.at_most}, None)
        lines.append(case((over > number(0), line)))
    off = row.points - row.total
    lines.append(case((off != number(0), write_line(LIMIT, off, {"lowest": LOWEST, "highest": HIGHEST}, None))))
    return join_json(lines)


def write_rule_line(rule: Rule, points: Sql, row: Columns) -> Sql:
    signal = SIGNALS[rule.when.signal]
    value = read_value(rule.when, row) if signal.shape is Shape.NUMBER else None
    told: Sql | int = points if rule.half_life else rule.points
    day = read_day(rule.when, row)
    if day is None:
        on: Sql | str = "null"
    elif signal.shape is Shape.NUMBER:  # there may be none beside the number
        on = func.coalesce(string('"') + cast(day, Text) + string('"'), string("null"))
    else:
        on = string('"') + cast(day, Text) + string('"')
    return case((points.is_not(None), write_line(rule.id, told, rule.fact, value, on)))


def write_line(rule: str, points: Sql | int, fact: dict[str, Any], value: Sql | None, on: Sql | str = "null") -> Sql:
    """One line of a receipt as JSON text; what is the same for all contacts is written out here."""
    parts: list[Sql | str] = [f'{{"rule": {json.dumps(rule)}, "points": ']
    parts.append(str(points) if isinstance(points, int) else points)
    parts.append(f', "fact": {json.dumps(fact)[:-1]}')
    if value is not None:
        parts += [', "value": ', value]
    parts += ['}, "on": ', on, "}"]
    joined: list[Sql | str] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    pieces = [string(part) if isinstance(part, str) else cast(part, Text) for part in joined]
    return reduce(lambda left, right: left + right, pieces)


def write_gate(rules: RuleSet, row: Columns) -> Sql:
    lowest = rules.lowest_gate
    if lowest is None:
        return join_json([])
    unmet = [
        case(
            (
                and_(row.points > number(gate.above), func.coalesce(hold(condition, row), false()).is_(False)),
                string(json.dumps({"above": gate.above} | condition.as_json())),
            )
        )
        for gate in rules.gates
        for condition in gate.only_if
    ]
    return case(
        (row.points <= number(lowest), cast(string(json.dumps([{"above": lowest}])), JSONB)), else_=join_json(unmet)
    )


def join_json(entries: Sequence[Sql]) -> Sql:
    """A JSON list of those entries that are not NULL."""
    if not entries:
        return cast(string("[]"), JSONB)
    return cast(string("[").concat(func.concat_ws(string(", "), *entries)).concat(string("]")), JSONB)
