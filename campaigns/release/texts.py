"""The text of a journey that is released next: as it was saved on its page, else its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor
from campaigns.journeys.reading import FOLDER, list_files
from campaigns.release.states import ReleaseError
from core.tables import CampaignText

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('campaign_text'), hashtext(:name))")


@dataclass(frozen=True)
class Standing:
    """What there is of a journey: its file, and what was saved on its page. Both None: nothing."""

    name: str
    file: str | None
    saved: CampaignText | None

    @property
    def content(self) -> str:
        """What was written last, as far as that is known."""
        return self.saved.content if self.saved else self.file or ""

    @property
    def mark(self) -> str:
        """Changes with each of the two."""
        return mark_content(f"{self.file}\x00{self.saved.content if self.saved else ''}")

    @property
    def is_divided(self) -> bool:
        """Whether the file was edited since a text was saved, so that a person has to choose."""
        if self.saved is None or self.file is None or self.saved.content == self.file:
            return False
        return self.saved.file_mark != mark_content(self.file)


async def read_standing(session: AsyncSession, name: str, folder: Path = FOLDER) -> Standing:
    found = next((file for file in list_files(folder) if file.stem == name), None)
    content = found.read_text(encoding="utf-8") if found else None
    return Standing(name, content, await session.get(CampaignText, name, populate_existing=True))


async def read_content(session: AsyncSession, name: str, folder: Path = FOLDER) -> str:
    """What counts of a journey. ReleaseError: there is nothing of this name, or a person has to choose."""
    standing = await read_standing(session, name, folder)
    if standing.file is None and standing.saved is None:
        raise ReleaseError("no_file", name=name, names=", ".join(file.stem for file in list_files(folder)))
    if standing.is_divided and standing.saved:
        raise ReleaseError("two_texts", name=name, who=standing.saved.saved_by)
    return standing.content


async def save_content(
    session: AsyncSession, name: str, content: str, mark: str, actor: Actor, now: datetime, folder: Path = FOLDER
) -> None:
    """Keeps a text beside the file; the file's own text means that the file counts again. The caller commits.

    mark: of the Standing the writer began with. ReleaseError: somebody saved or edited it meanwhile.
    """
    await session.execute(LOCK, {"name": name})
    standing = await read_standing(session, name, folder)
    if standing.mark != mark:
        raise ReleaseError("overtaken", name=name)
    saved = standing.saved
    if content == standing.file:
        if saved:
            await session.delete(saved)
    else:
        file_mark = mark_content(standing.file) if standing.file is not None else None
        values = {"content": content, "file_mark": file_mark, "saved_by": actor.email, "saved_at": now}
        await session.merge(CampaignText(name=name, **values))
    await session.flush()


def mark_content(content: str) -> str:
    """A short mark of a text, to tell whether it is the one that was looked at."""
    return hashlib.sha256(content.encode()).hexdigest()[:16]
