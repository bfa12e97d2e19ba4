"""How one sandbox behaves: where the application is, its secrets, WhatsApp's limits and how webhooks travel."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from core.settings import Settings

# Codes that WhatsApp reports as a `failed` status after a 200, because it only finds out when it delivers.
LATE_CODES = frozenset({131026, 131047, 131049, 131050})
CHANGEABLE = {  # what /control/config may change while the sandbox runs
    "webhook_url", "delivered_ms", "read_ms", "throughput", "pair_seconds", "pair_burst", "marketing_cap", "late_codes",
    "open_world", "webhook_batch", "webhook_timeout", "retry_seconds", "duplicate_every", "shuffle_ms",
    "template_review_ms",
}  # fmt: skip


@dataclass
class SandboxConfig:
    """Defaults are the demo's: secrets, one number, WhatsApp's published limits.

    delivered_ms, read_ms: from accepted to that status; read_ms None: only by hand or while the phone is looked at.
    throughput: sends per second and number, 0 for no limit. marketing_cap: per person and 24 hours, where one exists.
    open_world: every number has WhatsApp; otherwise only customers that were created do (131026).
    webhook_batch: most updates packed in one POST (they wait for nothing; only a backlog is packed).
    retry_seconds: waits before each try, the last one repeats. duplicate_every: each n-th POST is sent twice.
    shuffle_ms: updates wait a random time up to this, so they overtake each other.
    template_review_ms: new templates are approved after this; None: by hand.
    """

    port: int = 8010
    public_url: str = ""
    webhook_url: str = "http://127.0.0.1:8000/webhook"
    pronto_url: str = ""
    api_key: str = "demo"
    app_secret: str = "demo"  # noqa: S105
    access_token: str = "demo"  # noqa: S105
    verify_token: str = "demo"  # noqa: S105

    phone_number_id: str = "900"
    display_phone: str = "390200000000"
    waba_id: str = "700"
    business_name: str = "Pronto"

    delivered_ms: int = 300
    read_ms: int | None = None
    throughput: float = 80
    pair_seconds: float = 6
    pair_burst: int = 45
    marketing_cap: int = 2
    free_service_messages: int = 1000
    late_codes: frozenset[int] = LATE_CODES
    open_world: bool = True
    template_review_ms: int | None = 1500
    media_seconds: float = 300

    webhook_batch: int = 100
    webhook_connections: int = 8
    webhook_timeout: float = 10
    webhook_limit: int = 200_000
    retry_seconds: tuple[float, ...] = (0, 2, 10, 30, 60, 300, 900, 3600)
    duplicate_every: int = 0
    shuffle_ms: int = 0

    ready_customers: bool = True
    seed: int = 1

    def base_url(self) -> str:
        """The address under which this sandbox is reached."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    def change(self, values: dict[str, Any]) -> None:
        """Takes new values of the changeable fields; raises ValueError for any other name."""
        wrong = set(values) - CHANGEABLE
        if wrong:
            raise ValueError(f"cannot change {', '.join(sorted(wrong))}")
        for name, value in values.items():
            kind = type(getattr(self, name))
            setattr(self, name, kind(value) if kind in (frozenset, tuple) else value)

    def show(self) -> dict[str, Any]:
        """The changeable fields, ready for JSON."""
        shown = {item.name: getattr(self, item.name) for item in fields(self) if item.name in CHANGEABLE}
        return shown | {"late_codes": sorted(self.late_codes), "retry_seconds": list(self.retry_seconds)}


def read_config(settings: Settings, port: int, **changes: Any) -> SandboxConfig:
    """The sandbox that belongs to these settings; changes win over what they say."""
    config = SandboxConfig(
        port=port,
        webhook_url=f"{settings.public_url.rstrip('/')}/webhook",
        pronto_url=settings.public_url.rstrip("/"),
        api_key=settings.api_key.get_secret_value(),
        app_secret=settings.app_secret.get_secret_value(),
        access_token=settings.access_token.get_secret_value(),
        verify_token=settings.verify_token.get_secret_value(),
        phone_number_id=settings.phone_number_id or SandboxConfig.phone_number_id,
        waba_id=settings.waba_id or SandboxConfig.waba_id,
        business_name=settings.company,
    )
    for name, value in changes.items():
        setattr(config, name, value)
    return config
