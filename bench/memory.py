"""What the demo takes: memory of each process, and how long each part needs to start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from bench.conversations import TALKS
from bench.figures import Figure, Plan, bound
from bench.processes import BenchError, fresh_folder, memory_bytes, postgres_pid, running_stack, train_pronto
from core.postgres import attach_postgres, free_port, start_postgres, stop_postgres
from tests.e2e.stack import PRONTO

MODELS = Path(".pronto/models")
PATIENCE = 180
CUSTOMERS = 30
MEGABYTE = 1024 * 1024
PARTS = {"bot/run.py": "Rasa", "sandbox": "sandbox", "serve": "web app", "worker": "worker"}  # by their command


def measure_memory(_: Plan) -> Iterator[Figure]:
    """PostgreSQL cold and warm, each part by itself, then the whole demo after some conversations."""
    train_pronto()
    yield from time_postgres()
    yield from time_parts()
    yield from measure_demo()


def time_postgres() -> Iterator[Figure]:
    with fresh_folder() as folder:
        for how in ("cold", "warm"):
            begun = time.perf_counter()
            server = start_postgres(folder)
            yield bound(f"PostgreSQL starts, {how}", time.perf_counter() - begun, "s")
            stop_postgres(server)
        start_postgres(folder)  # so that it is found and removed


def time_parts() -> Iterator[Figure]:
    """From spawn to ready, one after another, so that no part waits for another's CPU."""
    with running_stack() as stack:
        for name in ("sandbox", "web", "rasa", "worker"):
            begun = time.perf_counter()
            stack.start(name)
            if name == "worker":
                stack.wait_for("SELECT count(*) FROM worker", 1)
            yield bound(f"{name} starts", time.perf_counter() - begun, "s")


def measure_demo() -> Iterator[Figure]:
    with fresh_folder() as folder:
        (folder / "models").symlink_to(MODELS.absolute())
        log, port = folder / "demo.log", free_port()
        with log.open("wb") as output:
            demo = subprocess.Popen(
                [PRONTO, "demo", "--port", str(port)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | {"PRONTO_DATA_DIR": str(folder)},
                start_new_session=True,
            )
        try:
            yield bound("demo starts, trained before", wait_until_ready(demo, log), "s", below=40)
            use_demo(port)
            yield from weigh(demo.pid, folder)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def wait_until_ready(demo: subprocess.Popen[bytes], log: Path) -> float:
    """Seconds until the demo says it is ready, in its own count."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and demo.poll() is None:
        if found := re.search(r"Ready after (\d+) s", log.read_text(errors="replace")):
            return float(found[1])
        time.sleep(0.2)
    raise BenchError(f"the demo did not start: {log.read_text(errors='replace').strip()[-300:]}")


def use_demo(port: int) -> None:
    """A conversation each for some customers, so that nothing is measured that was never used."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as sandbox:
        for answered, text in enumerate(TALKS["it"][:4]):
            messages = [{"customer": f"39337{number:07}", "text": text} for number in range(CUSTOMERS)]
            sandbox.post("/control/inbound", json=messages).raise_for_status()
            wait_for_answers(sandbox, CUSTOMERS * (answered + 1))


def wait_for_answers(sandbox: httpx.Client, expected: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while (
        total := sandbox.get("/control/messages", params={"limit": 1}).raise_for_status().json()["total"]
    ) < expected:
        if time.monotonic() > deadline:
            raise BenchError(f"the demo answered only {total} of {expected} messages")
        time.sleep(0.5)


def weigh(pid: int, folder: Path) -> Iterator[Figure]:
    """A line per process and one for all."""
    sizes = {"PostgreSQL": 0, "demo itself": 0}
    for process in psutil.Process(pid).children():
        words = process.cmdline()
        name = next((name for word, name in PARTS.items() if word in words), " ".join(words)[:40])
        sizes[name] = memory_bytes(process.pid)
    if server := attach_postgres(folder):
        sizes["PostgreSQL"] = memory_bytes(postgres_pid(server))
    own = psutil.Process(pid).memory_full_info()
    sizes["demo itself"] = getattr(own, "pss", None) or own.uss
    unit = "MB PSS" if sys.platform == "linux" else "MB USS"
    for name, size in sizes.items():
        yield bound(f"memory of {name}", size / MEGABYTE, unit)
    yield bound("memory of the whole demo", sum(sizes.values()) / MEGABYTE, unit, below=1536)
