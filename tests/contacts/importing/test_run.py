"""Files through `pronto import`'s own program into a real database."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from contacts.consent import Said, may_market, withdraw_consent
from contacts.erase import erase_contact
from contacts.importing.columns import Kind
from contacts.importing.dates import DateOrder
from contacts.importing.memory import Options
from core.settings import Settings
from core.tables import Consent, Contact, Contract, Event, ImportMapping
from core.types import Purpose
from webhook.import_file import Wishes, run_import

HEADINGS = "Codice cliente;Nome;Cognome;Cellulare;CAP;Lingua;Fornitore;Scadenza;Consumo annuo;Consenso;Data consenso;Testo consenso"
GIULIA = "c1;Giulia ;  Bianchi;333 1234567;39100;italiano;Luce Comune;31/12/2026;2.700;sì;25/04/2026;Sì, scrivetemi"
HANS = "c2;Hans;Müller;0049 171 1234567;144;tedesco;;;;;;"
EVERYBODY = text(
    "SELECT CAST(c AS text), CAST(k AS text) FROM contact c LEFT JOIN contract k ON k.contact_id = c.id ORDER BY c.id"
)
LIGHT = Options(contract_kind="electricity")

type Import = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def bring(settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Import:
    """Writes rows below headings into a file and imports it; exit code and what was printed."""

    async def bring(*rows: str, headings: str = HEADINGS, file: str = "people.csv", **wishes: Any) -> tuple[int, str]:
        path = tmp_path / file
        if rows:
            path.write_text("\n".join([headings, *rows]) + "\n", encoding="utf-8")
        wishes = {"options": LIGHT} | wishes
        code = await run_import(settings, path, Wishes(**wishes))
        return code, capsys.readouterr().out

    return bring


async def count(session: AsyncSession, table: type[Any]) -> int:
    return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_person_comes_in_with_contract_and_consent(bring: Import, session: AsyncSession) -> None:
    code, out = await bring(GIULIA, HANS)
    assert (code, "Contacts: 2 new, 0 changed" in out, "1 given" in out) == (0, True, True), out
    giulia, hans = (await session.scalars(select(Contact).order_by(Contact.external_id))).all()
    assert (giulia.name, giulia.phone, giulia.language, giulia.place) == (
        "Giulia Bianchi",
        "+393331234567",
        "it",
        "Bolzano",
    )
    assert (hans.phone, hans.country, hans.postcode) == ("+491711234567", "DE", "00144")
    assert giulia.score_stale_at is not None
    contract = (await session.scalars(select(Contract))).one()
    assert (contract.kind, contract.supplier, str(contract.expires_on), str(contract.yearly_kwh), contract.source) == (
        *("electricity", "Luce Comune", "2026-12-31", "2700.0", "import"),
    )
    consent = (await session.scalars(select(Consent))).one()
    assert (consent.wording, consent.channel, consent.proof) == ("Sì, scrivetemi", "import", "people.csv, line 2")
    assert consent.at == datetime(2026, 4, 24, 22, tzinfo=UTC)
    assert await may_market(session, giulia.id)


async def test_the_same_file_again_changes_nothing(bring: Import, session: AsyncSession) -> None:
    await bring(GIULIA, HANS, "c3;Ugo;Neri;348 7654321;;;;;;no;;")
    await session.execute(text("UPDATE contact SET score_stale_at = NULL"))
    before = (await session.execute(EVERYBODY)).all()
    await session.commit()
    _, out = await bring()
    assert "0 new, 0 changed, 3 as they were" in out
    assert ((await session.execute(EVERYBODY)).all(), await count(session, Consent)) == (before, 2)


async def test_a_consent_in_next_months_file_is_the_same_consent(bring: Import, session: AsyncSession) -> None:
    await bring(GIULIA)
    await bring(HANS, GIULIA, file="december.csv")
    assert await count(session, Consent) == 1


async def test_a_dry_run_says_the_same_and_stores_nothing(bring: Import, session: AsyncSession) -> None:
    code, out = await bring(GIULIA, HANS, "c4;Ana;Neri;abc;;;;;;;;", dry=True)
    assert (code, "2 stored. Contacts: 2 new" in out, "Dry run" in out) == (1, True, True), out
    assert [await count(session, table) for table in (Contact, Contract, Consent, ImportMapping)] == [0] * 4


async def test_bad_rows_can_be_mended_and_imported_again(bring: Import, session: AsyncSession, tmp_path: Path) -> None:
    code, _ = await bring(
        GIULIA, "c4;Ana;Neri;abc;;;;;;;;", "c5;Ugo;Bo;348 7654321;;;;31/02/2026;;;;", "c6;Eva;Re;347 7654321;;;;;;;;;x"
    )
    assert (code, await count(session, Contact)) == (1, 1)
    errors = tmp_path / "people.errors.csv"
    with errors.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [(row["line"], row["Codice cliente"]) for row in rows] == [("3", "c4"), ("4", "c5"), ("5", "c6")]
    assert rows[0]["problem"] == 'Cellulare: "abc" is no phone number in IT'
    assert rows[1]["remedy"] == "write it like 2026-12-31"
    mended = errors.read_text("utf-8-sig").replace("abc", "333 7654321").replace("31/02/2026", "28/02/2027")
    errors.write_text(mended, encoding="utf-8-sig")
    code, out = await bring(file="people.errors.csv", options=Options())
    assert (code, "Columns as the last time" in out, "Contacts: 3 new" in out) == (0, True, True), out


async def test_a_file_of_errors_is_never_replaced_by_another(bring: Import, tmp_path: Path) -> None:
    await bring("c4;Ana;Neri;abc;;;;;;;;")
    await bring("c4;Ana;Neri;abc;;;;;;;;")
    await bring("c4;Ana;Neri;xyz;;;;;;;;")
    assert sorted(name for name in os.listdir(tmp_path) if "errors" in name) == [
        "people.errors-2.csv",
        "people.errors.csv",
    ]


@pytest.mark.parametrize(
    "cells",
    ["sì;;Sì, scrivetemi", "sì;25/04/2026;", ";25/04/2026;", "boh;25/04/2026;x", "sì;25/04/2099;x", "sì;30/02/2026;x"],
)
async def test_half_a_consent_is_none_but_the_contact_is_stored(
    bring: Import, session: AsyncSession, tmp_path: Path, cells: str
) -> None:
    code, out = await bring(f"c1;Giulia;Bianchi;333 1234567;;;;;;{cells}", HANS + "13/04/2026")
    assert (code, "stored without their consent" in out) == (0, True), out
    assert [await count(session, table) for table in (Contact, Consent)] == [2, 0]
    assert "contact stored, consent not" in (tmp_path / "people.errors.csv").read_text("utf-8-sig")


async def test_an_older_import_never_overturns_a_withdrawal(
    bring: Import, session: AsyncSession, now: datetime
) -> None:
    await bring(GIULIA)
    contact_id = await session.scalar(select(Contact.id))
    assert contact_id is not None
    said = Said("STOP", "whatsapp", "wamid.1", datetime(2026, 4, 25, 9, tzinfo=UTC))
    await withdraw_consent(session, contact_id, said, Purpose.MARKETING)
    await session.commit()
    await bring(GIULIA.replace("Sì, scrivetemi", "Sì, volentieri"), file="again.csv")
    assert await count(session, Consent) == 3
    assert not await may_market(session, contact_id)


async def test_a_no_in_the_file_ends_a_consent(bring: Import, session: AsyncSession) -> None:
    await bring(GIULIA)
    _, out = await bring("c1;Giulia;Bianchi;333 1234567;;;;;;no;;", file="new.csv")
    assert "1 withdrawn" in out
    assert not await may_market(session, await session.scalar(select(Contact.id)) or 0)


async def test_rows_of_one_person_become_one_and_contradictions_are_told(
    bring: Import, session: AsyncSession, tmp_path: Path
) -> None:
    headings = "Codice;Nome;Cellulare;Contratto;Scadenza"
    code, out = await bring(
        "c1;Giulia;333 1234567;luce;31/12/2026",
        "c1;Giulia;+39 333 1234567;gas;31/01/2027",
        "c1;Giulia;333 1234567;luce;31/12/2026",
        "c9;Carla;333 1234567;;",
        "c1;Giulia;348 7654321;;",
        "c2;Ugo;347 7654321;;",
        "c2;;333 1234567;;",
        headings=headings,
    )
    assert (code, "repeat an earlier one: 1 (lines 4)" in out, "Contacts: 2 new" in out) == (1, True, True), out
    assert (await session.scalars(select(Contract.kind).order_by(Contract.kind))).all() == ["electricity", "gas"]
    assert (await session.scalars(select(Contact.name).order_by(Contact.id))).all() == ["Giulia", "Ugo"]
    errors = (tmp_path / "people.errors.csv").read_text("utf-8-sig")
    assert "same person as on line 2 (phone), but different: external_id (c1 / c9), name (Giulia / Carla)" in errors
    assert "same person as on line 2 (external_id), but different: phone" in errors
    assert "two people of lines 2 and 7 meet here" in errors


async def test_two_people_of_the_store_do_not_become_one(bring: Import, session: AsyncSession, tmp_path: Path) -> None:
    await bring(GIULIA, HANS)
    code, _ = await bring(
        "c2;Hans;Müller;333 1234567;;;;;;;;", "c7;Neu;Da;347 1234567;;;;;;;;", "c8;;;;;;;;;;;", file="two.csv"
    )
    assert (code, await count(session, Contact)) == (1, 3)
    errors = (tmp_path / "two.errors.csv").read_text("utf-8-sig")
    assert "belong to two different contacts" in errors
    assert "nobody has the id c8 yet" in errors


async def test_an_erased_person_is_not_brought_back_unless_they_agreed_since(
    bring: Import, session: AsyncSession, settings: Settings
) -> None:
    await bring(GIULIA)
    contact_id = await session.scalar(select(Contact.id))
    assert contact_id is not None
    await erase_contact(session, contact_id, datetime(2026, 5, 1, tzinfo=UTC), settings.secret_key.get_secret_value())
    await session.commit()
    code, out = await bring(GIULIA, HANS, file="old.csv")
    assert (code, "had everything erased" in out, "(lines 2)" in out) == (0, True, True), out
    assert (await session.scalars(select(Contact.external_id).where(Contact.phone.is_not(None)))).all() == ["c2"]
    await bring(GIULIA.replace("25/04/2026", "25/06/2026"), file="since.csv")
    back = await session.scalar(select(Contact.id).where(Contact.phone == "+393331234567"))
    assert back is not None
    assert await may_market(session, back)


async def test_columns_told_once_are_remembered(bring: Import, session: AsyncSession) -> None:
    headings = "Etichetta;Numerino;Nome;Scade il"
    row = "x;333 1234567;Anna;03/04/2027"
    options = Options(date_order=DateOrder.DMY, contract_kind="gas")
    _, out = await bring(row, headings=headings, maps=["Numerino=phone", "Nome="], options=options)
    assert "Not read" in out
    assert "Etichetta, Nome" in out
    _, out = await bring("y;348 7654321;Ugo;04/05/2027", headings=headings, file="next.csv", options=Options())
    assert "Contacts: 1 new" in out
    assert (await session.scalars(select(Contact.name))).all() == [None, None]
    assert (await session.scalars(select(Contract.kind))).all() == ["gas", "gas"]


@pytest.mark.parametrize(
    ("headings", "row", "words"),
    [
        ("Cellulare;Scadenza;Contratto", "333 1234567;03/04/2026;luce", "--date-order dmy"),
        ("Cellulare;Scadenza;Contratto", "333 1234567;25/04/2026;luce\n348 7654321;04/25/2026;luce", "contradict"),
        ("Cellulare;Scadenza", "333 1234567;25/04/2026", "--contract electricity"),
        ("Nome;CAP", "Anna;39100", "no column tells who"),
    ],
)
async def test_a_file_that_does_not_tell_enough_asks(
    bring: Import, session: AsyncSession, headings: str, row: str, words: str
) -> None:
    with pytest.raises(SystemExit, match=words):
        await bring(row, headings=headings, options=Options())
    assert await count(session, Contact) == 0


async def test_empty_cells_leave_what_is_known(bring: Import, session: AsyncSession) -> None:
    await bring(GIULIA)
    _, out = await bring("c1;;;;;;;15/01/2027;;;;", file="next.csv")
    assert "1 changed" in out
    contact, contract = (await session.scalars(select(Contact))).one(), (await session.scalars(select(Contract))).one()
    assert (contact.name, contract.supplier, str(contract.expires_on)) == (
        "Giulia Bianchi",
        "Luce Comune",
        "2027-01-15",
    )


async def test_purchases_become_events_once(bring: Import, session: AsyncSession, tmp_path: Path) -> None:
    await bring(GIULIA)
    headings = "Codice cliente;Data ordine;Importo;N. ordine;Articolo"
    rows = (
        "c1;25/10/2026;€ 1.234,50;A1;Scarpe",
        "c1;26/10/2026;20,00;;Calze",
        "c9;26/10/2026;5,00;A3;",
        "c1;25/10/2099;5;A4;",
    )
    wishes: dict[str, Any] = {"kind": Kind.EVENTS, "options": Options(event_kind="acquisto"), "headings": headings}
    code, out = await bring(*rows, file="orders.csv", **wishes)
    assert (code, "2 new events" in out) == (1, True), out
    _, out = await bring(*rows[:2], file="again.csv", **wishes)
    assert "0 new events" in out
    events = (await session.scalars(select(Event).order_by(Event.at))).all()
    assert [(event.kind, event.data) for event in events] == [
        ("purchase", {"amount": "1234.50", "currency": "EUR", "product": "Scarpe"}),
        ("purchase", {"amount": "20.00", "currency": "EUR", "product": "Calze"}),
    ]
    errors = (tmp_path / "orders.errors.csv").read_text("utf-8-sig")
    assert "no contact is called c9" in errors
    assert "lies in the future" in errors


@pytest.mark.parametrize(("language", "words"), [("it", "Contatti: 1 nuovi"), ("de", "Kontakte: 1 neu")])
async def test_the_report_speaks_the_users_language(
    bring: Import, session: AsyncSession, language: str, words: str
) -> None:
    assert await count(session, Contact) == 0
    _, out = await bring(GIULIA, language=language)
    assert words in out


async def test_a_killed_import_run_again_is_right(settings: Settings, session: AsyncSession, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"k{number};Anna;Neri;333 {number:07};;;;;;sì;25/04/2026;Sì" for number in range(1200)]
    path.write_text("\n".join([HEADINGS, *rows]), encoding="utf-8")
    command = (sys.executable, "-c", "from webhook.cli import app; app()", "import", str(path), "--contract", "gas")
    environment = settings.as_environment() | {"PATH": os.environ["PATH"]}
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    while process.returncode is None and not await count(session, Contact):
        await session.commit()
        await asyncio.sleep(0.05)
    if process.returncode is None:
        process.send_signal(signal.SIGKILL)
    await process.wait()
    assert await run_import(settings, path, Wishes(options=LIGHT)) == 0
    await session.commit()
    assert [await count(session, table) for table in (Contact, Consent)] == [1200, 1200]
