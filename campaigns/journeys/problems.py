"""What can be wrong with a journey; problems.yml tells it in three languages."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from core.problems import Problem

describe = partial(Problem, Path(__file__).with_name("problems.yml"))
