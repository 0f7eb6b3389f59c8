"""What had been published by a given day, read from a folder of Parquet files with self-response rates.

Two kinds of files are understood: with the columns of the Census API (``GEO_ID``, ``RESP_DATE``,
``CRRALL`` ... in per cent), and with those of the publication ledger (``geoid``, ``data_date``,
``cumulative_share`` ... as 0-1). The first may carry ``FETCH_DATE``, the day of the call: such a
file records replies. The second may carry ``downloaded_at``, which tells the versions of a figure
apart.

In the 204 daily fetches of Cook County that the City of Chicago kept, 161 got figures whose
``RESP_DATE`` was the day of the call and 43 got older ones (weekends, holidays, and twice a call
that came before that day's release). A day's reply is therefore, county by county: what a fetch
recorded on that day got, or else the newest snapshot whose data date is not after that day.
"""

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from outreach.arrays import Ints
from outreach.errors import ArchiveError

#: The API's names of the four rates; in a reply they are text in per cent with one decimal.
RATES = ("CRRALL", "CRRINT", "DRRALL", "DRRINT")

_Moments: TypeAlias = npt.NDArray[np.datetime64]
_TRACT = re.compile(r"(1400000US)?\d{11}")


@dataclass(frozen=True)
class _Columns:
    """How a kind of file names its columns, what makes a rate per cent, and whether its rows of one call are a reply."""

    tract: str
    data_date: str
    rates: tuple[str, str, str, str]
    called: str
    to_percent: float
    are_replies: bool


_KINDS = (
    _Columns("GEO_ID", "RESP_DATE", RATES, called="FETCH_DATE", to_percent=1.0, are_replies=True),
    _Columns(
        "geoid",
        "data_date",
        ("cumulative_share", "internet_share", "daily_share", "daily_internet_share"),
        called="downloaded_at",
        to_percent=100.0,
        are_replies=False,
    ),
)


@dataclass(frozen=True)
class RateFile:
    """A Parquet file with published rates of tracts."""

    path: Path
    columns: _Columns
    tells_call: bool

    def read_day(self, today: dt.date) -> pd.DataFrame:
        """Read, county by county, the newest rows that are not after ``today``, and the replies that were fetched on it.

        Returns
        -------
        pandas.DataFrame
            ``geoid``, ``data_date`` (day), ``called`` (moment, missing where the file does not
            tell), ``fetched`` (whether the row is a reply of that day) and the four rates in per
            cent.
        """
        names = self.columns
        wanted = [
            names.tract,
            names.data_date,
            *names.rates,
            *([names.called] if self.tells_call else []),
        ]
        table = pq.read_table(
            self.path, columns=wanted, read_dictionary=[names.tract], partitioning=None
        )
        tract = table.unify_dictionaries()[names.tract].combine_chunks()
        codes, place = tract.dictionary.to_pylist(), tract.indices.to_numpy()
        is_tract = np.array([_TRACT.fullmatch(code) is not None for code in codes], dtype=bool)[
            place
        ]
        county = pd.factorize(np.array([code[-11:-6] for code in codes], dtype=object))[0][place]
        day = _read_moments(table[names.data_date])
        chosen = is_tract & (day == _find_newest(county, day, np.datetime64(today))[county])
        fetched = np.zeros(len(day), dtype=bool)
        if self.tells_call and names.are_replies:
            fetched = is_tract & (
                _read_moments(table[names.called]).astype("M8[D]") == np.datetime64(today)
            )
        kept = np.flatnonzero(chosen | fetched)
        rows = table.take(pa.array(kept))
        percent = {
            rate: rows[column].to_numpy().astype(float) * names.to_percent
            for rate, column in zip(RATES, names.rates, strict=True)
        }
        return pd.DataFrame(
            {
                "geoid": pd.Series(
                    [code[-11:] for code in rows[names.tract].to_pylist()], dtype=str
                ),
                "data_date": day[kept].astype("M8[s]"),
                "called": _read_moments(rows[names.called])
                if self.tells_call
                else np.datetime64("NaT", "us"),
                "fetched": fetched[kept],
                **percent,
            }
        )


def find_rate_files(folder: Path) -> list[RateFile]:
    """Find the Parquet files under ``folder`` that hold published rates of tracts.

    Raises
    ------
    ArchiveError
        There is none, or a file is damaged.
    """
    found = list(_recognise(folder))
    if not found:
        raise ArchiveError(
            f"There is no Parquet file with published response rates under {folder}.",
            "Point at a folder with columns GEO_ID, RESP_DATE, CRRALL ... or at a publication ledger.",
        )
    return found


def read_published(files: list[RateFile], today: dt.date) -> pd.DataFrame:
    """Return the rates as the API gave them on ``today``.

    A county answers as a whole: with the reply that was recorded for it on that day, or with its
    newest snapshot; a tract that this snapshot lacks is absent, as it was from the Bureau's answer.
    Of several versions of a figure the last one that was downloaded by that day counts, or the
    first of those downloaded later.

    Parameters
    ----------
    files
        From :func:`find_rate_files`.
    today
        The day to answer for. A data date equal to it is taken as published.

    Returns
    -------
    pandas.DataFrame
        One row a tract, sorted: ``geoid`` (11 digits), ``data_date`` and the four rates of
        :data:`RATES` in per cent. Empty where nothing had been published.
    """
    with ThreadPoolExecutor() as pool:
        rows: pd.DataFrame = pd.concat(
            pool.map(lambda file: file.read_day(today), files), ignore_index=True
        )
    county = rows["geoid"].str[:5]
    rows = rows[rows["fetched"] == rows.groupby(county)["fetched"].transform("max")]
    rows = rows[rows["data_date"] == rows.groupby(county)["data_date"].transform("max")]
    if rows["called"].notna().any():
        late = rows["called"] >= pd.Timestamp(today) + pd.Timedelta(days=1)
        rows = pd.concat(
            [
                rows[late].sort_values("called", ascending=False),
                rows[~late].sort_values("called", na_position="first"),
            ]
        )
    rows = rows.drop_duplicates("geoid", keep="last").sort_values("geoid", ignore_index=True)
    return rows[["geoid", "data_date", *RATES]]


def _recognise(folder: Path) -> Iterator[RateFile]:
    for path in sorted(folder.rglob("*.parquet")):
        try:
            names = set(pq.read_schema(path).names)
        except pa.ArrowInvalid:
            raise ArchiveError(
                f"{path} is not a Parquet file.", "Remove it, or fetch it again."
            ) from None
        for columns in _KINDS:
            if names >= {columns.tract, columns.data_date, *columns.rates}:
                yield RateFile(path, columns, columns.called in names)


def _read_moments(column: pa.ChunkedArray) -> _Moments:
    """Return dates or moments (UTC): days if the column holds days, else microseconds."""
    days = pa.types.is_date32(column.type)
    moments: _Moments = column.cast(pa.int32() if days else pa.timestamp("us")).to_numpy()
    return moments.astype("M8[D]") if days else moments


def _find_newest(county: Ints, day: _Moments, limit: np.datetime64) -> _Moments:
    """Return by county number the newest day up to a limit; far in the past where there is none."""
    newest = np.full(county.max(initial=-1) + 1, np.iinfo(np.int64).min + 1)
    published = np.flatnonzero(day <= limit)
    np.maximum.at(newest, county[published], day[published].astype(np.int64))
    return newest.astype(day.dtype)
