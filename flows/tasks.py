"""The tasks of every flow, and the one table that says how each is retried, cached and tagged.

A pull is retried by Prefect only where the transport's own tries were spent on a passing fault: a wrong key or question fails at once. Predictors and
boundaries of a past vintage do not change, so their pulls are cached for a month; rates are never cached, the archive is their memory.
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from prefect import task
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from outreach.archive import Archive
from outreach.campaign import Area
from outreach.census.client import count_requests, fetch_profiles, fetch_rates
from outreach.dataset import Dataset
from outreach.errors import NothingThere, QueryRefused, ServiceUnavailable
from outreach.store import Input
from outreach.transport import API_URL, Transport


def _is_passing(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task met a fault that may pass."""
    return isinstance(state.result(raise_on_failure=False), ServiceUnavailable)


def _profile_key(_context: Any, asked: dict[str, Any]) -> str:
    """Name a cached pull by what was asked and where; never by the transport, which holds the key."""
    dataset: Dataset = asked["dataset"]
    words = (asked["origin"], dataset.path, str(asked["vintage"]), asked["area"].model_dump_json(), *dataset.codes(asked["vintage"]))
    return "profiles-" + hashlib.sha256("|".join(words).encode()).hexdigest()[:32]


#: How each kind of task behaves.
PULL: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": [2, 10],
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": _is_passing,
    "tags": ["pull"],
}
CACHED: dict[str, Any] = {"cache_key_fn": _profile_key, "cache_expiration": dt.timedelta(days=30), "persist_result": True}
WORK: dict[str, Any] = {"tags": ["work"]}


@dataclass(frozen=True)
class Pulled:
    """A table that was pulled, and the line about it for the manifest."""

    table: pd.DataFrame
    source: Input


@task(name="pull rates", task_run_name="rates of {area.label}", cache_policy=None, **PULL)
def pull_rates(dataset: Dataset, vintage: int, area: Area, transport: Transport, archive: Archive) -> Pulled:
    """Pull the rates that are published now and archive them at once, so that a later failure loses nothing."""
    rates = fetch_rates(dataset, vintage, area, transport)
    fetched_at = dt.datetime.now(dt.UTC)
    address = f"{API_URL}/data/{vintage}/{dataset.path} ({area.label})"
    receipt = archive.append(rates, source=address, downloaded_at=fetched_at)
    return Pulled(rates, _describe(dataset, vintage, address, rates, fetched_at, note=receipt.sentence))


@task(name="pull profiles", task_run_name="{dataset.name} of {area.label}", **PULL, **CACHED)
def pull_profiles(dataset: Dataset, vintage: int, area: Area, transport: Transport, origin: str) -> Pulled:  # noqa: ARG001  origin is in the cache's key
    """Pull predictors; a source without a row or without that year gives an empty table and a note, not a failure."""
    address = f"{API_URL}/data/{vintage}/{dataset.path} ({area.label})"
    note = ""
    try:
        table = fetch_profiles(dataset, vintage, area, transport)
    except (NothingThere, QueryRefused) as error:
        table, note = pd.DataFrame(index=pd.Index([], name="geoid", dtype=str)), str(error)
    return Pulled(table, _describe(dataset, vintage, address, table, dt.datetime.now(dt.UTC), note=note))


def _describe(dataset: Dataset, vintage: int, address: str, table: pd.DataFrame, fetched_at: dt.datetime, note: str) -> Input:
    """Write the manifest's line about one pull."""
    dated = "data_date" in table and len(table)
    return Input(
        name=dataset.name,
        address=address,
        vintage=vintage,
        data_date=table["data_date"].max().date() if dated else None,
        rows=len(table),
        sha256=hash_table(table),
        fetched_at=fetched_at,
        requests=count_requests(dataset, vintage),
        note=note,
    )


def hash_table(table: pd.DataFrame) -> str:
    """Return a hash of a table's content, the order of its rows included."""
    return hashlib.sha256(pd.util.hash_pandas_object(table, index=True).to_numpy().tobytes()).hexdigest()


def work(function: Callable[..., Any]) -> Any:
    """Make a task of a step that only computes."""
    return task(function, name=function.__name__.replace("_", " "), cache_policy=None, **WORK)
