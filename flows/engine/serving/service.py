"""Prepare the service's processes: their folder, their environment, and Prefect's own sign-in.

Nothing here imports Prefect, which reads its environment when it is imported.
"""

import contextlib
import os
import secrets
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from flows.engine.serving.processes import SERVED, Child
from outreach.errors import SettingsError
from outreach.files import keep_secret
from outreach.files.lock import take_lock
from outreach.settings.home_format import mark_home

#: Below the service's folder: what its processes keep, and what says that the flows are served.
FOLDER, FLOWS_READY, PREFECT_SECRET = "service", "service/flows.ready", "service/prefect-sign-in"
#: The lock of the one process that serves the flows.
FLOWS_LOCK = "flows.lock"
_USER = "outreach"
#: Where Prefect looks for its database: the name of today, and the one before.
_DATABASE_NAMES = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")

#: Jobs outlast a minute in which Prefect's database is away; its server then answers with 500.
_PATIENT = {"PREFECT_CLIENT_RETRY_EXTRA_CODES": "500"}


@contextlib.contextmanager
def lock_service(home: Path, name: str = "lock") -> Iterator[None]:
    """Let only one service, or one worker of it, run in a folder at a time.

    Parameters
    ----------
    home
        The service's folder.
    name
        Of the lock: that of the service, or ``FLOWS_LOCK`` of its worker.

    Raises
    ------
    SettingsError
        Another one runs in this folder, or the folder cannot be written.
    """
    folder = home / FOLDER
    reason = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mark_home(home)
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SettingsError(
            f"Cannot write {folder}: {reason}.", "Choose another folder with OUTREACH_HOME."
        )
    lock = take_lock(folder / name)
    if lock is None and name == FLOWS_LOCK:
        raise SettingsError(
            f"Another worker serves the flows of the folder {home}.",
            "One is enough: OUTREACH_PARALLEL_RUNS says how many flows it runs at once.",
        )
    if lock is None:
        raise SettingsError(
            f"A service of the folder {home} runs already.",
            "Stop it first, or choose another folder with OUTREACH_HOME.",
        )
    try:
        yield
    finally:
        os.close(lock)


def read_prefect_secret(home: Path) -> str:
    """Return the user name and password of Prefect's own pages, made at the first start.

    Only the owner of the service's folder can read the file.
    """
    return keep_secret(home / PREFECT_SECRET, f"{_USER}:{secrets.token_urlsafe(24)}")


def make_environment(home: Path, prefect_port: int, database: str = "") -> dict[str, str]:
    """Return the environment of the service's processes.

    Variables of Prefect that the user set win. A server of the user's own, named with
    ``PREFECT_API_URL``, is used as it is.

    Parameters
    ----------
    home
        The service's folder, as a full path.
    prefect_port
        Where Prefect's server answers, on this machine only.
    database
        Address of a PostgreSQL database for Prefect; by default it has SQLite in the folder.
    """
    (home / FLOWS_READY).unlink(missing_ok=True)
    defaults = {
        "PREFECT_HOME": str(home / FOLDER / "prefect"),
        "PREFECT_LOCAL_STORAGE_PATH": str(home / "cache" / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "PREFECT_LOGGING_TO_API_ENABLED": "true",
        "DO_NOT_TRACK": "1",
    }
    if not os.environ.get("PREFECT_API_URL"):
        secret = read_prefect_secret(home)
        defaults |= {
            "PREFECT_API_URL": f"http://127.0.0.1:{prefect_port}/api",
            "PREFECT_API_AUTH_STRING": secret,
            "PREFECT_SERVER_API_AUTH_STRING": secret,
        }
        if not any(os.environ.get(name) for name in _DATABASE_NAMES):
            defaults |= name_database(database)
    forced = {"OUTREACH_HOME": str(home), SERVED: "1", "PYTHONUNBUFFERED": "1"}
    return defaults | dict(os.environ) | forced


def name_database(database: str) -> dict[str, str]:
    """Return what tells Prefect's server its PostgreSQL database, whose driver is asyncpg.

    Parameters
    ----------
    database
        ``postgresql://user:password@host:port/name``; nothing is told if it is empty.
    """
    address = database.replace("postgresql://", "postgresql+asyncpg://", 1)
    address = address.replace("?sslmode=", "?ssl=")
    return {_DATABASE_NAMES[0]: address} if database else {}


def list_engine_children(home: Path, env: dict[str, str], prefect_port: int) -> list[Child]:
    """Return Prefect's server, unless the user named one, and the process of the flows."""
    server = Child(
        "prefect",
        ["-m", "flows.engine.serving.server", str(prefect_port)],
        lambda: answers(f"{env['PREFECT_API_URL']}/health"),
    )
    flows = Child("flows", ["-m", "flows.serve"], (home / FLOWS_READY).is_file, _PATIENT)
    is_ours = env["PREFECT_API_URL"] == f"http://127.0.0.1:{prefect_port}/api"
    return [server, flows] if is_ours else [flows]


def find_free_port(host: str) -> int:
    """Return a port of an address that nothing uses.

    Raises
    ------
    SettingsError
        This machine has no such address.
    """
    reason = ""
    try:
        family = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.bind((host, 0))
            return int(probe.getsockname()[1])
    except OSError as error:
        reason = str(error.strerror)
    raise SettingsError(
        f"The service cannot answer on the address {host}: {reason}.",
        "Name an address of this machine with --host.",
    )


def check_port(host: str, port: int) -> None:
    """Check that a port is free.

    Raises
    ------
    SettingsError
        Something else uses it.
    """
    reason = ""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SettingsError(
            f"The service cannot answer on {host}, port {port}: {reason}.",
            "Name another port with --port, or 0 for any free one.",
        )


def answers(address: str) -> bool:
    """Return whether a server of this service answers."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310  our own http address
            return bool(answer.status == 200)  # noqa: PLR2004  HTTP's "OK"
    except OSError:
        return False
