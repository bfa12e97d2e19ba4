"""The last look before a message leaves: may this person get it now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.types import OutboundKind, Preference, Purpose
from whatsapp.errors import MARKETING_REST
from whatsapp.window import is_window_open


@dataclass(frozen=True)
class Recipient:
    """What the gate needs to know of a contact. consent: the newest answer for the message's purpose, None: no answer.

    refused_at: when WhatsApp last refused marketing to this contact because it gets too much of it (error 131049).
    leave_before: from then on it is night or a holiday there, and a message that waited too long must not leave.
    """

    phone: str | None = None
    user_id: str | None = None
    last_inbound_at: datetime | None = None
    erased: bool = False
    consent: bool | None = None
    preference: Preference | None = None
    refused_at: datetime | None = None
    leave_before: datetime | None = None


@dataclass(frozen=True)
class Send:
    """It may leave."""


@dataclass(frozen=True)
class Hold:
    """It must not leave."""

    reason: str


def decide_send(kind: OutboundKind, purpose: Purpose, recipient: Recipient, now: datetime) -> Send | Hold:
    """Send or Hold with the reason. Answers need the open window; templates need nobody to have said no."""
    if recipient.erased:
        return Hold("contact erased")
    if not recipient.phone and not recipient.user_id:
        return Hold("no address")
    if kind is OutboundKind.REPLY:
        return Send() if is_window_open(recipient.last_inbound_at, now) else Hold("window closed")
    if recipient.leave_before and now >= recipient.leave_before:
        return Hold("it waited until its time was over")
    if purpose is Purpose.SERVICE:
        return Hold("consent withdrawn") if recipient.consent is False else Send()
    return _decide_marketing(recipient, now)  # also what was asked for: WhatsApp counts it as marketing


def _decide_marketing(recipient: Recipient, now: datetime) -> Send | Hold:
    if recipient.preference is Preference.STOP:
        return Hold("marketing switched off in WhatsApp")
    if not recipient.consent:
        return Hold("no consent" if recipient.consent is None else "consent withdrawn")
    if recipient.refused_at and now < recipient.refused_at + MARKETING_REST:
        return Hold("too much marketing in the last 24 hours")
    return Send()
