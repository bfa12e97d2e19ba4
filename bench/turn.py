"""Rasa as Pronto runs it against a stock Rasa server: default pipeline, REST channel, same domain and data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rich.console import Console

from bench import nlu
from bench.conversations import make_contacts, talk_to_pronto, talk_to_stock
from bench.figures import Figure, Plan, compare, percentile
from bench.load import Job, Outcome, run_load
from bench.processes import BenchError, cpu_seconds, pid_of, running_stack, start_beside
from bench.sample import build_sample, train_pronto
from bench.stock import serve_command, train_stock, write_endpoints
from tests.e2e.stack import Stack

FOLDER = Path(".pronto/bench")
CONTACTS = 200
AT_ONCE = 8
MOST_PER_SECOND = 40  # conversations prepared per second and connection; far more than either server manages
WARM_SECONDS = 2


@dataclass
class Server:
    """One of the two. talks: its conversations without end. The lists grow by one per round."""

    name: str
    port: int
    talks: Iterator[list[bytes]]
    per_core: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)


def measure_turn(plan: Plan) -> list[Figure]:
    """Rounds of one conversation at a time and of AT_ONCE, both servers in turns, then what each understands.

    Ours always serves the model of all examples, which is no quicker than one of a part of them.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    source = Path()
    if plan.every > 1:
        source = build_sample(source, FOLDER / f"every-{plan.every}", plan.every)
        train_pronto(source)
    project, model = train_stock(source, FOLDER, plan.epochs, Console(highlight=False))
    with running_stack("web", "rasa") as stack:
        write_endpoints(project, stack.settings.actions_url, stack.settings.internal_token())
        port = start_beside(stack, "stock", serve_command(project, model), "/status")
        tokens = make_contacts(stack, CONTACTS)
        ours = Server("rasa", stack.ports["rasa"], talk_to_pronto(stack, tokens, "p"))
        stock = Server("stock", port, talk_to_stock(tokens, "s"))
        for server in (ours, stock):
            talk(server, AT_ONCE, WARM_SECONDS)
        for _ in range(plan.rounds):
            for server in (ours, stock):
                run_round(stack, server, plan.seconds)
        understood = nlu.measure_stock(f"http://127.0.0.1:{port}")
    return [*show_speed(ours, stock), *show_accuracy(source, understood, plan)]


def run_round(stack: Stack, server: Server, seconds: float) -> None:
    before = cpu_seconds(pid_of(stack, server.name))
    alone = talk(server, 1, seconds)
    together = talk(server, AT_ONCE, seconds)
    used = cpu_seconds(pid_of(stack, server.name)) - before
    server.alone.append(alone.rate)
    server.together.append(together.rate)
    server.latencies += [1000 * latency for latency in alone.latencies]
    server.per_core.append((len(alone.latencies) + len(together.latencies)) / used)


def talk(server: Server, at_once: int, seconds: float) -> Outcome:
    """So many conversations at a time, one after another; raises BenchError unless turns are answered."""
    number = int(seconds * MOST_PER_SECOND)
    lanes = [[turn for one in islice(server.talks, number) for turn in one] for _ in range(at_once)]
    outcome = run_load(Job(server.port, lanes, seconds=seconds))
    silent = sum(body in (b"[]", b"") or b'"messages":[]' in body for body in outcome.bodies)
    if set(outcome.statuses) != {200} or silent > len(outcome.bodies) / 2:
        raise BenchError(f"{server.name} answered {dict(outcome.statuses)}, {silent} turns without a word")
    return outcome


def show_speed(ours: Server, stock: Server) -> list[Figure]:
    figures = [
        compare("turns per second of CPU", ours.per_core, stock.per_core, "/s", at_least=3),
        compare("turns, one conversation at a time", ours.alone, stock.alone, "/s"),
        compare(f"turns, {AT_ONCE} conversations at a time", ours.together, stock.together, "/s"),
    ]
    for share in (0.5, 0.95):
        mine, theirs = percentile(ours.latencies, share), percentile(stock.latencies, share)
        figures.append(Figure(f"turn latency, p{share * 100:.0f}", mine, "ms", theirs, mine / theirs))
    return figures


def show_accuracy(project: Path, stock: float, plan: Plan) -> list[Figure]:
    """Shares of messages understood; a stock model that was trained less than it should be is no yardstick."""
    fair = plan.epochs >= Plan.epochs
    goal = "not lower" if fair else f"stock after {plan.epochs} epochs only"
    learned = "" if plan.every == 1 else f", learned from one example in {plan.every}"
    figures = []
    for what, alone in (("messages understood, each alone", True), ("messages understood in conversation", False)):
        ours, theirs = 100 * nlu.measure_pronto(project, FOLDER, alone=alone), 100 * stock
        figures.append(Figure(what + learned, ours, "%", theirs, ours / theirs, goal, ours >= theirs if fair else None))
    return figures
