from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.types import OutboundKind, Preference, Purpose
from whatsapp.gate import Hold, Recipient, Send, decide_send

NOW = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
ADA = Recipient(phone="+390200000001", last_inbound_at=NOW - timedelta(hours=1), consent=True)
REPLY = (OutboundKind.REPLY, Purpose.SERVICE)
MARKETING = (OutboundKind.TEMPLATE, Purpose.MARKETING)
SERVICE = (OutboundKind.TEMPLATE, Purpose.SERVICE)


@pytest.mark.parametrize(
    ("what", "recipient"),
    [
        (REPLY, ADA),
        (REPLY, replace(ADA, phone=None, user_id="IT.1")),
        (REPLY, replace(ADA, preference=Preference.STOP, consent=False)),  # who asks gets an answer
        (MARKETING, ADA),
        (MARKETING, replace(ADA, last_inbound_at=None)),
        (MARKETING, replace(ADA, preference=Preference.RESUME)),
        (MARKETING, replace(ADA, refused_at=NOW - timedelta(hours=24))),
        (SERVICE, replace(ADA, consent=None)),
        (SERVICE, replace(ADA, preference=Preference.STOP)),  # WhatsApp's switch is for marketing only
        (SERVICE, replace(ADA, refused_at=NOW)),
    ],
)
def test_it_sends(what: tuple[OutboundKind, Purpose], recipient: Recipient) -> None:
    assert decide_send(*what, recipient, NOW) == Send()


@pytest.mark.parametrize(
    ("what", "recipient", "reason"),
    [
        (REPLY, replace(ADA, erased=True), "contact erased"),
        (MARKETING, replace(ADA, erased=True), "contact erased"),
        (REPLY, replace(ADA, phone=None), "no address"),
        (REPLY, replace(ADA, last_inbound_at=NOW - timedelta(hours=24)), "window closed"),
        (REPLY, replace(ADA, last_inbound_at=None), "window closed"),
        (MARKETING, replace(ADA, preference=Preference.STOP), "marketing switched off in WhatsApp"),
        (MARKETING, replace(ADA, consent=None), "no consent"),
        (MARKETING, replace(ADA, consent=False), "consent withdrawn"),
        (MARKETING, replace(ADA, refused_at=NOW - timedelta(hours=23)), "too much marketing in the last 24 hours"),
        (SERVICE, replace(ADA, consent=False), "consent withdrawn"),
    ],
)
def test_it_holds_with_a_reason(what: tuple[OutboundKind, Purpose], recipient: Recipient, reason: str) -> None:
    assert decide_send(*what, recipient, NOW) == Hold(reason)
