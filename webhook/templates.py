"""Templates: check the texts, hand them in at WhatsApp, see where they stand."""

from __future__ import annotations

import typer

from core.settings import Settings
from webhook.starting import load_settings

app = typer.Typer(no_args_is_help=True, help=__doc__)


def load_account() -> Settings:
    """Settings that name the account at WhatsApp; ends with one sentence if they do not."""
    settings = load_settings()
    if not settings.waba_id:
        raise SystemExit("set PRONTO_WABA_ID: the id of the WhatsApp Business Account, from Meta's App Dashboard")
    return settings


@app.command(epilog="Example: pronto templates check")
def check() -> None:
    """Say what WhatsApp would refuse in campaigns/templates, with file and line."""
    from actions.conversations import CONVERSATIONS  # noqa: PLC0415  (slow imports wait until they are needed)
    from campaigns.templates.check import check_templates  # noqa: PLC0415

    if problems := check_templates(CONVERSATIONS):
        raise SystemExit("\n".join(str(problem) for problem in problems))
    typer.echo("WhatsApp would take all templates.")


@app.command(epilog="Example: pronto templates push")
def push() -> None:
    """Create what WhatsApp does not have, hand in anew what is another text by now; then sync."""
    from webhook.approving import run_push  # noqa: PLC0415

    check()
    typer.echo(run_push(load_account()))


@app.command(epilog="Example: pronto templates sync")
def sync() -> None:
    """Fetch status, category and quality of all templates. Workers do it once a day by themselves."""
    from webhook.approving import run_sync  # noqa: PLC0415

    typer.echo(run_sync(load_account()))
