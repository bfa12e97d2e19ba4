"""The people of the scripted year: who they are, what they do from day to day, and how they take our messages.

Chance is a hash of ids and days, so that a year is the same year whenever it is told again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

PEOPLE = """
    INSERT INTO contact (token, phone, name, language, country, timezone, postcode, place, region, value,
                         created_at, updated_at)
    SELECT 'y' || n, '+39' || 3000000000 + n, 'Anna Rossi', (ARRAY['it', 'de', 'en'])[1 + n % 3],
           CASE WHEN n % 20 = 0 THEN 'US' WHEN n % 20 = 1 THEN 'GB' WHEN n % 20 < 6 THEN 'DE' ELSE 'IT' END,
           CASE WHEN n % 20 = 0 THEN 'America/New_York' WHEN n % 20 = 1 THEN 'Europe/London'
                WHEN n % 20 < 6 THEN 'Europe/Berlin' END,
           CASE WHEN n % 20 >= 12 THEN '00184' WHEN n % 20 >= 6 THEN '39100' END,
           CASE WHEN n % 20 >= 12 THEN 'Roma' WHEN n % 20 >= 6 THEN 'Bolzano' END,
           CASE WHEN n % 20 IN (2, 3) THEN 'Bayern' END, 1000 + n % 500, :now, :now
    FROM generate_series(1, CAST(:people AS int)) AS n;
    INSERT INTO lane (contact_id) SELECT id FROM contact;
    INSERT INTO consent (contact_id, purpose, given, at, channel, wording)
    SELECT id, 'marketing', id % 10 <> 4, CAST(:now AS timestamptz) - interval '30 days', 'import', 'yes' FROM contact
    WHERE id % 10 <> 3;
    INSERT INTO contract (contact_id, kind, supplier, expires_on, yearly_kwh, price_per_kwh, fixed_per_year, source)
    SELECT id, 'electricity', 'Enel', CAST(:today AS date) + CAST(id * 7919 % CAST(:span AS bigint) AS int), 2700, 0.30,
           120, 'import'
    FROM contact WHERE id % 5 < 3;
    INSERT INTO contract_end (contact_id, kind, noted_at, expires_on)
    SELECT contact_id, kind, :now, expires_on FROM contract;
    INSERT INTO offer (code, kind, country, supplier, name, price_type, price_per_kwh, fixed_per_year, green, source)
    SELECT 'year-' || country, 'electricity', country, 'Alperia', 'Year', 'fixed', 0.11, 60, true, 'bench'
    FROM unnest(ARRAY['IT', 'DE', 'GB', 'US']) AS country ON CONFLICT DO NOTHING
