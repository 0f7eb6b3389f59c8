"""Run tasks on this process, on several, or on a Dask cluster."""

from typing import Any, cast

from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

from outreach.errors import SettingsError


def choose_runner(workers: int, cluster: str) -> "TaskRunner[PrefectFuture[Any]]":
    """Return what runs the tasks of a flow.

    Parameters
    ----------
    workers
        Processes of this machine; one is the flow's own.
    cluster
        Address of a Dask scheduler, which then runs all tasks; empty without one.

    Raises
    ------
    SettingsError
        No scheduler answers there, it has no workers, or Dask is not installed.
    """
    if cluster:
        return _connect(cluster)
    if workers > 1:
        return cast("TaskRunner[PrefectFuture[Any]]", ProcessPoolTaskRunner(max_workers=workers))
    return cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=1))


def _connect(address: str) -> "TaskRunner[PrefectFuture[Any]]":
    """Return a runner on a Dask cluster that answers.

    Raises
    ------
    SettingsError
        No scheduler answers there, or Dask is not installed.
    """
    try:
        from distributed import Client  # noqa: PLC0415  an extra
        from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415  an extra
    except ImportError as error:
        raise SettingsError(
            "A cluster needs Dask, which is not installed.",
            "Install this package with its extra 'cluster'.",
        ) from error
    try:
        with Client(address, timeout="5s") as client:  # type: ignore[no-untyped-call] # Dask's
            count = len(client.scheduler_info()["workers"])
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"No Dask scheduler answers at {address}.",
            "Start one with 'dask scheduler' and 'dask worker', or leave out --cluster.",
        ) from error
    if not count:
        raise SettingsError(
            f"The Dask scheduler at {address} has no workers.", "Start some with 'dask worker'."
        )
    return cast("TaskRunner[PrefectFuture[Any]]", DaskTaskRunner(address=address))
