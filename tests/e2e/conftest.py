"""One running Pronto for all end-to-end tests: real Rasa, web app, two workers, sandbox and PostgreSQL."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.postgres import attach_postgres, stop_postgres
from tests.e2e.stack import PATIENCE, Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with run_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@contextlib.contextmanager
def run_stack(folder: Path, **settings: Any) -> Iterator[Stack]:
    """Everything at work, workers twice; nothing is left of it afterwards."""
    stack = Stack.build(folder, burst_seconds=0, send_rate=1000, worker_beat_seconds=3, **settings)
    try:
        stack.start("rasa", "sandbox", "web", "worker-1", "worker-2")
        quick = {"retry_seconds": [0, 1]}  # WhatsApp's own waits between two tries are longer than a test
        httpx.patch(f"{stack.settings.graph_url}/control/config", json=quick, timeout=PATIENCE).raise_for_status()
        yield stack
    finally:
        stack.stop()
        if server := attach_postgres(stack.folder):
            stop_postgres(server)
        shutil.rmtree(stack.server.home)
