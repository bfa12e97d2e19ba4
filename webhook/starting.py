"""What every program begins with: settings with a database that is up, and the Python of Rasa beside it."""

from __future__ import annotations

import logging
import os
import subprocess
from pathlib import Path

from pydantic import ValidationError

from core.db import migrate
from core.postgres import PostgresError, start_postgres
from core.settings import Settings, explain_settings

ENGINE_PYTHON = Path("bot/.venv/bin/python")


def load_settings() -> Settings:
    """Settings with a database that is up and has the newest schema; ends with one sentence if that fails."""
    try:
        settings = Settings()
        if not settings.database_url:
            settings.database_url = start_postgres(settings.data_dir).url
    except ValidationError as error:
        raise SystemExit(explain_settings(error)) from error
    except PostgresError as error:
        raise SystemExit(str(error)) from error
    migrate(settings.database_url)
    return settings


def run_engine(*arguments: str) -> int:
    """Runs a program of bot/ in Rasa's own Python; its exit code."""
    if not ENGINE_PYTHON.exists():
        raise SystemExit("the assistant's engine is not set up: run `make setup` in Pronto's folder")
    try:
        settings = Settings(demo=True)  # training needs no secrets; the rest may stand in .env
    except ValidationError as error:
        raise SystemExit(explain_settings(error)) from error
    environment = os.environ | engine_environment(settings)
    return subprocess.run([str(ENGINE_PYTHON), *arguments], env=environment, check=False).returncode


def engine_environment(settings: Settings) -> dict[str, str]:
    """What bot/ reads, as environment variables; it has no settings class of its own."""
    return {
        "PRONTO_DATABASE_URL": settings.database_url,
        "PRONTO_ACTIONS_URL": settings.actions_url,
        "PRONTO_INTERNAL_TOKEN": settings.internal_token(),
        "PRONTO_DATA_DIR": str(settings.data_dir),
        "PRONTO_TIMEZONE": settings.timezone,
        "PRONTO_ADDRESS": settings.address.value,
    }


def configure_logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
