"""Every setting of Pronto, read from the environment and from `.env`, explained in README.md."""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.types import AddressForm, Language

DEMO_SECRET = "demo"  # noqa: S105  (refused outside demo mode)
SECRETS = ("secret_key", "access_token", "app_secret", "verify_token", "api_key")


class Settings(BaseSettings):
    """One field per setting; the environment variable is PRONTO_ and the name, except where an alias stands."""

    model_config = SettingsConfigDict(env_prefix="PRONTO_", env_file=".env", extra="ignore", populate_by_name=True)

    demo: bool = Field(False, description="Sandbox instead of WhatsApp, ready-made secrets, a clock that can be moved")
    data_dir: Path = Field(Path(".pronto"), description="Folder of the embedded PostgreSQL, logs and the trained model")
    database_url: str = Field("", description="PostgreSQL 15 or later; empty: the embedded PostgreSQL")
    public_url: str = Field("http://127.0.0.1:8000", description="Address under which customers' phones reach Pronto")

    graph_url: str = Field("https://graph.facebook.com", description="Meta's Graph API")
    graph_version: str = Field("v25.0", description="Version of the Graph API")
    phone_number_id: str = Field("", description="Id of the WhatsApp number, from Meta's App Dashboard")
    waba_id: str = Field("", description="Id of the WhatsApp Business Account")
    access_token: SecretStr = Field(SecretStr(DEMO_SECRET), description="Token of a system user")
    app_secret: SecretStr = Field(SecretStr(DEMO_SECRET), description="Secret of the Meta app; signs webhooks")
    verify_token: SecretStr = Field(SecretStr(DEMO_SECRET), description="Word of your choice for the webhook handshake")

    rasa_url: str = Field("http://127.0.0.1:5005", description="The conversation engine; loopback or private network")
    actions_url: str = Field("http://127.0.0.1:8000/actions", description="Where Rasa finds Pronto's custom actions")
    secret_key: SecretStr = Field(SecretStr(DEMO_SECRET), description="Key for sessions, opaque links, inner requests")
    api_key: SecretStr = Field(SecretStr(DEMO_SECRET), description="Bearer key of other systems for /api")

    timezone: str = Field("Europe/Rome", description="Time zone of contacts without one of their own")
    country: str = Field("IT", description="Country of contacts whose number does not tell")
    language: Language = Field(Language.IT, description="Language of contacts nothing is known about")
    address: AddressForm = Field(
        AddressForm.INFORMAL, description="How customers are addressed: informal (tu, du) or formal (Lei, Sie)"
    )
    company: str = Field("Pronto", description="Name of the company, as customers read it")
    limits: str = Field(
        "", description="File with caps, quiet hours, budget and prices; empty: campaigns/gate/limits.yml"
    )
    company_dir: str = Field("", description="Folder with the company's facts; empty: the sample in offers/company")

    burst_seconds: float = Field(1.5, ge=0, description="Messages of one contact this close together become one turn")
    rasa_patience_seconds: float = Field(
        120, ge=0, description="How long a customer waits for a broken engine before hearing one honest sentence"
    )
    session_hours: float = Field(24, gt=0, description="Silence after which a conversation starts anew")
    delete_inactive_months: int = Field(
        24, ge=0, description="Contacts without any sign of life for this long are erased; 0: never (S2-33)"
    )
    handoff_value: float = Field(
        0, ge=0, description="A contact worth this much gets a person at the end of a conversation; 0: nobody"
    )
    handoff_answer_minutes: float = Field(
        15,
        ge=0,
        description="A customer who waits this long for a person is told so, and the inbox is alerted; 0: never",
    )
    handoff_grace_minutes: float = Field(
        10,
        ge=0,
        description="Who writes this soon after a handoff was closed gets the same person again, if still there",
    )
    handoff_auto_assign: bool = Field(False, description="New handoffs are given to the agent who fits best")
    satisfaction: bool = Field(False, description="Customers are asked after a handoff how it was, from 1 to 5")
    desk_webhook_url: str = Field("", description="Other desk that is told of handoffs and their messages; empty: none")
    desk_webhook_secret: SecretStr = Field(SecretStr(""), description="Signs what the other desk is told")
    chatwoot_url: str = Field("", description="Address of a Chatwoot where people answer; empty: none")
    chatwoot_token: SecretStr = Field(SecretStr(""), description="Access token of a Chatwoot user or bot")
    chatwoot_account: int = Field(0, ge=0, description="Number of the account in Chatwoot's addresses")
    chatwoot_inbox: int = Field(0, ge=0, description="Number of the API inbox in Chatwoot")
    chatwoot_secret: SecretStr = Field(
        SecretStr(""), description="Secret of Chatwoot's webhook, or the word behind ?key= in its address"
    )
    score_hour: int = Field(
        3, ge=0, le=23, description="Hour of each time zone's night at which all its contacts are scored anew"
    )
    send_rate: float = Field(80, gt=0, description="Messages per second and number, as WhatsApp allows")
    pair_seconds: float = Field(6, gt=0, description="Seconds per message to one customer, in the long run")
    pair_burst: int = Field(45, ge=1, description="Messages to one customer that may leave at once")
    unknown_seconds: float = Field(60, gt=0, description="How long a send without answer waits for a status")
    worker_beat_seconds: float = Field(12, gt=0, description="A worker silent for this long counts as dead")

    campaign_second_person: bool = Field(
        False, description="What one person checked another has to approve before a campaign starts"
    )
    campaign_minimum_contacts: int = Field(
        1000, ge=1, description="Contacts per arm before a campaign's effect is judged (S2-26)"
    )
    campaign_minimum_weeks: float = Field(4, ge=0, description="And weeks since the first of them entered (S2-26)")
    campaign_pause_messages: int = Field(
        100, ge=1, description="A campaign pauses by itself after this many messages at the earliest"
    )
    campaign_pause_errors: float = Field(
        10, ge=0, le=100, description="% of its last messages that failed, from which on a campaign pauses by itself"
    )
    campaign_pause_blocks: float = Field(
        2, ge=0, le=100, description="% of their receivers who switched marketing off in WhatsApp, likewise"
    )
    campaign_pause_opt_outs: float = Field(
        2, ge=0, le=100, description="% of their receivers who opted out, likewise (usual: 0.2 to 0.5, S2-22)"
    )

    audit_complete_start: float = Field(70, ge=0, le=100, description="% of complete profiles before the start (S2-13)")
    audit_complete_minimum: float = Field(60, ge=0, le=100, description="% of complete profiles, minimum (S2-30)")
    audit_complete_optimal: float = Field(80, ge=0, le=100, description="% of complete profiles, optimal (S2-30)")
    audit_deliverable_minimum: float = Field(85, ge=0, le=100, description="% of sent that arrives, minimum (S2-30)")
    audit_deliverable_optimal: float = Field(95, ge=0, le=100, description="% of sent that arrives, optimal (S2-30)")
    audit_current_minimum: float = Field(70, ge=0, le=100, description="% of contacts with fresh data, minimum (S2-30)")
    audit_current_optimal: float = Field(90, ge=0, le=100, description="% of contacts with fresh data, optimal (S2-30)")
    audit_current_months: int = Field(12, ge=1, description="Data older than this is not fresh (S2-13)")
    audit_history_minimum: float = Field(6, ge=0, description="Months of history, minimum (S2-30, S2-37)")
    audit_history_optimal: float = Field(12, ge=0, description="Months of history, optimal (S2-30, S2-37)")
    audit_history_learning: float = Field(18, ge=0, description="Months of history, best for learning (S1-38)")
    records_simple: int = Field(500, ge=1, description="Contacts with outcomes from which simple models learn (S1-38)")
    records_minimum: int = Field(1000, ge=1, description="Contacts with outcomes for learning, minimum (S1-38, S2-37)")
    records_optimal: int = Field(5000, ge=1, description="Contacts with outcomes for learning, best (S1-38, S2-37)")

    login_idle_minutes: float = Field(120, gt=0, description="Someone logged in to the pages is out after this silence")
    login_hours: float = Field(12, gt=0, description="And after this long in any case")

    openai_api_key: SecretStr | None = Field(None, alias="OPENAI_API_KEY", description="Key of a language model")
    openai_base_url: str | None = Field(None, alias="OPENAI_BASE_URL", description="Any server that speaks its API")
    openai_model: str = Field("gpt-5-mini", description="Model for drafts and summaries; never prices or consent")

    @field_validator("timezone")
    @classmethod
    def zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"PRONTO_TIMEZONE={value!r} is not a time zone; write one like Europe/Rome") from error
        return value

    @model_validator(mode="after")
    def limits_are_in_order(self) -> Settings:
        rows = (
            ("audit_complete_minimum", "audit_complete_start", "audit_complete_optimal"),
            ("audit_deliverable_minimum", "audit_deliverable_optimal"),
            ("audit_current_minimum", "audit_current_optimal"),
            ("audit_history_minimum", "audit_history_optimal", "audit_history_learning"),
            ("records_simple", "records_minimum", "records_optimal"),
        )
        for names in rows:
            values = [getattr(self, name) for name in names]
            if values != sorted(values):
                ordered = " <= ".join("PRONTO_" + name.upper() for name in names)
                raise ValueError(f"{', '.join(f'{value:g}' for value in values)} are not in order: set {ordered}")
        return self

    @model_validator(mode="after")
    def chatwoot_is_whole(self) -> Settings:
        needed = ("chatwoot_token", "chatwoot_account", "chatwoot_inbox", "chatwoot_secret")
        empty = [name for name in needed if not (read_plain(getattr(self, name)))]
        if self.chatwoot_url and empty:
            raise ValueError(f"set {', '.join('PRONTO_' + name.upper() for name in empty)} beside PRONTO_CHATWOOT_URL")
        return self

    @model_validator(mode="after")
    def refuse_default_secrets(self) -> Settings:
        if self.demo:
            return self
        weak = [name for name in SECRETS if getattr(self, name).get_secret_value() in (DEMO_SECRET, "")]
        if weak:
            names = ", ".join("PRONTO_" + name.upper() for name in weak)
            raise ValueError(f"set {names} (or PRONTO_DEMO=1 to try Pronto without WhatsApp)")
        return self

    def as_environment(self) -> dict[str, str]:
        """What was set, as environment variables for a child process."""
        variables = {}
        for name in self.model_fields_set:
            value = getattr(self, name)
            plain = read_plain(value)
            if plain is not None:
                variables[Settings.model_fields[name].alias or f"PRONTO_{name.upper()}"] = str(plain)
        return variables

    def internal_token(self) -> str:
        """The bearer key between web app and Rasa, both ways, derived from secret_key."""
        key = self.secret_key.get_secret_value().encode()
        return hmac.new(key, b"internal", hashlib.sha256).hexdigest()


def read_plain(value: Any) -> Any:
    """A setting's value, also of a secret."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def explain_settings(error: ValidationError) -> str:
    """One line per setting that cannot be used, with its name and never its value, which may be a secret."""
    lines = []
    for problem in error.errors(include_input=False):
        name = str(problem["loc"][0]) if problem["loc"] else ""
        own = problem["type"] == "value_error"  # our own words name the setting
        alias = name in Settings.model_fields and f"PRONTO_{name.upper()}"
        lines.append(problem["msg"].removeprefix("Value error, ") if own else f"{alias or name}: {problem['msg']}")
    return "\n".join(lines)


@cache
def get_settings() -> Settings:
    """The settings of this process."""
    return Settings()
