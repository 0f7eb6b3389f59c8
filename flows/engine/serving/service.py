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

from flows.engine.serving.processes import SERVED
from outreach.errors import SettingsError
from outreach.files import keep_secret
from outreach.files.lock import take_lock
from outreach.settings.home_format import mark_home

#: Below the service's folder: what its processes keep, and Prefect's own sign-in.
FOLDER, PREFECT_SECRET = "service", "service/prefect-sign-in"
_USER = "outreach"
#: Where Prefect looks for its database: the name of today, and the one before.
DATABASE_NAMES = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")


@contextlib.contextmanager
def lock_service(home: Path) -> Iterator[None]:
    """Let only one service run in a folder at a time.

    Raises
    ------
    SettingsError
        Another one runs in this folder, or the folder cannot be written.
    """
    lock = take_lock(prepare_folder(home) / "lock")
    if lock is None:
        raise SettingsError(
            f"A service of the folder {home} runs already.",
            "Stop it first, or choose another folder with OUTREACH_HOME.",
        )
    try:
        yield
    finally:
        os.close(lock)


def prepare_folder(home: Path) -> Path:
    """Make the folder of the service's processes, and return it.

    Raises
    ------
    SettingsError
        It cannot be written.
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
    return folder


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
        if not any(os.environ.get(name) for name in DATABASE_NAMES):
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
    return {DATABASE_NAMES[0]: address} if database else {}


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
