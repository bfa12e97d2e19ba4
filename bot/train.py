"""Trains the assistant if its sources changed: `bot/.venv/bin/python bot/train.py`, from the top of the repository.

Rasa's own words go to .pronto/train.log; here stands one line, and on failure one sentence with the cause.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

sys.path[0] = str(Path(__file__).resolve().parent.parent)
os.environ.setdefault("OMP_NUM_THREADS", "1")

from bot import paths  # noqa: E402

KEPT = 3  # older models stay for going back


def main() -> None:
    """Exit code 0: a model of the present sources is there. 1: it could not be made, the reason is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    parser.add_argument("--check", action="store_true", help="only check the training data")
    arguments = parser.parse_args()
    with _one_at_a_time():
        _train(arguments)


def _train(arguments: argparse.Namespace) -> None:
    target = paths.name_model()
    if target.exists() and not (arguments.force or arguments.check):
        print(f"The assistant is up to date ({target.name}).")
        return
    log = paths.find_folder() / "train.log"
    started = time.monotonic()
    with _redirect_output(log) as terminal, _show_progress(terminal, "Checking" if arguments.check else "Training"):
        problem = _try_training(target, arguments.check, arguments.force)
    if problem:
        sys.exit(f"The assistant could not be trained: {problem}\nThe whole story is in {log}.")
    done = "The training data is fine" if arguments.check else f"Trained the assistant ({target.name})"
    print(f"{done}, {time.monotonic() - started:.0f} s.")


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Waits while another process trains in the same folder; what it made is then found."""
    folder = paths.find_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "train.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _try_training(target: Path, check_only: bool, force: bool) -> str | None:
    """Checks, trains, puts the model in place; the cause in one line if that fails."""
    from bot.lean import import_lean, quiet_rasa

    import_lean(training=True)
    try:
        from bot.training import check_sources, train_sources

        quiet_rasa()
        check_sources()
        if not check_only:
            with tempfile.TemporaryDirectory(dir=paths.find_folder()) as folder:
                made = train_sources(Path(folder), force)
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(made, target)
            _drop_old_models(target.parent)
    except (Exception, SystemExit) as error:  # noqa: BLE001  (whatever Rasa raises is told in one line)
        import traceback

        traceback.print_exc()
        return _tell_cause(error)
    return None


def _tell_cause(error: BaseException) -> str:
    """The first lines of the error that say something, without colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:3])[:400] or type(error).__name__


def _drop_old_models(folder: Path) -> None:
    for old in sorted(folder.glob("pronto-*.tar.gz"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink()


@contextlib.contextmanager
def _redirect_output(log: Path) -> Iterator[TextIO]:
    """Everything printed, also by libraries in C, goes to the log; yields the real terminal."""
    sys.stdout.flush()
    with open(os.dup(1), "w", encoding="utf-8") as terminal, log.open("w", encoding="utf-8") as file:
        saved = os.dup(1), os.dup(2)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield terminal
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in enumerate(saved, start=1):
                os.dup2(copy, number)
                os.close(copy)


@contextlib.contextmanager
def _show_progress(terminal: TextIO, doing: str) -> Iterator[None]:
    """A running clock on a terminal, one line elsewhere."""
    done = threading.Event()
    started = time.monotonic()
    width = shutil.get_terminal_size().columns

    def tick() -> None:
        while not done.wait(0.5):
            terminal.write(f"\r{doing} the assistant ... {time.monotonic() - started:.0f} s"[:width])
            terminal.flush()
        terminal.write("\r" + " " * 40 + "\r")
        terminal.flush()

    if not terminal.isatty():
        terminal.write(f"{doing} the assistant ...\n")
        terminal.flush()
        yield
        return
    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()


if __name__ == "__main__":
    main()
