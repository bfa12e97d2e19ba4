"""Meta's signature on a webhook."""

from __future__ import annotations

import hashlib
import hmac

PREFIX = "sha256="


def verify_signature(secret: str, body: bytes, header: str | None) -> bool:
    """Whether X-Hub-Signature-256 is Meta's HMAC over exactly these bytes; a missing or malformed one is not."""
    if not secret or header is None or not header.startswith(PREFIX) or not header.isascii():
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), header[len(PREFIX) :].encode())
