"""Start flow runs for a door, and read how they go."""

import contextlib
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort, LogSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelling

from flows.engine.serving.ended import explain_end
from outreach.errors import NothingThere, SettingsError

#: What Prefect's pages call the served flows' runs of this service.
TAG = "census-outreach"
#: The logger whose lines are for people; Prefect's own lines come from others.
LOGGER = "prefect.flow_runs.outreach"
#: The names of flows and of what is served of them; no other is asked for.
_NAME = re.compile(r"[a-z0-9-]{1,100}")
#: A scheduled run counts as a job this long before its time.
_SOON = dt.timedelta(seconds=30)


class JobState(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


_STATES = {
    StateType.SCHEDULED: JobState.WAITING,
    StateType.PENDING: JobState.WAITING,
    StateType.PAUSED: JobState.WAITING,
    StateType.RUNNING: JobState.RUNNING,
    StateType.COMPLETED: JobState.DONE,
    StateType.FAILED: JobState.FAILED,
    StateType.CRASHED: JobState.FAILED,
    StateType.CANCELLING: JobState.STOPPED,
    StateType.CANCELLED: JobState.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be started: a flow as it is served.

    Parameters
    ----------
    id
        Prefect's ID of the deployment.
    flow, name
        The flow's name and the deployment's.
    fields
        JSON schema of each parameter, by its name, in the order of the form.
    required
        The parameters without a default.
    schedule, zone
        The cron line and its time zone; empty without a schedule.
    is_scheduled
        Whether the schedule is on.
    """

    id: UUID
    flow: str
    name: str
    fields: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    schedule: str = ""
    zone: str = ""
    is_scheduled: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One run of an offer.

    Parameters
    ----------
    id
        Prefect's ID of the flow run.
    title
        Its name for people.
    flow, offer
        The flow's name and the deployment's.
    state, message
        How far it is, and the sentence of its last state.
    parameters
        What was asked for.
    expected_at, started_at, ended_at
        Its moments, as far as they have come.
    """

    id: UUID
    title: str
    flow: str
    offer: str
    state: JobState
    message: str
    parameters: dict[str, Any]
    expected_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One sentence of a job's log."""

    at: dt.datetime
    text: str


def list_offers() -> list[Offer]:
    """Return everything that can be started, by flow and name.

    Raises
    ------
    SettingsError
        Prefect's server does not answer.
    """
    with open_client() as client:
        offers = [_read_offer(client, deployment) for deployment in read_deployments(client)]
    return sorted(offers, key=lambda offer: (offer.flow, offer.name))


def find_offer(flow: str, name: str) -> Offer | None:
    """Return the offer of a flow with a name, or ``None``."""
    if not all(_NAME.fullmatch(part) for part in (flow, name)):
        return None
    with open_client() as client:
        try:
            deployment = client.read_deployment_by_name(f"{flow}/{name}")
        except ObjectNotFound:
            return None
        return _read_offer(client, deployment)


def start_job(offer: Offer, values: Mapping[str, Any]) -> UUID:
    """Start a run of an offer; it waits its turn where another one runs.

    Parameters
    ----------
    offer
        What to start.
    values
        Parameters by name; those left out have their defaults.

    Returns
    -------
    UUID
        The job's ID.

    Raises
    ------
    SettingsError
        Prefect's server does not answer, or refuses the values.
    """
    reason, title = "", str(values.get("run") or values.get("campaign") or offer.name)
    with open_client() as client:
        try:
            run = client.create_flow_run_from_deployment(
                offer.id, parameters=dict(values), name=title, tags=[TAG]
            )
        except PrefectHTTPStatusError as error:
            reason = str(error.response.status_code)
        else:
            return run.id
    raise SettingsError(
        f"Prefect refuses to start {offer.flow}/{offer.name} with these values (status {reason}).",
        "Check each value against its help, or restart the service.",
    )


def list_jobs(most: int = 50, offer: Offer | None = None) -> list[Job]:
    """Return the newest jobs, without those that a schedule plans for later.

    Parameters
    ----------
    most
        Number of jobs.
    offer
        Of this offer only.
    """
    now = dt.datetime.now(dt.UTC)
    with open_client() as client:
        deployments = {one.id: one for one in read_deployments(client)}
        wanted = [offer.id] if offer else list(deployments)
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=wanted)),
            flow_run_filter=FlowRunFilter(
                expected_start_time=FlowRunFilterExpectedStartTime(before_=now + _SOON)
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=most,
        )
        flows = {one.id: _read_flow_name(client, one) for one in deployments.values()}
    return [_read_job(run, deployments, flows) for run in runs]


