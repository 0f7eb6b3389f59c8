"""Read what had been published by a given day from Parquet files of self-response rates.

Two kinds of files are accepted: with the columns of the Census API (``GEO_ID``, ``RESP_DATE``,
``CRRALL`` ... as percentages), and with those of the archive (``geoid``, ``data_date``,
``cumulative_share`` ... as 0-1). The first may have ``FETCH_DATE``, the day of the request; such a
file records replies. The second may have ``downloaded_at``, which separates the versions of a
figure.

In the 204 daily downloads of Cook County that the City of Chicago kept, 161 got figures whose
``RESP_DATE`` was the day of the request and 43 got older ones (weekends, holidays, and twice a
request before that day's release). A day's reply is therefore, county by county, what a recorded
request on that day got, or else the newest snapshot up to that day.
"""

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from outreach.arrays import Flags, Ints
from outreach.errors import ArchiveError

#: The API's names of the four rates: percentages with one decimal, as text.
RATES = ("CRRALL", "CRRINT", "DRRALL", "DRRINT")

_Moments: TypeAlias = npt.NDArray[np.datetime64]
_TRACT = re.compile(r"(1400000US)?\d{11}")


@dataclass(frozen=True)
class RateColumns:
    """How a kind of file names its columns.

    Parameters
    ----------
    tract, data_date, rates, requested_at
        Names of columns; ``requested_at`` is optional.
    to_percent
        The factor from a figure to a percentage.
    are_replies
        Whether the rows of one request are a whole reply.
    """

    tract: str
    data_date: str
    rates: tuple[str, str, str, str]
    requested_at: str
    to_percent: float
    are_replies: bool


_KINDS = (
    RateColumns(
        "GEO_ID", "RESP_DATE", RATES, requested_at="FETCH_DATE", to_percent=1.0, are_replies=True
    ),
    RateColumns(
        "geoid",
        "data_date",
        ("cumulative_share", "internet_share", "daily_share", "daily_internet_share"),
        requested_at="downloaded_at",
        to_percent=100.0,
        are_replies=False,
    ),
)


@dataclass(frozen=True)
class RateFile:
    """A Parquet file with published rates of tracts; it may lack the time of the request."""

    path: Path
    columns: RateColumns
    has_request_time: bool

    def read_day(self, today: dt.date) -> pd.DataFrame:
        """Read each county's newest rows up to ``today``, and the replies requested on it.

        Returns
        -------
        pandas.DataFrame
            ``geoid``, ``data_date`` (day), ``requested_at`` (moment, missing if the file does not
            have it), ``is_reply`` (whether the row is a reply of that day), and the four rates as
            percentages.
        """
        names = self.columns
        columns = [names.tract, names.data_date, *names.rates]
        columns += [names.requested_at] if self.has_request_time else []
        table = pq.read_table(
            self.path, columns=columns, read_dictionary=[names.tract], partitioning=None
        )

        # A file repeats its codes for every date, so look at each distinct code once.
        tract = table.unify_dictionaries()[names.tract].combine_chunks()
        codes, position = tract.dictionary.to_pylist(), tract.indices.to_numpy()
        matches = [_TRACT.fullmatch(code) is not None for code in codes]
        is_tract = np.array(matches, dtype=bool)[position]
        counties = np.array([code[-11:-6] for code in codes], dtype=object)
        county = pd.factorize(counties)[0][position]

        day, limit = _read_moments(table[names.data_date]), np.datetime64(today)
        is_newest = is_tract & (day == _find_newest(county, day, limit)[county])
        is_reply = np.zeros(len(day), dtype=bool)
        if self.has_request_time and names.are_replies:
            request_day = _read_moments(table[names.requested_at]).astype("M8[D]")
            is_reply = is_tract & (request_day == limit)
        rows = np.flatnonzero(is_newest | is_reply)
        return self._format_rows(table.take(pa.array(rows)), day[rows], is_reply[rows])

    def _format_rows(self, rows: pa.Table, day: _Moments, is_reply: Flags) -> pd.DataFrame:
        """Return rows with our column names and rates as percentages."""
        names = self.columns
        geoids = [code[-11:] for code in rows[names.tract].to_pylist()]
        columns: dict[str, Any] = {
            "geoid": pd.Series(geoids, dtype=str),
            "data_date": day.astype("M8[s]"),
            "requested_at": np.datetime64("NaT", "us"),
            "is_reply": is_reply,
        }
        if self.has_request_time:
            columns["requested_at"] = _read_moments(rows[names.requested_at])
        for rate, column in zip(RATES, names.rates, strict=True):
            columns[rate] = rows[column].to_numpy().astype(float) * names.to_percent
        return pd.DataFrame(columns)


