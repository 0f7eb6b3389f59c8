"""Answer programs: the same campaigns, runs, lists, jobs, and data as the pages, as JSON.

A program signs in as a person does and sends the session's cookie. A call that changes something
also needs the token of ``GET /api/v1/me`` in the header ``X-CSRF-Token``.
"""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from flows.engine.form_values import read_values
from flows.engine.serving.jobs import (
    Job,
    find_offer,
    list_jobs,
    list_offers,
    read_job,
    read_log,
    start_job,
)
from outreach.errors import NothingThere
from outreach.portal.access.audit import describe_approval
from outreach.portal.access.roles import Person, Role
from outreach.portal.access.session import (
    check_token_header,
    get_desk,
    get_token,
    need,
    write_act,
)
from outreach.portal.pages.data import describe_archives
from outreach.portal.pages.runs import filter_targets
from outreach.store import NoticeKind, Run

router = APIRouter(prefix="/api/v1")
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Planner = Annotated[Person, Depends(need(Role.PLANNER))]
_Token = Depends(check_token_header)


class Fault(BaseModel):
    """Why a request was refused, in one or two sentences."""

    error: str


class Me(BaseModel):
    """Who asks, and the token for calls that change something."""

    name: str
    role: Role
    token: str


class CampaignView(BaseModel):
    """A campaign, and its run with the newest data."""

    slug: str
    name: str
    runs_count: int
    latest_run: str | None


class RunView(BaseModel):
    """A run in short."""

    id: str
    campaign: str
    campaign_slug: str
    data_date: dt.date
    created_at: dt.datetime
    counts: dict[str, int | float]
    budget_usd: float
    approved_by: str | None
    withdrawn_by: str | None = None
    reason: str | None = None


class RunDetail(RunView):
    """A run with its summary, notes, and files."""

    summary: dict[str, str]
    notes: tuple[str, ...]
    files: tuple[str, ...]


class TargetList(BaseModel):
    """Rows of a list, and how many there are."""

    count: int
    targets: list[dict[str, Any]]


class OfferView(BaseModel):
    """Something that can be started, with the JSON schema of each field."""

    flow: str
    name: str
    fields: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    schedule: str
    zone: str
    is_scheduled: bool


class JobView(BaseModel):
    """How a job goes."""

    id: UUID
    title: str
    flow: str
    offer: str
    state: str
    message: str
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    log: list[str] = Field(default_factory=list)


class JobRequest(BaseModel):
    """What to start, and the values of its fields."""

    model_config = ConfigDict(extra="forbid")

    flow: str = Field(max_length=100)
    name: str = Field(max_length=100)
    values: dict[str, str | float | bool] = Field(default_factory=dict, max_length=20)


class ApprovalRequest(BaseModel):
    """Why a list is approved, and whether a test that cannot be read out is accepted as such."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=2000)
    accepts_unreadable: bool = False


class WithdrawalRequest(BaseModel):
    """Why an approved list is withdrawn."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=2000)


class DataView(BaseModel):
    """The archive of one census."""

    census_year: int
    dates: tuple[dt.date, ...]
    gaps: tuple[dt.date, ...]
    tracts_count: int
    sentences: list[str]


class NoticeView(BaseModel):
    """What the service noticed, and what became of it on each way to people; empty: delivered."""

    kind: NoticeKind
    at: dt.datetime
    title: str
    what: str
    todo: str
    place: str
    deliveries: dict[str, str]


_FAULTS: dict[int | str, dict[str, Any]] = {
    status: {"model": Fault} for status in (400, 401, 403, 404, 409, 503)
}


@router.get("/me", responses=_FAULTS)
def read_me(request: Request, person: _Viewer) -> Me:
    """Say who asks."""
    return Me(name=person.name, role=person.role, token=get_token(request))


@router.get("/campaigns", responses=_FAULTS)
def read_campaigns(request: Request, person: _Viewer) -> list[CampaignView]:
    """List the campaigns."""
    del person
    shelf = get_desk(request).shelf
    cards, _ = shelf.list_campaigns()
    return [
        CampaignView(
            slug=card.slug,
            name=card.title,
            runs_count=len(card.runs),
            latest_run=shelf.find_latest(card.slug).id if card.runs else None,
        )
        for card in cards
    ]


@router.get("/runs", responses=_FAULTS)
def read_runs(
    request: Request,
    person: _Viewer,
    campaign: str = "",
    approved: bool = False,  # noqa: FBT001, FBT002  a field of the address
    since: dt.date | None = None,
) -> list[RunView]:
    """List the runs, newest first: of one campaign, approved ones, of data since a day."""
    del person
    views = [_view_run(request, run) for run in get_desk(request).shelf.list_runs()[0]]
    return [
        view
        for view in views
        if campaign in ("", view.campaign_slug)
        and (not approved or view.approved_by)
        and (since is None or view.data_date >= since)
    ]


@router.get("/runs/{run_id}", responses=_FAULTS)
def read_run(request: Request, run_id: str, person: _Viewer) -> RunDetail:
    """Return one run."""
    run = get_desk(request).shelf.find_run(run_id)
    write_act(request, person, "saw run", run.id)
    return RunDetail(
        **_view_run(request, run).model_dump(),
        summary=run.summary,
        notes=run.notes,
        files=tuple(output.path for output in run.outputs),
    )


