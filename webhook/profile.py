"""What is known about a contact, for other systems, for pages, and in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import consent_state
from contacts.find import find_contact_id
from core import clock
from offers.explain import explain_offer
from scoring.best_hour import explain_hour, read_best_hours
from scoring.explain import explain_gates, explain_line, write_date
from scoring.history import NEWEST, compare_since, tell_history, tell_since
from scoring.learned.chance import READ
from scoring.learned.outcomes import Outcome
from scoring.learned.words import explain_chance
from scoring.refresh import ZONE
from whatsapp.window import close_window_at

# One question to the database: a page asks for this on every change.
CHANGES = 20  # of the score
PROFILE = text(
    f"""
    SELECT c.token, c.external_id, c.name, c.phone, c.user_id, c.language, c.postcode, c.place, c.region,
           c.last_inbound_at,
           (SELECT coalesce(jsonb_agg(k ORDER BY k.kind), '[]') FROM (
               SELECT kind, supplier, expires_on, yearly_kwh::text, yearly_cost::text, price_per_kwh::text,
                      fixed_per_year::text, currency, source
               FROM contract WHERE contact_id = c.id) k) AS contract,
           (SELECT coalesce(jsonb_agg(a ORDER BY a.name), '[]') FROM (
               SELECT DISTINCT ON (name) name, value, sentence, at
               FROM answer WHERE contact_id = c.id ORDER BY name, at DESC, id DESC) a) AS answers,
           (SELECT coalesce(jsonb_agg(e ORDER BY e.at DESC, e.id DESC), '[]') FROM (
               SELECT id, kind, at, data - 'token' AS data
               FROM event WHERE contact_id = c.id ORDER BY at DESC, id DESC LIMIT 10) e) AS events,
           (SELECT to_jsonb(s) FROM (
               SELECT pack, points, band, version, computed_at, receipt, gate
               FROM score WHERE contact_id = c.id) s) AS score,
           (SELECT to_jsonb(n) FROM (
               SELECT kind, offer_code, supplier, yearly_saving::text, saving_percent::text, currency, valid_until_on,
                      computed_at, reason FROM next_offer WHERE contact_id = c.id) n) AS next_offer,
           (SELECT coalesce(jsonb_agg(t ORDER BY t.id DESC), '[]') FROM (
               SELECT id, text, decision, intent, confidence, language, open_question, started_at, finished_at,
                      round(extract(epoch FROM finished_at - started_at) * 1000) AS milliseconds
               FROM turn WHERE contact_id = c.id ORDER BY id DESC LIMIT 10) t) AS turns,
           (SELECT coalesce(jsonb_agg(o ORDER BY o.id DESC), '[]') FROM (
               SELECT id, text, state, kind, reason, created_at
               FROM outbox WHERE contact_id = c.id ORDER BY id DESC LIMIT 20) o) AS outbox,
           (SELECT to_jsonb(h) FROM (
               SELECT reason, opened_at FROM handoff WHERE contact_id = c.id AND closed_at IS NULL) h) AS handoff,
           (SELECT jsonb_object_agg(l.outcome, to_jsonb(l) - 'outcome') FROM ({READ.text}) l) AS learned,
           (SELECT coalesce(jsonb_agg(n), '[]') FROM ({NEWEST.text}) n) AS score_history
    FROM contact c WHERE c.id = :id
    """  # noqa: S608  (statements of ours)
)
INBOUND = text(
    "SELECT wamid, kind, text, reply_id, sent_at, received_at, turn_id FROM message WHERE contact_id = :id"
    " ORDER BY sent_at DESC, id DESC LIMIT :limit"
)
OUTBOUND = text(
    "SELECT id, wamid, kind, purpose, text, options, state, reason, error_code, turn_id, created_at, accepted_at,"
    " sent_at, delivered_at, read_at, failed_at FROM outbox WHERE contact_id = :id ORDER BY id DESC LIMIT :limit"
)
ATTEMPTS = text(
    "SELECT outbox_id, at, outcome, http_status, code, detail FROM attempt WHERE outbox_id = ANY (:ids) ORDER BY id"
)
STATUSES = text(
    "SELECT outbox_id, status, at, errors FROM delivery_report WHERE outbox_id = ANY (:ids) ORDER BY at, id"
)
WORDS = {
    "it": {
        "score": "Punteggio: {points} su 100 ({band}), regole {version}, calcolato il {computed}",
        "no_score": "Punteggio: non ancora calcolato",
        "contract": "Contratto {kind}: {supplier}, scade il {expires}",
        "next_offer": "Offerta migliore ({kind}), stato del {computed}:",
        "agreed": "Consenso al marketing: dato il {on} («{wording}»)",
        "withdrawn": "Consenso al marketing: revocato il {on} («{wording}»)",
        "never": "Consenso al marketing: mai chiesto",
        "stop": "In WhatsApp ha disattivato i messaggi di marketing",
        "window": "Finestra di 24 ore: fino al {until}",
        "no_window": "Finestra di 24 ore: chiusa, non ha mai scritto",
        "handoff": "Se ne occupa una persona dal {on} ({reason})",
        "unknown": "sconosciuto",
    },
    "de": {
        "score": "Punktzahl: {points} von 100 ({band}), Regeln {version}, berechnet am {computed}",
        "no_score": "Punktzahl: noch nicht berechnet",
        "contract": "Vertrag {kind}: {supplier}, endet am {expires}",
        "next_offer": "Bestes Angebot ({kind}), Stand {computed}:",
        "agreed": "Einwilligung in Werbung: erteilt am {on} („{wording}“)",
        "withdrawn": "Einwilligung in Werbung: widerrufen am {on} („{wording}“)",
        "never": "Einwilligung in Werbung: nie gefragt",
        "stop": "Hat Werbenachrichten in WhatsApp abgeschaltet",
        "window": "24-Stunden-Fenster: bis {until}",
        "no_window": "24-Stunden-Fenster: geschlossen, hat nie geschrieben",
        "handoff": "Ein Mensch kümmert sich seit {on} ({reason})",
        "unknown": "unbekannt",
    },
    "en": {
        "score": "Score: {points} of 100 ({band}), rules {version}, computed on {computed}",
        "no_score": "Score: not computed yet",
        "contract": "Contract {kind}: {supplier}, ends on {expires}",
        "next_offer": "Best offer ({kind}), as of {computed}:",
        "agreed": 'Consent to marketing: given on {on} ("{wording}")',
        "withdrawn": 'Consent to marketing: withdrawn on {on} ("{wording}")',
        "never": "Consent to marketing: never asked",
        "stop": "Switched marketing messages off in WhatsApp",
        "window": "24-hour window: until {until}",
        "no_window": "24-hour window: closed, never wrote",
        "handoff": "A person takes care since {on} ({reason})",
        "unknown": "unknown",
    },
}


async def read_profile(session: AsyncSession, contact_id: int, language: str) -> dict[str, Any]:
    """Everything /api/contacts/{id} answers; the newest turn and message come first. Money is text, in decimals."""
    asked = {"id": contact_id, "limit": CHANGES + 1}
    profile = dict((await session.execute(PROFILE, asked)).mappings().one())
    consent = await consent_state(session, contact_id)
    agreed, switch = consent["marketing"], consent["platform"]
    last_inbound_at = profile.pop("last_inbound_at")
    return profile | {
        "consent": {
            "marketing": agreed and {name: agreed[name] for name in ("given", "at", "wording")},
            "platform": switch and switch["value"],
        },
        "score": profile["score"] and add_words(profile["score"], language),
        **explain_learned(profile["learned"] or {}, language),
        "score_history": tell_history(profile["score_history"], CHANGES, language),
        "next_offer": profile["next_offer"] and add_reason(profile["next_offer"], language),
        "window_until": close_window_at(last_inbound_at) if last_inbound_at else None,
    }


def explain_learned(rows: dict[str, dict[str, Any]], language: str) -> dict[str, Any]:
    """The learned chances, which stand beside the score: learned (to buy) and defection, None where there is none.

    promoted: a person trusts the model.
    """
    told: dict[str, Any] = {}
    for name, outcome in (("learned", Outcome.REPURCHASE), ("defection", Outcome.DEFECTION)):
        row = rows.get(outcome)
        promoted = row is not None and row.pop("promoted_at") is not None
        told[name] = row and row | {
            "promoted": promoted,
            "words": explain_chance(row["chance"], row["reasons"], row["horizon_days"], language, outcome),
        }
    return told


def add_words(row: dict[str, Any], language: str) -> dict[str, Any]:
    receipt = [line | {"words": explain_line(line, language)} for line in row["receipt"]]
    return row | {"receipt": receipt, "gate_words": explain_gates(row["gate"], language)}


def add_reason(row: dict[str, Any], language: str) -> dict[str, Any]:
    return row | {"words": explain_offer(row["reason"], language)}


async def read_history(session: AsyncSession, contact_id: int, limit: int) -> list[dict[str, Any]]:
    """The newest messages in both directions, oldest first, with every attempt and status of those we sent."""
    received = (await session.execute(INBOUND, {"id": contact_id, "limit": limit})).mappings().all()
    sent = (await session.execute(OUTBOUND, {"id": contact_id, "limit": limit})).mappings().all()
    ids = {"ids": [row["id"] for row in sent]}
    attempts = group_by_outbox((await session.execute(ATTEMPTS, ids)).mappings())
    statuses = group_by_outbox((await session.execute(STATUSES, ids)).mappings())
    history = [{"direction": "in", "at": row["received_at"], **row} for row in received]
    for row in sent:
        own = {"attempts": attempts.get(row["id"], []), "statuses": statuses.get(row["id"], [])}
        history.append({"direction": "out", "at": row["created_at"], **row, **own})
    return sorted(history, key=lambda entry: entry["at"])[-limit:]


def group_by_outbox(rows: Iterable[RowMapping]) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        values = dict(row)
        grouped.setdefault(values.pop("outbox_id"), []).append(values)
    return grouped


async def explain_contact(
    session: AsyncSession, name: str, language: str, since: datetime | None = None, zone: str = ZONE
) -> str | None:
    """Score with receipt, contracts, consent, window and best hour in words; None if no contact has this name.

    since: also why the score is another one than it was then.
    """
    contact_id = await find_contact_id(session, name)
    if contact_id is None:
        return None
    profile = await read_profile(session, contact_id, language)
    words = WORDS.get(language, WORDS["en"])
    known = (profile["name"], profile["phone"] or profile["user_id"], profile["place"], profile["region"])
    lines = [", ".join(part for part in known if part)]
    lines += say_score(profile["score"], words, language)
    for learned in filter(None, (profile["learned"], profile["defection"])):
        head, *reasons = learned["words"]
        lines += [head, *(f"  {reason}" for reason in reasons)]
    if since and (score := profile["score"]):
        then, differences = await compare_since(session, contact_id, since, score["receipt"])
        lines += tell_since(then, differences, score["points"], since.date(), language)
    for contract in profile["contract"]:
        supplier = contract["supplier"] or words["unknown"]
        expires = say_date(contract["expires_on"], language) if contract["expires_on"] else words["unknown"]
        lines.append(words["contract"].format(kind=contract["kind"], supplier=supplier, expires=expires))
    if offer := profile["next_offer"]:
        computed = say_date(offer["computed_at"], language)
        lines += [
            words["next_offer"].format(kind=offer["kind"], computed=computed),
            *(f"  {w}" for w in offer["words"]),
        ]
    lines += say_consent(profile["consent"], words, language)
    until = profile["window_until"]
    lines.append(words["window"].format(until=f"{until:%Y-%m-%d %H:%M} UTC") if until else words["no_window"])
    if best := (await read_best_hours(session, [contact_id], clock.now(), zone)).get(contact_id):
        lines.append(explain_hour(best, language))
    if handoff := profile["handoff"]:
        on = say_date(handoff["opened_at"], language)
        lines.append(words["handoff"].format(on=on, reason=handoff["reason"]))
    return "\n".join(lines)


def say_date(value: str, language: str) -> str:
    """The day of a date or time in ISO form."""
    return write_date(date.fromisoformat(value[:10]), language)


def say_score(score: dict[str, Any] | None, words: dict[str, str], language: str) -> list[str]:
    if score is None:
        return [words["no_score"]]
    computed = say_date(score["computed_at"], language)
    head = words["score"].format(**{**score, "computed": computed})
    return [head, *(f"  {line['points']:+4d}  {line['words']}" for line in score["receipt"]), score["gate_words"]]


def say_consent(consent: dict[str, Any], words: dict[str, str], language: str) -> list[str]:
    lines = [words["never"]]
    if agreed := consent["marketing"]:
        on = write_date(agreed["at"].date(), language)
        lines = [words["agreed" if agreed["given"] else "withdrawn"].format(on=on, wording=agreed["wording"])]
    return [*lines, words["stop"]] if consent["platform"] == "stop" else lines
