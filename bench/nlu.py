"""How many messages are understood: the files of tests/rasa, which nobody was trained on, asked of both."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench.processes import BenchError
from bench.sample import name_project
from webhook.starting import ENGINE_PYTHON

FILES = Path("tests/rasa")
ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
REJECTED = {"nlu_fallback", "out_of_scope"}


def list_files() -> list[Path]:
    return sorted(FILES.glob("test_nlu_*.yml"))


def read_examples(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(message as the customer wrote it, its intent) of a file in Rasa's format."""
    for block in content["nlu"]:
        examples = block["examples"]
        lines = examples.splitlines() if isinstance(examples, str) else [f"- {one['text']}" for one in examples]
        for line in lines:
            if line.strip().startswith("-"):
                yield ANNOTATION.sub(r"\1", line.strip()[1:].strip()), block["intent"]


def is_right(wanted: str, got: str) -> bool:
    """A message that is not ours may be refused by either name."""
    return got == wanted or (wanted in REJECTED and got in REJECTED)


def measure_stock(url: str) -> float:
    """Share of messages whose intent the server at this address finds."""
    right = []
    with httpx.Client(timeout=30) as client:
        for file in list_files():
            for text, wanted in read_examples(yaml.safe_load(file.read_text(encoding="utf-8"))):
                answer = client.post(f"{url}/model/parse", json={"text": text}).raise_for_status().json()
                right.append(is_right(wanted, answer["intent"]["name"]))
    if not right:
        raise BenchError(f"there are no messages in {FILES}/test_nlu_*.yml")
    return sum(right) / len(right)


def measure_pronto(project: Path, folder: Path, *, alone: bool) -> float:
    """The same share for our model of a project. alone: without the open question, which only a conversation knows."""
    files = [strip_context(file, folder) for file in list_files()] if alone else list_files()
    report = folder / "nlu.json"
    command = [str(ENGINE_PYTHON), "bot/nlu_report.py", *map(str, files), "--json", str(report)]
    own = os.environ if project == Path() else name_project(project)
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"bot/nlu_report.py: {done.stderr.strip()[-300:]}")
    languages = json.loads(report.read_text(encoding="utf-8")).values()
    messages = sum(one["messages"] for one in languages)
    return float(sum(one["intent"] * one["messages"] for one in languages) / messages)


def strip_context(file: Path, folder: Path) -> Path:
    """A copy of the file that says nothing about the conversation around its messages."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    for block in content["nlu"]:
        block.pop("metadata", None)
        for example in block["examples"] if isinstance(block["examples"], list) else []:
            example.pop("metadata", None)
    copy = folder / file.name
    copy.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return copy
