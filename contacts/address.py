"""What an address tells about a person."""

from __future__ import annotations

import re

import phonenumbers

from core.address import read_address, read_phone, read_user_id
from core.types import Address

__all__ = ["country_of", "read_address", "read_phone", "read_user_id"]

COUNTRY_PREFIX = re.compile(r"([A-Z]{2})\.")


def country_of(address: Address) -> str | None:
    """ISO code of the country, from the phone number, else from the user id's prefix; None where neither tells."""
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
