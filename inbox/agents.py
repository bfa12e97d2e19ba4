"""Who is there in the inbox and who gets a handoff: language, skill, team, presence and load decide; and who writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from accounts.audit import Actor, Deed, note_deed
from core.tables import Account, Agent, Composing, Handoff
from core.types import Language, Role
from inbox.states import assign, ring

ONLINE = timedelta(minutes=2)  # an open page shows itself more often than that
WRITES = timedelta(seconds=8)  # and someone who writes every few seconds
SKILLS = {  # what was talked about, or what the contact is scored for, and who knows about it
    "energy_comparison": "energy",
    "insurance_comparison": "insurance",
    "membership_renewal": "gym",
    "cart_checkout": "shop",
    "buy": "shop",
    **{pack: pack for pack in ("energy", "insurance", "gym", "shop")},
}
READ = text("""
    SELECT a.id, a.name, coalesce(g.languages, '{}') AS languages, coalesce(g.skills, '{}') AS skills, g.team,
           coalesce(g.most_open, 10) AS most_open, coalesce(g.away, false) AS away, g.seen_at,
           (SELECT count(*) FROM handoff h WHERE h.account_id = a.id AND h.closed_at IS NULL
            AND h.state <> 'snoozed') AS load
    FROM account a LEFT JOIN agent g ON g.account_id = a.id
    WHERE a.deactivated_at IS NULL AND (a.role = :role OR g.account_id IS NOT NULL) ORDER BY lower(a.name), a.id
""")
WANTED = text("""
    SELECT h.id, coalesce(c.language, h.card ->> 'language') AS language, coalesce(h.card ->> 'topic', s.pack) AS topic
    FROM handoff h JOIN contact c ON c.id = h.contact_id LEFT JOIN score s ON s.contact_id = c.id
    WHERE h.state = 'open' AND h.closed_at IS NULL ORDER BY h.opened_at, h.id LIMIT 100
""")


@dataclass(frozen=True)
class Present:
    """An agent as the assignment sees them. Without languages or skills: any. load: handoffs they have now."""

    id: int
    name: str
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    team: str | None = None
    most_open: int = 10
    away: bool = False
    seen_at: datetime | None = None
    load: int = 0

    def is_online(self, now: datetime) -> bool:
        """There, and not away."""
        return not self.away and self.seen_at is not None and now - self.seen_at < ONLINE


def choose_agent(
    agents: Sequence[Present], language: str | None, skill: str | None, now: datetime, but: int | None = None
) -> Present | None:
    """Who fits best: speaks the language, then has the skill, then has least to do. None: nobody who could is there.

    but: not this one, who did not answer; colleagues of the same team come first then. Nobody gets a customer whose
    language they do not speak.
    """
    team = next((one.team for one in agents if one.id == but), None)
    able = [
        one
        for one in agents
        if one.is_online(now)
        and one.id != but
        and one.load < one.most_open
        and (language is None or not one.languages or language in one.languages)
    ]
    skilled = [one for one in able if skill is None or not one.skills or skill in one.skills] or able
    return min(
        skilled,
        key=lambda one: (skill not in one.skills, bool(team) and one.team != team, one.load, one.id),
        default=None,
    )


async def read_agents(session: AsyncSession) -> list[Present]:
    """Everybody who works in the inbox, by name."""
    rows = (await session.execute(READ, {"role": Role.AGENT.value})).mappings()
    return [Present(**{**row, "languages": tuple(row["languages"]), "skills": tuple(row["skills"])}) for row in rows]


async def assign_waiting(session: AsyncSession, now: datetime) -> int:
    """Gives every handoff that is nobody's to who fits best, the oldest first; how many."""
    agents = {one.id: one for one in await read_agents(session)}
    if not any(one.is_online(now) for one in agents.values()):
        return 0
    given = 0
    for row in (await session.execute(WANTED)).all():
        chosen = choose_agent(list(agents.values()), row.language, SKILLS.get(row.topic or ""), now)
        if chosen:
            handoff = await session.get(Handoff, row.id, with_for_update={"skip_locked": True}, populate_existing=True)
            if handoff and handoff.closed_at is None and handoff.account_id is None:
                await assign(session, row.id, chosen.id, None, now)
                agents[chosen.id] = replace(chosen, load=chosen.load + 1)
                given += 1
    return given


async def note_presence(session: AsyncSession, account_id: int, now: datetime) -> None:
    """Somebody has the inbox open."""
    row = insert(Agent).values(account_id=account_id, seen_at=now)
    await session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_={"seen_at": now}))


async def set_away(session: AsyncSession, account_id: int, away: bool, now: datetime) -> None:
    """Away gets nothing assigned; what they have stays theirs."""
    row = insert(Agent).values(account_id=account_id, away=away, seen_at=now)
    await session.execute(row.on_conflict_do_update(index_elements=["account_id"], set_={"away": away, "seen_at": now}))


async def set_profile(
    session: AsyncSession,
    account_id: int,
    languages: list[str],
    skills: list[str],
    team: str | None,
    most_open: int,
    actor: Actor,
    now: datetime,
) -> None:
    """What someone speaks and knows, and how many handoffs they may have at a time, noted in the audit log.

    None of the languages or skills means any. ValueError: not a language or skill of ours, or room for less than one.
    """
    if most_open < 1 or set(languages) - set(Language) or set(skills) - set(SKILLS.values()):
        raise ValueError("a profile holds our languages and skills, and room for at least one handoff")
    account = await session.get_one(Account, account_id)
    row = {"languages": languages, "skills": skills, "team": (team or "").strip()[:60] or None, "most_open": most_open}
    made = insert(Agent).values(account_id=account_id, **row)
    await session.execute(made.on_conflict_do_update(index_elements=["account_id"], set_=row))
    told = (" ".join(languages), " ".join(skills), row["team"], str(most_open))
    note = " · ".join(str(one) for one in told if one)
    await note_deed(session, actor, Deed.AGENT_CHANGED, now, account.email, note=note, **row)


async def note_writing(session: AsyncSession, handoff_id: int, account_id: int, now: datetime) -> None:
    """Somebody writes an answer; colleagues see it for a few seconds."""
    row = insert(Composing).values(handoff_id=handoff_id, account_id=account_id, at=now)
    await session.execute(row.on_conflict_do_update(index_elements=["handoff_id", "account_id"], set_={"at": now}))
    await ring(session, await session.get_one(Handoff, handoff_id))


async def stop_writing(session: AsyncSession, handoff_id: int, account_id: int) -> None:
    own = delete(Composing).where(Composing.handoff_id == handoff_id, Composing.account_id == account_id)
    await session.execute(own)
    await ring(session, await session.get_one(Handoff, handoff_id))


async def find_writing(session: AsyncSession, handoff_id: int, but: int, now: datetime) -> list[str]:
    """Who else writes an answer just now, by name."""
    query = select(Account.name).join(Composing, Composing.account_id == Account.id)
    query = query.where(Composing.handoff_id == handoff_id, Account.id != but, Composing.at > now - WRITES)
    return list(await session.scalars(query.order_by(Account.name)))
