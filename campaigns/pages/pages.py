"""Makes the campaigns' pages pages: importing this is all it takes."""

from __future__ import annotations

from campaigns.pages import campaign, overview, people

__all__ = ["campaign", "overview", "people"]
