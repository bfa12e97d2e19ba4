"""The yardstick of understanding: Rasa as `rasa init` sets it up, trained once on our own domain and data."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from bench.processes import BenchError
from webhook.starting import ENGINE_PYTHON

DEFAULT_CONFIG = "rasa/engine/recipes/config_files/default_config.yml"  # inside the installed Rasa
SILENT = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def find_default_config() -> Path:
    """The default pipeline and policies that came with Rasa: DIET, TED, UnexpecTED, fallback."""
    found = sorted(ENGINE_PYTHON.parent.parent.glob(f"lib/python3*/site-packages/{DEFAULT_CONFIG}"))
    if not found:
        raise BenchError("the engine is not set up: run `make setup`")
    return found[0]


def make_domain(ours: dict[str, Any]) -> dict[str, Any]:
    """Our domain for a server without our channel: nobody sets the language, so it starts as Italian."""
    slots = {name: dict(slot) for name, slot in ours.get("slots", {}).items()}
    if "language" in slots:
        slots["language"]["initial_value"] = "it"
    return {**ours, "slots": slots}


def build_project(source: Path, target: Path, epochs: int) -> None:
    """Copies domain and data, with the default configuration in place of ours. epochs: 100 is the default."""
    target.mkdir(parents=True, exist_ok=True)
    domain = yaml.safe_load((source / "domain.yml").read_text(encoding="utf-8"))
    text = yaml.safe_dump(make_domain(domain), allow_unicode=True, sort_keys=False, width=1000)
    (target / "domain.yml").write_text(text, encoding="utf-8")
    config = yaml.safe_load(find_default_config().read_text(encoding="utf-8")) | {"assistant_id": "stock"}
    for part in config["pipeline"] + config["policies"]:
        if "epochs" in part:
            part["epochs"] = epochs
    (target / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    (target / "credentials.yml").write_text("rest:\n", encoding="utf-8")
    shutil.rmtree(target / "data", ignore_errors=True)
    for file in sorted((source / "data").rglob("*.yml")):
        if is_training_data(file):
            place = target / file.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)


def is_training_data(file: Path) -> bool:
    """Whether Rasa reads the file: the folder may hold tables of ours too."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    return isinstance(content, dict) and bool({"nlu", "rules", "stories"} & set(content))


def fingerprint(project: Path) -> str:
    """Twelve letters that change when anything the model is made from does."""
    digest = hashlib.sha256()
    for file in sorted([project / "domain.yml", project / "config.yml", *(project / "data").rglob("*.yml")]):
        digest.update(file.relative_to(project).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def train_stock(source: Path, folder: Path, epochs: int, console: Console) -> tuple[Path, Path]:
    """Project and model; trains only if domain or data changed, which takes an hour."""
    project = folder / "stock"
    build_project(source, project, epochs)
    model = folder / "models" / f"stock-{epochs}-{fingerprint(project)}.tar.gz"
    if model.exists():
        return project, model
    model.parent.mkdir(parents=True, exist_ok=True)
    log = folder / "train.log"
    unfinished = model.with_name("unfinished.tar.gz")
    command = [
        *(
            str(ENGINE_PYTHON.absolute()),
            "-m",
            "rasa",
            "train",
            "--skip-validation",
            "--out",
            str(model.parent.absolute()),
        ),
        *("--fixed-model-name", unfinished.name.removesuffix(".tar.gz")),
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=project, stdout=output, stderr=output, env=os.environ | SILENT)
        try:
            watch(process, log, console)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    if process.returncode or not unfinished.exists():
        raise BenchError(f"the stock pipeline could not be trained, see {log}")
    unfinished.rename(model)
    for old in model.parent.glob(f"stock-{epochs}-*.tar.gz"):
        if old != model:
            old.unlink()
    return project, model


def watch(process: subprocess.Popen[bytes], log: Path, console: Console) -> None:
    """Waits for the training with a running clock and the log's last words."""
    begun = time.monotonic()
    with console.status("") as status:
        while process.poll() is None:
            words = log.read_bytes()[-300:].decode(errors="replace").replace("\r", "\n").strip().splitlines()
            last = words[-1][-60:] if words else ""
            status.update(f"training the stock pipeline, once: {time.monotonic() - begun:.0f} s  [dim]{last}[/dim]")
            time.sleep(0.5)
    console.print(f"  stock pipeline trained in {time.monotonic() - begun:.0f} s, kept for the next time")


def serve_command(project: Path, model: Path) -> list[str]:
    """Rasa's own server with its REST channel; the port comes last."""
    return [
        *(str(ENGINE_PYTHON), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1", "--model", str(model)),
        *("--credentials", str(project / "credentials.yml"), "--endpoints", str(project / "endpoints.yml"), "--port"),
    ]


def write_endpoints(project: Path, actions_url: str, token: str) -> None:
    """The stock server asks the same action server as ours does."""
    endpoint = {"url": f"{actions_url}/webhook", "headers": {"Authorization": f"Bearer {token}"}}
    (project / "endpoints.yml").write_text(yaml.safe_dump({"action_endpoint": endpoint}), encoding="utf-8")
