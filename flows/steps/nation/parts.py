"""Pack the finished lists of a state for the way back from a worker."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from flows.steps.nation.packed import pack_tables, unpack_tables

_COUNTIES, _TABLE, _ROWS = "counties", "tracts.parquet", "lists.csv"


@dataclass(frozen=True)
class ListedState:
    """The lists of a state as they are written, and what the roll-ups need of them.

    Attributes
    ----------
    state, data_date, counties, area, notes
        As in :class:`flows.steps.nation.lists.StateLists`.
    mean_share
        Mean self-response rate of the tracts (0-1).
    table
        The state's tracts as a Parquet file, for programs.
    rows
        The lists of all counties as one CSV text, for people, in the order of ``counties``.
    """

    state: str
    data_date: dt.date
    counties: pd.DataFrame
    area: Mapping[str, float]
    notes: tuple[str, ...]
    mean_share: float
    table: bytes
    rows: str


def pack_listed(listed: ListedState) -> bytes:
    """Write the lists of a state as one file, the same for the same lists."""
    record = {
        "state": listed.state,
        "data_date": listed.data_date.isoformat(),
        "area": dict(listed.area),
        "notes": list(listed.notes),
        "mean_share": listed.mean_share,
    }
    files = {_TABLE: listed.table, _ROWS: listed.rows.encode()}
    return pack_tables({_COUNTIES: listed.counties}, record, files)


def unpack_listed(content: bytes) -> ListedState | None:
    """Read what :func:`pack_listed` wrote; ``None`` if it is damaged in any way."""
    unpacked = unpack_tables(content)
    if unpacked is None:
        return None
    record = unpacked.record
    try:
        return ListedState(
            state=record["state"],
            data_date=dt.date.fromisoformat(record["data_date"]),
            counties=unpacked.tables[_COUNTIES],
            area=record["area"],
            notes=tuple(record["notes"]),
            mean_share=record["mean_share"],
            table=unpacked.files[_TABLE],
            rows=unpacked.files[_ROWS].decode(),
        )
    except (KeyError, TypeError, ValueError):
        return None
