"""Puts uv into .pronto/tools when the machine has none: with pip if there is one, else straight from PyPI.

Usage: python3 tools/get_uv.py TARGET_FOLDER. Needs nothing but Python's standard library (3.8 or later).
"""

import hashlib
import io
import json
import platform
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.9"


def install_with_pip(target: Path) -> bool:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "uv==" + VERSION]
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def pick_wheel(files: list) -> dict:
    """The wheel for this machine among PyPI's files of one release."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if sys.platform == "darwin":
        wanted = ["macosx", "arm64" if machine == "aarch64" else machine]
    else:
        musl = not platform.libc_ver()[0]
        wanted = ["musllinux" if musl else "manylinux", machine]
    for file in files:
        if file["filename"].endswith(".whl") and all(word in file["filename"] for word in wanted):
            return file
    raise SystemExit("no uv for " + " ".join(wanted) + ": install uv yourself and run make again")


def install_from_pypi(target: Path) -> None:
    with urllib.request.urlopen("https://pypi.org/pypi/uv/" + VERSION + "/json", timeout=60) as answer:
        wheel = pick_wheel(json.load(answer)["urls"])
    with urllib.request.urlopen(wheel["url"], timeout=600) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        raise SystemExit("the download of uv is damaged; run make again")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith("/scripts/uv"):
                program = target / "bin" / "uv"
                program.parent.mkdir(parents=True, exist_ok=True)
                program.write_bytes(archive.read(name))
                program.chmod(0o755)


def main() -> None:
    target = Path(sys.argv[1])
    if not install_with_pip(target):
        install_from_pypi(target)
    if not (target / "bin" / "uv").exists():
        raise SystemExit("uv could not be installed: install it yourself and run make again")


if __name__ == "__main__":
    main()
