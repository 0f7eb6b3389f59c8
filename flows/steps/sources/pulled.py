"""Describe a pulled table and its record in the manifest."""

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd

from geo.boundaries import BoundaryReport
from outreach.archive import Receipt
from outreach.campaign import Area
from outreach.census.client import count_requests
from outreach.dataset import Dataset
from outreach.phrasing import list_names, write_count
from outreach.store import Input
from outreach.transport import API_URL

#: How many variables a note names.
_NAMED = 5


@dataclass(frozen=True)
class Pulled:
    """A pulled table, the census year of its tracts, and its record in the manifest."""

    table: pd.DataFrame
    tract_year: int
    source: Input


def make_empty_pull(dataset: Dataset, vintage: int, area: Area, reason: str) -> Pulled:
    """Return an empty table with a note, for predictors that the run has to do without."""
    table = pd.DataFrame(index=pd.Index([], name="geoid", dtype=str))
    address = format_address(dataset, vintage, area)
    return describe_pull(
        table,
        dataset,
        vintage,
        address,
        dt.datetime.now(dt.UTC),
        note=f"Left out: {reason}",
        requests=1,
    )


def describe_pull(
    table: pd.DataFrame,
    dataset: Dataset,
    vintage: int,
    address: str,
    fetched_at: dt.datetime,
    *,
    note: str = "",
    requests: int | None = None,
) -> Pulled:
    """Join a table with its record in the manifest.

    Without ``requests``, their number is the one that the dataset takes.
    """
    is_dated = "data_date" in table and len(table)
    note = " ".join(filter(None, [note, describe_left_out(table, dataset, vintage)]))
    source = Input(
        name=dataset.name,
        address=address,
        vintage=vintage,
        data_date=table["data_date"].max().date() if is_dated else None,
        rows=len(table),
        sha256=hash_table(table),
        fetched_at=fetched_at,
        requests=count_requests(dataset, vintage) if requests is None else requests,
        note=note,
    )
    return Pulled(table, dataset.tract_year.get(vintage, vintage // 10 * 10), source)


def describe_left_out(table: pd.DataFrame, dataset: Dataset, vintage: int) -> str:
    """Say which declared variables the service did not have, if any."""
    absent = [
        variable.label
        for variable in dataset.list_variables(vintage)
        if variable.name not in table.columns and len(table)
    ]
    if not absent:
        return ""
    return (
        f"{dataset.name} {vintage} lacks {write_count(len(absent), 'variable')}, which"
        f" {'is' if len(absent) == 1 else 'are'} left out: {list_names(absent, _NAMED)}."
    )


def format_address(dataset: Dataset, vintage: int, area: Area) -> str:
    """Return the address of a request, without the key."""
    return f"{API_URL}/data/{vintage}/{dataset.path} ({area.label})"


def describe_receipt(receipt: Receipt) -> str:
    """Say whether archived rates are new, or differ from those published before."""
    if receipt.changed:
        return (
            f"{receipt.changed:,} rates differ from those published before for the same date; both"
            " are in the archive."
        )
    return "" if receipt.new else "The archive already has these rates: nothing newer is published."


def describe_boundary_fixes(report: BoundaryReport) -> str:
    """Say what was repaired in a boundary file."""
    return " ".join(report.lines()[1:])


def hash_table(table: pd.DataFrame) -> str:
    """Return a hash of a table's content, including the order of its rows."""
    return hashlib.sha256(
        pd.util.hash_pandas_object(table, index=True).to_numpy().tobytes()
    ).hexdigest()
