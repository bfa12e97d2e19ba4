"""Makes turns of claimed lanes: which messages, what to do with them, what to ask Rasa, fixed in a row before asking.

All lanes of one claim are read and written together, with the same few statements for one as for thirty.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from conversations.decide import Plan, Received, Situation, decide_turn, take_messages
from conversations.lanes import Held, claim_lanes, release_lane, wake_lanes
from core.direct import Executes
from core.settings import Settings
from core.types import Decision, Language, MessageKind, Option

MESSAGE = (
    "'id', id, 'wamid', wamid, 'number', phone_number_id, 'kind', kind, 'text', text, 'reply_id', reply_id,"
    " 'place', payload -> 'location'"
)
# Per contact: the unfinished turn if a worker left one, its messages or else those that wait, and what the decision
# looks at. Options stand open as long as nothing was said after them: neither by a later turn nor by a person.
READ = text(f"""
    SELECT c.id, c.token, c.language, c.country, c.session_number, c.session_seen_at,
           t.id AS turn_id, t.session_number AS turn_session, t.text, t.decision, t.language AS turn_language,
           t.attempts, t.started_at, coalesce(taken.messages, waiting.messages, '[]') AS messages,
           a.id AS asked_id, a.session_number AS asked_session, a.open_question,
           o.options, o.turn_id AS options_turn_id, os.session_number AS options_session, n.proposal,
           EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at IS NULL
                   AND h.turn_key IS DISTINCT FROM 't' || t.id) AS handoff_open,
           EXISTS (SELECT 1 FROM handoff h WHERE h.contact_id = c.id AND h.closed_at > :since) AS after_handoff
    FROM contact c
    LEFT JOIN turn t ON t.contact_id = c.id AND t.finished_at IS NULL
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object({MESSAGE}) ORDER BY sent_at, id) AS messages
        FROM message WHERE turn_id = t.id) taken ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object({MESSAGE}) ORDER BY sent_at, id) AS messages
        FROM message WHERE contact_id = c.id AND turn_id IS NULL) waiting ON t.id IS NULL
    LEFT JOIN LATERAL (
        SELECT id, session_number, open_question FROM turn
        WHERE contact_id = c.id AND decision = 'ask_rasa' AND finished_at IS NOT NULL
        ORDER BY id DESC LIMIT 1) a ON true
    LEFT JOIN LATERAL (
        SELECT id, options, turn_id FROM outbox
        WHERE contact_id = c.id AND options <> '[]' AND state NOT IN ('cancelled', 'blocked', 'failed')
        ORDER BY id DESC LIMIT 1) o ON NOT EXISTS (
            SELECT 1 FROM outbox p WHERE p.contact_id = c.id AND p.id > o.id AND p.kind = 'reply'
            AND (p.turn_id IS NULL OR p.turn_id IS DISTINCT FROM o.turn_id))
    LEFT JOIN turn os ON os.id = o.turn_id
    LEFT JOIN LATERAL (
        SELECT proposal FROM outbox
        WHERE contact_id = c.id AND state NOT IN ('cancelled', 'blocked', 'failed')
        AND created_at <= coalesce(t.started_at, :now) ORDER BY id DESC LIMIT 1) n ON true
    WHERE c.id = ANY(:contacts) ORDER BY c.id FOR NO KEY UPDATE OF c
""")  # noqa: S608  (a constant of ours)
OFFERED = text("""
    SELECT DISTINCT o.contact_id, e ->> 'id' AS id
    FROM outbox o CROSS JOIN LATERAL jsonb_array_elements(o.options) e
    WHERE o.contact_id = ANY(:contacts) AND e ->> 'id' = ANY(:tapped)
""")
STORE = text("""
    WITH given AS (
        SELECT * FROM unnest(CAST(:contacts AS bigint[]), CAST(:sessions AS bigint[]), CAST(:texts AS text[]),
            CAST(:decisions AS text[]), CAST(:languages AS text[]))
            AS g (contact_id, session, text, decision, language)),
    made AS (
        INSERT INTO turn (contact_id, session_number, text, decision, language, started_at)
        SELECT contact_id, session, text, decision, language, CAST(:now AS timestamptz) FROM given
        RETURNING id, contact_id),
    taken AS (
        UPDATE message m SET turn_id = made.id FROM made
        WHERE m.contact_id = made.contact_id AND m.id = ANY(CAST(:messages AS bigint[]))),
    seen AS (
        UPDATE contact c SET session_number = given.session, session_seen_at = CAST(:now AS timestamptz)
        FROM given WHERE c.id = given.contact_id)
    SELECT id, contact_id FROM made
