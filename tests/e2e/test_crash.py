"""kill -9 in the middle of 500 messages: nothing lost, nothing twice, order kept."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.e2e.stack import Stack, text_webhook

CONTACTS = 50
MESSAGES = 10
BETWEEN = 30  # turns from one crash to the next
OPENING = "buonasera"
TALK = [
    "ciao",
    "vorrei confrontare le tariffe luce",
    "20121",
    "ma è gratis?",
    "2700 kwh",
    "prezzo",
    "no, 3500 kwh",
    "grazie",
    "wie bitte",
    "lascia stare",
]
type Crash = Callable[[Stack], None]

numbers = itertools.count(390_000_000_000)


def kill_web(stack: Stack) -> None:
    stack.kill("web")
    time.sleep(0.5)
    stack.start("web")


def kill_workers(stack: Stack) -> None:
    stack.kill("worker-1")
    stack.kill("worker-2")
    time.sleep(0.5)
    stack.start("worker-1", "worker-2")


def kill_one_worker_for_good(stack: Stack) -> None:
    stack.kill("worker-1")


def kill_rasa(stack: Stack) -> None:
    stack.kill("rasa")
    stack.start("rasa")


def kill_postgres(stack: Stack) -> None:
    stack.kill_postgres()
    time.sleep(0.5)
    stack.start_postgres()


def kill_everything(stack: Stack) -> None:
    stack.kill_postgres()
    for name in ("rasa", "web", "worker-1", "worker-2"):
        stack.kill(name)
    stack.start_postgres()
    stack.start("rasa", "web", "worker-1", "worker-2")


@pytest.fixture
def everything_runs(stack: Stack) -> Iterator[Stack]:
    yield stack
    for name, part in stack.parts.items():
        if part.process is None or part.process.poll() is not None:
            stack.start(name)


def open_windows(stack: Stack, phones: list[str]) -> None:
    """Every contact greets through the sandbox, which then lets answers of the next 24 hours through."""
    greetings = [{"customer": phone, "text": OPENING, "wamid": f"wamid.{phone}.hello"} for phone in phones]
    httpx.post(f"{stack.settings.graph_url}/control/inbound", json=greetings).raise_for_status()
    stack.wait_for(
        "SELECT count(*) FROM message m JOIN turn t ON t.id = m.turn_id"
        " WHERE m.wamid = ANY(%s) AND t.finished_at IS NOT NULL",
        len(phones),
        [greeting["wamid"] for greeting in greetings],
    )


def swapped_pairs(phone: str) -> list[bytes]:
    """A contact's messages, two to a webhook, the later one first."""
    begun = int(time.time())
    bodies = []
    for position in range(0, MESSAGES, 2):
        pair = [
            json.loads(text_webhook(f"wamid.{phone}.{k}", phone, TALK[k], begun + k)) for k in (position + 1, position)
        ]
        pair[0]["entry"] += pair[1]["entry"]
        bodies.append(json.dumps(pair[0]).encode())
    return bodies


def send_all(stack: Stack, phones: list[str], begun: list[threading.Event]) -> None:
    """Every contact writes in order; each webhook comes a second time, some time later.

    begun: set when a crash begins; the last webhooks of a contact wait for one each, so that they meet it.
    """
    chance = random.Random(7)
    repeats: list[bytes] = []
    lock = threading.Lock()

    def write(phone: str) -> None:
        with httpx.Client(timeout=10) as client:
            bodies = swapped_pairs(phone)
            for position, body in enumerate(bodies, start=len(begun) - len(bodies)):
                if position >= 0:
                    begun[position].wait()
                stack.deliver(client, body)
                with lock:
                    repeats.append(body)
                    again = repeats.pop(chance.randrange(len(repeats))) if chance.random() < 0.7 else None
                if again:
                    stack.deliver(client, again)
                time.sleep(chance.uniform(0, 0.3))

    with ThreadPoolExecutor(CONTACTS) as pool:
        list(pool.map(write, phones))
    with httpx.Client(timeout=10) as client:
        for body in repeats:
            stack.deliver(client, body)


