"""The words Pronto speaks: enums and wire values shared by every folder.

Values are what stands in the database, in JSON and in file names; they follow Meta's, Rasa's and marketing's own terms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """The languages Pronto talks, as ISO 639-1 codes."""

    IT = "it"
    DE = "de"
    EN = "en"


class AddressForm(StrEnum):
    """How customers are addressed: tu and du, or Lei and Sie. English has one form."""

    INFORMAL = "informal"
    FORMAL = "formal"


class Role(StrEnum):
    """What someone who works with Pronto may do: talk with customers, also shape what is sent, also manage people."""

    AGENT = "agent"
    MARKETER = "marketer"
    ADMIN = "admin"


class Theme(StrEnum):
    """How pages look: as the device wishes, light, or dark."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class MessageKind(StrEnum):
    """What a customer sent. Values follow Meta's `type`; an `interactive` message is split by its own type."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"
    AUDIO = "audio"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"
    BUTTON_REPLY = "button_reply"
    LIST_REPLY = "list_reply"
    FLOW_REPLY = "nfm_reply"
    CALL_PERMISSION_REPLY = "call_permission_reply"
    BUTTON = "button"
    ORDER = "order"
    SYSTEM = "system"
    EDIT = "edit"
    REVOKE = "revoke"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


class DeliveryStatus(StrEnum):
    """What WhatsApp reports about a message we sent. `failed` is terminal; the others only move forward."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"


class OutboxState(StrEnum):
    """Where an outgoing message stands."""

    QUEUED = "queued"  # waits for its time and its turn
    SENDING = "sending"  # claimed by a worker, the request may be on its way
    UNKNOWN = "unknown"  # the request left and no answer came: a status decides
    ACCEPTED = "accepted"  # WhatsApp took it
    HELD = "held_for_quality_assessment"  # WhatsApp took it and keeps it back for now
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # definitely not delivered, the error says why
    BLOCKED = "blocked"  # the gate said no, the reason is kept
    CANCELLED = "cancelled"  # withdrawn before it left
    EXPIRED = "expired"  # WhatsApp gave up without a word


class OutboundKind(StrEnum):
    """Why a message leaves: an answer inside the window, or a template that may open a conversation."""

    REPLY = "reply"
    TEMPLATE = "template"


class Purpose(StrEnum):
    """What a consent is for."""

    MARKETING = "marketing"
    SERVICE = "service"
    BACK_IN_STOCK = "back_in_stock"  # one message, when what was asked for is there again


class TemplateKind(StrEnum):
    """What an approved message is for, as marketers say it."""

    INFORMATION = "information"
    REMINDER = "reminder"
    OFFER = "offer"  # only where the score's gates are open
    HELP = "help"


class Preference(StrEnum):
    """The switch for marketing messages in WhatsApp itself, as Meta reports it."""

    STOP = "stop"
    RESUME = "resume"


class Decision(StrEnum):
    """What was done with a contact's messages."""

    ASK_RASA = "ask_rasa"
    STOP = "stop"
    HANDOFF_OPEN = "handoff_open"
    NOTHING_TO_SAY = "nothing_to_say"
    RASA_DOWN = "rasa_down"
    RATED = "rated"  # the stars after a handoff


class EventKind(StrEnum):
    """What happened with a contact, from WhatsApp or told by other systems."""

    PAGE_VISIT = "page_visit"
    OFFER_CLICK = "offer_click"
    QUOTE_REQUEST = "quote_request"
    FORM = "form"
    EMAIL_OPEN = "email_open"
    CART_ABANDONED = "cart_abandoned"
    CART_DECLINED = "cart_declined"  # never remind of it again
    CHECKOUT_STARTED = "checkout_started"
    RESTOCK_WANTED = "restock_wanted"
    PURCHASE = "purchase"
    CANCELLED = "cancelled"
    OFFER_CHOSEN = "offer_chosen"
    CALLBACK_WISH = "callback_wish"
    WRONG_PERSON = "wrong_person"
    MOVED_AWAY = "moved_away"
    BEREAVEMENT = "bereavement"
    OBJECTION = "objection"
    RENEWAL_OFFERED = "renewal_offered"
    RENEWAL_ACCEPTED = "renewal_accepted"
    RENEWAL_DECLINED = "renewal_declined"
    CHURN_REASON = "churn_reason"
    RETURN_ACCEPTED = "return_accepted"
    RETURN_DECLINED = "return_declined"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"
    UNSERVED_WISH = "unserved_wish"  # something we do not have, such as gas
    BAND_CROSSED = "band_crossed"  # the score moved into another band; campaigns wait for it


class HandoffReason(StrEnum):
    """Why a person has to take over."""

    WISH = "wish"
    FRUSTRATION = "frustration"
    MISUNDERSTANDING = "misunderstanding"
    VALUE = "value"
    CALLBACK = "callback"
    ASSISTANT_DOWN = "assistant_down"
    AGENT = "agent"  # someone of ours stepped in


class HandoffState(StrEnum):
    """Where a handoff stands."""

    OPEN = "open"  # nobody's yet
    ASSIGNED = "assigned"  # somebody's, and it is our move
    WAITING = "waiting"  # for the customer
    SNOOZED = "snoozed"  # until snoozed_until, or the customer writes
    CLOSED = "closed"  # the assistant's again


class CampaignState(StrEnum):
    """Where a campaign stands. Only a running one lets people in and sends."""

    DRAFT = "draft"
    CHECKED = "checked"  # its journey, texts and templates hold together
    APPROVED = "approved"  # released by a person
    SCHEDULED = "scheduled"  # starts by itself at starts_at
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"