""")
AGAIN = text("UPDATE turn SET decision = :decision WHERE id = ANY(:turns)")


@dataclass(frozen=True)
class OpenTurn:
    """A turn to be done now.

    redo: it was begun before, so Rasa may know its question already. after_handoff: a person closed a moment ago.
    """

    id: int
    held: Held
    token: str
    session_number: int
    plan: Plan
    messages: tuple[Received, ...]
    proposal: str | None
    started_at: datetime
    after_handoff: bool = False
    attempts: int = 0
    redo: bool = False

    @property
    def key(self) -> str:
        """The id of the question Rasa is asked; custom actions know the turn by it."""
        return f"t{self.id}"

    @property
    def sender(self) -> str:
        """Who Rasa thinks it talks to: one conversation per session, because its trackers slow down as they grow."""
        return f"{self.token}.{self.session_number}"

    @property
    def phone_number_id(self) -> str:
        """The number of ours that the customer wrote to last; empty where we began (opening.py)."""
        return self.messages[-1].phone_number_id if self.messages else ""


async def claim_turns(
    session: Executes, settings: Settings, worker_id: int, now: datetime, limit: int
) -> list[OpenTurn]:
    """Claims lanes and composes their turns; the caller commits before doing them."""
    held = {lane.contact_id: lane for lane in await claim_lanes(session, worker_id, now, limit)}
    if not held:
        return []
    since = now - timedelta(minutes=settings.handoff_grace_minutes)
    rows = (await session.execute(READ, {"contacts": list(held), "now": now, "since": since})).all()
    begun = [row for row in rows if row.turn_id]
    turns = await resume_turns(session, held, begun) if begun else []
    turns += await begin_turns(session, settings, held, [row for row in rows if not row.turn_id], now)
    for idle in held.keys() - {turn.held.contact_id for turn in turns}:
        await release_lane(session, held[idle])
    return turns


async def resume_turns(session: Executes, held: dict[int, Held], rows: list[Row[Any]]) -> list[OpenTurn]:
    """Unfinished turns, with exactly the messages and the question they had. Only a person may have stepped in."""
    silenced = [row.turn_id for row in rows if row.handoff_open and row.decision == Decision.ASK_RASA]
    if silenced:
        await session.execute(AGAIN, {"turns": silenced, "decision": Decision.HANDOFF_OPEN.value})
    return [
        OpenTurn(
            id=row.turn_id,
            held=held[row.id],
            token=row.token,
            session_number=row.turn_session,
            plan=Plan(
                Decision.HANDOFF_OPEN if row.turn_id in silenced else Decision(row.decision),
                row.text,
                Language(row.turn_language),
            ),
            messages=tuple(read_messages(row)),
            proposal=row.proposal,
            started_at=row.started_at,
            after_handoff=row.after_handoff,
            attempts=row.attempts,
            redo=True,
        )
        for row in rows
    ]


async def begin_turns(
    session: Executes, settings: Settings, held: dict[int, Held], rows: list[Row[Any]], now: datetime
) -> list[OpenTurn]:
    """New turns of the messages that wait."""
    waiting = {row.id: read_messages(row) for row in rows}
    offered = await read_offered(session, waiting)
    drafts = []
    for row in rows:
        if messages := take_messages(waiting[row.id]):
            number = next_session(row, settings, now)
            situation = describe_situation(row, number, frozenset(offered.get(row.id, ())), settings)
            drafts.append((row, number, messages, decide_turn(messages, situation)))
    if not drafts:
        return []
    stored = await session.execute(
        STORE,
        {
            "contacts": [row.id for row, _, _, _ in drafts],
            "sessions": [number for _, number, _, _ in drafts],
            "texts": [plan.text for _, _, _, plan in drafts],
            "decisions": [plan.decision.value for _, _, _, plan in drafts],
            "languages": [plan.language.value for _, _, _, plan in drafts],
            "messages": [message.id for _, _, messages, _ in drafts for message in messages],
            "now": now,
        },
    )
    ids = {row.contact_id: row.id for row in stored}
    if left := [row.id for row, _, messages, _ in drafts if len(messages) < len(waiting[row.id])]:
        await wake_lanes(session, left, now)
    return [
        OpenTurn(
            ids[row.id], held[row.id], row.token, number, plan, tuple(messages), row.proposal, now, row.after_handoff
        )
        for row, number, messages, plan in drafts
    ]


async def read_offered(session: Executes, waiting: dict[int, list[Received]]) -> dict[int, set[str]]:
    """Of the ids that were tapped, those we really offered to that contact."""
    tapped = {message.reply_id for messages in waiting.values() for message in messages if message.reply_id}
    if not tapped:
        return {}
    offered: dict[int, set[str]] = {}
    for row in await session.execute(OFFERED, {"contacts": list(waiting), "tapped": sorted(tapped)}):
        offered.setdefault(row.contact_id, set()).add(row.id)
    return offered


def read_messages(row: Row[Any]) -> list[Received]:
    """The messages of a contact's row, in the order they were sent."""
    return [
        Received(
            id=one["id"],
            wamid=one["wamid"],
            phone_number_id=one["number"],
            kind=MessageKind(one["kind"]),
            text=one["text"],
            reply_id=one["reply_id"],
            place=one["place"] if isinstance(one["place"], dict) else None,
        )
        for one in row.messages
    ]


def next_session(row: Row[Any], settings: Settings, now: datetime) -> int:
    """The number of the conversation: the next one after a long silence."""
    silent = row.session_seen_at and now - row.session_seen_at > timedelta(hours=settings.session_hours)
    return int(row.session_number) + bool(silent)


def describe_situation(row: Row[Any], session_number: int, offered: frozenset[str], settings: Settings) -> Situation:
    """What the decision looks at. Options of an earlier conversation are closed; a campaign's stay open."""
    options: tuple[Option, ...] = ()
    if row.options and (row.options_turn_id is None or row.options_session == session_number):
        options = tuple(Option(one["id"], one["title"]) for one in row.options)
    asking = row.asked_session == session_number and (not options or row.options_turn_id == row.asked_id)
    return Situation(
        default_language=settings.language,
        known_language=Language(row.language) if row.language in set(Language) else None,
        country=row.country,
        options=options,
        takes_number=asking and bool((row.open_question or {}).get("takes_number")),
        offered=offered,
        handoff_open=row.handoff_open,
    )
