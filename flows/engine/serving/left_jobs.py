"""End the jobs that no process works on any more.

A process that works on a job holds the lock of a file for it. The system lets go of the lock
however the process ends, so a job that runs by Prefect's word and has no lock was left: its process
could not say how it ended, as while Prefect's database is away.
"""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterParentFlowRunId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Crashed

from flows.engine.serving.jobs import open_client, read_deployments
from outreach.files.lock import take_lock

#: Below the service's folder: a file for each job that a process works on.
FOLDER = "service/jobs"
#: A process has this long to start its work, and to say how it ended.
PATIENCE_SECONDS = 180.0
_TRIES = 5
#: States in which a job needs a process.
_UNFINISHED = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
#: A scheduled run that is this late was missed because the service was off.
_MISSED = dt.timedelta(minutes=20)


@contextlib.contextmanager
def hold_job(home: Path, job_id: str) -> Iterator[None]:
    """Let others see that a process works on a job, for the time of the block.

    Parameters
    ----------
    home
        The service's folder. Where it cannot be written, the job goes on unseen.
    job_id
        Prefect's ID of the flow run.
    """
    path, lock = home / FOLDER / f"{job_id}.lock", None
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Whoever looks for jobs without a process may remove the file just before it is locked.
        for _ in range(_TRIES):
            lock = lock or take_lock(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        if lock is not None:
            os.close(lock)


class JobWatch:
    """Notice the jobs that have had no process for a while.

    Parameters
    ----------
    home
        The service's folder.
    """

    def __init__(self, home: Path) -> None:
        self._folder, self._absent = home / FOLDER, dict[UUID, float]()

    def end_left_jobs(self, now: float) -> int:
        """End the jobs that no process has worked on for ``PATIENCE_SECONDS``.

        Parameters
        ----------
        now
            Seconds of a clock that never goes back.

        Returns
        -------
        int
            How many were ended.
        """
        count = 0
        with open_client() as client:
            runs = _read_all_runs(client, _unfinished(), _filter_ours(client))
            held = self._find_held()
            absent = {run.id for run in runs} - held
            self._absent = {job: self._absent.get(job, now) for job in absent}
            for job, since in self._absent.items():
                if now - since > PATIENCE_SECONDS:
                    _end(client, job, "The process of this job is gone. Start it again.")
                    count += 1
        return count

    def _find_held(self) -> set[UUID]:
        """Return the jobs whose lock a process holds, and remove the files of others.

        A disk without locks has no free one, so nothing is ended there.
        """
        held = set()
        for path in self._folder.glob("*.lock"):
            lock = take_lock(path)
            if lock is None:
                held.add(UUID(path.stem))
                continue
            with contextlib.suppress(OSError):
                path.unlink()
            os.close(lock)
        return held


def close_left_jobs(*, is_alone: bool = True) -> int:
    """End the jobs that a killed service left, and skip those of schedules that it missed.

    Call it before anything is served: no job can be running then, unless other workers run some.

    Parameters
    ----------
    is_alone
        Whether there is no other worker. What is left beside others, a ``JobWatch`` ends.

    Returns
    -------
    int
        Number of jobs that were running when the service stopped.
    """
    with open_client() as client:
        ours = _filter_ours(client)
        left = _read_all_runs(client, _unfinished(), ours) if is_alone else []
        for run in left:
            _end(client, run.id, "The service was stopped during this job. Start it again.")

        limit = dt.datetime.now(dt.UTC) - _MISSED
        missed = FlowRunFilter(
            state=_filter_states(StateType.SCHEDULED),
            next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=limit),
        )
        for run in _read_all_runs(client, missed, ours):
            if run.auto_scheduled:
                skipped: State[Any] = Cancelled(message="The service was off at that time.")
                client.set_flow_run_state(run.id, skipped, force=True)
    return len(left)


def _end(client: SyncPrefectClient, job_id: UUID, message: str) -> None:
    """Say of a job, and of the flow runs inside it, that they ended."""
    inner = FlowRunFilter(
        parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[job_id]),
        state=_filter_states(*_UNFINISHED),
    )
    for each in [job_id, *(run.id for run in _read_all_runs(client, inner))]:
        state: State[Any] = Crashed(message=message)
        client.set_flow_run_state(each, state, force=True)


def _filter_ours(client: SyncPrefectClient) -> DeploymentFilter:
    """Return a filter of what this service serves."""
    return DeploymentFilter(
        id=DeploymentFilterId(any_=[one.id for one in read_deployments(client)])
    )


def _unfinished() -> FlowRunFilter:
    """Return a filter of the flow runs that need a process."""
    return FlowRunFilter(state=_filter_states(*_UNFINISHED))


def _filter_states(*types: StateType) -> FlowRunFilterState:
    """Return a filter of flow runs in some states."""
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))


def _read_all_runs(
    client: SyncPrefectClient, wanted: FlowRunFilter, of: DeploymentFilter | None = None
) -> list[FlowRun]:
    """Return every flow run that a filter finds, page by page."""
    runs: list[FlowRun] = []
    while page := client.read_flow_runs(
        deployment_filter=of,
        flow_run_filter=wanted,
        sort=FlowRunSort.ID_DESC,
        limit=200,
        offset=len(runs),
    ):
        runs += page
    return runs
