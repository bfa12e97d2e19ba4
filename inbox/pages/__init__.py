"""The agents' pages: importing one is all it takes."""

from __future__ import annotations

from inbox.pages import page

__all__ = ["page"]