@router.get("/runs/{run_id}/targets", responses=_FAULTS)
def read_targets(
    request: Request,
    run_id: str,
    person: _Viewer,
    text: str = "",
    arm: str = "",
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TargetList:
    """Return rows of a run's list by rank."""
    del person
    shelf = get_desk(request).shelf
    chosen = filter_targets(shelf.read_targets(shelf.find_run(run_id)), text, arm, "rank")
    rows = chosen.iloc[offset : offset + limit].reset_index()
    rows["data_date"] = rows["data_date"].dt.date
    # A figure that is not known is null in JSON, which has no NaN.
    records = rows.astype(object).where(rows.notna(), None).to_dict("records")
    targets = [{str(name): value for name, value in record.items()} for record in records]
    return TargetList(count=len(chosen), targets=targets)


@router.post("/runs/{run_id}/approval", responses=_FAULTS, dependencies=[_Token])
def approve(request: Request, run_id: str, person: _Planner, approval: ApprovalRequest) -> RunView:
    """Approve the list of a run."""
    from flows.steps.measuring.approval import approve_run  # noqa: PLC0415  loads the models

    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    accepts, reason = approval.accepts_unreadable, approval.reason
    write_act(request, person, "approves", run.id, describe_approval(reason, accepts=accepts))
    approve_run(shelf.store, run.id, person.name, accepts_unreadable=accepts, reason=reason)
    return _view_run(request, run)


@router.post("/runs/{run_id}/withdrawal", responses=_FAULTS, dependencies=[_Token])
def withdraw(
    request: Request, run_id: str, person: _Planner, withdrawal: WithdrawalRequest
) -> RunView:
    """Withdraw the approved list of a run for good."""
    from flows.steps.measuring.approval import withdraw_run  # noqa: PLC0415  loads the models

    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    write_act(request, person, "withdraws", run.id, withdrawal.reason)
    withdraw_run(shelf.store, run.id, person.name, withdrawal.reason)
    return _view_run(request, run)


@router.get("/offers", responses=_FAULTS)
def read_offers(person: _Viewer) -> list[OfferView]:
    """List what can be started."""
    del person
    return [
        OfferView(
            flow=offer.flow,
            name=offer.name,
            fields=offer.fields,
            required=offer.required,
            schedule=offer.schedule,
            zone=offer.zone,
            is_scheduled=offer.is_scheduled,
        )
        for offer in list_offers()
    ]


@router.get("/jobs", responses=_FAULTS)
def read_jobs(person: _Viewer, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[JobView]:
    """List the newest jobs."""
    del person
    return [_view_job(job) for job in list_jobs(limit)]


@router.post("/jobs", status_code=201, responses=_FAULTS, dependencies=[_Token])
def start(request: Request, person: _Planner, wanted: JobRequest) -> JobView:
    """Start a job."""
    offer = find_offer(wanted.flow, wanted.name)
    if offer is None:
        raise NothingThere(
            f"There is nothing to start as {wanted.flow}/{wanted.name}.",
            "GET /api/v1/offers lists what there is.",
        )
    values = read_values(offer, {name: str(value) for name, value in wanted.values.items()})
    if "requested_by" in offer.fields:
        values["requested_by"] = person.name
    write_act(
        request, person, "starts", f"{wanted.flow}/{wanted.name}", str(values.get("reason", ""))
    )
    return _view_job(read_job(start_job(offer, values)))


@router.get("/jobs/{job_id}", responses=_FAULTS)
def read_one_job(job_id: UUID, person: _Viewer) -> JobView:
    """Return one job with its log."""
    del person
    view = _view_job(read_job(job_id))
    return view.model_copy(update={"log": [line.text for line in read_log(job_id)]})


@router.get("/notices", responses=_FAULTS)
def read_notices(
    request: Request, person: _Viewer, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[NoticeView]:
    """List the last notices."""
    del person
    book = get_desk(request).notices
    tries = book.read_deliveries()
    return [
        NoticeView(
            **notice.model_dump(exclude={"key"}),
            deliveries={one.channel: one.fault for one in tries.get(notice.key, ())},
        )
        for notice in book.read(limit)
    ]


@router.get("/data", responses=_FAULTS)
def read_data(request: Request, person: _Viewer) -> list[DataView]:
    """Return the state of the archive of each census."""
    del person
    return [
        DataView(
            census_year=year,
            dates=status.dates,
            gaps=status.gaps,
            tracts_count=status.tracts,
            sentences=status.lines(),
        )
        for year, status in describe_archives(get_desk(request)).items()
    ]


def _view_run(request: Request, run: Run) -> RunView:
    """Return a run in short."""
    shelf = get_desk(request).shelf
    approval, withdrawal = shelf.read_approval(run), shelf.read_withdrawal(run)
    standing = withdrawal or approval
    return RunView(
        id=run.id,
        campaign=run.campaign.name,
        campaign_slug=run.campaign.slug,
        data_date=run.data_date,
        created_at=run.created_at,
        counts=run.counts,
        budget_usd=run.campaign.budget_usd,
        approved_by=approval.by if approval else None,
        withdrawn_by=withdrawal.by if withdrawal else None,
        reason=standing.reason or None if standing else None,
    )


def _view_job(job: Job) -> JobView:
    """Return a job without its log."""
    return JobView(
        id=job.id,
        title=job.title,
        flow=job.flow,
        offer=job.offer,
        state=job.state,
        message=job.message,
        started_at=job.started_at,
        ended_at=job.ended_at,
    )
