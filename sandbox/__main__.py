"""`python -m sandbox --port 8010`: starts the sandbox for the application of PRONTO_PUBLIC_URL."""

from __future__ import annotations

import argparse
import gc
import sys

import uvicorn
from pydantic import ValidationError

from core.settings import Settings
from sandbox.app import create_app
from sandbox.config import SandboxConfig, read_config


def read_arguments(arguments: list[str]) -> tuple[str, SandboxConfig]:
    """Host and configuration from the command line and the settings."""
    parser = argparse.ArgumentParser("python -m sandbox", description="A WhatsApp on your own machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (the sandbox has no password)")
    parser.add_argument("--port", type=int, default=8010)
    parser.add_argument("--webhook-url", help="where webhooks go; default: PRONTO_PUBLIC_URL and /webhook")
    parser.add_argument("--pronto-url", help="Pronto's own address; default: PRONTO_PUBLIC_URL")
    parser.add_argument("--public-url", help="the sandbox's own address; default: http://127.0.0.1:PORT")
    parser.add_argument("--delivered-ms", type=int, help="from accepted to delivered")
    parser.add_argument("--read-ms", type=int, help="from delivered to read; default: when the chat is looked at")
    parser.add_argument("--throughput", type=float, help="sends per second, 0 for no limit")
    parser.add_argument("--pair-seconds", type=float, help="seconds per message to one person, 0 for no limit")
    parser.add_argument("--webhook-batch", type=int, help="most updates packed in one webhook")
    parser.add_argument("--webhook-connections", type=int, help="webhooks under way at the same time")
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    host, port = given.pop("host"), given.pop("port")
    return host, read_config(Settings(), port, **given)


def main() -> None:
    try:
        host, config = read_arguments(sys.argv[1:])
    except ValidationError as error:
        sys.exit(f"The sandbox cannot start: {error.errors()[0]['msg']}")
    app = create_app(config)
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # messages stay in memory: looking through them for garbage is wasted
    uvicorn.run(
        app,
        host=host,
        port=config.port,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
