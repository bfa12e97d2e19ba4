"""How long a turn's custom actions take, asked as Rasa asks them, beside the web app's cheapest answer."""

from __future__ import annotations

import time
from typing import Any

import httpx

from bench.conversations import make_contacts
from bench.figures import Figure, Plan, bound, compare, percentile
from bench.processes import BenchError, running_stack
from tests.e2e.stack import Stack

RUNS = 30  # per round and action
TOLD: dict[str, Any] = {"postcode": "20121", "yearly_kwh": 2700.0, "preference": "price"}
OPEN: dict[str, Any] = {"language": "it", "conversation": "energy_comparison", "requested_slot": "postcode"}
ACTIONS = ("action_session_start", "validate_conversation_form", "action_ask_offer_choice")
GOAL = 50  # ms


def measure_actions(plan: Plan) -> list[Figure]:
    """Rounds of every action and of a bare answer in turns: medians, and the slowest twentieth."""
    taken: dict[str, list[float]] = {name: [] for name in ACTIONS}
    bare: list[float] = []
    with running_stack("web") as stack:
        (token,) = make_contacts(stack, 1)
        headers = {"Authorization": f"Bearer {stack.settings.internal_token()}"}
        with httpx.Client(base_url=stack.settings.public_url, headers=headers, timeout=30) as web:
            known = OPEN | run_action(stack, web, token, "validate_conversation_form", OPEN, "t0")
            for number in range(RUNS * plan.rounds):
                began = time.perf_counter()
                web.get("/healthz").raise_for_status()
                bare.append(1000 * (time.perf_counter() - began))
                for name in ACTIONS:
                    began = time.perf_counter()
                    run_action(stack, web, token, name, known | {"offers_shown": None}, f"t{number + 1}")
                    taken[name].append(1000 * (time.perf_counter() - began))
    return [
        figure
        for name, times in taken.items()
        for figure in (
            compare(f"{name}, median", times, bare, "ms"),
            bound(f"{name}, p95", percentile(times, 0.95), "ms", below=GOAL),
        )
    ]


def run_action(
    stack: Stack, web: httpx.Client, token: str, action: str, slots: dict[str, Any], key: str
) -> dict[str, Any]:
    """The slots an action sets after a message that told everything."""
    told = TOLD if action.startswith("validate") else {}
    tracker = {
        "sender_id": f"{token}.1",
        "slots": slots | told,
        "latest_message": {
            "message_id": key,
            "text": "tutto",
            "intent": {"name": "inform"},
            "entities": [{"entity": name, "value": value} for name, value in told.items()],
        },
        "active_loop": {"name": "conversation_form"},
        "events": [
            {"event": "action", "name": "conversation_form"},
            *({"event": "slot", "name": name, "value": value} for name, value in told.items()),
        ],
    }
    body = {"next_action": action, "sender_id": f"{token}.1", "tracker": tracker}
    answer = web.post(f"{stack.settings.actions_url}/webhook", json=body)
    if answer.is_error:
        raise BenchError(f"{action} answered {answer.status_code}: {answer.text[:300]}")
    return {event["name"]: event["value"] for event in answer.json()["events"] if event["event"] == "slot"}
