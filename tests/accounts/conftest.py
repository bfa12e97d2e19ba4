"""The same argon2, with less work per password: what is tested is who gets in, not how long guessing takes."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from accounts import passwords


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)
