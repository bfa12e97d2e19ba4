from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bot.conftest import PYTHON, ROOT


def run_bot(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_the_tests_of_rasas_own_python_pass() -> None:
    done = run_bot("-m", "unittest", "discover", "-s", "bot/tests", "-t", ".")
    assert done.returncode == 0, done.stderr


def test_training_is_skipped_while_nothing_changed(trained: None, bot_environment: dict[str, str]) -> None:
    done = run_bot("bot/train.py", environment=bot_environment)
    assert done.stdout.startswith("The assistant is up to date")


@pytest.fixture
def broken(tmp_path: Path, bot_environment: dict[str, str]) -> dict[str, str]:
    """A copy of the small project, for a test to break."""
    shutil.copytree(ROOT / "tests" / "bot" / "project", tmp_path / "project")
    return {
        **bot_environment,
        "PRONTO_PROJECT_DIR": str(tmp_path / "project"),
        "PRONTO_DATA_DIR": str(tmp_path / "store"),
    }


def test_contradicting_rules_are_told_in_one_sentence(broken: dict[str, str]) -> None:
    rules = Path(broken["PRONTO_PROJECT_DIR"]) / "data" / "rules.yml"
    rules.write_text(rules.read_text() + "- rule: hello again\n  steps: [{intent: greet}, {action: utter_cancelled}]\n")
    done = run_bot("bot/train.py", environment=broken)
    assert done.returncode == 1
    assert done.stderr.startswith("The assistant could not be trained: Contradicting rules")
    assert "hello again" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_one_example_under_two_intents_is_refused_by_the_check(broken: dict[str, str]) -> None:
    examples = Path(broken["PRONTO_PROJECT_DIR"]) / "data" / "nlu.yml"
    examples.write_text(examples.read_text() + "    - ciao\n")
    done = run_bot("bot/train.py", "--check", environment=broken)
    assert done.returncode == 1
    assert "The example 'ciao' was found labeled with multiple" in done.stderr


def test_starting_without_a_model_says_what_to_do(broken: dict[str, str]) -> None:
    done = run_bot("bot/run.py", "--port", "0", environment=broken)
    assert (done.returncode, done.stderr) == (1, "No trained model: run `make train` first.\n")


def test_starting_without_an_address_says_which(trained: None, bot_environment: dict[str, str]) -> None:
    done = run_bot("bot/run.py", environment={**bot_environment, "PRONTO_ACTIONS_URL": ""})
    assert (done.returncode, done.stderr) == (
        1,
        "The conversation engine needs PRONTO_ACTIONS_URL in its environment.\n",
    )
