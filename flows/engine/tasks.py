"""Define the tasks of every flow, and how each is cached and tagged.

Prefect repeats none of them: only the transport repeats requests, within the one patience of a
run. Predictors of a past vintage do not change, so their pulls are cached for a month. Boundary
files have their own cache, which asks the server whether they changed. Rates are never cached,
because the archive keeps them.
"""

import datetime as dt
import hashlib
from typing import Any

from prefect import task

from flows.steps.sources.pulled import (
    Pulled,
    describe_boundary_fixes,
    describe_pull,
    describe_receipt,
    format_address,
)
from geo.boundaries import fetch_boundaries
from geo.crosswalk.relationship import fetch_relationship, find_relationship, read_relationship
from outreach.archive import Archive
from outreach.campaign import Area
from outreach.census.client import fetch_profiles, fetch_rates
from outreach.census.labels import compare_labels
from outreach.dataset import Dataset
from outreach.errors import NothingThere
from outreach.settings import Settings
from outreach.store import Input
from outreach.tables import Crosswalk, DataFrame
from outreach.transport import Transport


def _profile_key(_context: Any, parameters: dict[str, Any]) -> str:
    """Name a cached pull by its request and address, never by the transport with the key."""
    dataset: Dataset = parameters["dataset"]
    year: int = parameters["vintage"]
    parts = (
        parameters["origin"],
        dataset.path,
        str(year),
        parameters["area"].model_dump_json(),
        *dataset.codes(year),
    )
    return "profiles-" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


#: How each kind of task behaves.
PULL: dict[str, Any] = {"tags": ["pull"]}
CACHED: dict[str, Any] = {
    "cache_key_fn": _profile_key,
    "cache_expiration": dt.timedelta(days=30),
    "persist_result": True,
}
FRESH: dict[str, Any] = {"cache_policy": None, "persist_result": False}


@task(name="pull rates", task_run_name="rates of {area.label}", **PULL, **FRESH)
def pull_rates(
    dataset: Dataset, vintage: int, area: Area, transport: Transport, archive: Archive
) -> Pulled:
    """Pull the rates published now, and archive them at once so that no failure loses them."""
    rates = fetch_rates(vintage, area, transport)
    fetched_at = dt.datetime.now(dt.UTC)
    address = format_address(dataset, vintage, area)
    receipt = archive.append(rates, source=address, downloaded_at=fetched_at)
    return describe_pull(
        rates, dataset, vintage, address, fetched_at, note=describe_receipt(receipt)
    )


@task(
    name="read archived rates",
    task_run_name="archived rates of {area.label}",
    tags=["archive"],
    **FRESH,
)
def read_archived(
    dataset: Dataset, vintage: int, area: Area, archive: Archive, data_date: dt.date
) -> Pulled:
    """Read the rates of one data date from the archive instead of requesting today's."""
    rates = archive.read(area.codes, on=data_date)
    if rates.empty:
        raise NothingThere(
            f"The archive has no rates of {area.label} for the data date {data_date}.",
            "Run 'outreach archive status' to list its dates.",
        )
    address = f"archive: {format_address(dataset, vintage, area)}"
    return describe_pull(rates, dataset, vintage, address, dt.datetime.now(dt.UTC), requests=0)


@task(name="pull profiles", task_run_name="{dataset.name} of {area.label}", **PULL, **CACHED)
def pull_profiles(
    dataset: Dataset,
    vintage: int,
    area: Area,
    transport: Transport,
    origin: str,  # noqa: ARG001  part of the cache key
) -> Pulled:
    """Pull predictors. A source without rows or without that year fails, so it is never cached."""
    table = fetch_profiles(dataset, vintage, area, transport)
    return describe_pull(
        table, dataset, vintage, format_address(dataset, vintage, area), dt.datetime.now(dt.UTC)
    )


def _labels_key(_context: Any, parameters: dict[str, Any]) -> str:
    """Name a comparison of labels by what was compared, and where."""
    vintage: int = parameters["vintage"]
    parts = [parameters["origin"], str(vintage)]
    for dataset in parameters["datasets"]:
        parts += [dataset.path, *dataset.codes(vintage)]
        parts += [label for each in dataset.list_variables(vintage) for label in each.bureau_labels]
    return "labels-" + hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]


@task(
    name="compare labels",
    task_run_name="labels of {vintage}",
    tags=["pull"],
    cache_key_fn=_labels_key,
    persist_result=True,
)
def check_labels(
    datasets: tuple[Dataset, ...],
    vintage: int,
    transport: Transport,
    origin: str,  # noqa: ARG001  part of the cache key
) -> Input:
    """Compare the labels of a vintage once; what a published vintage means does not change."""
    report = compare_labels(datasets, vintage, transport)
    return Input(
        name="labels of variables",
        address=report.address,
        vintage=vintage,
        rows=report.count,
        sha256=report.sha256,
        fetched_at=dt.datetime.now(dt.UTC),
        requests=1,
    )


@task(name="fetch boundaries", task_run_name="{layer} boundaries of state {state}", **PULL, **FRESH)
def pull_boundaries(
    settings: Settings, transport: Transport, year: int, state: str, layer: str = "tract"
) -> Pulled:
    """Fetch one layer of one state, from the cache if the server says it did not change."""
    areas, report = fetch_boundaries(transport, year, state, settings.files_cache, layer)
    source = Input(
        name=f"{layer} boundaries",
        address=report.file,
        vintage=year,
        rows=report.rows,
        sha256=report.sha256,
        fetched_at=dt.datetime.fromisoformat(report.fetched_at),
        requests=1,
        note=describe_boundary_fixes(report),
    )
    return Pulled(areas, year // 10 * 10, source)


@task(name="fetch relationship file", **PULL, **FRESH)
def pull_relationship(
    settings: Settings, transport: Transport, year: int, tract_year: int
) -> tuple[DataFrame[Crosswalk], DataFrame[Crosswalk], Input]:
    """Fetch the crosswalks from the tracts of one census to those of another, and back."""
    declared = find_relationship(year, tract_year)
    file = fetch_relationship(transport, declared, settings.files_cache)
    forward, backward = read_relationship(file.path.read_bytes(), declared)
    if year > tract_year:
        forward, backward = backward, forward
    earlier, later = declared.years
    source = Input(
        name=f"tract relationship {earlier}-{later}",
        address=file.address,
        rows=len(forward),
        sha256=file.sha256,
        fetched_at=dt.datetime.fromisoformat(file.fetched_at),
        requests=1,
        note=file.note,
    )
    return forward, backward, source
