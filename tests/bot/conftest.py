"""A real conversation engine: trained from tests/bot/project, on the embedded PostgreSQL, with an action server."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
TOKEN = "inner-token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass
class Actions:
    """An action server that remembers its calls; status is what it answers, wait how long it takes."""

    url: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    status: int = 200
    wait: float = 0.0

    def reset(self) -> None:
        self.calls.clear()
        self.keys.clear()
        self.status, self.wait = 200, 0.0


@pytest.fixture(scope="session")
def action_server() -> Iterator[Actions]:
    actions = Actions()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            actions.calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            actions.keys.append(self.headers.get("Authorization"))
            time.sleep(actions.wait)
            body = json.dumps({"events": [], "responses": [{"text": "Two offers.", "buttons": []}]}).encode()
            self.send_response(actions.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    actions.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield actions
    server.shutdown()
    server.server_close()


@pytest.fixture
def actions(action_server: Actions) -> Actions:
    action_server.reset()
    return action_server


@pytest.fixture(scope="session")
def bot_environment(postgres_url: str, action_server: Actions) -> dict[str, str]:
    return {
        **os.environ,
        "PRONTO_PROJECT_DIR": str(ROOT / "tests" / "bot" / "project"),
        "PRONTO_DATA_DIR": str(ROOT / ".pronto" / "test-bot"),
        "PRONTO_DATABASE_URL": postgres_url,
        "PRONTO_ACTIONS_URL": action_server.url,
        "PRONTO_INTERNAL_TOKEN": TOKEN,
    }


@pytest.fixture(scope="session")
def trained(bot_environment: dict[str, str]) -> None:
    subprocess.run(
        [PYTHON, "bot/train.py"], cwd=ROOT, env=bot_environment, check=True, timeout=240, capture_output=True
    )


class Bot:
    """One conversation engine as a process."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/webhooks/pronto"
        self.process = subprocess.Popen([PYTHON, "bot/run.py", "--port", str(port)], cwd=ROOT, env=self.environment)
        for _ in range(600):
            try:
                if httpx.get(f"{self.url}/").status_code == 200:
                    return
            except httpx.TransportError:
                assert self.process.poll() is None, "the conversation engine did not start"
            time.sleep(0.1)
        raise AssertionError("the conversation engine is not ready after a minute")

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(20)


@pytest.fixture(scope="session")
def bot(bot_environment: dict[str, str], trained: None) -> Iterator[Bot]:
    running = Bot(bot_environment)
    running.start()
    yield running
    running.kill(signal.SIGTERM)


@pytest.fixture(scope="session")
def second_bot(bot_environment: dict[str, str], trained: None) -> Iterator[Bot]:
    running = Bot(bot_environment)
    running.start()
    yield running
    running.kill(signal.SIGTERM)


def say(bot: Bot, sender: str, text: str, message_id: str, **more: Any) -> dict[str, Any]:
    """The answer to one message; fails unless it is a 200."""
    body = {"sender": sender, "message_id": message_id, "text": text, "slots": {"language": "it"}, **more}
    answer = httpx.post(f"{bot.url}/webhook", json=body, headers=HEADERS, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]
