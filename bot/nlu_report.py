"""How well the trained model understands: `bot/.venv/bin/python bot/nlu_report.py tests/rasa/test_nlu_*.yml`.

The files are in Rasa's NLU format and were not trained on. The language is the last part of the file's name, but
for a number. An example may carry `metadata: {requested_slot: postcode, country: AT}` or `{proposal: true}`; values
are annotated as in Rasa: `[20123](postcode)` or `[circa 2.700]{"entity": "yearly_kwh", "value": 2700}`.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bot import paths  # noqa: E402
from bot.extract.find import find_values  # noqa: E402
from bot.extract.found import Question  # noqa: E402
from bot.understand.decide import FALLBACK, OUT_OF_SCOPE, Limits, classify_text  # noqa: E402
from bot.understand.model import IntentModel  # noqa: E402

_ANNOTATED = re.compile(r"\[(?P<said>[^\]]+)\](?:\((?P<entity>[^:)]+)(?::(?P<value>[^)]+))?\)|(?P<json>\{[^}]+\}))")
REJECTED = (FALLBACK, OUT_OF_SCOPE)


@dataclass(frozen=True)
class Example:
    """A message with what should be understood."""

    text: str
    intent: str
    values: dict[str, str]
    question: Question
    proposal: bool


@dataclass(frozen=True)
class Outcome:
    """What was understood of it, and how long that took in milliseconds."""

    example: Example
    intent: str
    values: dict[str, str]
    took: float

    @property
    def right(self) -> bool:
        wanted = self.example.intent
        return self.intent == wanted or (wanted in REJECTED and self.intent in REJECTED)


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of one file."""
    language = re.sub(r"_\d+$", "", path.stem).rsplit("_", 1)[-1]
    for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
        examples = block["examples"]
        if isinstance(examples, str):
            lines = [line.strip()[1:].strip() for line in examples.splitlines() if line.strip().startswith("-")]
            examples = [{"text": line} for line in lines]
        for example in examples:
            about: dict[str, Any] = {**(block.get("metadata") or {}), **(example.get("metadata") or {})}
            text, values = strip_annotations(example["text"].strip())
            question = Question(about.get("requested_slot"), about.get("language", language), about.get("country"))
            yield Example(text, block["intent"], values, question, bool(about.get("proposal")))


def strip_annotations(text: str) -> tuple[str, dict[str, str]]:
    """(the message as the customer wrote it, its values)."""
    values: dict[str, str] = {}
    for hit in _ANNOTATED.finditer(text):
        about = json.loads(hit["json"]) if hit["json"] else {"entity": hit["entity"], "value": hit["value"]}
        values[about["entity"]] = _spell(about.get("value") or hit["said"])
    return _ANNOTATED.sub(lambda hit: hit["said"], text), values


def _spell(value: Any) -> str:
    """One spelling for a value: 2700, 2700.0 and "2700" are the same, "00184" keeps its zeros."""
    text = str(value)
    return text if text.startswith("0") or not re.fullmatch(r"\d+\.\d+", text) else f"{float(text):g}"


def open_model(archive: Path) -> IntentModel:
    """The intent model out of Rasa's archive, without Rasa."""
    with tarfile.open(archive) as tar, tempfile.TemporaryDirectory() as folder:
        for member in tar.getmembers():
            if member.name.rsplit("/", 1)[-1] in ("intents.npz", "intents.json") and (file := tar.extractfile(member)):
                (Path(folder) / member.name.rsplit("/", 1)[-1]).write_bytes(file.read())
        return IntentModel.load(Path(folder))


def try_example(model: IntentModel, example: Example, settings: dict[str, Any], limits: Limits) -> Outcome:
    """settings: the component's in config.yml."""
    started = time.perf_counter()
    found = find_values(example.text, example.question)
    slot = example.question.slot or ("proposal" if example.proposal else None)
    answers, beside = (settings.get(name, {}).get(slot or "", []) for name in ("answers", "beside"))
    understood = classify_text(model, example.text, found, answers, slot, limits, beside)
    took = (time.perf_counter() - started) * 1000
    return Outcome(example, understood.intent, {one.entity: _spell(one.value) for one in found}, took)


def measure(outcomes: list[Outcome]) -> dict[str, float]:
    """Shares between 0 and 1; `values_*` over messages that contain or should contain a value."""
    ours = [one for one in outcomes if one.example.intent not in REJECTED]
    strange = [one for one in outcomes if one.example.intent in REJECTED]
    valued = [one for one in outcomes if one.example.values]
    wrong = [one for one in outcomes if any(one.example.values.get(name) != said for name, said in one.values.items())]
    return {
        "messages": len(outcomes),
        "intent": _share(sum(one.right for one in outcomes), len(outcomes)),
        "rejected_of_strange": _share(sum(one.right for one in strange), len(strange)),
        "rejected_of_ours": _share(sum(one.intent in REJECTED for one in ours), len(ours)),
        "values_right": _share(sum(one.values == one.example.values for one in valued), len(valued)),
        "values_wrong": _share(len(wrong), len(outcomes)),
        "median_ms": statistics.median(one.took for one in outcomes) if outcomes else 0.0,
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def print_report(outcomes: list[Outcome], show_errors: bool) -> None:
    """A line per language and the pairs most often confused."""
    print(f"{'':8}{'messages':>9}{'intent':>8}{'strange':>9}{'lost':>7}{'values':>8}{'wrong':>7}{'ms':>6}")
    for language in [*sorted({one.example.question.language for one in outcomes}), "all"]:
        chosen = [one for one in outcomes if language in ("all", one.example.question.language)]
        m = measure(chosen)
        print(
            f"{language:8}{m['messages']:9.0f}{m['intent']:8.3f}{m['rejected_of_strange']:9.3f}{m['rejected_of_ours']:7.3f}"
            f"{m['values_right']:8.3f}{m['values_wrong']:7.3f}{m['median_ms']:6.2f}"
        )
    print("strange: share of foreign messages rejected; lost: share of good messages rejected\n")
    pairs = Counter((one.example.intent, one.intent) for one in outcomes if not one.right)
    for (wanted, got), times in pairs.most_common(25):
        print(f"{times:4}  {wanted} taken for {got}")
    if show_errors:
        print()
        for one in outcomes:
            if not one.right or one.values != one.example.values:
                asked = f" [{one.example.question.slot}]" if one.example.question.slot else ""
                print(
                    f"{one.example.question.language}{asked} {one.example.text!r}: {one.intent} {one.values},"
                    f" should be {one.example.intent} {one.example.values}"
                )


def main() -> None:
    """Exit code 1 if a language stays below --least."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest)")
    parser.add_argument("--errors", action="store_true", help="list every message that was not understood")
    parser.add_argument("--least", type=float, default=0.0, help="intent accuracy every language must reach")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    archive = arguments.model or paths.find_model()
    if archive is None:
        sys.exit("No trained model: run `make train` first.")
    steps = yaml.safe_load((paths.find_project() / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    settings = next(step for step in steps if step["name"].endswith("IntentClassifier"))
    model, limits = open_model(archive), Limits(**settings.get("limits", {}))
    examples = [example for path in arguments.files for example in read_examples(path)]
    outcomes = [try_example(model, example, settings, limits) for example in examples]
    print_report(outcomes, arguments.errors)
    languages = sorted({one.example.question.language for one in outcomes})
    figures = {name: measure([o for o in outcomes if o.example.question.language == name]) for name in languages}
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    if low := [name for name, figure in figures.items() if figure["intent"] < arguments.least]:
        sys.exit(f"Below {arguments.least}: {', '.join(low)}")


if __name__ == "__main__":
    main()
