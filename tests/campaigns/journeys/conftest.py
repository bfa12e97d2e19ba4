"""The small world the tests of journeys play in."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.db import Sessions
from core.settings import Settings
from tests.campaigns.journeys.world import World


@pytest.fixture
def world(sessions: Sessions, settings: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PRONTO_DEMO", "1")  # offers/ reads the company's facts by the settings of the process
    return World(sessions, settings, now.replace(hour=10, day=18))  # a Wednesday morning
