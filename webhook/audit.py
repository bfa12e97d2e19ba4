"""`pronto audit`: the data quality report, printed or as JSON."""

from __future__ import annotations

import asyncio
import json
import sys

from rich.console import Console

from contacts.audit import Audit, audit_data, make_json
from contacts.audit_tables import show_audit
from core import clock
from core.db import open_once
from core.settings import Settings
from core.types import Language

WIDTH = 120  # letters, where no terminal tells


def run_audit(settings: Settings, language: Language, *, as_json: bool) -> None:
    """Reads only; a store without contacts has a report too."""
    audit = asyncio.run(read_audit(settings))
    if as_json:
        print(json.dumps(make_json(audit), ensure_ascii=False, indent=2))
        return
    width = None if sys.stdout.isatty() else WIDTH
    Console(highlight=False, width=width).print(show_audit(audit, language))


async def read_audit(settings: Settings) -> Audit:
    async with open_once(settings.database_url) as session:
        await clock.sync_clock(session)
        return await audit_data(session, settings, clock.now())