def handled_messages(stack: Stack, phones: list[str]) -> dict[str, list[str]]:
    """WhatsApp ids per contact in the order they were taken up."""
    rows = stack.query(
        """SELECT c.phone, array_agg(m.wamid ORDER BY m.turn_id, m.sent_at, m.id)
           FROM message m JOIN contact c ON c.id = m.contact_id JOIN turn t ON t.id = m.turn_id
           WHERE t.finished_at IS NOT NULL AND c.phone = ANY(%s) GROUP BY 1""",
        ["+" + phone for phone in phones],
    )
    return dict(rows)


@pytest.mark.parametrize(
    "crashes",
    [(kill_web, kill_workers, kill_postgres), (kill_rasa, kill_everything, kill_one_worker_for_good)],
    ids=["web, workers, PostgreSQL", "Rasa, everything, one worker for good"],
)
def test_nothing_is_lost_doubled_or_reordered(everything_runs: Stack, crashes: tuple[Crash, ...]) -> None:
    """Crashes one after the other, each once so many more turns are done."""
    stack = everything_runs
    phones = [str(next(numbers)) for _ in range(CONTACTS)]
    open_windows(stack, phones)
    done = count_finished(stack)
    begun = [threading.Event() for _ in crashes]
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_all, stack, phones, begun)
        for crash, begins in zip(crashes, begun, strict=True):
            done += BETWEEN
            while count_finished(stack) < done:
                time.sleep(0.05)
            begins.set()
            crash(stack)
        sending.result()
    stack.wait_for("SELECT count(*) FROM message WHERE turn_id IS NULL", 0)
    stack.wait_for("SELECT count(*) FROM turn WHERE finished_at IS NULL", 0)
    stack.wait_for("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown')", 0)

    written = {"+" + phone: [f"wamid.{phone}.{k}" for k in ("hello", *range(MESSAGES))] for phone in phones}
    assert handled_messages(stack, phones) == written
    assert asked_of_rasa(stack, phones) == finished_turns(stack, phones)
    assert arrived_at_whatsapp(stack, phones) == queued_replies(stack, phones)


def count_finished(stack: Stack) -> int:
    return int(stack.query("SELECT count(*) FROM turn WHERE finished_at IS NOT NULL")[0][0])


def finished_turns(stack: Stack, phones: list[str]) -> dict[str, list[str]]:
    """Turn keys per conversation, in order."""
    rows = stack.query(
        """SELECT c.token || '.' || t.session_number, array_agg('t' || t.id ORDER BY t.id)
           FROM turn t JOIN contact c ON c.id = t.contact_id WHERE c.phone = ANY(%s) GROUP BY 1""",
        ["+" + phone for phone in phones],
    )
    return dict(rows)


def asked_of_rasa(stack: Stack, phones: list[str]) -> dict[str, list[str]]:
    """Message ids Rasa's own trackers hold per conversation, in order."""
    rows = stack.query(
        """SELECT e.sender_id, array_agg(e.data::json->>'message_id' ORDER BY e.id)
           FROM rasa.events e JOIN contact c ON c.token = split_part(e.sender_id, '.', 1)
           WHERE e.type_name = 'user' AND c.phone = ANY(%s) GROUP BY 1""",
        ["+" + phone for phone in phones],
    )
    return dict(rows)


def queued_replies(stack: Stack, phones: list[str]) -> dict[str, list[str]]:
    """Callbacks per contact in the order of the outbox; every turn has at least one."""
    rows = stack.query(
        """SELECT c.phone, array_agg(o.callback ORDER BY o.id)
           FROM turn t JOIN contact c ON c.id = t.contact_id LEFT JOIN outbox o ON o.turn_id = t.id
           WHERE c.phone = ANY(%s) GROUP BY 1""",
        ["+" + phone for phone in phones],
    )
    return dict(rows)


def arrived_at_whatsapp(stack: Stack, phones: list[str]) -> dict[str, list[str]]:
    """Callbacks per contact in the order the sandbox accepted them."""
    answer = httpx.get(f"{stack.settings.graph_url}/control/messages", params={"limit": 100_000})
    arrived: dict[str, list[str]] = {}
    for message in answer.raise_for_status().json()["messages"]:
        if message["customer"] in phones:
            arrived.setdefault("+" + message["customer"], []).append(message["callback"])
    return arrived
