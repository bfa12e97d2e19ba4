"""Requests that come from our own pages, and what browsers are told to allow them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
COMMON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOWHERE_ELSE = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
# Pages made by NiceGUI: Vue compiles its templates in the browser, so scripts need eval, and what NiceGUI writes into
# a page is inline. What counts more stays: nothing is fetched from, or sent to, anywhere else.
LIVE_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline';"
    f" img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; {NOWHERE_ELSE}"
)
PLAIN_POLICY = f"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; {NOWHERE_ELSE}"


def is_own(headers: Mapping[str, str], public_url: str) -> bool:
    """Whether a request that changes something, or opens a socket, was made by our own page.

    Browsers say so in Origin, or at least in Sec-Fetch-Site; what is no browser carries no cookie to misuse.
    """
    origin = headers.get("origin")
    if origin:
        host = urlsplit(origin).netloc
        return bool(host) and host in (headers.get("host"), urlsplit(public_url).netloc)
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def tidy_path(path: str) -> str:
    """Where to go after logging in: a path of ours, never another host."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside and not path.startswith(("/login", "/logout", "/_")) else "/"
