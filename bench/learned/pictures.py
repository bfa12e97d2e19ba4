"""The pictures of docs/learned-score.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from scoring.learned.defection import Limit
from scoring.learned.model import Floats
from scoring.learned.validate import measure_calibration

COLOURS = {"all": "#444444", "first_buyer": "#d95f02", "repeat_buyer": "#1b6ca8"}
SHOWN = 400  # days


def draw_survival(file: Path, limits: Mapping[str, Limit], horizon: int, share: float) -> None:
    """Above, the share still away; below, the chance to come back within the horizon and where it falls too low."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 8), sharex=True)
    for segment, limit in limits.items():
        words, colour = segment.replace("_", " "), COLOURS[segment]
        days = np.arange(min(SHOWN, len(limit.curve.away)))
        above.step(days, limit.curve.away[days], where="post", color=colour, label=words)
        chances = [limit.curve.chance_back(int(day), horizon) for day in days]
        below.plot(days, [np.nan if one is None else one for one in chances], color=colour, label=words)
        below.axvline(limit.days, color=colour, linestyle=":", linewidth=1)
        below.annotate(f"{limit.days} d", (limit.days + 2, 0.48), color=colour, fontsize=9)
    below.axhline(share, color="black", linestyle="--", linewidth=1)
    above.set_ylabel("share without another purchase")
    below.set_ylabel(f"chance of a purchase within {horizon} days")
    below.set_xlabel("days since the last purchase")
    above.set_title("Online Retail II: Kaplan and Meier's curve of the gaps between purchases")
    for part in (above, below):
        part.set_ylim(0, None)
        part.grid(alpha=0.3)
        part.legend()
    save(figure, file)


def draw_calibration(file: Path, won: Floats, chances: Floats, title: str) -> None:
    """Ten equal parts by chance: what was expected and what came true."""
    table, _ = measure_calibration(won, chances)
    expected, observed = ([row[name] for row in table] for name in ("expected", "observed"))
    figure, part = plt.subplots(figsize=(5, 5))
    top = max(*expected, *observed) * 1.05
    part.plot([0, top], [0, top], color="black", linestyle="--", linewidth=1, label="as expected")
    part.plot(expected, observed, marker="o", color="#1b6ca8", label="learned")
    part.set_xlabel("expected")
    part.set_ylabel("came true")
    part.set_title(f"{title}: chances and outcomes")
    part.grid(alpha=0.3)
    part.legend()
    save(figure, file)


def save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(file, dpi=110, metadata={"Software": None})
    plt.close(figure)
