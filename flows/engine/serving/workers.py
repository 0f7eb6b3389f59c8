"""Count the workers, the processes that take jobs, and check that the database bears them.

SQLite lets one process write at a time. Prefect's server gives up on a locked database after some
seconds, and a worker then loses a job. So several workers need PostgreSQL. Nothing here imports
Prefect.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from flows.engine.serving.processes import Child
from flows.engine.serving.service import DATABASE_NAMES, FOLDER, answers, prepare_folder
from outreach.errors import SettingsError
from outreach.files.lock import take_lock

#: Jobs outlast a minute in which Prefect's database is away; its server then answers with 500.
_PATIENT = {"PREFECT_CLIENT_RETRY_EXTRA_CODES": "500"}


def name_worker(number: int) -> str:
    """Return the name of a worker: of its process, its log, and its files."""
    return "flows" if number == 1 else f"flows-{number}"


def place_ready(home: Path, number: int) -> Path:
    """Return the file that says that a worker of a folder serves the flows."""
    return home / FOLDER / f"{name_worker(number)}.ready"


def check_workers(count: int, env: Mapping[str, str], database: str) -> None:
    """Check that Prefect's database bears so many workers.

    Parameters
    ----------
    count
        How many workers there would be.
    env
        Environment of Prefect's server, which may name its database.
    database
        Address of the service's own PostgreSQL database, which is Prefect's too where its
        environment names none; empty without one.

    Raises
    ------
    SettingsError
        There would be several workers on SQLite.
    """
    named = next((env[name] for name in DATABASE_NAMES if env.get(name)), database)
    if count > 1 and not named.startswith("postgresql"):
        raise SettingsError(
            f"{count} workers cannot share a database of SQLite: it locks, and jobs would be lost.",
            "Set OUTREACH_DATABASE to a database of PostgreSQL, or have one worker;"
            " OUTREACH_PARALLEL_RUNS says how many flows it runs at once.",
        )


@contextlib.contextmanager
def lock_worker(home: Path, count: int) -> Iterator[int]:
    """Be one of the workers of a folder for the time of the block.

    Parameters
    ----------
    home
        The service's folder.
    count
        How many workers it may have.

    Yields
    ------
    int
        The number of this worker, from 1 on. The first one also looks after jobs and notices.

    Raises
    ------
    SettingsError
        The folder has its workers already, or cannot be written.
    """
    folder = prepare_folder(home)
    for number in range(1, count + 1):
        lock = take_lock(folder / f"{name_worker(number)}.lock")
        if lock is not None:
            break
    else:
        others = "Another worker serves" if count == 1 else f"{count} other workers serve"
        raise SettingsError(
            f"{others} the flows of the folder {home}.",
            "OUTREACH_WORKERS says how many there may be, OUTREACH_PARALLEL_RUNS how many flows"
            " each runs at once.",
        )
    try:
        yield number
    finally:
        os.close(lock)


def list_engine_children(
    home: Path, env: Mapping[str, str], prefect_port: int, workers: int = 1
) -> list[Child]:
    """Return Prefect's server, unless the user named one, and the workers.

    Parameters
    ----------
    home
        The service's folder.
    env
        Environment of all.
    prefect_port
        Of a server of our own.
    workers
        How many there are to be.
    """
    server = Child(
        "prefect",
        ["-m", "flows.engine.serving.server", str(prefect_port)],
        lambda: answers(f"{env['PREFECT_API_URL']}/health"),
    )
    more = _PATIENT if workers == 1 else {**_PATIENT, "OUTREACH_WORKERS": str(workers)}
    children = []
    for number in range(1, workers + 1):
        ready = place_ready(home, number)
        ready.unlink(missing_ok=True)
        children.append(Child(name_worker(number), ["-m", "flows.serve"], ready.is_file, more))
    is_ours = env["PREFECT_API_URL"] == f"http://127.0.0.1:{prefect_port}/api"
    return [server, *children] if is_ours else children
