"""Phone numbers and business-scoped user ids as WhatsApp writes them. They are kept as they come, never rebuilt."""

from __future__ import annotations

import re

from core.types import Address

PHONE = re.compile(r"\+?([0-9]{5,20})", re.ASCII)
# Meta's pattern is about [A-Z]{2}.(ENT.)?[0-9A-Za-z]{1,128}; the id is opaque, so a new form must not lose a message.
USER_ID = re.compile(r"[!-~]{1,255}", re.ASCII)


def read_phone(value: object) -> str | None:
    """The digits WhatsApp gives as E.164 with the plus, or None where there is no phone number."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**20:
        value = str(value)
    match = PHONE.fullmatch(value.strip()) if isinstance(value, str) and len(value) < 40 else None
    return "+" + match[1] if match else None


def read_user_id(value: object) -> str | None:
    """A business-scoped user id (BSUID) such as IT.4411, or None where there is none."""
    return value if isinstance(value, str) and USER_ID.fullmatch(value) else None


def read_address(phone: object, user_id: object = None, parent_user_id: object = None) -> Address | None:
    """What is readable of phone number and user id, or None where neither is."""
    number, person = read_phone(phone), read_user_id(user_id)
    return Address(number, person, read_user_id(parent_user_id)) if number or person else None
