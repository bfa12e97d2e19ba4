"""Starts Pronto's conversation engine: `bot/.venv/bin/python bot/run.py --port 5005`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

STARTED = time.monotonic()
ROOM = Path(__file__).resolve().parent
sys.path[0] = str(ROOM.parent)  # so that the room is the package `bot`
os.environ.setdefault("OMP_NUM_THREADS", "1")

from bot.lean import import_lean, quiet_rasa  # noqa: E402
from bot.paths import find_model  # noqa: E402


def main() -> None:
    """Serves until SIGINT or SIGTERM; exit code 1 and one sentence if something is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=5005, help="port to listen on (default: %(default)s)")
    parser.add_argument("--model", type=Path, help="a trained model (default: the newest in .pronto/models)")
    arguments = parser.parse_args()
    model = arguments.model or find_model()
    if problem := _find_problem(model):
        sys.exit(problem)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    import_lean(training=False)
    app = _build_app(str(model))
    quiet_rasa()
    _announce(app, arguments.host, arguments.port)
    try:
        app.run(host=arguments.host, port=arguments.port, workers=1, access_log=False, motd=False)
    except OSError as error:
        sys.exit(f"The conversation engine cannot listen on {arguments.host}:{arguments.port}: {error.strerror}")


def _find_problem(model: Path | None) -> str | None:
    if model is None or not model.exists():
        return "No trained model: run `make train` first."
    missing = [name for name in ("PRONTO_INTERNAL_TOKEN", "PRONTO_ACTIONS_URL") if not os.environ.get(name)]
    if not os.environ.get("PRONTO_RASA_DATABASE_URL") and not os.environ.get("PRONTO_DATABASE_URL"):
        missing.append("PRONTO_DATABASE_URL")
    return f"The conversation engine needs {', '.join(missing)} in its environment." if missing else None


def _build_app(model: str) -> Any:
    """A web server with nothing but our channel: none of Rasa's own routes is reachable."""
    from rasa.core.channels import channel
    from sanic import Sanic

    from bot.channel import ProntoInput

    app = Sanic("pronto_bot", configure_logging=False)
    app.config.RESPONSE_TIMEOUT = 60
    app.config.KEEP_ALIVE_TIMEOUT = 75
    channel.register([ProntoInput()], app, route="/webhooks/")

    @app.before_server_start
    async def load(app: Sanic, _: Any) -> None:
        app.ctx.agent = load_agent(model)

    @app.after_server_stop
    async def close(app: Sanic, _: Any) -> None:
        await app.ctx.agent.action_endpoint.close()

    return app


def load_agent(model: str) -> Any:
    """The trained assistant with our store and our way to the actions."""
    from rasa.core.agent import Agent
    from rasa.core.tracker_store import TrackerStore
    from rasa.core.utils import AvailableEndpoints

    from bot.action_endpoint import ActionEndpoint, check_answers_only
    from bot.plain_graph import simplify_graph

    endpoints = AvailableEndpoints.read_endpoints(str(ROOM / "endpoints.yml"))
    agent = Agent(
        tracker_store=TrackerStore.create(endpoints.tracker_store),
        action_endpoint=ActionEndpoint.from_config(endpoints.action),
    )
    agent.load_model(model)
    simplify_graph(agent.processor)
    check_answers_only()
    return agent


def _announce(app: Any, host: str, port: int) -> None:
    @app.after_server_start
    async def say(app: Any, _: Any) -> None:
        seconds = time.monotonic() - STARTED
        print(f"Conversation engine ready on http://{host}:{port} after {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
