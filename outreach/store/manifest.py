"""Define the manifest of a run and the approval of its list."""

import datetime as dt
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from outreach import __version__
from outreach.campaign import Campaign
from outreach.files import read_record

#: Characters of the longest name of a person, and of the longest reason.
MOST_NAME, MOST_REASON = 200, 2000


class Input(BaseModel):
    """One source that went into a run.

    Parameters
    ----------
    name, address
        What it is, and where it came from.
    data_date, vintage
        The date or year of its figures, where it has one.
    rows
        Number of rows that were read.
    sha256
        Hash of its content.
    fetched_at
        When it was downloaded or read.
    requests
        Number of HTTP requests it took.
    note
        What was unusual about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    address: str
    data_date: dt.date | None = None
    vintage: int | None = None
    rows: int
    sha256: str
    fetched_at: dt.datetime
    requests: int = 0
    note: str = ""


class Output(BaseModel):
    """One file that a run wrote: path in the run's folder, size, and hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    bytes: int
    sha256: str


class Run(BaseModel):
    """What was requested, what went in, and what came out: the content of ``manifest.json``.

    Parameters
    ----------
    id
        The run's name, also its folder's.
    created_at
        When the manifest was written.
    campaign
        The campaign as the planner wrote it.
    data_date
        The date of the rates.
    inputs, outputs
        Sources and files.
    kept_inputs
        Path in the run's folder of each file of the user, by its path or address in the campaign.
    counts, figures, summary
        Results by name; the summary is for people.
    join_report, assessment
        What the join and the forecast report about themselves.
    timings_seconds
        Time of each step.
    notes
        Sentences for people.
    reason, requested_by
        Why the run was made and for whom, where a form said so.
    versions, tool_version
        Of the libraries and of this tool.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    created_at: dt.datetime
    campaign: Campaign
    data_date: dt.date
    inputs: tuple[Input, ...]
    kept_inputs: dict[str, str] = Field(default_factory=dict)
    counts: dict[str, int | float]
    figures: dict[str, Any] = Field(default_factory=dict)
    join_report: dict[str, Any]
    #: Version 0.1 called it ``outlook``.
    assessment: dict[str, Any] = Field(
        default_factory=dict, validation_alias=AliasChoices("assessment", "outlook")
    )
    timings_seconds: dict[str, float]
    summary: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""
    requested_by: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    tool_version: str = __version__


class Approval(BaseModel):
    """A person's consent to upload a run's list, tied to its exact content.

    Parameters
    ----------
    run_id, by, approved_at
        The run, the person, and the moment.
    targets_sha256
        Hash of the approved list.
    accepted_obstacle
        Why the test of the run cannot be read out, if the person approved it all the same.
    reason
        Why, in the person's words; empty if nobody gave one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    by: str = Field(min_length=1, max_length=MOST_NAME)
    approved_at: dt.datetime
    targets_sha256: str
    accepted_obstacle: str = ""
    reason: str = Field(default="", max_length=MOST_REASON)


class Withdrawal(BaseModel):
    """A person's word that an approved list is not to be used any more.

    Parameters
    ----------
    run_id, by, withdrawn_at, reason
        The run, the person, the moment, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    by: str = Field(min_length=1, max_length=MOST_NAME)
    withdrawn_at: dt.datetime
    reason: str = Field(min_length=1, max_length=MOST_REASON)


def read_manifest(path: Path) -> Run:
    """Read one manifest.

    Raises
    ------
    StoreError
        The file cannot be read, or is not a manifest of this version.
    """
    return read_record(
        path,
        Run,
        "manifest",
        "Restore that file from a backup, or move the folder of that run elsewhere.",
        strict=True,
    )


def list_versions(*names: str) -> dict[str, str]:
    """Return the installed version of each distribution, for the manifest."""
    return {name: version(name) for name in names}
