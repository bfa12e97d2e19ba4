"""Where a Chromium is for the tests that look at pages."""

from __future__ import annotations

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The system's Chromium, or the one `playwright install chromium` left; None if there is none."""
    installed = [shutil.which(name) for name in NAMES]
    fetched = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return next((path for path in [*installed, *map(str, reversed(fetched))] if path), None)
