"""Meta's signature on a webhook."""

from __future__ import annotations

import hashlib
import hmac

PREFIX = "sha256="


def sign_body(secret: str, body: bytes) -> str:
    """The value of the header for exactly these bytes."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def verify_signature(secret: str, body: bytes, header: str | None) -> bool:
    """Whether X-Hub-Signature-256 is Meta's HMAC over exactly these bytes; a missing or malformed one is not."""
    if not secret or header is None or not header.isascii():
        return False
    return hmac.compare_digest(sign_body(secret, body).encode(), header.encode())
