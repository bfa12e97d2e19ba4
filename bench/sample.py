"""A part of the training data, because the stock pipeline takes hours to learn all of it; ours then learns no more."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import yaml

from bench.processes import BenchError
from webhook.starting import ENGINE_PYTHON


def build_sample(source: Path, target: Path, every: int) -> Path:
    """A project with every so-manieth example of each intent; everything else as it is. The folder."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(source / name, target)
    shutil.copytree(source / "data", target / "data")
    for file in sorted((target / "data").rglob("*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if isinstance(content, dict) and "nlu" in content:
            for block in content["nlu"]:
                if "intent" in block:
                    block["examples"] = "\n".join(block["examples"].splitlines()[::every]) + "\n"
            file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000), encoding="utf-8")
    return target


def name_project(project: Path) -> dict[str, str]:
    """The environment in which bot/ learns from this project and finds what it learned."""
    return os.environ | {
        "PRONTO_PROJECT_DIR": str(project.absolute()),
        "PRONTO_DATA_DIR": str((project / ".pronto").absolute()),
    }


def train_pronto(project: Path) -> None:
    """Our pipeline learns from the project too."""
    command = [str(ENGINE_PYTHON), "bot/train.py"]
    done = subprocess.run(command, env=name_project(project), capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(done.stderr.strip()[-300:])
