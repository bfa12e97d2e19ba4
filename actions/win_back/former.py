"""What a former customer had, and the honest answer we have to the reason they left for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from actions.telling import Telling
from offers.company import load_company
from offers.membership import gentle_alternative

# A no to coming back is respected: whatever they write later, it is not proposed to them again.
HAD = text(
    "SELECT coalesce(array_agg(kind ORDER BY kind), '{}') AS kinds, EXISTS (SELECT 1 FROM event"
    " WHERE contact_id = :id AND kind = 'return_declined') AS declined FROM contract WHERE contact_id = :id"
)
COMPARES = {"electricity": "energy_comparison", "insurance": "insurance_comparison"}


async def find_former(telling: Telling) -> dict[str, Any]:
    """member: the gym's facts are theirs; compare: the comparison that may be cheaper; declined: said no before."""
    had = (await telling.session.execute(HAD, {"id": telling.contact.id})).one()
    compare = next((COMPARES[kind] for kind in had.kinds if kind in COMPARES), None)
    member = "gym" in had.kinds or compare is None
    return {"member": member, "compare": None if member else compare, "declined": had.declined, "answer": None}


def choose_answer(former: dict[str, Any], reason: str) -> str | None:
    """The answer that proposes something true, None where we have none to propose."""
    if former["declined"]:
        return None
    if former["compare"]:
        return "compare" if reason == "price" else None
    membership = load_company().membership
    if reason == "price":
        return "cheaper" if gentle_alternative(membership).saving_per_month else None
    if reason == "feature":
        return "news" if membership.news else None
    return "restart" if reason == "drifted" else None
