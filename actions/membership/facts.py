"""Questions about a contract, answered from the company's facts and the contact's own contracts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from actions import store
from actions.membership.wording import word_pause
from actions.message import read_language
from actions.wording import format_date
from offers.company import load_company

ENDS = text(
    "SELECT kind, expires_on FROM contract WHERE contact_id = :id AND expires_on IS NOT NULL"
    " AND kind IN ('gym', 'electricity', 'insurance') ORDER BY expires_on"
)


async def explain_pause(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """How a membership is paused."""
    dispatcher.utter_message(**word_pause(load_company().membership, read_language(tracker)))
    return []


async def tell_contract_end(dispatcher: Any, tracker: Any) -> list[dict[str, Any]]:
    """When each contract ends that we know; honest where we know none."""
    async with store.open_session() as session:
        contact = await store.load_contact(session, tracker)
        ends = (await session.execute(ENDS, {"id": contact.id})).all()
    if not ends:
        dispatcher.utter_message(response="utter_answer_contract_end")
    for kind, day in ends:
        words: dict[str, Any] = {"day": format_date(day, read_language(tracker))}
        if kind == "gym":
            words["notice"] = load_company().membership.notice_days
        dispatcher.utter_message(response=f"utter_contract_end_{kind}", **words)
    return []
