"""The pictures: what adds up on paper adds up in the picture."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from studio.score.chart import COLOURS, HEIGHT, WIDTH, Moment, choose_colours, draw_history, make_bars

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)


def receipt(**points: int) -> list[dict[str, object]]:
    return [{"rule": rule, "points": number, "fact": {}, "on": None} for rule, number in points.items()]


def test_every_contact_stands_in_one_bar_and_100_points_in_the_last() -> None:
    bars = make_bars(
        [(0, "low", 3), (4, "low", 1), (40, "low", 2), (41, "middle", 5), (99, "high", 1), (100, "high", 7)]
    )
    assert sum(bar.contacts for bar in bars) == 19
    assert (bars[0].lowest, bars[0].highest, bars[0].contacts) == (0, 4, 4)
    assert bars[8].bands == {"low": 2, "middle": 5}
    assert (bars[-1].lowest, bars[-1].highest, bars[-1].contacts) == (95, 100, 8)


def test_contributions_are_stacked_over_time() -> None:
    moments = [
        Moment(NOW - timedelta(days=10), 40, receipt(expiry=40)),
        Moment(NOW - timedelta(days=5), 35, receipt(expiry=40, clicked=15, ignored=-20)),
    ]
    svg = ElementTree.fromstring(draw_history(moments, NOW, 'a "label" <b>'))
    rects = [(e.get("class"), float(e.get("x") or 0), float(e.get("y") or 0), float(e.get("height") or 0))
             for e in svg if e.tag == "rect"]  # fmt: skip
    scale = HEIGHT / 120  # from 100 down to -20
    assert svg.get("aria-label") == 'a "label" <b>'
    assert len(rects) == 4
    first, second, lost, clicked = rects
    assert (first[1], second[1]) == (0, WIDTH / 2)
    assert abs(first[3] - 40 * scale) < 0.2
    assert abs(clicked[2] + clicked[3] - second[2]) < 0.2, "stacked upon the first"
    assert abs(lost[2] - 100 * scale) < 0.2, "a loss hangs below zero"
    path = next(e for e in svg if e.tag == "path").get("d") or ""
    assert len(re.findall("[ML]", path)) == 4


def test_one_moment_and_a_moment_later_than_now_can_be_drawn() -> None:
    for at in (NOW, NOW + timedelta(hours=1)):
        assert ElementTree.fromstring(draw_history([Moment(at, 0, [])], NOW, "")).tag == "svg"


def test_the_weightiest_rules_get_their_own_colours() -> None:
    many = receipt(**{f"rule{n:02}": 100 - n for n in range(12)})
    colours = choose_colours([Moment(NOW, 0, many)])
    assert [colours[f"rule{n:02}"] for n in range(12)] == [0, 1, 2, 3, 4, 5, 6, *[COLOURS - 1] * 5]
