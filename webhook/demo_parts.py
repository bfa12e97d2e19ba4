"""The demo's processes: started, waited for, started again when they die, stopped in order."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from core.settings import Settings
from webhook.starting import engine_environment

READY_SECONDS = 180
QUICK_DEATHS = 5
console = Console(highlight=False)


class DemoError(Exception):
    """The demo cannot start; the message is one sentence for the person in front of it."""


@dataclass
class Part:
    """One process of the demo. ready_url answers 200 once it works; without one it works when it runs."""

    name: str
    command: list[str]
    ready_url: str | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    log: Path = field(default_factory=Path)


def start_part(part: Part, settings: Settings, logs: Path) -> None:
    """Starts a part; what it prints goes to a file in logs."""
    part.log = logs / (part.name.lower().replace(" ", "-") + ".log")
    part.log.parent.mkdir(parents=True, exist_ok=True)
    with part.log.open("ab") as output:
        part.process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | settings.as_environment() | engine_environment(settings),
            start_new_session=True,  # Ctrl-C reaches us only, and we stop the parts in order
            preexec_fn=die_with_parent,  # noqa: PLW1509  (the demo has one thread)
        )
    part.started = time.monotonic()


def wait_until_ready(parts: list[Part], stop: threading.Event) -> None:
    """Waits for all of them; raises DemoError as soon as one ends or takes too long."""
    waiting = list(parts)
    with httpx.Client(timeout=2) as client:
        while waiting and not stop.is_set():
            for part in list(waiting):
                if part.process is None or part.process.poll() is not None:
                    raise DemoError(f"{part.name} ended while starting: {last_line(part.log)} (see {part.log})")
                if answers(client, part.ready_url):
                    report_ready(part.name, part.started)
                    waiting.remove(part)
                elif time.monotonic() - part.started > READY_SECONDS:
                    raise DemoError(f"{part.name} is not ready after {READY_SECONDS} s (see {part.log})")
            stop.wait(0.1)


def answers(client: httpx.Client, url: str | None) -> bool:
    if url is None:
        return True
    try:
        return client.get(url).status_code == 200
    except httpx.HTTPError:
        return False  # not listening yet


def revive_part(part: Part, settings: Settings, logs: Path) -> None:
    """Starts a part again that died."""
    if part.process is None or part.process.poll() is None:
        return
    part.quick_deaths = part.quick_deaths + 1 if time.monotonic() - part.started < 10 else 0
    if part.quick_deaths >= QUICK_DEATHS:
        raise DemoError(f"{part.name} keeps dying: {last_line(part.log)} (see {part.log})")
    console.print(f"{part.name} died ({part.process.returncode}), starting it again")
    start_part(part, settings, logs)


def stop_parts(parts: list[Part]) -> None:
    """Asks every part to end, worker first; what does not listen within ten seconds is killed."""
    running = [part.process for part in reversed(parts) if part.process and part.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + 10
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "without a word"


def report_ready(name: str, begun: float) -> None:
    console.print(f"  [green]✓[/green] {name} ({time.monotonic() - begun:.1f} s)")


def die_with_parent() -> None:
    """Linux: the kernel ends this child when the demo itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
