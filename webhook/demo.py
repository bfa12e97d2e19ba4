"""Everything on one machine: PostgreSQL, Rasa, web app, worker and sandbox, started, watched and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import httpx
from pydantic import ValidationError

from conversations.rasa import HEALTH_PATH
from core.db import migrate, open_once
from core.postgres import PostgresError, free_port, start_postgres, stop_postgres
from core.rewind import rewind_clock
from core.settings import Settings, explain_settings
from webhook.demo_campaigns import start_campaigns
from webhook.demo_contacts import read_contacts
from webhook.demo_parts import (
    DemoError,
    Part,
    console,
    report_ready,
    revive_part,
    start_part,
    stop_parts,
    wait_until_ready,
)
from webhook.starting import ENGINE_PYTHON, engine_environment


def run_demo(port: int) -> int:
    """Runs until Ctrl-C or SIGTERM; the exit code."""
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, ask_to_stop)
    try:
        return start_and_watch(port, stop)
    except (DemoError, PostgresError) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except ValidationError as error:
        console.print(f"[red]{explain_settings(error)}[/red]")
        return 1


def start_and_watch(port: int, stop: threading.Event) -> int:
    begun = time.monotonic()
    refuse_busy_port(port)
    ports = {"page": port, "web": free_port(), "rasa": free_port()}
    settings = demo_settings(ports)
    train_if_needed(settings, stop)
    with timed("PostgreSQL"):
        server = start_postgres(settings.data_dir)
        settings.database_url = server.url
        migrate(server.url)
        moved = asyncio.run(start_in_present(server.url))
    if moved:
        console.print(f"  The clock was {moved / 86400:.1f} days ahead when the demo ended; it is back in the present.")
    parts = demo_parts(settings, ports)
    logs = settings.data_dir / "logs"
    try:
        for part in parts:
            start_part(part, settings, logs)
        wait_until_ready(parts, stop)
        if not stop.is_set():
            seed_demo(settings, ports["web"])
            console.print(f"\nReady after {time.monotonic() - begun:.0f} s: [bold]http://127.0.0.1:{port}[/bold]")
            console.print(f"The company's pages: {settings.public_url}; the agents' inbox: {settings.public_url}/inbox")
            console.print("Ctrl-C stops everything.")
        while not stop.wait(0.5):
            for part in parts:
                revive_part(part, settings, logs)
    finally:
        console.print("\nStopping ...")
        stop_parts(parts)
        stop_postgres(server)
    return 0


async def start_in_present(url: str) -> float:
    """A demo begins at the real time, also after one whose clock was moved; by how many seconds it was ahead."""
    async with open_once(url) as session:
        return await rewind_clock(session)


def demo_settings(ports: dict[str, int]) -> Settings:
    """The demo's settings: every address on loopback, Meta's role played by the sandbox."""
    web = f"http://127.0.0.1:{ports['web']}"
    return Settings(
        demo=True,
        public_url=web,
        graph_url=f"http://127.0.0.1:{ports['page']}",
        actions_url=f"{web}/actions",
        rasa_url=f"http://127.0.0.1:{ports['rasa']}",
        phone_number_id="900200300400",
        waba_id="700200300400",
        company="Energia Chiara",
    )


def demo_parts(settings: Settings, ports: dict[str, int]) -> list[Part]:
    """The processes of the demo, slowest to start first."""
    pronto = str(Path(sys.executable).with_name("pronto"))
    return [
        Part("Rasa", [str(ENGINE_PYTHON), "bot/run.py", "--port", str(ports["rasa"])], settings.rasa_url + HEALTH_PATH),
        Part("Sandbox", [sys.executable, "-m", "sandbox", "--port", str(ports["page"])], settings.graph_url),
        Part("Web app", [pronto, "serve", "--port", str(ports["web"])], f"{settings.public_url}/healthz"),
        Part("Worker", [pronto, "worker"]),
    ]


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise DemoError(f"port {port} is busy: run `make demo PORT={port + 1}`") from error


def train_if_needed(settings: Settings, stop: threading.Event) -> None:
    if not ENGINE_PYTHON.exists():
        raise DemoError("the assistant's engine is not set up: run `make setup`")
    with timed("Assistant"):
        process = subprocess.Popen([str(ENGINE_PYTHON), "bot/train.py"], env=os.environ | engine_environment(settings))
        while process.poll() is None:
            if stop.wait(0.1):
                process.terminate()
        if process.returncode and not stop.is_set():
            raise DemoError("the assistant could not be trained; the lines above say why")


def seed_demo(settings: Settings, web_port: int) -> None:
    """Tells Pronto about the sandbox's customers, as a company's own system would, and has the campaigns run.

    Events come last: running campaigns look at each once, when it is told.
    """
    contacts, events = read_contacts(datetime.now(UTC), ZoneInfo(settings.timezone))
    headers = {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{web_port}/api", headers=headers, timeout=30) as client:
        refuse_errors(client.put("/contacts", json=contacts))
        asyncio.run(seed_campaigns(settings))
        refuse_errors(client.post("/events", json=events))


def refuse_errors(answer: httpx.Response) -> None:
    if answer.status_code != 200:
        raise DemoError(f"the demo's contacts were refused: {answer.text[:300]}")


async def seed_campaigns(settings: Settings) -> None:
    """Has the shipped campaigns run, so that moving the clock shows what they do."""
    async with open_once(settings.database_url) as session:
        await start_campaigns(session, settings, datetime.now(UTC))


@contextlib.contextmanager
def timed(name: str) -> Iterator[None]:
    """Says what is being started and how long it took."""
    begun = time.monotonic()
    console.print(f"  {name} ...", end="\r" if console.is_terminal else "\n")
    yield
    report_ready(name, begun)
