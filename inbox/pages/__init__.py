"""The agents' pages: importing one is all it takes."""

from __future__ import annotations

from inbox.pages import agents, figures, files, page, review

__all__ = ["agents", "figures", "files", "page", "review"]
