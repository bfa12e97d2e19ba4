"""The score's pictures as HTML and SVG: who has how many points, and one contact's points over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

STEP = 5  # points per bar
BARS = 20  # 100 points belong to the last one
COLOURS = 8
WIDTH, HEIGHT = 1000, 240


@dataclass(frozen=True)
class Bar:
    """Contacts between two numbers of points, by band."""

    lowest: int
    highest: int
    bands: Mapping[str, int]

    @property
    def contacts(self) -> int:
        return sum(self.bands.values())


@dataclass(frozen=True)
class Moment:
    """The receipt as it was from a time on."""

    at: datetime
    points: int
    receipt: Sequence[Mapping[str, Any]]


def make_bars(counts: Iterable[tuple[int, str, int]]) -> list[Bar]:
    """Bars from (points, band, contacts)."""
    bands: list[dict[str, int]] = [{} for _ in range(BARS)]
    for points, band, contacts in counts:
        own = bands[min(points // STEP, BARS - 1)]
        own[band] = own.get(band, 0) + contacts
    last = BARS - 1
    return [Bar(n * STEP, n * STEP + (STEP if n == last else STEP - 1), own) for n, own in enumerate(bands)]


def choose_colours(moments: Sequence[Moment]) -> dict[str, int]:
    """A colour's number per rule, the weightiest rules first; those beyond the last colour share it."""
    weights: dict[str, int] = {}
    for moment in moments:
        for line in moment.receipt:
            weights[line["rule"]] = weights.get(line["rule"], 0) + abs(line["points"])
    ordered = sorted(weights, key=lambda rule: (-weights[rule], rule))
    return {rule: min(n, COLOURS - 1) for n, rule in enumerate(ordered)}


def draw_history(moments: Sequence[Moment], end: datetime, label: str) -> str:
    """Contributions stacked over time, gains up and losses down, with the score as a line; moments oldest first."""
    colours = choose_colours(moments)
    start = moments[0].at
    whole = max((end - start).total_seconds(), 1.0)
    top, bottom = find_range(moments)

    def x_of(at: datetime) -> float:
        return WIDTH * max(0.0, min(1.0, (at - start).total_seconds() / whole))

    def y_of(points: float) -> float:
        return HEIGHT * (top - points) / (top - bottom)

    parts: list[str] = []
    path: list[str] = []
    for moment, later in zip(moments, [*(one.at for one in moments[1:]), end], strict=True):
        left, right = x_of(moment.at), x_of(later)
        up = down = 0
        for line in sorted(moment.receipt, key=lambda line: colours[line["rule"]]):
            base = up if line["points"] > 0 else down
            high, low = max(base, base + line["points"]), min(base, base + line["points"])
            up, down = (up + line["points"], down) if line["points"] > 0 else (up, down + line["points"])
            parts.append(
                f'<rect class="c{colours[line["rule"]]}" x="{left:.1f}" width="{max(right - left, 1) + 0.5:.1f}"'
                f' y="{y_of(high):.1f}" height="{y_of(low) - y_of(high):.1f}"/>'
            )
        path.append(f"{'L' if path else 'M'}{left:.1f} {y_of(moment.points):.1f}L{right:.1f} {y_of(moment.points):.1f}")
    lines = "".join(
        f'<line class="grid" x1="0" x2="{WIDTH}" y1="{y_of(n):.1f}" y2="{y_of(n):.1f}"/>' for n in (0, 50, 100)
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f'{"".join(parts)}{lines}<path class="total" d="{"".join(path)}"/></svg>'
    )


def find_range(moments: Sequence[Moment]) -> tuple[int, int]:
    """The points at the picture's upper and lower edge: 100 and 0, or what goes beyond."""
    gains, losses = [sum_of(one, 1) for one in moments], [sum_of(one, -1) for one in moments]
    return max(100, *gains), min(0, *losses)


def sum_of(moment: Moment, sign: int) -> int:
    """The gains (sign 1) or losses (sign -1) of a receipt."""
    return sum(line["points"] for line in moment.receipt if line["points"] * sign > 0)
