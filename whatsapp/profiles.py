"""Who a message, status or preference is about: its own ids, completed from the `contacts` beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.address import read_address
from core.types import Address
from whatsapp.fields import read_list, read_object, read_text


@dataclass(frozen=True)
class Profile:
    """One of the `contacts` of a webhook value."""

    address: Address | None
    name: str | None
    username: str | None


NOBODY = Profile(None, None, None)


def read_profiles(contacts: object) -> list[Profile]:
    """Every contact that is an object."""
    return [read_profile(item) for item in read_list(contacts) if isinstance(item, dict)]


def read_profile(contact: dict[str, object]) -> Profile:
    """One contact; each part may be missing."""
    shown = read_object(contact.get("profile"))
    return Profile(
        read_address(contact.get("wa_id"), contact.get("user_id"), contact.get("parent_user_id")),
        read_text(shown.get("name")),
        read_text(shown.get("username")),
    )


def complete_address(own: Address | None, profiles: Sequence[Profile], alone: bool) -> tuple[Address | None, Profile]:
    """The full address and the profile it belongs to.

    alone: the value has one sender only, so a single contact beside it is that sender even if they share no id.
    """
    for profile in profiles:
        if own and profile.address and share_id(own, profile.address):
            return join_addresses(own, profile.address), profile
    if alone and len(profiles) == 1 and not (own and profiles[0].address and contradict(own, profiles[0].address)):
        return join_addresses(own, profiles[0].address), profiles[0]
    return own, NOBODY


def share_id(one: Address, other: Address) -> bool:
    """Whether they have a phone number or a user id in common."""
    return bool((one.phone and one.phone == other.phone) or (one.user_id and one.user_id == other.user_id))


def contradict(one: Address, other: Address) -> bool:
    """Whether both name a phone number, or both a user id, and it is not the same."""
    return bool(
        (one.phone and other.phone and one.phone != other.phone)
        or (one.user_id and other.user_id and one.user_id != other.user_id)
    )


def join_addresses(own: Address | None, other: Address | None) -> Address | None:
    """One address with the ids of both; own ids win."""
    if own is None or other is None:
        return own or other
    return Address(own.phone or other.phone, own.user_id or other.user_id, own.parent_user_id or other.parent_user_id)
