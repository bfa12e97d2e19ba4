"""What the demo takes: memory of each process, and how long each part needs to start."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from bench.figures import Figure, bound
from bench.processes import BenchError, fresh_folder, memory_bytes, postgres_pid, running_stack
from core.postgres import attach_postgres, free_port, start_postgres, stop_postgres
from tests.e2e.stack import PRONTO

MODELS = Path(".pronto/models")
PATIENCE = 180
CUSTOMERS = 30
MEGABYTE = 1024 * 1024
PARTS = {"bot/run.py": "Rasa", "sandbox": "sandbox", "serve": "web app", "worker": "worker"}  # by their command


def measure_memory(rounds: int, seconds: float) -> list[Figure]:
    """PostgreSQL cold and warm, each part by itself, then the whole demo after some conversations."""
    del rounds, seconds  # a start is a start
    return [*time_postgres(), *time_parts(), *measure_demo()]


def time_postgres() -> list[Figure]:
    figures = []
    with fresh_folder() as folder:
        for how in ("cold", "warm"):
            begun = time.perf_counter()
            server = start_postgres(folder)
            figures.append(bound(f"PostgreSQL starts, {how}", time.perf_counter() - begun, "s"))
            stop_postgres(server)
        start_postgres(folder)  # so that it is found and removed
    return figures


def time_parts() -> list[Figure]:
    """From spawn to ready, one after another, so that no part waits for another's CPU."""
    figures = []
    with running_stack() as stack:
        for name in ("sandbox", "web", "rasa", "worker"):
            begun = time.perf_counter()
            stack.start(name)
            if name == "worker":
                stack.wait_for("SELECT count(*) FROM worker", 1)
            figures.append(bound(f"{name} starts", time.perf_counter() - begun, "s"))
    return figures


def measure_demo() -> list[Figure]:
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
            ready = wait_until_ready(demo, log)
            use_demo(port)
            figures = weigh(demo.pid, folder)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
        return [*figures, bound("demo starts, trained before", ready, "s", below=40)]


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
        for text in ("Ciao", "Vorrei spendere meno per la luce", "sì", "20121"):
            messages = [{"customer": f"39337{number:07}", "text": text} for number in range(CUSTOMERS)]
            sandbox.post("/control/inbound", json=messages).raise_for_status()
            time.sleep(4)
        answered = sandbox.get("/control/messages", params={"limit": 1}).raise_for_status().json()["total"]
    if answered < 2 * CUSTOMERS:
        raise BenchError(f"the demo answered only {answered} of {4 * CUSTOMERS} messages")


def weigh(pid: int, folder: Path) -> list[Figure]:
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
    lines = [bound(f"memory of {name}", size / MEGABYTE, unit) for name, size in sizes.items()]
    return [*lines, bound("memory of the whole demo", sum(sizes.values()) / MEGABYTE, unit, below=1536)]
