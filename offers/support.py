"""The hours in which people answer, from support.yml among the company's facts."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from core.settings import Settings
from core.types import AddressForm
from offers.company import find_folder
from offers.facts import Support
from offers.yaml_file import FileError, read_document

log = logging.getLogger(__name__)
FILE = "support.yml"


def load_support(settings: Settings) -> Support | None:
    """The company's own hours; None where it wrote none. Invented ones are told to nobody outside the demo."""
    support = try_support(find_folder(settings))
    return None if support is None or (support.sample and not settings.demo) else support


@cache
def try_support(folder: Path) -> Support | None:
    """A file that cannot be read promises nothing, and is told of once."""
    try:
        return read_support(folder)
    except FileError as error:
        log.error("nobody is told when people answer: %s", error)
        return None


def read_support(folder: Path) -> Support | None:
    """The hours in a folder, None without the file. Raises FileError with file, line and what to do."""
    if not (folder / FILE).is_file():
        return None
    return read_document(folder / FILE).read(Support, AddressForm.INFORMAL)
