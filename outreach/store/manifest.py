"""The manifest of a run: what was asked, what went in, what came out; and the approval of its list."""

import datetime as dt
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from outreach import __version__
from outreach.campaign import Campaign
from outreach.errors import StoreError


class Input(BaseModel):
    """One source that went into a run."""

    model_config = ConfigDict(frozen=True)

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
    """One file that a run wrote."""

    model_config = ConfigDict(frozen=True)

    path: str
    bytes: int
    sha256: str


class Run(BaseModel):
    """What was asked, what went in, what came out: the content of ``manifest.json``."""

    model_config = ConfigDict(frozen=True)

    id: str
    created_at: dt.datetime
    campaign: Campaign
    data_date: dt.date
    inputs: tuple[Input, ...]
    counts: dict[str, int | float]
    figures: dict[str, Any] = Field(default_factory=dict)
    join_report: dict[str, Any]
    assessment: dict[str, Any] = Field(default_factory=dict)
    timings_seconds: dict[str, float]
    summary: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    versions: dict[str, str] = Field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    tool_version: str = __version__


class Approval(BaseModel):
    """Somebody's word that a run's list may be uploaded, bound to its exact content."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    by: str = Field(min_length=1, max_length=200)
    approved_at: dt.datetime
    targets_sha256: str


def read_manifest(path: Path) -> Run:
    """Read one manifest or name the one that cannot be read."""
    try:
        return Run.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        reason = type(error).__name__
    raise StoreError(
        f"The manifest {path} cannot be read ({reason}).",
        "It was changed by hand or by another version; move that folder away.",
    )


def installed_versions(*names: str) -> dict[str, str]:
    """Return the installed version of each distribution, for the manifest."""
    return {name: version(name) for name in names}