def find_rate_files(folder: Path) -> list[RateFile]:
    """Find the Parquet files in a folder that have published rates of tracts.

    Raises
    ------
    ArchiveError
        There are none, or a file is damaged.
    """
    files = list(_recognize_files(folder))
    if not files:
        raise ArchiveError(
            f"There is no Parquet file with published response rates under {folder}.",
            "Name a folder of files with GEO_ID, RESP_DATE, CRRALL ..., or an archive.",
        )
    return files


def read_published(files: list[RateFile], today: dt.date) -> pd.DataFrame:
    """Return the rates as the API gave them on ``today``.

    A county answers as a whole: with the reply that was recorded for it on that day, or with its
    newest snapshot. A tract that is not in this snapshot is absent, as it was from the Bureau's
    answer. Of several versions of a figure, the last one downloaded by that day counts, or else the
    first one downloaded later.

    Parameters
    ----------
    files
        From :func:`find_rate_files`.
    today
        The day to answer for. A data date equal to it counts as published.

    Returns
    -------
    pandas.DataFrame
        One row for each tract, sorted: ``geoid`` (11 digits), ``data_date``, and the four rates of
        :data:`RATES` as percentages. Empty if nothing had been published.
    """
    with ThreadPoolExecutor() as pool:
        rows: pd.DataFrame = pd.concat(
            pool.map(lambda file: file.read_day(today), files), ignore_index=True
        )
    county = rows["geoid"].str[:5]
    rows = rows[rows["is_reply"] == rows.groupby(county)["is_reply"].transform("max")]
    rows = rows[rows["data_date"] == rows.groupby(county)["data_date"].transform("max")]
    if rows["requested_at"].notna().any():
        late = rows["requested_at"] >= pd.Timestamp(today) + pd.Timedelta(days=1)
        rows = pd.concat(
            [
                rows[late].sort_values("requested_at", ascending=False),
                rows[~late].sort_values("requested_at", na_position="first"),
            ]
        )
    rows = rows.drop_duplicates("geoid", keep="last").sort_values("geoid", ignore_index=True)
    return rows[["geoid", "data_date", *RATES]]


def _recognize_files(folder: Path) -> Iterator[RateFile]:
    """Yield the files that have the columns of rates."""
    for path in sorted(folder.rglob("*.parquet")):
        try:
            names = set(pq.read_schema(path).names)
        except pa.ArrowInvalid as error:
            raise ArchiveError(
                f"{path} is not a Parquet file.", "Remove it, or download it again."
            ) from error
        for columns in _KINDS:
            if names >= {columns.tract, columns.data_date, *columns.rates}:
                yield RateFile(path, columns, columns.requested_at in names)


def _read_moments(column: pa.ChunkedArray) -> _Moments:
    """Return dates or moments (UTC): days if the column has days, else microseconds."""
    days = pa.types.is_date32(column.type)
    moments: _Moments = column.cast(pa.int32() if days else pa.timestamp("us")).to_numpy()
    return moments.astype("M8[D]") if days else moments


def _find_newest(county: Ints, day: _Moments, limit: np.datetime64) -> _Moments:
    """Return by county number the newest day up to a limit, or a day far in the past."""
    newest = np.full(county.max(initial=-1) + 1, np.iinfo(np.int64).min + 1)
    published = np.flatnonzero(day <= limit)
    np.maximum.at(newest, county[published], day[published].astype(np.int64))
    return newest.astype(day.dtype)
