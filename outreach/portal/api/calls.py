"""Answer programs: the same campaigns, runs, lists, jobs, and data as the pages, as JSON.

A program signs in as a person does and sends the session's cookie. A call that changes something
also needs the token of ``GET /api/v1/me`` in the header ``X-CSRF-Token``.
"""

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from flows.engine.form_values import read_values
from flows.engine.serving.jobs import (
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
from outreach.portal.api.views import (
    ApprovalRequest,
    CampaignView,
    DataView,
    Fault,
    JobRequest,
    JobView,
    Me,
    NoticeView,
    OfferView,
    RunDetail,
    RunView,
    TargetList,
    WithdrawalRequest,
    view_job,
    view_run,
)
from outreach.portal.pages.data import describe_archives
from outreach.portal.pages.runs import filter_targets

router = APIRouter(prefix="/api/v1")
_Viewer = Annotated[Person, Depends(need(Role.VIEWER))]
_Planner = Annotated[Person, Depends(need(Role.PLANNER))]
_Token = Depends(check_token_header)
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
    shelf = get_desk(request).shelf
    views = [view_run(shelf, run) for run in shelf.list_runs()[0]]
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
    shelf = get_desk(request).shelf
    run = shelf.find_run(run_id)
    write_act(request, person, "saw run", run.id)
    return RunDetail(
        **view_run(shelf, run).model_dump(),
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
    return view_run(shelf, run)


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
    return view_run(shelf, run)


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
    return [view_job(job) for job in list_jobs(limit)]


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
    return view_job(read_job(start_job(offer, values)))


@router.get("/jobs/{job_id}", responses=_FAULTS)
def read_one_job(job_id: UUID, person: _Viewer) -> JobView:
    """Return one job with its log."""
    del person
    view = view_job(read_job(job_id))
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
