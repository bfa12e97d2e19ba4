"""Styles, pictures and the little JavaScript of pages, as files browsers may keep."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def look_url(name: str) -> str:
    """The address of a file; it changes with the file, so browsers may keep it for a year."""
    edition = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/_look/{name}?v={edition}"
