"""Offer campaign, backfill, replay, report, publish, and measure as forms.

Each of these flows takes flat values of JSON's own types, so that Prefect and the portal can show
them, check them, and refuse nonsense. The work is that of the flow of the same name.
"""

from typing import Annotated, Any, cast

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from pydantic import Field

from flows.campaign import run_campaign
from flows.drill import EVERY_DAYS, decide_day, end_drill, open_next_day, start_drill
from flows.engine.approval_pause import find_waited_run, wait_for_decision
from flows.engine.outcome import report_outcome
from flows.engine.parameters import (
    BudgetUsd,
    CampaignName,
    Day,
    DrillFirstDay,
    DrillLastDay,
    DrillList,
    DrillName,
    DrillStep,
    DryRun,
    EveryDays,
    FirstDay,
    LastDay,
    Reason,
    Requester,
    RunName,
    SpendUsd,
    SpentUsd,
    WaitForApproval,
)
from flows.engine.serving.jobs import find_offer, start_job
from flows.handout.publish import publish_run
from flows.handout.report import run_reports
from flows.steps.check.campaign import check_campaign, describe_requests, refuse_faults
from flows.steps.service.request import change_budget, list_missing_days, parse_day
from flows.trial.measure import measure_test
from models.evaluation.drill import ListChoice
from outreach.archive import Archive
from outreach.catalog import read_words
from outreach.errors import NothingThere, OutreachError
from outreach.phrasing import write_count, write_date, write_dollars
from outreach.reports.data.drill import Drill
from outreach.reports.pages.past.drill import describe_result
from outreach.settings import Settings, read_settings
from outreach.store import Run, Store, read_kept_campaign
from outreach.store.publications import Publications

_RUNNER = cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=1))

_SoFar = Annotated[
    bool,
    Field(
        json_schema_extra={
            "title": "So far",
            "description": "Look while the flight still runs: provisional, without a verdict.",
        }
    ),
]
_TestOver = Annotated[
    bool,
    Field(
        json_schema_extra={
            "title": "The test is over",
            "description": "Publish arms and money of the test, too.",
        }
    ),
]


_Online = Annotated[
    bool,
    Field(
        json_schema_extra={
            "title": "Show it to the public",
            "description": "The portal's public side shows it, and later days of the campaign.",
        }
    ),
]


@flow(name="run-campaign", flow_run_name="{campaign}", task_runner=_RUNNER)
def run_kept_campaign(
    campaign: CampaignName,
    budget_usd: BudgetUsd = None,
    data_date: Day = "",
    reason: Reason = "",
    requested_by: Requester = "",
    *,
    dry_run: DryRun = False,
    wait_for_approval: WaitForApproval = False,
) -> State[str]:
    """Run a campaign of the service's folder, with another budget or on an archived day.

    Returns
    -------
    State
        Names the run that was made.
    """

    def work() -> str:
        settings = read_settings()
        waited_id = find_waited_run(settings)
        if waited_id:
            run = Store(settings.runs_folder).find(waited_id)[0]
            return f"{describe_run(run)} {wait_for_decision(settings, run.id)}"
        request = change_budget(read_kept_campaign(settings.home, campaign), budget_usd)
        day = parse_day(data_date)
        findings = check_campaign(request, settings, day)
        refuse_faults(findings)
        if dry_run:
            remarks = " ".join(finding.sentence for finding in findings)
            asks = f"{request.name} can run. It asks for {describe_requests(request, day)}."
            return f"{asks} {remarks}".strip()
        # Another budget on an archived day asks the services nothing that an earlier run asked.
        is_rerun = budget_usd is not None and day is not None
        run = run_campaign(
            request, day, reason=reason, requested_by=requested_by, is_rerun=is_rerun
        )
        sentence = f"{describe_run(run)}{_refresh_public_side(run)}"
        if not wait_for_approval:
            return sentence
        if not run.counts.get("targets"):
            return f"{sentence} Its list is empty, so there is nothing to wait for."
        return f"{sentence} {wait_for_decision(settings, run.id)}"

    return report_outcome(work)


@flow(name="backfill", flow_run_name="{campaign}, {first_day} to {last_day}", task_runner=_RUNNER)
def backfill_campaign(
    campaign: CampaignName,
    first_day: FirstDay,
    last_day: LastDay,
    reason: Reason = "",
    requested_by: Requester = "",
    *,
    dry_run: DryRun = False,
) -> State[str]:
    """Run a campaign on every archived data date of a period that has no run yet.

    Such a run never becomes the latest one.

    Returns
    -------
    State
        Says how many runs were made.
    """

    def work() -> str:
        settings = read_settings()
        request = read_kept_campaign(settings.home, campaign)
        archive = Archive(settings.archive_folder, request.census_year)
        runs = Store(settings.runs_folder).runs(request.slug)
        days = list_missing_days(archive, request, runs, parse_day(first_day), parse_day(last_day))
        if not days:
            raise NothingThere(
                f"The archive has no data date from {first_day} to {last_day} on which"
                f" {request.name} has no run yet.",
                "The page of the data lists the archived dates.",
            )
        span = " to ".join(write_date(day) for day in sorted({days[0], days[-1]}))
        if dry_run:
            return f"{write_count(len(days), 'run')} would be made: data of {span}."
        for day in days:
            run_campaign(request, day, reason=reason, requested_by=requested_by, is_latest=False)
        return f"{write_count(len(days), 'run')} made: data of {span}."

    return report_outcome(work)