class HoldReason(StrEnum):
    """Why a message Pronto wanted to send did not go, in the order in which it is asked."""

    ERASED = "erased"
    NO_ADDRESS = "no_address"
    BLOCKED = "blocked"  # we blocked the contact, or WhatsApp could not deliver again and again
    PLATFORM_STOP = "platform_stop"  # marketing switched off in WhatsApp itself
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    REFUSED = "refused"  # the contact said no to just this, or it is settled
    MARKETING_REST = "marketing_rest"  # WhatsApp: too much marketing in the last 24 hours
    HANDOFF = "handoff"  # a person is talking with the contact
    CONVERSATION = "conversation"  # the assistant is
    TEMPLATE_UNAPPROVED = "template_unapproved"
    TEMPLATE_PAUSED = "template_paused"
    LANGUAGE_MISSING = "language_missing"
    VALUE_MISSING = "value_missing"  # the text would have a gap
    SCORE = "score"
    DEADLINE = "deadline"
    SAVING = "saving"
    DAILY_CAP = "daily_cap"
    WEEKLY_CAP = "weekly_cap"
    QUIET_HOURS = "quiet_hours"
    HOLIDAY = "holiday"
    PORTFOLIO_LIMIT = "portfolio_limit"
    BUDGET = "budget"
    NUMBER_PAUSED = "number_paused"
    PACE = "pace"


class PlanOutcome(StrEnum):
    """What came of a plan. entry_not_met: its data says which condition, under `unmet`."""

    ENTERED = "entered"
    NOT_MET = "entry_not_met"
    UNDER_WAY = "already_under_way"  # in this very campaign
    TOO_SOON = "too_soon"  # was in it, and `again_after` is not over
    NO_CONTACT = "no_contact"  # erased, about to be, or without an address
    LATE = "late"  # `until` is over
    CHANGED = "changed"  # what it was planned for is no longer so: another deadline, a bought cart
    FINISHED = "campaign_finished"


class Band(StrEnum):
    """What to do with a contact: nurture, educate, offer."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True)
class Address:
    """A person on WhatsApp: a phone number, a business-scoped user id (BSUID), or both.

    phone: E.164 with the plus, as WhatsApp gave it. user_id: like "IT.4411". At least one is set.
    """

    phone: str | None = None
    user_id: str | None = None
    parent_user_id: str | None = None

    def __post_init__(self) -> None:
        if not self.phone and not self.user_id:
            raise ValueError("an address needs a phone number or a user id")


@dataclass(frozen=True)
class InboundMessage:
    """One message of a customer, from any type WhatsApp can send.

    text: what a person would read (body, caption, button title), None where there is nothing to read.
    reply_id: the id of the tapped option. context_wamid: the message it answers. payload: the message as received.
    """

    wamid: str
    phone_number_id: str
    address: Address
    kind: MessageKind
    sent_at: datetime
    payload: dict[str, Any]
    text: str | None = None
    reply_id: str | None = None
    context_wamid: str | None = None
    profile_name: str | None = None
    username: str | None = None


@dataclass(frozen=True)
class Delivery:
    """One status of a message we sent. callback: our `biz_opaque_callback_data`, where WhatsApp echoes it."""

    wamid: str
    status: DeliveryStatus
    at: datetime
    phone_number_id: str
    callback: str | None = None
    address: Address | None = None
    pricing: dict[str, Any] | None = None
    errors: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class PreferenceChange:
    """A customer used WhatsApp's own switch for marketing messages."""

    address: Address
    value: Preference
    at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class AddressChange:
    """A customer changed number or user id. Both belong to the same person. A repeated change has the same key."""

    previous: Address
    current: Address
    at: datetime
    key: str


@dataclass(frozen=True)
class PlatformUpdate:
    """Anything else WhatsApp tells: templates, quality, account, unknown fields. A repeated update has the same key."""

    key: str
    field: str
    account_id: str
    value: Any


type Update = InboundMessage | Delivery | PreferenceChange | AddressChange | PlatformUpdate


@dataclass(frozen=True)
class Option:
    """One answer a customer can tap. id: what comes back (up to 200 characters)."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True)
class Location:
    """A place on the map, in degrees."""

    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Media:
    """A file to send. kind: image, video, audio, document. link: public https address; or attachment: a stored file."""

    kind: MessageKind
    link: str = ""
    caption: str | None = None
    filename: str | None = None
    attachment: int | None = None


@dataclass(frozen=True)
class Outbound:
    """What Pronto says in one turn, before WhatsApp's shapes and limits.

    options become buttons, a list or a numbered text; list_label is the word on the button that opens a list.
    asks_location: offers a button that shares where the customer is; not beside options or a link.
    """

    text: str = ""
    options: tuple[Option, ...] = ()
    list_label: str | None = None
    media: tuple[Media, ...] = ()
    location: Location | None = None
    link_url: str | None = None
    link_label: str | None = None
    asks_location: bool = False


@dataclass(frozen=True)
class Template:
    """An approved message that may open a conversation.

    parameters fill the body in order of the template, or by name. button_payloads: one per quick reply, in order.
    url_suffix fills the variable of its URL button.
    """

    name: str
    language: Language
    parameters: dict[str, str] = field(default_factory=dict)
    named: bool = True
    button_payloads: tuple[str, ...] = ()
    url_suffix: str | None = None
