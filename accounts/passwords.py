"""Passwords: what one must look like, and how it is kept."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 200
HASHER = PasswordHasher()  # argon2id as RFC 9106 recommends where memory is dear: 64 MiB, 3 passes
COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
_at_once = asyncio.Semaphore(2)  # each takes 64 MiB and a core; webhooks are answered beside


class PasswordError(Exception):
    """This password is not accepted; args[0] is the reason: short, long, common, personal."""


def check_password(password: str, email: str) -> None:
    """Raises PasswordError for a password that is easily guessed. No rules about kinds of characters: they mislead."""
    plain = password.casefold().strip()
    name = email.partition("@")[0].casefold()
    if len(password) < SHORTEST:
        raise PasswordError("short")
    if len(password) > LONGEST:
        raise PasswordError("long")
    if plain in COMMON or len(set(plain)) < 4:
        raise PasswordError("common")
    if plain == email.casefold() or (len(name) >= 4 and plain.replace(name, "", 1).strip("0123456789!. ") == ""):
        raise PasswordError("personal")


async def hash_password(password: str) -> str:
    """The argon2id hash, made beside the event loop."""
    async with _at_once:
        return await asyncio.to_thread(HASHER.hash, password)


async def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash it takes as long and is False, so nobody learns who has an account."""
    async with _at_once:
        right = await asyncio.to_thread(_verify, password_hash or hash_of_nobody(), password)
    return right and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def hash_of_nobody() -> str:
    """What a password is compared with where there is no account."""
    return HASHER.hash("nobody has this password")
