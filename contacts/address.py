"""What an address tells about a person."""

from __future__ import annotations

import re

import phonenumbers

from core.address import read_address, read_phone, read_user_id
from core.types import Address

__all__ = ["country_of", "read_address", "read_phone", "read_user_id"]

COUNTRY_PREFIX = re.compile(r"([A-Z]{2})\.")


def plain_region(phone: str) -> str | None:
    """The country of a number whose first digits settle it, which is a hundred times faster than its whole plan."""
    if phone.startswith("+393"):  # the Vatican shares +39, but not its mobile numbers
        return "IT"
    for length in (1, 2, 3):  # no country code begins with another one
        if regions := phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(phone[1 : 1 + length] or 0)):
            return regions[0] if len(regions) == 1 and regions[0] != "001" else None
    return None


def country_of(address: Address) -> str | None:
    """ISO code of the country, from the phone number, else from the user id's prefix; None where neither tells."""
    if region := plain_region(address.phone or ""):
        return region
    if address.phone:
        try:
            number = phonenumbers.parse(address.phone)
        except phonenumbers.NumberParseException:
            region = None
        else:
            # A number may be too odd for its country's plan; the country code alone still tells.
            region = phonenumbers.region_code_for_number(number) or phonenumbers.region_code_for_country_code(
                number.country_code or 0
            )
        if region and len(region) == 2 and region != "ZZ":
            return region
    prefix = COUNTRY_PREFIX.match(address.user_id or "")
    return prefix[1] if prefix else None
