"""Pictures and videos the company's facts show in a how-to; WhatsApp fetches them from here."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from offers.company import find_media

router = APIRouter(tags=["links"])


@router.api_route("/media/{name}", methods=["GET", "HEAD"], include_in_schema=False)
async def send_media(name: str) -> FileResponse:
    """A file that a how-to names; nothing else in that folder."""
    file = find_media(name)
    if file is None:
        raise HTTPException(404)
    return FileResponse(file, headers={"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"})
