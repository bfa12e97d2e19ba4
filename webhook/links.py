"""Links in messages: those to offers note the click and lead on, those to a customer's data give a copy of it.

They lead only where we once decided, never where a caller says.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy import text

from contacts.export import export_contact, open_copy
from contacts.intake import mark_stale
from core import clock
from core.types import EventKind
from webhook.deps import Session

router = APIRouter(tags=["links"])

FIND = text(
    "SELECT k.contact_id, k.url, k.offer_code, c.erased_at FROM link k JOIN contact c ON c.id = k.contact_id"
    " WHERE k.token = :token"
)
NOTE = text(
    """
    INSERT INTO event (contact_id, kind, at, key, data)
    VALUES (:contact_id, :kind, :now, :key, jsonb_build_object('offer_code', CAST(:offer_code AS text),
            'token', CAST(:token AS text))) ON CONFLICT (key) DO NOTHING RETURNING id
    """
)
# Those who look at a link without a person clicking it: WhatsApp's own preview, mail scanners, search engines.
MACHINE = re.compile(r"bot|crawl|spider|preview|facebookexternalhit|facebookcatalog|meta-external|whatsapp/", re.I)
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
NOT_FOUND = """<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>404</title></head>
<body style="font: 1.1rem/1.6 system-ui; margin: 15vh auto; max-width: 30rem; padding: 0 1.5rem">
<p lang="it">Questo link non è valido o non lo è più.</p>
<p lang="de">Dieser Link ist nicht oder nicht mehr gültig.</p>
<p lang="en">This link is not valid, or not any more.</p></body></html>"""


def looks_only(
    request: Request,
    user_agent: Annotated[str, Header()] = "",
    purpose: Annotated[str, Header()] = "",
    sec_purpose: Annotated[str, Header()] = "",
) -> bool:
    """Whether nobody clicked: WhatsApp or a browser only wants to know what is there."""
    return request.method == "HEAD" or bool(MACHINE.search(user_agent)) or "prefetch" in purpose + sec_purpose


LooksOnly = Annotated[bool, Depends(looks_only)]


@router.api_route("/l/{token}", methods=["GET", "HEAD"], include_in_schema=False)
async def open_link(
    token: str,
    session: Session,
    looked: LooksOnly,
) -> Response:
    """302 to where the link leads. Clicks within one minute are one event; previews are none."""
    known = "\x00" not in token  # PostgreSQL has no such text
    link = (await session.execute(FIND, {"token": token})).one_or_none() if known else None
    if link is None:
        return HTMLResponse(NOT_FOUND, 404, headers=HEADERS)
    if not looked and link.erased_at is None:
        now = clock.now()
        key = f"click:{token}:{now:%Y%m%d%H%M}"
        values = {"kind": EventKind.OFFER_CLICK.value, "now": now, "key": key, "token": token}
        values |= {"contact_id": link.contact_id, "offer_code": link.offer_code}
        if await session.scalar(NOTE, values):
            await mark_stale(session, [link.contact_id], now)
        await session.commit()
    return RedirectResponse(link.url, 302, headers=HEADERS)


@router.api_route("/d/{token}", methods=["GET", "HEAD"], include_in_schema=False)
async def open_data(
    token: str,
    session: Session,
    looked: LooksOnly,
) -> Response:
    """All that is held about a customer, as a file; a preview sees nothing and does not use the link up."""
    if looked:
        return Response(status_code=204, headers=HEADERS)
    contact_id = await open_copy(session, token, clock.now()) if "\x00" not in token else None
    if contact_id is None:
        return HTMLResponse(NOT_FOUND, 404, headers=HEADERS)
    copy = await export_contact(session, contact_id)
    await session.commit()
    return JSONResponse(copy, headers=HEADERS | {"Content-Disposition": 'attachment; filename="my-data.json"'})
