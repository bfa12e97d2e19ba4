"""No-claims systems: how countries write down who drives without damage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NoClaimsSystem:
    """A country's classes from best to worst, and how one moves in them.

    first: where somebody without history starts. worse_after_claim: classes lost after one claim of one's own fault;
    None where each insurer has its own table. document: where one's class is written, in the country's own words.
    """

    name: str
    country: str
    classes: tuple[str, ...]
    first: str
    better_per_year: int
    worse_after_claim: int | None
    document: str


# Italy: the classe universale (IVASS provvedimento 72/2018) has 18 classes, new cars start in 14, one claim costs 2.
# There is no class 0; where an insurer shows one it is an internal class that no other insurer takes over.
# Austria: the usual table has the stages 0 to 17, one starts in 9, a claim costs 3.
# Germany: years without damage, then 1/2 (licence for 3 years), S (after damage), 0 (beginners), M (malus).
# Great Britain: years of no-claims discount; insurers stop counting somewhere, 15 stands for 15 or more.
SYSTEMS = {
    "IT": NoClaimsSystem("bonus_malus", "IT", tuple(str(n) for n in range(1, 19)), "14", 1, 2, "attestato di rischio"),
    "AT": NoClaimsSystem("bonus_malus", "AT", tuple(str(n) for n in range(18)), "9", 1, 3, "Polizze"),
    "DE": NoClaimsSystem(
        "sf_class", "DE", (*(str(n) for n in range(50, 0, -1)), "1/2", "S", "0", "M"), "0", 1, None, "Beitragsrechnung"
    ),
    "GB": NoClaimsSystem(
        "no_claims_years", "GB", tuple(str(n) for n in range(15, -1, -1)), "0", 1, None, "renewal notice"
    ),
}

NAMES = {"BM": "bonus_malus", "SF": "sf_class", "NCD": "no_claims_years"}  # as bot/extract names the systems
HOME = {"bonus_malus": "IT", "sf_class": "DE", "no_claims_years": "GB"}

CLASS = re.compile(
    r"^(?:sf|cu|ncd|ncb|classe?|klasse|stufe|class|sf-klasse|schadenfreiheitsklasse|di merito|universale|[\s:.-])*"
    r"(1/2|½|\d{1,3}|[sm])\s*(?:\+|°|ª|(?:years?|yrs?|anni|jahre?)\b.*)?$"
)


@dataclass(frozen=True)
class NoClaimsFacts:
    """What can be said about a class: steps_to_best is None where it is not known, expected_next after a good year."""

    system: NoClaimsSystem
    value: str | None
    best: str
    worst: str
    steps_to_best: int | None
    after_good_year: str | None
    after_claim: str | None


def read_no_claims(country: str, words: str | int) -> str | None:
    """The class as the country writes it ("1", "1/2", "M"), or None where there is no such class.

    Takes "classe 4", "SF 12", "sf1/2", "9 years", "15+". British years above 15 are 15.
    """
    system = SYSTEMS.get(country)
    match = CLASS.match(str(words).strip().casefold())
    if system is None or not match:
        return None
    value = match[1].replace("½", "1/2").upper()
    if value.isdigit():
        number = int(value)
        value = str(min(number, 15) if system.name == "no_claims_years" and number < 100 else number)
    return value if value in system.classes else None


def read_told(told: Any) -> tuple[str | None, str]:
    """The system and the class of "BM 4"; a class alone is of the system we think of."""
    name, _, value = str(told).rpartition(" ")
    return NAMES.get(name), value


def decide_country(system: str | None, thought: str | None) -> str:
    """The country we think of, unless the class is of another system."""
    if thought in SYSTEMS and (system is None or SYSTEMS[thought].name == system):
        return thought
    return HOME[system or "bonus_malus"]


def explain_no_claims(country: str, no_claims: str | int | None = None) -> NoClaimsFacts | None:
    """The facts about a country's system and, if given, about one class in it; None for countries we do not know."""
    system = SYSTEMS.get(country)
    if system is None:
        return None
    value = None if no_claims is None else read_no_claims(country, no_claims)
    better = worse = steps = None
    if value is not None:
        steps = system.classes.index(value)
        # Who is in M, S, 0 or 1/2 comes back by rules that differ between insurers.
        moves = value.isdigit() and not (system.name == "sf_class" and value == "0")
        better = system.classes[max(0, steps - system.better_per_year)] if moves else None
        if system.worse_after_claim is not None:
            worse = system.classes[min(len(system.classes) - 1, steps + system.worse_after_claim)]
    return NoClaimsFacts(system, value, system.classes[0], system.classes[-1], steps, better, worse)
