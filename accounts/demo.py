"""The demo's accounts: one click lets in, and outside the demo nobody gets in with them, for they have no password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.tables import Account
from core.types import Role


@dataclass(frozen=True)
class DemoAccount:
    """Someone of the demo's company. key: what the address of the door ends with."""

    key: str
    name: str
    role: Role

    @property
    def email(self) -> str:
        return f"demo-{self.key}@example.org"


ACCOUNTS = (
    DemoAccount("agent", "Sofia", Role.AGENT),
    DemoAccount("agent-2", "Jonas", Role.AGENT),
    DemoAccount("marketer", "Chiara", Role.MARKETER),
    DemoAccount("admin", "Ada", Role.ADMIN),
)


async def enter_demo(session: AsyncSession, key: str, now: datetime) -> int:
    """The id of a demo account, made when it is first needed and mended if someone tried out deactivating it.

    LookupError if there is no such door. The caller commits.
    """
    wanted = next((account for account in ACCOUNTS if account.key == key), None)
    if wanted is None:
        raise LookupError(f"the demo has no account {key}")
    row = {"email": wanted.email, "name": wanted.name, "role": wanted.role.value, "created_at": now}
    again = {"role": wanted.role.value, "deactivated_at": None}
    made = insert(Account).values(row).on_conflict_do_update(index_elements=["email"], set_=again)
    return (await session.scalars(made.returning(Account.id))).one()
