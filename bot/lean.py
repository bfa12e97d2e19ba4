"""Keeps out of memory what Rasa imports and Pronto never uses: TensorFlow first of all, other channels and stores.

Measured here with a warm disk: importing Rasa takes 3 s instead of 11 s and 130 MB instead of 535 MB. Whoever asks for
a part of a package left out gets an empty shell that can be inherited from and used in annotations. Only really using
one would fail, and only what `config.yml` and `endpoints.yml` do not name does that: DIET, TED, other channels.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import logging
import os
import sys
import types
import warnings
from abc import ABCMeta
from typing import Any, ClassVar

NEURAL = ("tensorflow", "tensorflow_hub", "tensorflow_text", "tensorflow_addons", "keras", "jax", "matplotlib")
# Other channels (Telegram, Slack, Facebook ...), other stores (Mongo, Redis, Dynamo ...), the command line's dialogues.
STRANGERS = (
    "aiogram",
    "boto3",
    "botocore",
    "confluent_kafka",
    "fbmessenger",
    "mattermostwrapper",
    "pymongo",
    "questionary",
    "rocketchat_API",
    "slack_sdk",
    "socketio",
    "twilio",
    "webexteamssdk",
)
TRAINING = ("sklearn",)  # the trained classifier is plain arrays, a server needs no scikit-learn


class _Shell(ABCMeta):
    """A class that stands for anything: attributes, decorators, parents, subscripts."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _make_shell(name)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not cls.__dict__.get("is_shell"):
            raise RuntimeError(f"{cls.__name__} needs a package that Pronto leaves out (bot/lean.py)")
        return args[0] if len(args) == 1 and callable(args[0]) and not kwargs else _make_shell(cls.__name__)

    def __getitem__(cls, key: Any) -> Any:
        return cls


def _make_shell(name: str) -> _Shell:
    return _Shell(name, (), {"is_shell": True})


class _ShellModule(types.ModuleType):
    """A module in which everything one asks for exists."""

    __version__ = "0"
    __path__: ClassVar[list[str]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        shell: Any = type(name, (Exception,), {}) if name.endswith(("Error", "Exception")) else _make_shell(name)
        setattr(self, name, shell)
        return shell


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers imports of the packages left out."""

    def __init__(self, roots: frozenset[str]) -> None:
        self.roots = roots

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] in self.roots:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _ShellModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run."""


def import_lean(training: bool) -> None:
    """Call before the first import of rasa. Also silences telemetry and what Rasa's age makes its libraries say."""
    roots = frozenset(NEURAL + STRANGERS + (() if training else TRAINING))
    if loaded := sorted(roots & set(sys.modules)):
        raise RuntimeError(f"already imported: {', '.join(loaded)}")
    sys.meta_path.insert(0, _Finder(roots))
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["SQLALCHEMY_SILENCE_UBER_WARNING"] = "1"
    warnings.showwarning = _drop_warning


def quiet_rasa() -> None:
    """Rasa's own log from warnings on; unset it prints every debug line. Call after the import of rasa."""
    import structlog

    logging.getLogger("rasa").setLevel(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def _drop_warning(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
    """Rasa 3.6 is frozen: what its libraries announce for the future does not concern it."""
