"""The tasks of every flow, and the one table that says how each is retried, cached and tagged.

A pull is retried by Prefect only where the transport's own tries were spent on a passing fault: a
wrong key or question fails at once. Predictors of a past vintage do not change, so their pulls are
cached for a month; boundary files have a cache of their own that asks the server whether they
changed; rates are never cached, the archive is their memory.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import pandas as pd
from prefect import task
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from geo.boundaries import BoundaryReport, fetch_boundaries
from geo.crosswalk.sources import TRACT_RELATIONSHIP, read_relationship
from geo.download import fetch_file
from outreach.archive import Archive, Receipt
from outreach.campaign import Area
from outreach.census.client import count_requests, fetch_profiles, fetch_rates
from outreach.dataset import Dataset
from outreach.errors import NothingThere, ServiceUnavailable
from outreach.settings import Settings
from outreach.store import Input
from outreach.transport import API_URL, Transport


def _is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task met a fault that may pass."""
    return isinstance(state.result(raise_on_failure=False), ServiceUnavailable)


def _profile_key(_context: Any, asked: dict[str, Any]) -> str:
    """Name a cached pull by what was asked and where; never by the transport, which holds the key."""
    dataset: Dataset = asked["dataset"]
    year: int = asked["vintage"]
    words = (
        asked["origin"],
        dataset.path,
        str(year),
        asked["area"].model_dump_json(),
        *dataset.codes(year),
    )
    return "profiles-" + hashlib.sha256("|".join(words).encode()).hexdigest()[:32]


#: How each kind of task behaves.
PULL: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [1, 8],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": _is_passing,
    "tags": ["pull"],
}
CACHED: dict[str, Any] = {
    "cache_key_fn": _profile_key,
    "cache_expiration": dt.timedelta(days=30),
    "persist_result": True,
}
FRESH: dict[str, Any] = {"cache_policy": None, "persist_result": False}


@dataclass(frozen=True)
class Pulled:
    """A table that was pulled, the census year of its tracts, and the line about it for the manifest."""

    table: pd.DataFrame
    tract_year: int
    source: Input


@task(name="pull rates", task_run_name="rates of {area.label}", **PULL, **FRESH)
def pull_rates(
    dataset: Dataset, vintage: int, area: Area, transport: Transport, archive: Archive
) -> Pulled:
    """Pull the rates that are published now and archive them at once, so that a later failure loses nothing."""
    rates = fetch_rates(vintage, area, transport)
    fetched_at = dt.datetime.now(dt.UTC)
    address = _address(dataset, vintage, area)
    receipt = archive.append(rates, source=address, downloaded_at=fetched_at)
    return _pulled(rates, dataset, vintage, address, fetched_at, note=_tell(receipt))


@task(
    name="read archived rates",
    task_run_name="archived rates of {area.label}",
    tags=["archive"],
    **FRESH,
)
def read_archived(
    dataset: Dataset, vintage: int, area: Area, archive: Archive, on: dt.date
) -> Pulled:
    """Read the rates of one data date from the archive instead of asking for today's."""
    rates = archive.read([area], on=on)
    if rates.empty:
        raise NothingThere(
            f"The archive has no rates of {area.label} with the data date {on}.",
            "'outreach archive status' lists the dates it has.",
        )
    address = f"archive: {_address(dataset, vintage, area)}"
    return _pulled(rates, dataset, vintage, address, dt.datetime.now(dt.UTC), asked=0)


@task(name="pull profiles", task_run_name="{dataset.name} of {area.label}", **PULL, **CACHED)
def pull_profiles(
    dataset: Dataset,
    vintage: int,
    area: Area,
    transport: Transport,
    origin: str,  # noqa: ARG001  origin is part of the key
) -> Pulled:
    """Pull predictors; a source without a row or without that year is a failure, so that it is never remembered."""
    table = fetch_profiles(dataset, vintage, area, transport)
    return _pulled(
        table, dataset, vintage, _address(dataset, vintage, area), dt.datetime.now(dt.UTC)
    )


def leave_out(dataset: Dataset, vintage: int, area: Area, reason: str) -> Pulled:
    """Return an empty table with a note, for a source of predictors that is not there; the run goes on without it."""
    table = pd.DataFrame(index=pd.Index([], name="geoid", dtype=str))
    address = _address(dataset, vintage, area)
    return _pulled(
        table,
        dataset,
        vintage,
        address,
        dt.datetime.now(dt.UTC),
        note=f"Left out: {reason}",
        asked=1,
    )


@task(name="fetch boundaries", task_run_name="{layer} boundaries of state {state}", **PULL, **FRESH)
def pull_boundaries(
    settings: Settings, transport: Transport, year: int, state: str, layer: str = "tract"
) -> Pulled:
    """Fetch one layer of one state, from the cache where the server says it did not change."""
    areas, report = fetch_boundaries(transport, year, state, settings.files_cache, layer)
    source = Input(
        name=f"{layer} boundaries",
        address=report.file,
        vintage=year,
        rows=report.rows,
        sha256=report.sha256,
        fetched_at=dt.datetime.fromisoformat(report.fetched_at),
        requests=1,
        note=_mended(report),
    )
    return Pulled(areas, 2010 if year < 2020 else 2020, source)  # noqa: PLR2004  files of 2020 and later are on 2020 tracts


@task(name="fetch relationship file", **PULL, **FRESH)
def pull_relationship(
    settings: Settings, transport: Transport
) -> tuple[pd.DataFrame, pd.DataFrame, Input]:
    """Fetch the relationship of 2010 and 2020 tracts: the crosswalks there and back."""
    file = fetch_file(transport, TRACT_RELATIONSHIP, settings.files_cache)
    forward, backward = read_relationship(file.path.read_bytes())
    source = Input(
        name="tract relationship 2010-2020",
        address=file.address,
        rows=len(forward),
        sha256=file.sha256,
        fetched_at=dt.datetime.fromisoformat(file.fetched_at),
        requests=1,
        note=file.note,
    )
    return forward, backward, source


def _tell(receipt: Receipt) -> str:
    """Say what a reader must know of an intake: that it brought nothing new, or figures that differ from earlier ones."""
    if receipt.changed:
        return f"{receipt.changed:,} rates differ from those published before for the same date; both are in the archive."
    return "" if receipt.new else "These rates were known already: nothing newer is published."


def _address(dataset: Dataset, vintage: int, area: Area) -> str:
    """Say what was asked, without the key."""
    return f"{API_URL}/data/{vintage}/{dataset.path} ({area.label})"


def _mended(report: BoundaryReport) -> str:
    """Say what had to be mended in a boundary file."""
    return " ".join(report.lines()[1:])


def _pulled(
    table: pd.DataFrame,
    dataset: Dataset,
    vintage: int,
    address: str,
    fetched_at: dt.datetime,
    *,
    note: str = "",
    asked: int | None = None,
) -> Pulled:
    """Join a table with the manifest's line about it."""
    dated = "data_date" in table and len(table)
    source = Input(
        name=dataset.name,
        address=address,
        vintage=vintage,
        data_date=table["data_date"].max().date() if dated else None,
        rows=len(table),
        sha256=hash_table(table),
        fetched_at=fetched_at,
        requests=count_requests(dataset, vintage) if asked is None else asked,
        note=note,
    )
    return Pulled(table, dataset.tract_year.get(vintage, vintage // 10 * 10), source)


def hash_table(table: pd.DataFrame) -> str:
    """Return a hash of a table's content, the order of its rows included."""
    return hashlib.sha256(
        pd.util.hash_pandas_object(table, index=True).to_numpy().tobytes()
    ).hexdigest()
