"""Real processes to measure: Pronto's in a store of their own, and what they use of the machine."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from core.postgres import Postgres, attach_postgres, free_port, stop_postgres
from tests.e2e.stack import Stack
from webhook.demo_parts import Part, start_part, wait_until_ready
from webhook.starting import ENGINE_PYTHON


class BenchError(Exception):
    """A measurement cannot be trusted or taken; the message says why."""


@contextlib.contextmanager
def running_stack(*names: str, **settings: Any) -> Iterator[Stack]:
    """These parts of Pronto with an empty database; everything is gone afterwards."""
    if "rasa" in names:
        train_pronto()
    with fresh_folder() as folder:
        stack = Stack.build(folder, **settings)
        try:
            stack.start(*names)
            yield stack
        finally:
            stack.stop()


def train_pronto() -> None:
    """Trains our model if its sources changed."""
    done = subprocess.run([str(ENGINE_PYTHON), "bot/train.py"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(done.stderr.strip())


@contextlib.contextmanager
def fresh_folder() -> Iterator[Path]:
    """A folder for a PostgreSQL; stops the server and removes its data in the end."""
    folder = Path(tempfile.mkdtemp(prefix="pronto-bench-"))
    try:
        yield folder
    finally:
        if server := attach_postgres(folder):
            stop_postgres(server)
            shutil.rmtree(server.home)
        shutil.rmtree(folder, ignore_errors=True)


def start_beside(stack: Stack, name: str, command: list[str], ready_path: str) -> int:
    """Starts a yardstick that lives and ends with the stack; the port it listens on, appended to its command."""
    port = free_port()
    part = Part(name, [*command, str(port)], f"http://127.0.0.1:{port}{ready_path}")
    stack.parts[name] = part
    start_part(part, stack.settings, stack.folder / "logs")
    wait_until_ready([part], threading.Event())
    return port


def pid_of(stack: Stack, name: str) -> int:
    process = stack.parts[name].process
    assert process is not None
    return process.pid


def postgres_pid(server: Postgres) -> int:
    return int((server.home / "data" / "postmaster.pid").read_text().split()[0])


def cpu_seconds(pid: int) -> float:
    """CPU a process has used so far, with its children."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def memory_bytes(pid: int) -> int:
    """Memory of a process and its children: shared pages counted by share (PSS) on Linux, own pages (USS) elsewhere."""
    process = psutil.Process(pid)
    infos = [one.memory_full_info() for one in (process, *process.children(recursive=True))]
    return sum(getattr(info, "pss", None) or info.uss for info in infos)
