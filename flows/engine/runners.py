"""Give a flow workers: this process, several of this machine, or a Dask cluster."""

import contextlib
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, cast

from flows.engine.serving.processes import leave_with_parent
from outreach.errors import SettingsError

#: Tasks for each worker that wait or run at once, so that none is idle while the next is made.
_AHEAD = 2
#: Tasks that a cluster of any size holds at once.
_CLUSTER_WINDOW = 64


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the tasks of a flow.

    Parameters
    ----------
    workers
        Processes of this machine; one is the flow's own.
    cluster
        Address of a Dask scheduler, such as ``tcp://10.0.0.4:8786``, whose workers then do all
        tasks; empty without one.
    by_bucket
        Whether workers read from and write to the bucket that the team shares, with keys of their
        own, instead of the connection.
    """

    workers: int = 1
    cluster: str = ""
    by_bucket: bool = False


@contextlib.contextmanager
def open_workers(crew: Crew) -> Iterator[tuple[Executor, int]]:
    """Open workers for the block; tasks that are still waiting at its end are called off.

    A task goes to them as it is, not as a run of its own of Prefect: those took 0.3 s each of the
    processors of the flow, of its workers, and of Prefect's server.

    Parameters
    ----------
    crew
        Who they are.

    Yields
    ------
    tuple of Executor, int
        The workers, and how many tasks to hand them at once.

    Raises
    ------
    SettingsError
        No scheduler answers there, it has no workers, or Dask is not installed; or workers were
        lost on the way.
    """
    if crew.cluster:
        with _connect(crew.cluster) as executor:
            yield executor, _CLUSTER_WINDOW
        return
    pool: Executor = ThreadPoolExecutor(1)
    if crew.workers > 1:
        # Fresh processes: a copy of this one would have the locks of its threads.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(crew.workers, context, leave_with_parent)
    try:
        yield pool, _AHEAD * crew.workers
    except BrokenProcessPool as error:
        raise SettingsError(
            "The machine ended one of the processes that work side by side, most often because its"
            " memory was full.",
            "Run again with fewer --workers; what was finished is kept.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _connect(address: str) -> Iterator[Executor]:
    """Connect to a Dask cluster through Prefect's runner for it.

    Raises
    ------
    SettingsError
        It does not answer, or is lost on the way.
    """
    try:
        from distributed import KilledWorker  # noqa: PLC0415  an extra
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415  an extra
    except ImportError as error:
        raise SettingsError(
            "A cluster needs Dask, which is not installed.",
            "Install this package with its extra 'cluster'.",
        ) from error
    with DaskTaskRunner(address=address, client_kwargs={"timeout": "5s"}) as runner:
        client = _check_cluster(runner, address)
        try:
            yield cast("Executor", client.get_executor(pure=False))
        except KilledWorker as error:
            raise SettingsError(
                f"The workers of {address} died one after another at the same task, most often for"
                " want of memory.",
                "Give each more memory, and run again; what was finished is kept.",
            ) from error
        except CancelledError as error:
            raise SettingsError(
                f"The Dask scheduler at {address} was lost.",
                "Start it and its workers, and run again; what was finished is kept.",
            ) from error
        except ImportError as error:
            raise SettingsError(
                f"A worker of {address} cannot load this program.",
                "Install this package with its extra 'cluster' on every machine of the cluster.",
            ) from error


def _check_cluster(runner: Any, address: str) -> Any:
    """Return the client of a runner whose scheduler answers and has workers."""
    try:
        client = runner.client
        count = len(client.nthreads())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"No Dask scheduler answers at {address}.",
            "Start one with 'dask scheduler' and 'dask worker', or leave out --cluster.",
        ) from error
    if not count:
        raise SettingsError(
            f"The Dask scheduler at {address} has no workers.", "Start some with 'dask worker'."
        )
    return client
