"""Makes the campaigns' pages pages: importing this is all it takes."""

from __future__ import annotations

from campaigns.pages import campaign, edit, overview, people

__all__ = ["campaign", "edit", "overview", "people"]
