"""Serve the forms of the flows, each campaign of the service's folder its own.

Run as ``python -m flows.serve`` beside a Prefect server; ``outreach serve`` does both. The folder
of campaigns is looked at every few seconds: a new file is served without a restart. Of several
workers the first one also ends left jobs, tells people what they have to know, and withdraws what
is served no more.
"""

import asyncio
import datetime as dt
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.types.entrypoint import EntrypointType

from flows.engine.approval_pause import resume_settled_jobs
from flows.engine.serving.jobs import TAG
from flows.engine.serving.left_jobs import JobWatch, close_left_jobs
from flows.engine.serving.processes import leave_with_parent
from flows.engine.serving.workers import check_workers, lock_worker, place_ready
from flows.forms import (
    backfill_campaign,
    measure_kept_run,
    publish_kept_run,
    replay_campaign,
    report_kept_run,
    run_kept_campaign,
)
from flows.nation import list_kept_nation
from flows.notify import watch_service
from flows.refresh import refresh_rates
from flows.steps.service.schedule import find_local_time, find_time_zone, write_cron
from outreach.campaign import Campaign
from outreach.errors import OutreachError
from outreach.files import write_file
from outreach.settings import Settings, read_settings
from outreach.store import survey_campaigns

#: Forms of one campaign, and forms of a run of any campaign or of the whole archive.
CAMPAIGN_FORMS: tuple[Flow[Any, Any], ...] = (
    run_kept_campaign,
    refresh_rates,
    backfill_campaign,
    replay_campaign,
)
RUN_FORMS: tuple[Flow[Any, Any], ...] = (
    report_kept_run,
    publish_kept_run,
    measure_kept_run,
    list_kept_nation,
)
#: The name of the forms that are for every campaign.
EVERY = "any-campaign"
#: Seconds between two looks at the folder of campaigns, and at Prefect's queue.
_LOOK_SECONDS, _POLL_SECONDS = 10, 3
#: Seconds between two looks for what people have to be told.
_WATCH_SECONDS = 120
_log = logging.getLogger("outreach.serve")
#: One at a time, and the next one waits.
ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def make_deployments(
    campaigns: Mapping[str, Campaign], settings: Settings, today: dt.date
) -> list[RunnerDeployment]:
    """Return what is served: a deployment of each form, and of some forms for each campaign.

    Parameters
    ----------
    campaigns
        Name to campaign.
    settings
        When the Bureau publishes, and how long to ask for it.
    today
        A campaign whose deadline is over has no schedule that is on.
    """
    served = [_make_deployment(form, EVERY) for form in RUN_FORMS]
    for name, campaign in campaigns.items():
        for form in CAMPAIGN_FORMS:
            deployment = _make_deployment(form, name)
            deployment.parameters["campaign"] = name
            _offer_choice(deployment, "campaign", name)
            if form is refresh_rates:
                deployment.parameters["then_run"] = True
                deployment.schedules = [_make_schedule(campaign, settings, today)]
            served.append(deployment)
    return served


def _make_deployment(form: Flow[Any, Any], name: str) -> RunnerDeployment:
    """Return a form's deployment, one run at a time, found by its module from any folder."""
    return RunnerDeployment.from_flow(
        form,
        name=name,
        tags=[TAG],
        concurrency_limit=ONE_AT_A_TIME,
        enforce_parameter_schema=True,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


def _offer_choice(deployment: RunnerDeployment, field: str, choice: str) -> None:
    """Let a field of the form have one value only, shown as such."""
    properties = deployment._parameter_openapi_schema.properties  # noqa: SLF001  the only way to its form
    properties[field] |= {"enum": [choice], "default": choice}


def _make_schedule(
    campaign: Campaign, settings: Settings, today: dt.date
) -> DeploymentScheduleCreate:
    """Return the schedule of a campaign's refresh, on the clock of its own zone."""
    zone = find_time_zone(campaign)
    first = find_local_time(settings.publication_time, zone, today.year)
    cron = write_cron(first, settings.publication_hours)
    return DeploymentScheduleCreate(
        schedule=CronSchedule(cron=cron, timezone=zone), active=campaign.deadline >= today
    )


async def serve_forms(settings: Settings, number: int = 1) -> None:
    """Serve until the process is asked to end.

    Parameters
    ----------
    settings
        The machine.
    number
        Of this worker.
    """
    is_first = number == 1
    if is_first:
        await asyncio.to_thread(close_left_jobs, is_alone=settings.workers == 1)
    runner = Runner(
        name="outreach",
        query_seconds=_POLL_SECONDS,
        limit=settings.parallel_runs,
        pause_on_shutdown=False,
    )
    seen = await _serve_changes(runner, settings, (), is_first=is_first)
    write_file(place_ready(settings.home, number), str(os.getpid()))
    running = asyncio.create_task(runner.start())
    duties = [_keep_watch(settings), _look_after_jobs(settings)] if is_first else []
    watching = [asyncio.create_task(duty) for duty in duties]
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=_LOOK_SECONDS)
            seen = await _serve_changes(runner, settings, seen, is_first=is_first)
    finally:
        for task in (*watching, running):
            task.cancel()
    await running


