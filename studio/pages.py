"""Makes the studio's pages pages: importing one is all it takes."""

from __future__ import annotations

from studio.score import contact, overview, rules

__all__ = ["contact", "overview", "rules"]
