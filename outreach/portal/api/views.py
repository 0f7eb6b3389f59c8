"""Describe what the JSON interface takes and answers, and fill it from the store and Prefect."""

import datetime as dt
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from flows.engine.serving.jobs import Job
from outreach.portal.access.roles import Role
from outreach.portal.shelf import Shelf
from outreach.store import NoticeKind, Run


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


def view_run(shelf: Shelf, run: Run) -> RunView:
    """Return a run in short."""
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


def view_job(job: Job) -> JobView:
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
