import os
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from core.postgres import Postgres, PostgresError, attach_postgres, find_binaries, start_postgres, stop_postgres

INSTALLED = [find_binaries(), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    server = start_postgres(tmp_path)
    yield server
    if attach_postgres(tmp_path):
        stop_postgres(server)
    shutil.rmtree(server.home)


def read_pid(server: Postgres) -> int:
    return int((server.home / "data" / "postmaster.pid").read_text().split()[0])


def test_starting_again_attaches_to_the_running_server(server: Postgres, tmp_path: Path) -> None:
    again = start_postgres(tmp_path)
    assert (again.url, again.started) == (server.url, False)


def test_two_programs_that_start_at_once_share_one_server(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(start_postgres, [tmp_path, tmp_path])
    assert first.url == second.url
    assert [first.started, second.started].count(True) == 1
    stop_postgres(first)
    shutil.rmtree(first.home)


def test_it_listens_on_loopback_and_wants_the_password(server: Postgres) -> None:
    port = server.url.rsplit(":", 1)[1].split("/")[0]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://pronto:wrong@127.0.0.1:{port}/postgres")
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
    assert row == ("127.0.0.1",)


def test_nothing_committed_is_lost_when_the_server_is_killed(server: Postgres, tmp_path: Path) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(read_pid(server), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while attach_postgres(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    again = start_postgres(tmp_path)
    assert again.started
    assert again.url == server.url
    with psycopg.connect(again.url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_a_stale_pid_file_of_another_process_does_not_stop_it(server: Postgres, tmp_path: Path) -> None:
    pid_file = server.home / "data" / "postmaster.pid"
    content = pid_file.read_text()
    stop_postgres(server)
    pid_file.write_text(content.replace(content.split()[0], str(os.getpid()), 1))
    assert start_postgres(tmp_path).started


def test_a_missing_installation_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PGBIN", str(tmp_path))
    with pytest.raises(PostgresError, match="point it at PostgreSQL's bin folder"):
        find_binaries()


def test_folders_and_secrets_are_private(server: Postgres) -> None:
    assert server.home.stat().st_mode & 0o077 == 0
    assert (server.home / "password").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("binaries", INSTALLED, ids=lambda path: path.parts[-2])
def test_every_installed_version_runs(binaries: Path, tmp_path: Path) -> None:
    server = start_postgres(tmp_path, binaries)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    stop_postgres(server)
    shutil.rmtree(server.home)


def test_a_cluster_of_another_version_is_refused_with_a_remedy(server: Postgres, tmp_path: Path) -> None:
    stop_postgres(server)
    (server.home / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match=r"was made by PostgreSQL 9.*set PGBIN"):
        start_postgres(tmp_path)
