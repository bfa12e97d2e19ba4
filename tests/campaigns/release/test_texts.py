"""A journey's text: the file, or what was saved on its page, and who has to choose; what follows today; who is added."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from campaigns.journeys.reading import load_journeys
from campaigns.journeys.versions import publish_version
from campaigns.release import release
from campaigns.release.adding import add_people, count_segment, find_segment, foresee_ids
from campaigns.release.following import find_next_template, foresee_follow_ups
from campaigns.release.states import ReleaseError
from campaigns.release.texts import read_content, read_standing, save_content
from core.settings import Settings
from core.tables import Contact, Enrollment, Score

MARTA = Actor(None, "marta@example.org")


async def test_what_was_saved_counts_until_the_file_is_edited(
    session: AsyncSession, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "spring.yml"
    file.write_text("old", encoding="utf-8")
    mark = (await read_standing(session, "spring", tmp_path)).mark
    await save_content(session, "spring", "mine", mark, MARTA, now, tmp_path)
    assert await read_content(session, "spring", tmp_path) == "mine"
    with pytest.raises(ReleaseError, match="overtaken"):
        await save_content(session, "spring", "late", mark, MARTA, now, tmp_path)
    file.write_text("edited", encoding="utf-8")
    with pytest.raises(ReleaseError, match="two_texts"):
        await read_content(session, "spring", tmp_path)
    standing = await read_standing(session, "spring", tmp_path)
    await save_content(session, "spring", "mine", standing.mark, MARTA, now, tmp_path)
    assert await read_content(session, "spring", tmp_path) == "mine"
    standing = await read_standing(session, "spring", tmp_path)
    await save_content(session, "spring", "edited", standing.mark, MARTA, now, tmp_path)
    assert (await read_standing(session, "spring", tmp_path)).saved is None
    with pytest.raises(ReleaseError, match="no_file"):
        await read_content(session, "autumn", tmp_path)


@pytest.mark.parametrize(
    ("step", "template"),
    [("answer", "energy_reminder"), ("chosen", "energy_help"), ("help", "energy_help"), ("call", None), ("gone", None)],
)
def test_who_waits_is_followed_to_the_next_message(step: str, template: str | None) -> None:
    assert find_next_template(load_journeys()["energy"], step, "message") == template


async def test_those_under_way_are_foreseen_and_groups_are_added_once(
    session: AsyncSession, settings: Settings, now: datetime
) -> None:
    await release.check(session, "cart", MARTA, now)
    version = await publish_version(session, "energy", (await read_standing(session, "energy")).content, "marta", now)
    for number, band in enumerate(("high", "high", "low")):
        contact = Contact(token=f"c{number}", phone=f"+3933300{number:05}", language="it")
        session.add(contact)
        await session.flush()
        own = {"contact_id": contact.id}
        session.add(Score(**own, pack="shop", version="v", points=90 - number, band=band, receipt=[], computed_at=now))
        session.add(
            Enrollment(**own, campaign="energy", version_id=version, arm="message", step="answer", step_at=now,
                       due_at=now + timedelta(minutes=1 if number else 60 * 48), entered_at=now)
        )  # fmt: skip
    await session.flush()
    assert await foresee_follow_ups(session, "energy", settings.timezone, now) == {"energy_reminder": 2}
    assert await count_segment(session, "cart", "shop", "", "it") == 3
    ids = await find_segment(session, "cart", "shop", "high", "")
    found = await foresee_ids(session, settings, "cart", ids, "fair", now)
    assert found.entering == ids
    assert await add_people(session, "cart", found.entering, "fair", MARTA, now) == sorted(ids)
    assert await count_segment(session, "cart", "shop", "high", "it") == 0
    assert (await foresee_ids(session, settings, "cart", ids, "fair", now)).before == 2
    await release.approve(session, settings, "cart", MARTA, "", now)
    await release.finish(session, "cart", MARTA, "", now)
    with pytest.raises(ReleaseError, match="no_add"):
        await add_people(session, "cart", ids, "late", MARTA, now)