def read_job(job_id: UUID) -> Job:
    """Return one job.

    Raises
    ------
    NothingThere
        There is no such job.
    """
    with open_client() as client:
        run = _find_run(client, job_id)
        deployments = {one.id: one for one in read_deployments(client)}
        flows = {one.id: _read_flow_name(client, one) for one in deployments.values()}
    return _read_job(run, deployments, flows)


def read_log(job_id: UUID, most: int = 200) -> list[LogLine]:
    """Return the first lines of a job's log, in order."""
    with open_client() as client:
        lines = client.read_logs(
            LogFilter(flow_run_id=LogFilterFlowRunId(any_=[job_id])),
            limit=most,
            sort=LogSort.TIMESTAMP_ASC,
        )
    return [LogLine(line.timestamp, line.message) for line in lines if line.name == LOGGER]


def stop_job(job_id: UUID, by: str) -> None:
    """Stop a job that waits or runs; what it had half done is taken back.

    Raises
    ------
    NothingThere
        There is no such job.
    """
    with open_client() as client:
        run = _find_run(client, job_id)
        if run.state is not None and not run.state.is_final():
            client.set_flow_run_state(run.id, Cancelling(message=f"Stopped by {by}."))


def switch_schedule(offer: Offer, *, on: bool) -> None:
    """Turn the schedule of an offer on or off."""
    with open_client() as client:
        deployment = client.read_deployment(offer.id)
        for schedule in deployment.schedules:
            client.update_deployment_schedule(offer.id, schedule.id, active=on)


@contextlib.contextmanager
def open_client() -> Iterator[SyncPrefectClient]:
    """Open a client of Prefect's server, and explain it if the server does not answer.

    Raises
    ------
    SettingsError
        It does not answer.
    """
    with get_client(sync_client=True) as client:
        if client.api_healthcheck() is not None:
            raise SettingsError(
                "Prefect's server does not answer.",
                "It may be starting again: try once more in a minute.",
            )
        yield client


def _find_run(client: SyncPrefectClient, job_id: UUID) -> FlowRun:
    """Return the flow run of a job."""
    runs = client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=[job_id])))
    if not runs:
        raise NothingThere(f"There is no job {job_id}.", "The list of jobs has those that exist.")
    return runs[0]


def read_deployments(client: SyncPrefectClient) -> list[DeploymentResponse]:
    """Return the deployments of this service that are not withdrawn."""
    found: list[DeploymentResponse] = []
    while page := client.read_deployments(limit=200, offset=len(found)):
        found += page
    return [one for one in found if TAG in one.tags and not one.paused]


def _read_flow_name(client: SyncPrefectClient, deployment: DeploymentResponse) -> str:
    """Return the name of a deployment's flow."""
    return str(client.read_flow(deployment.flow_id).name)


def _read_offer(client: SyncPrefectClient, deployment: DeploymentResponse) -> Offer:
    """Return a deployment as an offer."""
    schema = deployment.parameter_openapi_schema or {}
    properties: dict[str, dict[str, Any]] = schema.get("properties", {})
    fields = dict(sorted(properties.items(), key=lambda pair: pair[1].get("position", 0)))
    schedule = next(iter(deployment.schedules), None)
    return Offer(
        id=deployment.id,
        flow=_read_flow_name(client, deployment),
        name=deployment.name,
        fields=fields,
        required=tuple(schema.get("required", ())),
        schedule=str(getattr(schedule.schedule, "cron", "")) if schedule else "",
        zone=str(getattr(schedule.schedule, "timezone", "") or "") if schedule else "",
        is_scheduled=bool(schedule and schedule.active and not deployment.paused),
    )


def _read_job(
    run: FlowRun, deployments: Mapping[UUID, DeploymentResponse], flows: Mapping[UUID, str]
) -> Job:
    """Return a flow run as a job."""
    deployment = deployments.get(run.deployment_id) if run.deployment_id else None
    return Job(
        id=run.id,
        title=run.name,
        flow=flows.get(deployment.id, "") if deployment else "",
        offer=deployment.name if deployment else "",
        state=_STATES[run.state_type] if run.state_type else JobState.WAITING,
        message=explain_end(run.state),
        parameters=dict(run.parameters),
        expected_at=run.expected_start_time,
        started_at=run.start_time,
        ended_at=run.end_time,
    )