async def _keep_watch(settings: Settings) -> None:
    """Tell people what they have to know, again and again."""
    while True:
        await _try("notices", watch_service, settings, dt.datetime.now(dt.UTC))
        await asyncio.sleep(_WATCH_SECONDS)


async def _look_after_jobs(settings: Settings) -> None:
    """Go on with the jobs whose list was approved, and end those without a process."""
    watch = JobWatch(settings.home)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        await _try("approved lists", resume_settled_jobs, settings)
        await _try("jobs without a process", watch.end_left_jobs, time.monotonic())


async def _try(subject: str, look: Callable[..., object], *arguments: object) -> None:
    """Look for something; a failure to do so is in the log, and the forms are served on."""
    try:
        await asyncio.to_thread(look, *arguments)
    except OutreachError as error:
        _log.error("%s", error)
    except Exception:  # noqa: BLE001  the forms are served on, whatever one look meets
        _log.exception("The look for %s failed.", subject)


async def _serve_changes(
    runner: Runner, settings: Settings, seen: tuple[tuple[str, int], ...], *, is_first: bool
) -> tuple[tuple[str, int], ...]:
    """Serve the campaigns anew if their folder changed; return how it looks now."""
    present = tuple(_list_files(settings))
    if present == seen and seen:
        return seen
    campaigns, _ = survey_campaigns(settings.home)
    today = dt.datetime.now(dt.UTC).date()
    deployments = make_deployments(campaigns, settings, today)
    for deployment in deployments:
        await _keep_switch(deployment)
        await runner.aadd_deployment(deployment)
    if is_first:
        await _withdraw_others({f"{one.flow_name}/{one.name}" for one in deployments})
    return present


def _list_files(settings: Settings) -> Iterator[tuple[str, int]]:
    """Yield the folder itself and each campaign file, with the time of its last change."""
    folder = settings.home / "campaigns"
    for path in (folder, *sorted(folder.glob("*.toml"))):
        yield path.name, path.stat().st_mtime_ns if path.exists() else 0


async def _keep_switch(deployment: RunnerDeployment) -> None:
    """Leave a schedule on or off as somebody set it."""
    async with get_client() as client:
        try:
            earlier = await client.read_deployment_by_name(deployment.full_name)
        except ObjectNotFound:
            return
    for schedule, before in zip(deployment.schedules or [], earlier.schedules, strict=False):
        schedule.active = before.active


async def _withdraw_others(names: set[str]) -> None:
    """Pause what is no longer served, so that nobody starts what nothing would run."""
    async with get_client() as client:
        for deployment in await client.read_deployments(limit=200):
            if TAG not in deployment.tags:
                continue
            flow = await client.read_flow(deployment.flow_id)
            is_served = f"{flow.name}/{deployment.name}" in names
            if not is_served and not deployment.paused:
                await client.pause_deployment(deployment.id)
            elif is_served and deployment.paused:
                await client.resume_deployment(deployment.id)


def _serve_as_worker(settings: Settings) -> None:
    """Serve, unless the folder has its workers already.

    Raises
    ------
    SettingsError
        It has, and one more would take their jobs for those of a killed service; or there are to
        be several on a database that does not bear them.
    """
    check_workers(settings.workers, os.environ, settings.find_database())
    with lock_worker(settings.home, settings.workers) as number:
        place_ready(settings.home, number).unlink(missing_ok=True)
        asyncio.run(serve_forms(settings, number))


if __name__ == "__main__":
    leave_with_parent()
    try:
        _serve_as_worker(read_settings())
    except OutreachError as error:
        sys.exit(f"Error: {error}")