@flow(name="replay", flow_run_name="{campaign}: {step}", task_runner=_RUNNER)
def replay_campaign(  # noqa: PLR0913, PLR0917  a form has its fields
    campaign: CampaignName,
    step: DrillStep = "start",
    drill: DrillName = "",
    first_drill_day: DrillFirstDay = "",
    last_drill_day: DrillLastDay = "",
    every_days: EveryDays = EVERY_DAYS,
    drill_list: DrillList = "tool",
    spend_usd: SpendUsd = None,
    reason: Reason = "",
    requested_by: Requester = "",
) -> State[str]:
    """Replay a past season of a campaign as a drill, one step at a time.

    Returns
    -------
    State
        Says which day is open, or what came.
    """

    def work() -> str:
        settings = read_settings()
        request = read_kept_campaign(settings.home, campaign)
        name = drill.strip() or request.name
        match step:
            case "start":
                first, last = parse_day(first_drill_day), parse_day(last_drill_day)
                opened = start_drill(
                    settings, request, name, first=first, last=last, every=every_days
                )
            case "next":
                opened = open_next_day(settings, name)
            case "decide":
                opened = decide_day(
                    settings,
                    name,
                    ListChoice(drill_list),
                    money_usd=spend_usd,
                    by=requested_by,
                    reason=reason,
                )
            case "end":
                return _describe_end(settings, name)
        return _describe_drill(opened)

    return report_outcome(work)


@flow(name="report-run", flow_run_name="reports of {run}")
def report_kept_run(
    run: RunName = "latest", reason: Reason = "", requested_by: Requester = ""
) -> State[str]:
    """Write the district pages and the season summary of a run for the team.

    Returns
    -------
    State
        Says how many pages were written, and of which run.
    """
    del reason, requested_by  # Prefect keeps them with the flow run

    def work() -> str:
        settings = read_settings()
        made = Store(settings.runs_folder).find(run)[0]
        pages = sum(len(each.files) for each in run_reports(made.id))
        return f"{write_count(pages, 'page')} of the run {made.id} written."

    return report_outcome(work)


@flow(name="publish-run", flow_run_name="publication of {run}")
def publish_kept_run(
    run: RunName = "latest",
    reason: Reason = "",
    requested_by: Requester = "",
    *,
    test_over: _TestOver = False,
    online: _Online = False,
) -> State[str]:
    """Write the public site of a run below the service's folder, and show it if requested.

    Returns
    -------
    State
        Says which run was published, and where.
    """
    del requested_by  # Prefect keeps it with the flow run

    def work() -> str:
        settings = read_settings()
        made = Store(settings.runs_folder).find(run)[0]
        why = reason if test_over else ""
        folder = publish_run(made.id, test_over=test_over, reason=why)
        if online:
            Publications(settings.home).show(made.campaign.slug, made.id)
        shown = " The public sees it." if online else ""
        return f"The public site of the run {made.id} is in {folder}.{shown}"

    return report_outcome(work)


@flow(name="measure-run", flow_run_name="test of {run}")
def measure_kept_run(
    run: RunName = "latest",
    spent_usd: SpentUsd = None,
    reason: Reason = "",
    requested_by: Requester = "",
    *,
    so_far: _SoFar = False,
) -> State[str]:
    """Measure what the ads of a run's test did.

    Returns
    -------
    State
        Has the readout's first sentence.
    """
    del reason, requested_by  # Prefect keeps them with the flow run

    def work() -> str:
        settings = read_settings()
        made = Store(settings.runs_folder).find(run)[0]
        readout, _ = measure_test(settings, made.id, so_far=so_far, spent_usd=spent_usd)
        return f"{readout.campaign}: {readout.lines()[0]}"

    return report_outcome(work)


def _refresh_public_side(run: Run) -> str:
    """Publish a run of newer rates, if the public sees an older day of its campaign; say so."""
    try:
        shown = Publications(read_settings().home).find(run.campaign.slug)
        if shown is None or run.data_date <= shown.data_date:
            return ""
        offer = find_offer("publish-run", "any-campaign")
        if offer is None:
            return " The public still sees the day before: the service serves no publications now."
        start_job(offer, {"run": run.id, "online": True, "requested_by": "the service"})
    except OutreachError as error:  # the run itself is made
        return f" The public side stays as it was. {error}"
    return " Its public site is written next."


def _describe_drill(drill: Drill) -> str:
    """Name the open day of a drill, its run, and the money left."""
    day = drill.days[-1]
    decided = f"{day.decision.by} has decided it" if day.decision else "Nobody has decided it yet"
    return (
        f"{drill.name}, day {len(drill.days)} of {len(drill.planned)}: the run {day.run_id} has"
        f" the data of {write_date(day.data_date)}. {decided}; {write_dollars(drill.left_usd)} are"
        " left."
    )


def _describe_end(settings: Settings, name: str) -> str:
    """End a drill, and say what came."""
    ended, _ = end_drill(settings, name)
    assert ended.result is not None
    return " ".join(describe_result(ended.result, read_words("en")))


def describe_run(run: Run) -> str:
    """Name a run and what it chose; a plan has the day it was made, and no data of a day."""
    targets = write_count(int(run.counts.get("targets", 0)), "target")
    kind = f"a plan for {run.campaign.census_year}" if run.campaign.is_plan else "data"
    return f"The run {run.id} is made: {kind} of {write_date(run.data_date)}, {targets}."
