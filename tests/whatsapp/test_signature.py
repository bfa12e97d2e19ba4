"""Meta's signature on a webhook."""

import hashlib
import hmac

import pytest

from whatsapp.signature import verify_signature

BODY = b'{"text":"perch\\u00e9"}'
GOOD = "sha256=" + hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()


def test_the_right_signature_over_the_raw_bytes_is_accepted() -> None:
    assert verify_signature("secret", BODY, GOOD)


def test_the_same_json_written_differently_is_refused() -> None:
    assert not verify_signature("secret", '{"text":"perché"}'.encode(), GOOD)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        GOOD[7:],
        "sha1=" + GOOD[7:],
        GOOD[:-1],
        GOOD + "0",
        "sha256=" + "0" * 64,
        "sha256=" + "é" * 64,
        "sha256=" + "\udcff" * 64,
        "ſha256=" + GOOD[7:],
        " " + GOOD,
        GOOD + ", " + GOOD,
    ],
)
def test_a_missing_or_malformed_header_is_refused(header: str | None) -> None:
    assert not verify_signature("secret", BODY, header)


def test_another_secret_is_refused() -> None:
    assert not verify_signature("other", BODY, GOOD)


def test_without_a_secret_nothing_is_accepted() -> None:
    empty = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not verify_signature("", BODY, empty)
