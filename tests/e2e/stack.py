"""All of Pronto as real processes on one machine, which a test may kill and start again."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg

from conversations.rasa import HEALTH_PATH
from core.db import migrate
from core.postgres import Postgres, attach_postgres, free_port, start_postgres, stop_postgres
from core.settings import Settings
from webhook.demo_parts import Part, start_part, stop_parts, wait_until_ready
from webhook.starting import ENGINE_PYTHON

PRONTO = str(Path(sys.executable).with_name("pronto"))
PHONE_NUMBER_ID = "900"
# Seconds. A busy machine may take a minute to start Rasa, and nothing here is about how long customers wait for it.
PATIENCE = 60  # for an answer over HTTP
RASA_PATIENCE = 900
WAITING = 300  # until the database holds what is expected


@dataclass
class Stack:
    """settings: what every process reads. folder: PostgreSQL's data. parts: the processes by name."""

    folder: Path
    settings: Settings
    ports: dict[str, int]
    server: Postgres
    parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def build(cls, folder: Path, **overrides: Any) -> Stack:
        ports = {name: free_port() for name in ("sandbox", "web", "rasa")}
        server = start_postgres(folder)
        migrate(server.url)
        web = f"http://127.0.0.1:{ports['web']}"
        settings = Settings(
            demo=True,
            database_url=server.url,
            public_url=web,
            actions_url=f"{web}/actions",
            graph_url=f"http://127.0.0.1:{ports['sandbox']}",
            rasa_url=f"http://127.0.0.1:{ports['rasa']}",
            phone_number_id=PHONE_NUMBER_ID,
            waba_id="700",
            **overrides,
        )
        return cls(folder, settings, ports, server)

    def start(self, *names: str) -> None:
        """Starts these parts and waits until they work."""
        for name in names:
            self.parts[name] = self.describe(name)
            start_part(self.parts[name], self.settings, self.folder / "logs")
        wait_until_ready([self.parts[name] for name in names], threading.Event())

    def describe(self, name: str) -> Part:
        kind = name.partition("-")[0]
        if kind == "rasa":
            return Part(
                name,
                [str(ENGINE_PYTHON), "bot/run.py", "--port", str(self.ports["rasa"])],
                self.settings.rasa_url + HEALTH_PATH,
            )
        if kind == "sandbox":
            port = str(self.ports["sandbox"])
            return Part(name, [sys.executable, "-m", "sandbox", "--port", port], self.settings.graph_url)
        if kind == "web":
            port = str(self.ports["web"])
            return Part(name, [PRONTO, "serve", "--port", port], f"{self.settings.public_url}/healthz")
        return Part(name, [PRONTO, "worker"])

    def kill(self, name: str) -> None:
        """kill -9, no goodbye."""
        process = self.parts[name].process
        assert process is not None
        process.kill()
        process.wait()

    def kill_postgres(self) -> None:
        """kill -9 of PostgreSQL's first process; the others end with it."""
        pid = int((self.server.home / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while pid_lives(pid):
            time.sleep(0.01)

    def start_postgres(self) -> None:
        """Starts PostgreSQL again on the port the others know."""
        self.server = start_postgres(self.folder)

    def stop(self) -> None:
        stop_parts(list(self.parts.values()))

    def query(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.database_url) as connection:
            return connection.execute(sql, arguments).fetchall()

    def wait_for(self, sql: str, expected: Any, *arguments: Any, seconds: float = WAITING) -> None:
        """Waits until the query's first value is what is expected."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.query(sql, *arguments)[0][0]
            if found == expected:
                return
            assert time.monotonic() < deadline, f"after {seconds} s: {sql} gives {found!r}, not {expected!r}"
            time.sleep(0.1)

    def sign(self, body: bytes) -> dict[str, str]:
        secret = self.settings.app_secret.get_secret_value().encode()
        return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}

    def post_webhook(self, client: httpx.Client, body: bytes) -> int:
        """Posts a signed webhook; its status code, 0 where nobody answers."""
        try:
            answer = client.post(f"{self.settings.public_url}/webhook", content=body, headers=self.sign(body))
        except httpx.HTTPError:
            return 0
        return answer.status_code

    def deliver(self, client: httpx.Client, body: bytes, seconds: float = WAITING) -> None:
        """Posts a webhook as WhatsApp does: again and again until it is accepted."""
        deadline = time.monotonic() + seconds
        while self.post_webhook(client, body) != 200:
            assert time.monotonic() < deadline, "the webhook was never accepted"
            time.sleep(0.1)


@contextlib.contextmanager
def run_stack(folder: Path, **settings: Any) -> Iterator[Stack]:
    """Everything at work, workers twice; nothing is left of it afterwards."""
    quick = {"burst_seconds": 0, "send_rate": 1000, "worker_beat_seconds": 3}
    stack = Stack.build(folder, **quick, rasa_patience_seconds=RASA_PATIENCE, **settings)
    try:
        stack.start("rasa", "sandbox", "web", "worker-1", "worker-2")
        retries = {"retry_seconds": [0, 1]}  # WhatsApp's own waits between two tries are longer than a test
        httpx.patch(f"{stack.settings.graph_url}/control/config", json=retries, timeout=PATIENCE).raise_for_status()
        yield stack
    finally:
        stack.stop()
        if server := attach_postgres(stack.folder):
            stop_postgres(server)
        shutil.rmtree(stack.server.home)


def pid_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True


def text_webhook(wamid: str, phone: str, text: str, sent_at: int) -> bytes:
    """A webhook with one text message, as WhatsApp writes it (phone as digits)."""
    message = {"from": phone, "id": wamid, "timestamp": str(sent_at), "type": "text", "text": {"body": text}}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "390200000000", "phone_number_id": PHONE_NUMBER_ID},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": phone}],
        "messages": [message],
    }
    entry = {"id": "700", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
