"""A consent in a row of a file: it counts with what, when and to which words, or it does not count."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from contacts.importing.cells import read_yes_no
from contacts.importing.dates import read_moment
from contacts.importing.plan import Plan
from contacts.importing.problems import Problem

if TYPE_CHECKING:
    from contacts.importing.reading import Cells


def read_consent(cells: Cells, plan: Plan, now: datetime) -> dict[str, Any] | Problem | None:
    """A marketing consent given or withdrawn; a problem where a part is missing; None where the row tells nothing.

    A day without a time counts from its beginning for a consent and to its end for a withdrawal, and a withdrawal
    without a date counts from now: when in doubt, do not write.
    """
    answer, day = cells.get("consent"), cells.get("consent_at")
    wording, source = cells.text("consent_wording"), cells.text("consent_source")
    if answer is None:
        return Problem("consent_incomplete", {"parts": ["part_given"]}) if day is not None else None
    given = read_yes_no(answer, cells.heading("consent"))
    at = None
    if day is not None:
        at = read_moment(day, cells.heading("consent_at"), plan.orders["consent_at"], plan.zone, ends_day=not given)
    proof = f"{plan.file}, line {cells.row.line}" + (f", {source}" if source else "")
    said = wording or f"{cells.heading('consent')}: {cells.text('consent')}" + (f" ({source})" if source else "")
    consent = {"given": given, "wording": said[:500], "proof": proof[:500]}
    if not given:
        return consent | {"at": min(at or now, now)}
    missing = [part for part, there in (("part_at", at), ("part_wording", wording or source)) if not there]
    if missing:
        return Problem("consent_incomplete", {"parts": missing})
    if at and at > now:
        return Problem("consent_future")
    return consent | {"at": at}
