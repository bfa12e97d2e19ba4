"""The offers of one place, ready to find the cheapest one for very many contacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from offers.choose import Available
from offers.cost import Parameters, is_plausible, price_per_kwh
from offers.supplier import is_same_supplier

type Line = tuple[Decimal, Decimal, Available]  # price per kWh, fixed part of a year, the offer


@dataclass
class Shelf:
    """The plausible offers one can sign at a place on a day. fronts: those that can be cheapest at all, see below."""

    lines: Sequence[Line]
    parameters: Parameters
    fronts: dict[tuple[str, str | None], list[Line]] = field(default_factory=dict)

    def find_cheapest(self, kwh: Decimal, currency: str, own: str | None) -> Available | None:
        """The offer that costs least for so many kWh, of any supplier but one's own; None where nothing is sold.

        Mostly the cheapest of all is not one's own supplier's, so that one front serves everybody.
        """
        best = choose_line(self.read_front(currency, None), kwh)
        if best and own and is_same_supplier(own, best.supplier):
            best = choose_line(self.read_front(currency, own), kwh)
        return best

    def read_front(self, currency: str, without: str | None) -> list[Line]:
        """The offers that no other beats in both parts of the price: a dozen of hundreds."""
        key = currency, without
        if key not in self.fronts:
            self.fronts[key] = keep_front(
                line
                for line in self.lines
                if line[2].currency == currency and not (without and is_same_supplier(without, line[2].supplier))
            )
        return self.fronts[key]


def make_shelf(offers: Iterable[Available], parameters: Parameters) -> Shelf:
    """Leaves out what nobody is meant to sign."""
    lines = [
        (price_per_kwh(offer, parameters), offer.fixed_per_year, offer)
        for offer in offers
        if is_plausible(offer, parameters)
    ]
    return Shelf(lines, parameters)


def keep_front(lines: Iterable[Line]) -> list[Line]:
    """From cheap to dear by the kWh, each with a lower fixed part than all before it."""
    front: list[Line] = []
    for line in sorted(lines, key=lambda line: (line[0], line[1], line[2].code)):
        if not front or line[1] < front[-1][1]:
            front.append(line)
    return front


def choose_line(front: Sequence[Line], kwh: Decimal) -> Available | None:
    """The first of those that cost least."""
    best = min(front, key=lambda line: line[1] + kwh * line[0], default=None)
    return best[2] if best else None
