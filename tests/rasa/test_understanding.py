"""How well the trained assistant understands messages it was not trained on."""

from __future__ import annotations

import functools
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from webhook.starting import ENGINE_PYTHON

ROOT = Path(__file__).parents[2]
LANGUAGES = ("it", "de", "en")
SETS = [f"{language}{number}" for language in LANGUAGES for number in ("", "_2", "_3")]


def read_lines(file: Path) -> set[str]:
    blocks = yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
    lines = {line.removeprefix("- ").strip().lower() for block in blocks for line in block["examples"].splitlines()}
    return lines if file.name != "words.yml" else {line for line in lines if " " in line}  # single words are vocabulary


@functools.cache
def read_trained() -> set[str]:
    return set().union(*(read_lines(file) for file in (ROOT / "data" / "nlu").glob("*/*.yml")))


@pytest.fixture(scope="module")
def measured(assistant: None) -> dict[str, Any]:
    command = [str(ENGINE_PYTHON), str(Path(__file__).parent / "measure_nlu.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True)
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


@pytest.mark.parametrize("name", SETS)
def test_intents_are_right_in_at_least_92_of_100_messages(measured: dict[str, Any], name: str) -> None:
    assert measured[name]["intents"] >= 0.92, measured[name]["misses"]


@pytest.mark.parametrize("name", SETS)
def test_values_are_exact_in_at_least_95_of_100_messages(measured: dict[str, Any], name: str) -> None:
    assert measured[name]["values"] >= 0.95, measured[name]["misses"]


@pytest.mark.parametrize("name", SETS)
def test_wrong_values_are_found_in_less_than_1_of_100_messages(measured: dict[str, Any], name: str) -> None:
    assert measured[name]["wrong_values"] < 0.01, measured[name]["misses"]


@pytest.mark.parametrize("name", SETS)
def test_what_is_not_ours_is_refused_and_what_is_ours_is_not(measured: dict[str, Any], name: str) -> None:
    assert measured[name]["rejected_of_strange"] >= 0.8, measured[name]["misses"]
    assert measured[name]["rejected_of_ours"] <= 0.03, measured[name]["misses"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_test_messages_are_not_in_the_training_data(language: str) -> None:
    tested = set().union(*(read_lines(file) for file in Path(__file__).parent.glob(f"test_nlu_{language}*.yml")))
    bare = {line for line in tested if "[" not in line}
    assert bare & read_trained() == set()
