"""`python -m bench` measures everything; `python -m bench accept outbox --json FILE` what is chosen."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from pathlib import Path

from rich.console import Console

from bench.figures import Plan

MEASURES = {  # slow imports wait until they are needed
    "accept": "webhooks accepted, beside a bare FastAPI route with one durable insert",
    "outbox": "messages sent by one worker, beside bare HTTP posts",
    "turn": "Rasa turns, beside a stock Rasa server with the default pipeline",
    "actions": "custom actions of a turn, beside the web app's cheapest answer",
    "added": "what Pronto adds to a turn, from webhook to request at WhatsApp",
    "score": "everyone scored with receipts, beside the best SQL by hand for the same points alone",
    "inbox": "a message in an agent's open page, an agent's answer at WhatsApp, with fifty agents at work",
    "campaigns": "what is due among a million plans, messages decided and queued, workers killed",
    "stop": "how soon a campaign that is paused while it sends is silent",
    "year": "a year of campaigns on a moved clock, judged from what was written down; takes very long",
    "uplift": "how often the uplift's interval holds the truth, and a campaign without effect is called effective",
    "memory": "memory of the running demo, start time of each part",
}


def main() -> int:
    """Exit code 1 if something could not be measured; a goal that is not met is only shown."""
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="MEASURE", help=f"of {', '.join(MEASURES)} (default: all)")
    parser.add_argument(
        "--rounds", type=int, default=Plan.rounds, help="of Pronto and yardstick in turns (%(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="length of a round (%(default)s)")
    help_epochs = (
        "of the stock pipeline's training, which is kept; fewer: quicker, says nothing on accuracy (%(default)s)"
    )
    parser.add_argument("--epochs", type=int, default=Plan.epochs, help=help_epochs)
    help_every = "both pipelines learn from every so-manieth example: the stock one takes hours for all (%(default)s)"
    parser.add_argument("--every", type=int, default=Plan.every, help=help_every)
    help_people = "contacts to score, several sizes one after the other (%(default)s)"
    parser.add_argument("--people", type=int, nargs="+", default=Plan.people, help=help_people)
    help_days = "length of the scripted year (%(default)s)"
    parser.add_argument("--days", type=int, default=Plan.days, help=help_days)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything started is stopped
    chosen = arguments.measures or list(MEASURES)
    if unknown := set(chosen) - set(MEASURES):
        parser.error(f"no measure {', '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    plan = Plan(
        arguments.rounds,
        arguments.seconds,
        arguments.epochs,
        tuple(arguments.people),
        days=arguments.days,
        every=arguments.every,
    )
    return run(chosen, plan, arguments.json)


def run(chosen: list[str], plan: Plan, file: Path | None) -> int:
    from bench.processes import BenchError  # noqa: PLC0415
    from bench.table import print_table, write_json  # noqa: PLC0415
    from core.postgres import PostgresError  # noqa: PLC0415
    from webhook.demo_parts import DemoError  # noqa: PLC0415

    console = Console(highlight=False)
    figures, failed = [], False
    for name in chosen:
        console.print(f"[bold]{name}[/bold]: {MEASURES[name]}")
        measure = getattr(importlib.import_module(f"bench.{name}"), f"measure_{name}")
        try:
            figures.extend(measure(plan))  # a list keeps what a generator gave before it failed
        except (AssertionError, BenchError, DemoError, PostgresError) as error:
            console.print(f"[red]{name}: {error}[/red]")
            failed = True
    print_table(figures, console)
    if file:
        write_json(figures, file)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
