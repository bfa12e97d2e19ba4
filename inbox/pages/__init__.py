"""The agents' pages: importing one is all it takes."""

from __future__ import annotations

from inbox.pages import figures, files, page, review

__all__ = ["figures", "files", "page", "review"]
