"""Describe a pulled table and its line in the manifest."""

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd

from geo.boundaries import BoundaryReport
from outreach.archive import Receipt
from outreach.campaign import Area
from outreach.census.client import count_requests
from outreach.dataset import Dataset
from outreach.store import Input
from outreach.transport import API_URL


@dataclass(frozen=True)
class Pulled:
    """A table that was pulled, the census year of its tracts, and the line about it for the manifest."""

    table: pd.DataFrame
    tract_year: int
    source: Input


def leave_out(dataset: Dataset, vintage: int, area: Area, reason: str) -> Pulled:
    """Return an empty table with a note, for a source of predictors that is not there; the run goes on without it."""
    table = pd.DataFrame(index=pd.Index([], name="geoid", dtype=str))
    address = format_address(dataset, vintage, area)
    return describe_pull(
        table,
        dataset,
        vintage,
        address,
        dt.datetime.now(dt.UTC),
        note=f"Left out: {reason}",
        asked=1,
    )


def describe_pull(
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


def format_address(dataset: Dataset, vintage: int, area: Area) -> str:
    """Say what was asked, without the key."""
    return f"{API_URL}/data/{vintage}/{dataset.path} ({area.label})"


def describe_receipt(receipt: Receipt) -> str:
    """Say what a reader must know of an intake: that it brought nothing new, or figures that differ from earlier ones."""
    if receipt.changed:
        return f"{receipt.changed:,} rates differ from those published before for the same date; both are in the archive."
    return "" if receipt.new else "These rates were known already: nothing newer is published."


def describe_boundary_fixes(report: BoundaryReport) -> str:
    """Say what had to be mended in a boundary file."""
    return " ".join(report.lines()[1:])


def hash_table(table: pd.DataFrame) -> str:
    """Return a hash of a table's content, the order of its rows included."""
    return hashlib.sha256(
        pd.util.hash_pandas_object(table, index=True).to_numpy().tobytes()
    ).hexdigest()
