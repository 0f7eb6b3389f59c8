"""Run a real PostgreSQL server of the tests' own, on this machine only."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

_USER, _PASSWORD = "outreach", "only-for-tests"


class PostgresServer:
    """A server in a temporary folder, which can be killed and started again.

    Parameters
    ----------
    programs
        Folder of the server's programs.
    folder
        Where it keeps its data; the user of its process owns it.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        # PostgreSQL refuses to run as root.
        self._owner = "nobody" if os.geteuid() == 0 else None
        if self._owner:
            shutil.chown(folder, self._owner)
        password = folder / "password"
        password.write_text(_PASSWORD, encoding="utf-8")
        made = subprocess.run(
            [
                *(programs / "initdb", "--pgdata", folder / "data", "--username", _USER),
                *("--auth", "scram-sha-256", "--pwfile", password, "--no-sync"),
                *("--encoding", "UTF8", "--locale", "C"),
            ],
            user=self._owner,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._programs / "postgres", "-D", self._folder / "data"),
                    *("-p", str(self.port), "-c", "listen_addresses=127.0.0.1"),
                    # Only a power cut could lose what was not flushed, and none is tried here.
                    *("-c", "unix_socket_directories=", "-c", "fsync=off"),
                ],
                user=self._owner,
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 300
        while True:
            with contextlib.suppress(psycopg.OperationalError), self._connect():
                return
            log_end = (self._folder / "server.log").read_text(errors="replace")[-2000:]
            assert self._process.poll() is None, log_end
            assert time.monotonic() < until, log_end
            time.sleep(0.1)

    def kill(self) -> None:
        """End it at once, as ``kill -9`` of every process of it does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        # The others of the family end when they find their head gone.
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.05)

    def stop(self) -> None:
        """End it in order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)

    def make_database(self, name: str) -> str:
        """Make an empty database, and return its address."""
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"postgresql://{_USER}:{_PASSWORD}@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as the owner of all."""
        address = f"postgresql://{_USER}:{_PASSWORD}@127.0.0.1:{self.port}/postgres"
        return psycopg.connect(address, autocommit=True, connect_timeout=5)


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest version's."""
    found = shutil.which("initdb")
    folders = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
    )
    folders += [Path(found).resolve().parent] if found else []
    whole = [folder for folder in folders if (folder / "postgres").is_file()]
    return whole[-1] if whole else None


@contextlib.contextmanager
def serve_postgres() -> Iterator[PostgresServer]:
    """Run a server for the time of the block, or skip the test."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(programs, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()
