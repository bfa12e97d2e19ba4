"""A shop whose days never pass, and what its customers left behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.db import Sessions
from core.settings import get_settings
from offers.company import SHIPPED

LATER = {"2026-12-10": "2099-12-10", "2026-12-04": "2099-12-04", "2026-12-15": "2099-12-15", "2027-01-31": "2099-01-31"}
CART = {"items": [{"sku": "RUN-01", "quantity": 1}, {"sku": "TEE-01", "quantity": 2}], "url": "https://shop.test/c/1"}
NEW_EVENT = text(
    "INSERT INTO event (contact_id, kind, at, data)"
    " SELECT id, :kind, now() - make_interval(days => :days), CAST(:data AS jsonb) FROM contact"
)


@pytest.fixture(autouse=True)
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The sample shop, with everything that has a day far in the future."""
    folder = shutil.copytree(SHIPPED, tmp_path / "company")
    for file in folder.glob("*.yml"):
        words = file.read_text(encoding="utf-8")
        for day, later in LATER.items():
            words = words.replace(day, later)
        file.write_text(words, encoding="utf-8")
    monkeypatch.setenv("PRONTO_DEMO", "1")
    monkeypatch.setenv("PRONTO_COMPANY_DIR", str(folder))
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


async def happen(sessions: Sessions, kind: str, days: int = 0, data: dict[str, object] | None = None) -> None:
    """Something happened with the contact so many days ago."""
    async with sessions.begin() as session:
        await session.execute(NEW_EVENT, {"kind": kind, "days": days, "data": json.dumps(data or {})})
