from __future__ import annotations

from pathlib import Path

import yaml

from bench.sample import build_sample
from bench.stock import build_project, fingerprint, make_domain


def write_source(folder: Path, text: str = "- ciao") -> Path:
    (folder / "data" / "nlu").mkdir(parents=True)
    (folder / "domain.yml").write_text("slots:\n  language:\n    type: text\nintents: [greet]\n")
    (folder / "data" / "nlu" / "greet.yml").write_text(yaml.safe_dump({"nlu": [{"intent": "greet", "examples": text}]}))
    (folder / "data" / "table.yml").write_text("prices: [1, 2]\n")
    return folder


def test_nobody_tells_the_stock_server_the_language_so_it_starts_with_one() -> None:
    ours = {"slots": {"language": {"type": "text"}}, "intents": ["greet"]}
    assert make_domain(ours) == {"slots": {"language": {"type": "text", "initial_value": "it"}}, "intents": ["greet"]}
    assert ours["slots"]["language"] == {"type": "text"}


def test_the_stock_project_has_our_data_and_rasas_own_pipeline(tmp_path: Path) -> None:
    build_project(write_source(tmp_path / "ours"), tmp_path / "stock", epochs=100)
    config = yaml.safe_load((tmp_path / "stock" / "config.yml").read_text())
    assert "DIETClassifier" in [part["name"] for part in config["pipeline"]]
    assert "TEDPolicy" in [part["name"] for part in config["policies"]]
    copied = [file.relative_to(tmp_path / "stock").as_posix() for file in (tmp_path / "stock" / "data").rglob("*.yml")]
    assert copied == ["data/nlu/greet.yml"]


def test_the_model_is_trained_anew_only_when_the_data_changes(tmp_path: Path) -> None:
    marks = []
    for name, text in (("a", "- ciao"), ("b", "- ciao"), ("c", "- salve")):
        build_project(write_source(tmp_path / name / "ours", text), tmp_path / name / "stock", epochs=100)
        marks.append(fingerprint(tmp_path / name / "stock"))
    assert marks[0] == marks[1] != marks[2]


def test_a_sample_keeps_every_so_manieth_example_and_everything_else(tmp_path: Path) -> None:
    source = write_source(tmp_path / "ours", "- a\n- b\n- c\n- d\n")
    (source / "config.yml").write_text("pipeline: []\n")
    words = {"nlu": [{"lookup": "weather", "examples": "- rain\n- snow\n"}]}
    (source / "data" / "nlu" / "words.yml").write_text(yaml.safe_dump(words))
    sample = build_sample(source, tmp_path / "sample", 3)
    greet = yaml.safe_load((sample / "data" / "nlu" / "greet.yml").read_text())
    assert greet == {"nlu": [{"intent": "greet", "examples": "- a\n- d\n"}]}
    assert yaml.safe_load((sample / "data" / "nlu" / "words.yml").read_text()) == words
    assert (sample / "data" / "table.yml").exists()


def test_fewer_epochs_make_another_model(tmp_path: Path) -> None:
    source = write_source(tmp_path / "ours")
    marks = set()
    for epochs in (100, 2):
        build_project(source, tmp_path / "stock", epochs)
        marks.add(fingerprint(tmp_path / "stock"))
    assert len(marks) == 2
