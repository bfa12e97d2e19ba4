"""What WhatsApp would refuse is told before it is handed in, with file, line and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from actions.conversations import CONVERSATIONS
from campaigns.templates.check import check_templates
from campaigns.templates.definitions import FOLDER

ENERGY = (FOLDER / "energy.yml").read_text(encoding="utf-8")


def test_what_is_shipped_would_be_taken() -> None:
    assert [str(problem) for problem in check_templates(CONVERSATIONS)] == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("proposal: energy_comparison", "proposal: energy", "there is no conversation 'energy'"),
        ("Ciao {{name}}, il tuo contratto luce", "{{name}}, il contratto luce", "put words around it"),
        ("für {{place}} sehen?", "für dich sehen in {{place}}?", "put words around it"),
        ("in {{days}} Tagen aus. Möchtest", "bald aus. Möchtest", "{{days}} stands in one language only"),
        ("Hallo {{name}}, dein", "Hallo {{Name}}, dein", "small letters, digits and underscores"),
        ("Hallo {{name}}, dein", "Hallo {{name}, dein", "a brace too many or too few"),
        ("purpose: marketing", "purpose: marketting", "purpose"),
        ("purpose: marketing", "purpose: service", "every offer as marketing"),
        ("kind: offer", "kind: advert", "kind"),
        ('title: "Ja"', 'title: "Ja, bitte zeig mir die Angebote"', "at most 25 characters"),
        ('title: "Ja"', 'title: "Nein danke"', "two buttons have the same title"),
        ('title: "Ja"', 'title: "Ja {{name}}"', "a title holds no value"),
        ("payload: /affirm", "payload: affirm", "payload"),
        ("payload: /affirm", "payload: STOP_MKT", "added by itself"),
        ("Hi {{name}}, your electricity", "Hi {{name}}, see bit.ly/x, your electricity", "shortened links"),
        ("Hi {{name}}, your electricity", "Hi {{name}},\\n\\n\\nyour electricity", "two empty lines"),
        ("    en:\n", "    fr:\n", "fr is no language here"),
        (
            "Ciao {{name}}, il tuo contratto luce scade",
            "Ciao {{name}}, {{colour}} scade",
            "stands in one language only",
        ),
        ("contract: electricity", "link: cart_url", "no text has a button for it"),
    ],
)
def test_a_slip_is_told_with_file_line_and_remedy(old: str, new: str, problem: str, tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "templates")
    assert old in ENERGY
    (folder / "energy.yml").write_text(ENERGY.replace(old, new, 1), encoding="utf-8")
    told = [str(one) for one in check_templates(CONVERSATIONS, folder)]
    assert any(one.startswith("energy.yml, line ") and problem in one for one in told), told


def test_the_line_is_that_of_the_slip(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "templates")
    (folder / "energy.yml").write_text(ENERGY.replace("Hi {{name}}, your", "{{name}}, your", 1), encoding="utf-8")
    (told,) = check_templates(CONVERSATIONS, folder)
    assert told.line == ENERGY[: ENERGY.index("Hi {{name}}")].count("\n") + 1


def write(folder: Path, name: str, words: str) -> None:
    (folder / name).write_text(words, encoding="utf-8")


SERVICE = """
confirmed:
  kind: information
  purpose: service
  texts:
    it: {body: "Ciao {{name}}, confermato con uno sconto per il contratto, grazie mille!"}
    de: {body: "Hallo {{name}}, dein Vertrag ist bestätigt, vielen Dank für alles!"}
    en: {body: "Hi {{name}}, your contract is confirmed, thank you very much!"}
"""


def test_an_advert_is_no_service_message(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "templates")
    write(folder, "service.yml", SERVICE)
    (told,) = check_templates(CONVERSATIONS, folder)
    assert str(told).startswith("service.yml, line 6: ")
    assert "'sconto' makes it marketing" in str(told)


def test_a_value_needs_an_example_and_words_around_it(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "templates")
    write(folder, "service.yml", SERVICE.replace("{{name}}", "{{colour}}").replace("con uno sconto", ""))
    assert "has no example: add it to samples.yml" in str(check_templates(CONVERSATIONS, folder)[0])
    short = SERVICE.replace(", confermato con uno sconto per il contratto, grazie mille!", " {{place}} sì")
    write(folder, "service.yml", short.replace("Vertrag", "{{place}}").replace("your contract", "{{place}}"))
    (told,) = check_templates(CONVERSATIONS, folder)
    assert "too few words for 2 values" in str(told)


def test_a_name_counts_once_over_all_files(tmp_path: Path) -> None:
    folder = shutil.copytree(FOLDER, tmp_path / "templates")
    write(folder, "more.yml", ENERGY)
    (told,) = check_templates(CONVERSATIONS, folder)
    assert "there is a template of this name in energy.yml" in str(told)
