"""`pronto check` finds a slip in any file people edit, and tells file, line and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from campaigns.gate.limits import SHIPPED as LIMITS
from core.settings import Settings
from offers.company import SHIPPED
from webhook import check

FILES = {
    "RIGHTS": ("contacts/rights.yml", "RIGHTS"),
    "TEXTS": ("conversations/texts.yml", "TEXTS"),
    "MEANINGS": ("actions/meanings.yml", "MEANINGS"),
}


def test_what_is_shipped_has_no_problem() -> None:
    assert check.list_problems(Settings(demo=True)) == []


def spoil(kind: str, old: str, new: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Puts a slip into a copy of a file, which is then checked instead; the line it stands on."""
    shipped, name = FILES[kind]
    words = Path(shipped).read_text(encoding="utf-8")
    assert old in words
    copy = folder / Path(shipped).name
    copy.write_text(words.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(f"webhook.check.{name}", copy)
    return words[: words.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("kind", "old", "new", "problem"),
    [
        ("RIGHTS", "{company} può", "{firma} può", "{firma} is not known here: use {company}"),
        ("TEXTS", "Va bene, non", "Va bene {name}, non", "{name} is not known here: use nothing in braces"),
        ("MEANINGS", 'it: "Il mio carrello"', 'it: "Il mio carrello della spesa"', "at most 20 characters"),
        ("MEANINGS", "come_back:", "come_bak:", "no intent of domain.yml"),
    ],
)
def test_a_slip_is_told_with_file_line_and_remedy(
    kind: str, old: str, new: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = spoil(kind, old, new, tmp_path, monkeypatch)
    (told,) = check.list_problems(Settings(demo=True))
    assert told.startswith(f"{Path(FILES[kind][0]).name}, line {line}: ")
    assert problem in told


def test_a_language_that_lacks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil("TEXTS", "stopped:\n  it:", "stopped:\n  fr:", tmp_path, monkeypatch)
    (told,) = check.list_problems(Settings(demo=True))
    assert told.startswith("texts.yml, line ")


def test_the_companys_facts_are_checked_where_the_setting_says(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "company")
    words = (folder / "shop.yml").read_text(encoding="utf-8")
    (folder / "shop.yml").write_text(words.replace("days: 30", "days: thirty"), encoding="utf-8")
    (told,) = check.list_problems(Settings(demo=True, company_dir=str(folder)))
    assert told.startswith("shop.yml, line ")
    assert "'thirty' is not a whole number" in told


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('from: "20:00"', 'from: "8pm"', "'8pm' is no time of day: write it like 20:00"),
        ("per_week: 3", "per_week: three", "'three' is not a whole number"),
        ("  other: {", "  FR: {", "other is missing"),
        ("marketing: 0.06", "marketing: -1", "marketing"),
    ],
)
def test_the_limits_are_checked_where_the_setting_says(old: str, new: str, problem: str, tmp_path: Path) -> None:
    words = LIMITS.read_text(encoding="utf-8")
    assert old in words
    file = tmp_path / "limits.yml"
    file.write_text(words.replace(old, new, 1), encoding="utf-8")
    (told,) = check.list_problems(Settings(demo=True, limits=str(file)))
    assert told.startswith("limits.yml, line ")
    assert problem in told