"""
CHANCE = "(hashint8({0} * 1000003 + CAST(:day AS bigint) * 7919 + {1}) & 2147483647) % 10000"
KINDS = (
    ("page_visit", """'{"page": "price"}'"""),
    ("offer_click", "'{}'"),
    ("quote_request", "'{}'"),
    ("purchase", """'{"amount": 90, "currency": "EUR"}'"""),
    ("cancelled", "'{}'"),
    ("page_visit", """'{"page": "news"}'"""),
)
OFTEN = 20  # of 10,000 people a day, each kind; the first three twelve times as often before a contract ends
ASK = 5  # of 10,000 people a day write what something costs
WORDS = "(ARRAY['Quanto costa?', 'Was kostet das? Kosten?', 'how much is it'])[1 + id % 3]"


def write_day() -> str:
    """SQL: what happens on a day. Some ends change, some agree anew, some ask for prices by a message of their own."""
    kinds = "".join(f" WHEN {place} THEN '{kind}'" for place, (kind, _) in enumerate(KINDS))
    data = "".join(f" WHEN {place} THEN {one}" for place, (_, one) in enumerate(KINDS))
    return f"""
        WITH anybody AS (
            SELECT 'y' || 1 + (hashint8(i * 1000003 + CAST(:day AS bigint) * 7919 + k.n * 31) & 2147483647)
                   % CAST(:people AS int) AS token, k.n
            FROM generate_series(0, {len(KINDS) - 1}) AS k (n)
                CROSS JOIN generate_series(1, CAST(:people AS int) * {OFTEN} / 10000 + 1) AS i),
        chosen AS (
            SELECT c.id, n FROM anybody JOIN contact c USING (token)
            UNION SELECT t.contact_id, k.n FROM contract t CROSS JOIN generate_series(0, 2) AS k (n)
            WHERE t.expires_on BETWEEN CAST(:today AS date) AND CAST(:today AS date) + 40
              AND {CHANCE.format("t.contact_id", "k.n * 31")} < {OFTEN * 12}),
        happened AS (
            INSERT INTO event (contact_id, kind, at, key, data)
            SELECT id, CASE n {kinds} END, CAST(:now AS timestamptz) + (id % 3600) * interval '1 second',
                   'year:' || id || ':' || CAST(:day AS int) || ':' || n, CAST(CASE n {data} END AS jsonb)
            FROM chosen ON CONFLICT DO NOTHING RETURNING contact_id)
        UPDATE contact SET score_stale_at = :now WHERE id IN (SELECT contact_id FROM happened);
        WITH moved AS (
            UPDATE contract t SET expires_on = t.expires_on + 20, updated_at = :now
            WHERE {CHANCE.format("t.contact_id", "1")} < 3 RETURNING t.contact_id, t.kind, t.expires_on)
        INSERT INTO contract_end (contact_id, kind, noted_at, expires_on)
        SELECT contact_id, kind, :now, expires_on FROM moved ON CONFLICT DO NOTHING;
        INSERT INTO consent (contact_id, purpose, given, at, channel, wording, proof)
        SELECT id, 'marketing', true, :now, 'api', 'yes', 'again:' || CAST(:now AS text) FROM contact
        WHERE id % 10 = 4 AND {CHANCE.format("id", "5")} < 16;
        INSERT INTO turn (contact_id, session_number, text, decision, language, intent, started_at)
        SELECT id, 1, {WORDS}, 'ask_rasa', 'it', 'ask_price', CAST(:now AS timestamptz) FROM contact
        WHERE {CHANCE.format("id", "7")} < {ASK} ON CONFLICT DO NOTHING;
        {ANSWERED}
    """


# Whoever has said something has a message and a turn that is over.
ANSWERED = """
    INSERT INTO message (contact_id, wamid, phone_number_id, kind, text, payload, sent_at, received_at, turn_id)
    SELECT contact_id, 'year' || id, '900', 'text', text, '{}', :now, :now, id FROM turn WHERE finished_at IS NULL;
    UPDATE contact c SET last_inbound_at = :now, score_stale_at = :now FROM turn t
    WHERE t.contact_id = c.id AND t.finished_at IS NULL;
    UPDATE turn SET finished_at = CAST(:now AS timestamptz) + interval '2 seconds', xact = pg_current_xact_id()
    WHERE finished_at IS NULL"""
# Nothing is on its way for longer than two days, and the index is by when it was queued.
ARRIVED = (
    "o.kind = 'template' AND o.created_at > CAST(:before AS timestamptz) - interval '2 days' AND o.created_at < :now"
    " AND o.delivered_at >= :before AND o.delivered_at < :now"
)
# Of those whom a message has reached since the last time: some answer, some click, a few are fed up with it, with one
# in a hundred a person talks until the next day.
REACHED = f"""
    CREATE TEMP TABLE reached ON COMMIT DROP AS
    SELECT o.id, o.contact_id, (hashint8(o.id * 7919 + 5) & 2147483647) % 100 AS mood FROM outbox o
    WHERE {ARRIVED};
    INSERT INTO turn (contact_id, session_number, text, decision, language, intent, started_at)
    SELECT DISTINCT ON (contact_id) contact_id, 1, 'x', 'ask_rasa', 'it',
           CASE WHEN mood < 12 THEN 'deny' ELSE 'affirm' END, CAST(:now AS timestamptz)
    FROM reached WHERE mood < 20 ON CONFLICT DO NOTHING;
    {ANSWERED};
    INSERT INTO event (contact_id, kind, at, key) SELECT contact_id, 'offer_click', :now, 'year-click:' || id
    FROM reached WHERE mood BETWEEN 20 AND 29;
    INSERT INTO consent (contact_id, purpose, given, at, channel, wording, proof)
    SELECT contact_id, 'marketing', false, :now, 'whatsapp', 'STOP', 'year' || id FROM reached WHERE mood IN (30, 31);
    INSERT INTO platform_preference (contact_id, value, at, payload)
    SELECT contact_id, 'stop', :now, '{{}}' FROM reached WHERE mood = 32 ON CONFLICT DO NOTHING;
    UPDATE handoff SET closed_at = :now, state = 'closed'
    WHERE closed_at IS NULL AND opened_at < CAST(:now AS timestamptz) - interval '20 hours';
    INSERT INTO handoff (contact_id, reason, turn_key, card, opened_at)
    SELECT contact_id, 'wish', 'year' || id, '{{}}', :now FROM reached WHERE mood = 33 ON CONFLICT DO NOTHING
"""
# The short way, without WhatsApp: what is queued leaves at once and arrives, as a rule.
DELIVER = """
    UPDATE outbox SET state = CASE WHEN (hashint8(id) & 2147483647) % 100 < 3 THEN 'failed' ELSE 'delivered' END,
        wamid = 'year-out' || id, accepted_at = :now, sent_at = :now, attempts = 1,
        error_code = CASE WHEN (hashint8(id) & 2147483647) % 100 < 3 THEN 131026 END,
        failed_at = CASE WHEN (hashint8(id) & 2147483647) % 100 < 3 THEN CAST(:now AS timestamptz) END,
        delivered_at = CASE WHEN (hashint8(id) & 2147483647) % 100 >= 3 THEN CAST(:now AS timestamptz) END
    WHERE phone_number_id = '900' AND state = 'queued' AND due_at <= :now
"""
# Whom a campaign wants to look at now, with whether their roll-up is old; those something happened to come anyway.
DUE = text("""
    SELECT c.id, st.contact_id IS NULL OR st.due_at <= :now AS old FROM contact c
    LEFT JOIN contact_stat st ON st.contact_id = c.id
    WHERE c.score_stale_at IS NULL AND c.id = ANY(ARRAY(
        SELECT p.contact_id FROM campaign r CROSS JOIN LATERAL (
            SELECT contact_id FROM plan WHERE campaign = r.name AND due_at <= :now) p))
""")


def split(statements: str) -> list[TextClause]:
    """One statement each."""
    return [text(one) for one in statements.split(";\n") if one.strip()]


async def run(session: AsyncSession, statements: list[TextClause], values: dict[str, Any]) -> None:
    """All of them, each with those values it names."""
    for one in statements:
        await session.execute(one, {name: values[name] for name in one.compile().params})


async def make_people(session: AsyncSession, people: int, span: int, now: datetime) -> None:
    """Everybody on the first day. span: days over which contracts end."""
    await run(session, split(PEOPLE), {"people": people, "span": span, "now": now, "today": now.date()})
