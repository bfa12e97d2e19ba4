"""Meta's errors: one exception, the titles by code, and the JSON shape they come in."""

from __future__ import annotations

from typing import Any

# https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
TITLES = {
    0: "AuthException",
    1: "API Unknown",
    2: "API Service",
    3: "API Method",
    4: "API Too Many Calls",
    10: "Permission Denied",
    100: "Invalid parameter",
    190: "Access token has expired",
    368: "Temporarily blocked for policies violations",
    80007: "Rate limit issues",
    130403: "Business has blocked the user",
    130429: "Rate limit hit",
    130472: "User's number is part of an experiment",
    130497: "Business account is restricted from messaging users in this country",
    131000: "Something went wrong",
    131005: "Access denied",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131030: "Recipient phone number not in allowed list",
    131031: "Account has been locked",
    131037: "Display name approval needed",
    131042: "Business eligibility payment issue",
    131045: "Incorrect certificate",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped receiving marketing messages",
    131051: "Unsupported message type",
    131052: "Media download error",
    131053: "Media upload error",
    131055: "Method not allowed",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131057: "Account in maintenance mode",
    131064: "Message limited because of category misuse",
    132000: "Template Param Count Mismatch",
    132001: "Template does not exist",
    132005: "Template Hydrated Text Too Long",
    132007: "Template Format Character Policy Violated",
    132012: "Template Parameter Format Mismatch",
    132015: "Template is Paused",
    132016: "Template is Disabled",
    132018: "Template parameter validation failed",
    133004: "Server Temporarily Unavailable",
    133010: "Phone number not registered",
    134100: "Only marketing messages supported",
    135000: "Generic user error",
}
HTTP_STATUS = {
    0: 401, 1: 500, 2: 503, 3: 500, 10: 403, 190: 401, 368: 403, 130497: 403, 131000: 500, 131005: 403, 131016: 503,
    131031: 403, 131045: 500, 131057: 500, 132001: 404, 133004: 503, 2494100: 503,
}  # fmt: skip


class GraphError(Exception):
    """The Graph API refuses a request. details: what exactly; status: HTTP status."""

    def __init__(self, code: int, details: str = "", *, subcode: int | None = None, status: int | None = None) -> None:
        self.code = code
        self.details = details or title_of(code)
        self.subcode = subcode
        self.status = status or HTTP_STATUS.get(code, 400)
        super().__init__(f"(#{code}) {self.details}")


def title_of(code: int) -> str:
    """What Meta calls this code."""
    return TITLES.get(code, "Unknown error")


def error_body(error: GraphError, trace: str) -> dict[str, Any]:
    """The JSON of a refused request."""
    lost = error.code == 100 and error.subcode == 33
    body: dict[str, Any] = {
        "message": error.details if lost or error.code == 190 else f"(#{error.code}) {title_of(error.code)}",
        "type": "GraphMethodException" if lost else "OAuthException",
        "code": error.code,
        "error_data": {"messaging_product": "whatsapp", "details": error.details},
        "fbtrace_id": trace,
    }
    if error.subcode is not None:
        body["error_subcode"] = error.subcode
    return {"error": body}


def status_error(error: GraphError) -> dict[str, Any]:
    """The entry of `errors` in a `failed` status."""
    title = title_of(error.code)
    return {
        "code": error.code,
        "title": title,
        "message": title,
        "error_data": {"details": error.details},
        "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
    }


def unknown_object(object_id: str) -> GraphError:
    """The answer for an id that is not ours (code 100, subcode 33)."""
    return GraphError(
        100,
        f"Unsupported post request. Object with ID '{object_id}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation",
        subcode=33,
    )
