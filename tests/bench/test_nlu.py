from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.nlu import is_right, read_examples, strip_context

CONTENT = {
    "nlu": [
        {
            "intent": "inform",
            "examples": '- il mio CAP è [20123](postcode)\n- circa [2.700]{"entity": "yearly_kwh"} kWh\n',
        },
        {
            "intent": "affirm",
            "metadata": {"proposal": True},
            "examples": [{"text": "volentieri", "metadata": {"requested_slot": "postcode"}}],
        },
    ]
}


def test_messages_are_read_without_their_annotations() -> None:
    assert list(read_examples(CONTENT)) == [
        ("il mio CAP è 20123", "inform"),
        ("circa 2.700 kWh", "inform"),
        ("volentieri", "affirm"),
    ]


@pytest.mark.parametrize(
    ("wanted", "got", "right"),
    [
        ("greet", "greet", True),
        ("greet", "nlu_fallback", False),
        ("out_of_scope", "nlu_fallback", True),
        ("out_of_scope", "greet", False),
    ],
)
def test_a_foreign_message_may_be_refused_by_either_name(wanted: str, got: str, right: bool) -> None:
    assert is_right(wanted, got) is right


def test_a_copy_without_context_says_nothing_about_the_conversation(tmp_path: Path) -> None:
    file = tmp_path / "test_nlu_it.yml"
    file.write_text(yaml.safe_dump(CONTENT, allow_unicode=True), encoding="utf-8")
    (tmp_path / "copies").mkdir()
    copy = strip_context(file, tmp_path / "copies")
    assert "metadata" not in copy.read_text(encoding="utf-8")
    assert list(read_examples(yaml.safe_load(copy.read_text(encoding="utf-8")))) == list(read_examples(CONTENT))
