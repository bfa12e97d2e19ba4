"""Where trained models lie, and when one still fits the training data."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMAL = Path("data/texts/formal")  # Lei and Sie, read only where PRONTO_ADDRESS=formal
PIECES = ("components", "understand")  # our code that training runs; extraction and channel are read at every start


def find_folder() -> Path:
    """Pronto's own folder (PRONTO_DATA_DIR), where models, logs and caches live."""
    return ROOT / os.environ.get("PRONTO_DATA_DIR", ".pronto")


def find_project() -> Path:
    """The folder with domain.yml, config.yml and data/ (PRONTO_PROJECT_DIR, normally the top of the repository)."""
    return ROOT / os.environ.get("PRONTO_PROJECT_DIR", "")


def is_formal() -> bool:
    """Whether customers are addressed with Lei and Sie (PRONTO_ADDRESS)."""
    address = os.environ.get("PRONTO_ADDRESS") or "informal"
    if address not in {"informal", "formal"}:
        raise SystemExit(f"PRONTO_ADDRESS={address!r} is not known: write informal or formal.")
    return address == "formal"


def list_code() -> list[Path]:
    """Our files that training runs, and the versions of everything else."""
    code = [path for piece in PIECES for path in (ROOT / "bot" / piece).glob("*.py")]
    return sorted([*code, ROOT / "bot" / "uv.lock"])


def list_sources(project: Path) -> list[Path]:
    """Every file a model is made from."""
    texts = [project / "domain.yml", project / "config.yml", *(project / "data").rglob("*.yml")]
    formal = project / FORMAL
    read = [path for path in texts if path.is_file() and (is_formal() or formal not in path.parents)]
    return [*list_code(), *sorted(read)]


def hash_files(files: list[Path], project: Path) -> str:
    """Twelve letters that change when a file's name or content does."""
    digest = hashlib.sha256()
    for path in files:
        name = path.relative_to(project if path.is_relative_to(project) else ROOT).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def name_model() -> Path:
    """Where the model of the present sources is, or would be; the two forms of address never serve for each other."""
    project = find_project()
    models = find_folder() / "models" / ("formal" if is_formal() else "")
    return models / f"pronto-{hash_files(list_sources(project), project)}.tar.gz"


def find_model() -> Path | None:
    """The model of the present sources, or else the newest, None if none was trained."""
    fitting = name_model()
    if fitting.exists():
        return fitting
    models = sorted(fitting.parent.glob("pronto-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1] if models else None
