"""What each error of the Graph API means for us. Source: Meta's page of Cloud API error codes; unknown codes alert."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

TRIES = 5
BY_HAND = datetime.fromisoformat("9999-01-01T00:00:00+00:00")  # a pause only a person ends
MARKETING_REST = timedelta(hours=24)  # after error 131049; asking earlier prolongs WhatsApp's own ban


class Action(StrEnum):
    """What to do with a message WhatsApp refused, and with the number it should have left from."""

    RETRY = "retry"  # again after a growing delay, TRIES times at most
    PAIR_DELAY = "pair_delay"  # again after 6 s, 24 s, 96 s: too many messages to this customer
    SLOW = "slow"  # too many messages from this number: it rests briefly, the message waits, no try is used up
    PAUSE = "pause"  # nothing can leave from this number: it rests, the message waits, no try is used up
    FAIL = "fail"  # this message will never leave
    REST_MARKETING = "rest_marketing"  # fails; no marketing to this customer for MARKETING_REST
    STOP_MARKETING = "stop_marketing"  # fails; the customer switched marketing off


@dataclass(frozen=True)
class ErrorPolicy:
    """The rule for one error code. pause_seconds None on a PAUSE: until a person resumes. alert: someone must look."""

    action: Action
    reason: str
    delay_seconds: float = 0
    pause_seconds: float | None = 0
    alert: bool = False


class SendError(Exception):
    """WhatsApp definitely did not take the message."""

    def __init__(self, code: int | None, detail: str, http_status: int | None, policy: ErrorPolicy) -> None:
        super().__init__(f"error {code} (HTTP {http_status}): {detail}")
        self.code, self.detail, self.http_status, self.policy = code, detail, http_status, policy

    @property
    def action(self) -> Action:
        return self.policy.action


class UnknownOutcome(Exception):  # noqa: N818  (not an error: the answer is missing)
    """The request left and no usable answer came: WhatsApp may or may not have taken the message."""


def _retry(reason: str, delay: float = 2) -> ErrorPolicy:
    return ErrorPolicy(Action.RETRY, reason, delay_seconds=delay)


def _pause(reason: str, seconds: float | None, *, alert: bool = True) -> ErrorPolicy:
    return ErrorPolicy(Action.PAUSE, reason, pause_seconds=seconds, alert=alert)


def _fail(reason: str, *, alert: bool = False) -> ErrorPolicy:
    return ErrorPolicy(Action.FAIL, reason, alert=alert)


# A pause with seconds ends by itself: one message then tries, so that a renewed token or a paid bill needs no restart.
PROBE, HOUR = 600, 3600
TOKEN = _pause("the access token is missing, expired or revoked", PROBE)
PERMISSION = _pause("the access token lacks a permission", PROBE)
TRANSIENT = _retry("a passing fault at WhatsApp")
CALLS = _pause("too many calls to the Graph API", 60, alert=False)
SLOWER = ErrorPolicy(Action.SLOW, "WhatsApp asks this number to slow down", pause_seconds=2)
UPGRADE = _pause("WhatsApp is working on this number", 120, alert=False)
RESTRICTED = _pause("WhatsApp restricted the account", HOUR)
NUMBER = _pause("the number is not ready to send: deleted, not registered, or its name is not approved", PROBE)
OUR_BUG = _fail("WhatsApp calls the request wrong", alert=True)
TEMPLATE_BUG = _fail("the parameters do not fit the template", alert=True)
TEMPLATE_OFF = _fail("the template is paused or disabled", alert=True)
REGISTRATION = _fail("a fault in registering the number", alert=True)
UNREACHED = ErrorPolicy(Action.SLOW, "WhatsApp cannot be reached", pause_seconds=2)
UNKNOWN_CODE = _fail("WhatsApp refused for a reason Pronto does not know", alert=True)

POLICIES: dict[int, ErrorPolicy] = {
    0: TOKEN,
    190: TOKEN,
    3: PERMISSION,
    10: PERMISSION,
    **dict.fromkeys(range(200, 300), PERMISSION),
    131005: PERMISSION,
    1: TRANSIENT,
    2: TRANSIENT,
    131000: TRANSIENT,
    131016: TRANSIENT,
    133004: TRANSIENT,
    4: CALLS,
    80007: CALLS,
    130429: SLOWER,
    131056: ErrorPolicy(Action.PAIR_DELAY, "too many messages to this customer in a short time", delay_seconds=6),
    131057: UPGRADE,
    2494100: UPGRADE,
    131048: _pause("WhatsApp restricted the number after complaints; `pronto number resume` ends it", None),
    131064: _pause("WhatsApp limited the account for misused template categories", HOUR),
    368: RESTRICTED,
    131031: RESTRICTED,
    130497: _fail("WhatsApp does not let this account write to the customer's country", alert=True),
    131042: _pause("WhatsApp waits for a valid payment method", PROBE),
    33: NUMBER,
    131045: NUMBER,
    133010: NUMBER,
    131037: NUMBER,
    100: OUR_BUG,
    131008: OUR_BUG,
    131009: OUR_BUG,
    131051: OUR_BUG,
    135000: _fail("WhatsApp refused without a precise reason", alert=True),
    131021: _fail("a number cannot write to itself"),
    131026: _fail("WhatsApp cannot deliver to this customer"),
    131030: _fail("the customer is not on the test number's list of receivers"),
    131047: _fail("more than 24 hours since the customer wrote"),
    131049: ErrorPolicy(Action.REST_MARKETING, "the customer gets too much marketing these days"),
    131050: ErrorPolicy(Action.STOP_MARKETING, "the customer switched marketing off in WhatsApp"),
    130403: _fail("the customer is blocked by us"),
    130472: _fail("the customer is in one of WhatsApp's experiments"),
    131052: _fail("WhatsApp cannot fetch the customer's file"),
    131053: _fail("WhatsApp does not take the file", alert=True),
    132000: TEMPLATE_BUG,
    132012: TEMPLATE_BUG,
    132018: TEMPLATE_BUG,
    132001: _fail("the template is missing, in another language or not approved", alert=True),
    132005: _fail("the template's text became too long", alert=True),
    132007: _fail("the template breaks WhatsApp's rules", alert=True),
    132015: TEMPLATE_OFF,
    132016: TEMPLATE_OFF,
    132068: _fail("the flow is blocked", alert=True),
    132069: _fail("the flow is throttled", alert=True),
    131055: _fail("this message must not use the marketing endpoint", alert=True),
    134100: _fail("this message must not use the marketing endpoint", alert=True),
    131063: _fail("marketing is switched off on this endpoint", alert=True),
    131061: _fail("a maximum-price template cannot use this endpoint", alert=True),
    131062: _fail("this template needs a phone number", alert=True),
    131065: _fail("the customer's country is not eligible"),
    131070: _fail("another responder owns the conversation"),
    134101: _retry("WhatsApp is still taking over the template", delay=600),
    134102: _fail("the account is not enabled for the marketing endpoint", alert=True),
    **dict.fromkeys((133000, 133005, 133006, 133008, 133009, 133015, 133016), REGISTRATION),
    137000: _fail("the customer's identity changed and has to be confirmed", alert=True),
}


def find_policy(code: int | None, http_status: int | None = None) -> ErrorPolicy:
    """The rule for an error code; without a code the HTTP status is all there is to go by."""
    if code is not None:
        return POLICIES.get(code, UNKNOWN_CODE)
    return {401: TOKEN, 403: PERMISSION, 429: CALLS}.get(http_status or 0, UNKNOWN_CODE)


def lengthen_pause(policy: ErrorPolicy, seconds: float) -> ErrorPolicy:
    """The same rule with a pause of at least so many seconds, as WhatsApp's answer asked for, an hour at most."""
    if policy.action not in (Action.SLOW, Action.PAUSE) or policy.pause_seconds is None:
        return policy
    return replace(policy, pause_seconds=max(policy.pause_seconds, min(seconds, HOUR)))


def retry_at(policy: ErrorPolicy, tried: int, now: datetime, jitter: float) -> datetime | None:
    """When the message may leave again after `tried` earlier tries, None: never. jitter: chance from 0 to 1."""
    if policy.action in (Action.SLOW, Action.PAUSE):
        return now
    if policy.action not in (Action.RETRY, Action.PAIR_DELAY) or tried + 1 >= TRIES:
        return None
    return now + timedelta(seconds=policy.delay_seconds * 4**tried * (1 + jitter / 4))


def pause_until(policy: ErrorPolicy, now: datetime) -> datetime | None:
    """Until when the number rests because of this error, None: it does not."""
    if policy.action not in (Action.SLOW, Action.PAUSE):
        return None
    return BY_HAND if policy.pause_seconds is None else now + timedelta(seconds=policy.pause_seconds)
