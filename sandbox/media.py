"""Media in the sandbox: prepared small files, uploads, and download addresses that live for minutes only."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

FILES = Path(__file__).parent / "files"
MIME_TYPES = {
    ".jpg": "image/jpeg", ".png": "image/png", ".ogg": "audio/ogg; codecs=opus", ".pdf": "application/pdf",
    ".webp": "image/webp", ".mp4": "video/mp4",
}  # fmt: skip
MB = 1024 * 1024
LIMITS = {"image": 5 * MB, "audio": 16 * MB, "video": 16 * MB, "application": 100 * MB, "text": 100 * MB}


@dataclass(frozen=True)
class MediaFile:
    """One file. The id is what travels in messages."""

    id: str
    mime_type: str
    data: bytes
    name: str = ""

    def sha256(self) -> str:
        """Base64, as webhooks tell it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()

    def sha256_hex(self) -> str:
        """Hexadecimal, as `GET /{media_id}` tells it."""
        return hashlib.sha256(self.data).hexdigest()


class MediaStore:
    """Files by id and download tokens by expiry."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.files: dict[str, MediaFile] = {}
        self.tokens: dict[str, tuple[str, float]] = {}

    def add(self, data: bytes, mime_type: str, name: str = "") -> MediaFile:
        """Keeps a file under a new id."""
        file = MediaFile(str(4_000_000_000 + len(self.files) + 1), mime_type, data, name)
        self.files[file.id] = file
        return file

    def add_prepared(self, name: str) -> MediaFile:
        """A copy of one of the prepared files; raises KeyError for any other name."""
        path = FILES / Path(name).name
        if not path.is_file():
            raise KeyError(name)
        return self.add(path.read_bytes(), MIME_TYPES.get(path.suffix, "application/octet-stream"), path.name)

    def make_token(self, file_id: str, until: float) -> str:
        """A one-file download token, good until then (unix seconds)."""
        token = secrets.token_urlsafe(24)
        self.tokens[token] = (file_id, until)
        return token

    def open_token(self, token: str, now: float) -> MediaFile | None:
        """The file behind a token, None when it is unknown or too old."""
        file_id, until = self.tokens.get(token, ("", 0.0))
        return self.files.get(file_id) if now < until else None


def size_limit(mime_type: str) -> int:
    """The most bytes WhatsApp takes of this kind; 0 for a kind it does not take."""
    return LIMITS.get(mime_type.split("/", 1)[0], 0)
