"""How fast webhooks are accepted: `pronto serve` against a bare FastAPI route with one durable insert."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import count

from bench.figures import Figure, Plan, bound, compare, percentile
from bench.load import Job, Outcome, build_request, run_load, spread
from bench.processes import BenchError, cpu_seconds, pid_of, postgres_pid, running_stack, start_beside
from tests.e2e.stack import Stack, text_webhook

CONNECTIONS = 32
CONTACTS = 1000
STEADY_RATE = 200
MOST_PER_SECOND = 4000
TEXT = "Buongiorno, quanto posso risparmiare con un'altra offerta luce?"


def measure_accept(plan: Plan) -> list[Figure]:
    """Rounds of full speed, then of a steady rate, Pronto and yardstick in turns."""
    with running_stack("web") as stack:
        ports = {"web": stack.ports["web"]}
        ports["bare"] = start_beside(stack, "bare", [sys.executable, "-m", "bench.bare", "--port"], "/healthz")
        bodies = signed_requests(stack)
        rates: dict[str, list[float]] = {name: [] for name in ports}
        costs: dict[str, list[float]] = {name: [] for name in ports}
        steady: dict[str, list[float]] = {name: [] for name in ports}
        accepted = 0
        for name, port in ports.items():  # contacts exist, caches are warm
            accepted += len(fire(port, bodies, 1, None).latencies) * (name == "web")
        for _ in range(plan.rounds):
            for name, port in ports.items():
                pids = pid_of(stack, name), postgres_pid(stack.server)
                before = sum(map(cpu_seconds, pids))
                outcome = fire(port, bodies, plan.seconds, None)
                used = sum(map(cpu_seconds, pids)) - before
                rates[name].append(outcome.rate)
                costs[name].append(1000 * used / len(outcome.latencies))
                accepted += len(outcome.latencies) * (name == "web")
        for _ in range(plan.rounds):
            for name, port in ports.items():
                outcome = fire(port, bodies, plan.seconds, STEADY_RATE)
                steady[name] += [1000 * latency for latency in outcome.latencies]
                accepted += len(outcome.latencies) * (name == "web")
        check_stored(stack, accepted)
    return [
        compare("webhooks accepted", rates["web"], rates["bare"], "/s", at_least=0.7),
        compare("CPU per webhook, with PostgreSQL's", costs["web"], costs["bare"], "ms"),
        *(show_latency(steady, share, below) for share, below in ((0.5, None), (0.99, 50))),
    ]


def fire(port: int, bodies: Iterator[bytes], seconds: float, rate: float | None) -> Outcome:
    """Sends webhooks nobody has seen yet; raises BenchError unless every one is answered with 200."""
    number = int(seconds * (rate or MOST_PER_SECOND))
    requests = [request for request, _ in zip(bodies, range(number), strict=False)]
    outcome = run_load(Job(port, spread(requests, CONNECTIONS), rate, seconds))
    if set(outcome.statuses) != {200}:
        raise BenchError(f"webhooks were answered with {dict(outcome.statuses)}")
    return outcome


def signed_requests(stack: Stack) -> Iterator[bytes]:
    """Signed webhooks without end, each with a message of its own."""
    begun = int(time.time())
    for number in count():
        phone = f"39333{number % CONTACTS:07}"
        body = text_webhook(f"wamid.bench{number}", phone, TEXT, begun)
        yield build_request("/webhook", body, stack.sign(body))


def check_stored(stack: Stack, accepted: int) -> None:
    """What was answered with 200 must be in the store, once."""
    stored = stack.query("SELECT count(*) FROM message")[0][0]
    if stored < accepted:
        raise BenchError(f"{accepted} webhooks were accepted, but only {stored} messages are stored")


def show_latency(steady: dict[str, list[float]], share: float, below: float | None) -> Figure:
    what = f"accept latency at {STEADY_RATE}/s, p{share * 100:.0f}"
    ours = bound(what, percentile(steady["web"], share), "ms", below=below)
    theirs = percentile(steady["bare"], share)
    return Figure(what, ours.pronto, "ms", theirs, ours.pronto / theirs, ours.goal, ours.met)
