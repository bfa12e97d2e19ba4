"""Checking and training through Rasa; imported only after bot/lean.py has made room."""

from __future__ import annotations

import copy
import functools
import os
import shutil
import types
import warnings
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data import training_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils import io
from rasa.validator import Validator
from tarsafe import TarSafe

from bot import paths
from bot.formal import address_formally, read_formal

DOMAIN, CONFIG, DATA = (str(paths.find_project() / name) for name in ("domain.yml", "config.yml", "data"))


class TrainingError(Exception):
    """The training data is wrong; the text says where."""


def read_files_once() -> None:
    """Rasa parses every file of examples several times: to guess what it is, to check it, to read it."""
    read = io.read_yaml
    known: dict[tuple[str, str], Any] = {}

    def read_yaml(content: str, reader_type: str | list[str] = "safe") -> Any:
        if "\nnlu:" not in content:  # Rasa changes what it read of a domain
            return read(content, reader_type)
        key = content, str(reader_type)
        if key not in known:
            known[key] = read(content, reader_type)
        return known[key]

    io.read_yaml = read_yaml


def share_examples() -> None:
    """Rasa copies every example whenever it merges sources, though nobody changes them afterwards."""
    training_data.copy = types.SimpleNamespace(deepcopy=copy.copy)


def pack_quickly() -> None:
    """Rasa packs the model as tightly as gzip can: ten seconds for a file a few per cent smaller."""
    TarSafe.gzopen = functools.partial(TarSafe.gzopen, compresslevel=1)


@functools.cache
def open_importer() -> TrainingDataImporter:
    """All sources, read once: Rasa would read them for the check, for each language it thinks of and for training."""
    read_files_once()
    share_examples()
    importer = TrainingDataImporter.load_from_config(CONFIG, DOMAIN, [DATA])
    read = functools.cache(importer.get_nlu_data)

    def get_nlu_data(language: str | None = None) -> TrainingData:
        return read()

    importer.get_nlu_data = get_nlu_data
    if paths.is_formal():
        domain = word_domain(importer.get_domain(), paths.find_project())
        importer.get_domain = lambda: domain
    return importer


def word_domain(domain: Domain, project: Path) -> Domain:
    """The domain that says Lei and Sie. Raises FormalTextError."""
    return Domain.from_dict({**domain.as_dict(), "responses": address_formally(domain.responses, read_formal(project))})


def check_sources() -> None:
    """What `rasa data validate` checks, with its warnings as errors; raises TrainingError with the first one."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        validator = Validator.from_importer(open_importer())
        checks = {
            "an example stands under two intents": lambda: validator.verify_example_repetition_in_intents(False),
            "an action is missing in the domain": validator.verify_actions_in_stories_rules,
            "a form is missing in the domain": validator.verify_forms_in_stories_rules,
            "a form asks for an unknown slot": validator.verify_form_slots,
            "a slot's mapping is wrong": validator.verify_slot_mappings,
            "the domain is wrong": validator.verify_domain_validity,
            "stories contradict each other": lambda: validator.verify_story_structure(ignore_warnings=False),
        }
        for name, check in checks.items():
            if not check():
                reasons = [str(one.message) for one in told if issubclass(one.category, UserWarning)]
                raise TrainingError(f"{name}. {reasons[-1] if reasons else ''}".strip())


def train_sources(folder: Path, force: bool) -> Path:
    """Trains into a folder and returns the model's file."""
    os.environ["RASA_CACHE_DIRECTORY"] = str(_open_cache())
    from rasa.model_training import train

    importer = open_importer()

    def load_from_config(*arguments: Any, **others: Any) -> TrainingDataImporter:
        return importer

    TrainingDataImporter.load_from_config = load_from_config
    pack_quickly()
    result = train(DOMAIN, CONFIG, DATA, output=str(folder), force_training=force, fixed_model_name="pronto")
    if result.code != 0 or not result.model:
        raise TrainingError("Rasa made no model.")
    return Path(result.model)


def _open_cache() -> Path:
    """Rasa keeps trained parts of unchanged data; it does not see changes in our code, so the folder's name does."""
    home = paths.find_folder() / "train-cache"
    cache = home / paths.hash_files(paths.list_code(), paths.ROOT)
    if home.exists():
        for old in home.iterdir():
            if old != cache:
                shutil.rmtree(old, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    return cache
