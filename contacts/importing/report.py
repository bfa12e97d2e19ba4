"""What an import says before and after, in the user's language."""

from __future__ import annotations

from contacts.importing.cells import read_text
from contacts.importing.columns import Columns, Kind
from contacts.importing.plan import Plan
from contacts.importing.problems import say
from contacts.importing.run import Report
from contacts.importing.sheet import Row

NOTES = (
    "errors", "partly", "suppressed", "repeated", "landline", "phone_guessed", "phone_odd", "phone_chosen",
    "contract_kind_own",
)  # fmt: skip
SHOWN = 40  # characters of an example


def show_columns(columns: Columns, first: Row) -> list[tuple[str, str, str]]:
    """Heading, field and the first row's cell of every column that is read, in the file's order."""
    rows = sorted((position, field) for field, position in columns.fields.items())
    return [
        (
            columns.headings[position],
            field,
            read_text(first.cells[position])[:SHOWN] if position < len(first.cells) else "",
        )
        for position, field in rows
    ]


def show_ignored(columns: Columns, language: str) -> str | None:
    """Names what is not read, and what is read in its place."""
    if not columns.ignored:
        return None
    named = [f"{heading} (→ {better})" if better else heading for heading, better in columns.ignored.items()]
    return say("sum_ignored", language, columns=", ".join(named))


def sum_up(report: Report, plan: Plan, language: str, *, dry: bool) -> list[str]:
    """The lines at the end."""
    counts = report.counts
    lines = [say("sum_dry", language)] if dry else []
    if plan.kind == Kind.EVENTS:
        lines.append(say("sum_events", language, rows=report.rows, stored=counts["stored"], new=counts["events_new"]))
    else:
        people = {name: counts[f"contacts_{name}"] for name in ("new", "changed", "same")}
        lines.append(say("sum_contacts", language, rows=report.rows, stored=counts["stored"], **people))
        if "consent" in plan.columns.fields:
            lines.append(say("sum_consents", language, agreed=counts["agreed"], withdrew=counts["withdrew"]))
        else:
            lines.append(say("sum_no_consent", language))
    for name in NOTES:
        if counts[name]:
            named = ", ".join(map(str, report.lines[name])) + (" ..." if counts[name] > len(report.lines[name]) else "")
            lines.append(f"{say(f'note_{name}', language)}: {counts[name]} ({say('lines', language)} {named})")
    return lines
