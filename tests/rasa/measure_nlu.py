"""Measures the trained assistant on tests/rasa/test_nlu_*.yml: `bot/.venv/bin/python tests/rasa/measure_nlu.py`.

Runs in the conversation engine's Python and prints JSON: per set (it, it_2 ...) how many messages, which share of intents
and of values is right, which share of messages got a wrong value or was rejected, and every miss.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import tempfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[0] = str(ROOT)

import yaml  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402

from bot.components.intents import IntentClassifier  # noqa: E402
from bot.components.values import ValueExtractor  # noqa: E402
from bot.paths import find_model  # noqa: E402
from bot.understand.model import IntentModel  # noqa: E402

REJECTED = ("nlu_fallback", "out_of_scope")
MARK = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<name>\w+)\)|(?P<json>\{[^}]*\}))")


def load_classifier(folder: Path) -> IntentClassifier:
    """The trained classifier with the settings of config.yml."""
    with tarfile.open(find_model()) as archive:
        archive.extractall(folder)
    config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    own = next(dict(part) for part in config["pipeline"] if part["name"].endswith("IntentClassifier"))
    own.pop("name")
    classifier = IntentClassifier({**IntentClassifier.get_default_config(), **own}, None, None)
    classifier.model = IntentModel.load(next(folder.rglob("intents.json")).parent)
    return classifier


def list_sets() -> dict[str, Path]:
    """The test files by name: it, it_2 ..."""
    files = sorted(Path(__file__).parent.glob("test_nlu_*.yml"))
    return {file.stem.removeprefix("test_nlu_"): file for file in files}


def read_examples(file: Path) -> list[tuple[str, str, dict[str, str], dict[str, Any]]]:
    """(plain text, intent, values by entity, metadata)."""
    found = []
    for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
        for line in block["examples"].strip().splitlines():
            marked, values = line.removeprefix("- "), {}
            for hit in MARK.finditer(marked):
                told = json.loads(hit["json"]) if hit["json"] else {"entity": hit["name"], "value": hit["text"]}
                values[told["entity"]] = str(told["value"])
            plain = MARK.sub(lambda hit: hit["text"], marked)
            found.append((plain, block["intent"], values, block.get("metadata", {})))
    return found


def understand(classifier: IntentClassifier, text: str, language: str, metadata: dict[str, Any]) -> Message:
    """Runs the pipeline with the open question as context, as the tracker gives it."""
    slots = {"language": language, "country": None, "requested_slot": None, "proposal": None, **metadata}
    tracker: Any = SimpleNamespace(slots={name: SimpleNamespace(value=value) for name, value in slots.items()})
    message = Message.build(text)
    ValueExtractor().process([message], tracker)
    classifier.process([message], tracker)
    return message


def measure(classifier: IntentClassifier, name: str, file: Path) -> dict[str, Any]:
    """A message that is not ours may be refused by either name. Shares are between 0 and 1."""
    examples, misses = read_examples(file), []
    sums: Counter[str] = Counter()
    for text, intent, values, metadata in examples:
        message = understand(classifier, text, name[:2], metadata)
        got = message.get("intent")["name"]
        entities = {
            e["entity"]: f"{e['value']:g}" if isinstance(e["value"], float) else e["value"]
            for e in message.get("entities", [])
        }
        ours, kept = intent not in REJECTED, got not in REJECTED
        right = got == intent if ours else not kept
        sums.update(right=right, told=bool(values), exact=bool(values) and entities == values)
        sums.update(wrong=any(values.get(one) != said for one, said in entities.items()))
        sums.update(ours=ours, lost=ours and not kept, refused=not ours and not kept)
        if not right or entities != values:
            ranking = [(one["name"], round(one["confidence"], 2)) for one in message.get("intent_ranking")[:3]]
            misses.append({"text": text, "intent": intent, "got": ranking, "values": values, "found": entities})
    size = len(examples)
    return {
        "messages": size,
        "intents": sums["right"] / size,
        "values": sums["exact"] / sums["told"],
        "wrong_values": sums["wrong"] / size,
        "rejected_of_strange": sums["refused"] / (size - sums["ours"]),
        "rejected_of_ours": sums["lost"] / sums["ours"],
        "misses": misses,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        trained = load_classifier(Path(place))
        print(
            json.dumps({name: measure(trained, name, file) for name, file in list_sets().items()}, ensure_ascii=False)
        )
