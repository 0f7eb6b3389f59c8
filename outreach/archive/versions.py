"""Compare the figures that different downloads brought for a tract and date.

Such figures are a version. A frame of versions has the columns ``geoid`` (int64), ``data_date``
(int32, days since 1970), ``downloaded_at`` (int64, microseconds UTC since 1970), and the four
shares of ``ResponseRates`` (float64, six decimals, missing allowed), with a default index. Codes
and times are numbers here because whole states are sorted and compared.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from outreach.arrays import Flags, Ints
from outreach.errors import DataError
from outreach.phrasing import write_date
from outreach.tables import DataFrame, ResponseRates, as_table

FIGURES = ("cumulative_share", "internet_share", "daily_share", "daily_internet_share")
COLUMNS = ("geoid", "data_date", "downloaded_at", *FIGURES)

#: Percentages with four decimals: finer than anything published, coarser than the noise of a
#: 32-bit float.
DECIMALS = 6

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Additions(NamedTuple):
    """What candidates add: the rows to store, and which of three each candidate is."""

    rows: pd.DataFrame
    new: Flags
    known: Flags
    changed: Flags


def from_rates(rates: DataFrame[ResponseRates], downloaded_at: dt.datetime) -> pd.DataFrame:
    """Return rates as versions of one download."""
    return pd.DataFrame(
        {
            "geoid": rates.index.to_numpy().astype("int64"),
            "data_date": rates["data_date"].to_numpy().astype("datetime64[D]").astype("int32"),
            "downloaded_at": np.int64(to_microseconds(downloaded_at)),
            **{name: rates[name].to_numpy(dtype="float64").round(DECIMALS) for name in FIGURES},
        }
    )


def to_rates(versions: pd.DataFrame) -> DataFrame[ResponseRates]:
    """Return versions as rates; each tract and date must have only one version."""
    codes, geoids = pd.factorize(versions["geoid"].to_numpy())
    texts = pa.DictionaryArray.from_arrays(pa.array(codes), format_geoids(geoids)).cast(pa.string())
    dates = versions["data_date"].to_numpy().astype("datetime64[D]").astype("datetime64[ns]")
    columns = {"data_date": dates, **{name: versions[name].to_numpy() for name in FIGURES}}
    index = pd.Index(texts.to_pandas(), name="geoid", dtype="str")
    return as_table(pd.DataFrame(columns, index=index), ResponseRates)


def format_geoids(geoids: Ints) -> pa.Array:
    """Return GEOIDs as text of eleven digits."""
    return pa.array([f"{geoid:011d}" for geoid in geoids.tolist()], type=pa.string())


def to_microseconds(moment: dt.datetime) -> int:
    """Return a moment as microseconds since 1970; without a time zone it is taken as UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (moment - _EPOCH) // _MICROSECOND


def to_moment(microseconds: int) -> dt.datetime:
    """Return microseconds since 1970 as a moment in UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def to_date(days: int) -> dt.date:
    """Return days since 1970 as a date."""
    return _EPOCH.date() + dt.timedelta(days=days)


def pair_keys(versions: pd.DataFrame) -> Ints:
    """Return one number for each (geoid, data_date), in the same order as the pairs."""
    keys: Ints = (versions["geoid"].to_numpy() << 16) + versions["data_date"].to_numpy()
    return keys


def join_versions(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put versions together; without any, return an empty frame with the right columns."""
    filled = [part for part in parts if len(part)]
    if filled:
        return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    types = ("int64", "int32", "int64", *["float64"] * len(FIGURES))
    return pd.DataFrame(
        {name: pd.Series(dtype=kind) for name, kind in zip(COLUMNS, types, strict=True)}
    )


def choose_versions(versions: pd.DataFrame, *, first: bool = False) -> pd.DataFrame:
    """Return one version for each tract and date, ordered by both.

    Parameters
    ----------
    first
        Whether to return the earliest download instead of the latest.
    """
    keys = pair_keys(versions)
    if (np.diff(keys) > 0).all():
        return versions
    order = np.lexsort((versions["downloaded_at"].to_numpy(), keys))
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    rows = starts if first else np.append(starts[1:], len(order)) - 1
    return versions.iloc[order[rows]].reset_index(drop=True)


def count_changed(versions: pd.DataFrame) -> dict[int, int]:
    """Count by data date (days) the tracts whose figures were published more than one way."""
    keys = pair_keys(versions)
    if (np.diff(keys) > 0).all():
        return {}
    order = np.lexsort((versions["downloaded_at"].to_numpy(), keys))
    ordered = versions.iloc[order]
    repeated = keys[order][1:] == keys[order][:-1]
    differing = keys[order][1:][repeated & ~_match_previous(ordered)[1:]]
    days, counts = np.unique(np.unique(differing) & 0xFFFF, return_counts=True)
    return dict(zip(days.tolist(), counts.tolist(), strict=True))


def find_additions(existing: pd.DataFrame, candidates: pd.DataFrame, origin: str) -> Additions:
    """Find what candidates add to the existing rows.

    All versions of a tract and date are put in order of download and cut into runs of equal
    figures. A run with an existing row adds nothing. Of any other run the earliest row is added. It
    is new if it is the first version of a pair without existing rows, and changed otherwise.

    Raises
    ------
    DataError
        One download gives two figures for one tract and date.
    """
    own_keys = pair_keys(candidates)
    if existing.empty and (np.diff(own_keys) > 0).all():
        every, none = np.ones(len(candidates), bool), np.zeros(len(candidates), bool)
        return Additions(candidates, every, none, none)

    # Order all versions by pair and download; at the same time, existing rows come first.
    both = pd.concat([existing, candidates], ignore_index=True)
    keys, times = pair_keys(both), both["downloaded_at"].to_numpy()
    is_candidate = np.arange(len(both)) >= len(existing)
    order = np.lexsort((is_candidate, times, keys))
    ordered, keys, times, is_candidate = (
        both.iloc[order],
        keys[order],
        times[order],
        is_candidate[order],
    )
    opens_pair = np.diff(keys, prepend=-1) != 0
    opens_run = opens_pair | ~_match_previous(ordered)
    same_time = is_candidate & np.roll(is_candidate, 1) & (np.diff(times, prepend=0) == 0)
    _refuse_clash(ordered, opens_run & ~opens_pair & same_time, origin)

    # Add the first row of each run without an existing row.
    run, pair = np.cumsum(opens_run) - 1, np.cumsum(opens_pair) - 1
    run_exists = np.bincount(run, weights=~is_candidate) > 0
    pair_exists = np.bincount(pair, weights=~is_candidate) > 0
    added = opens_run & ~run_exists[run]
    new = added & opens_pair & ~pair_exists[pair]

    # Give the answer in the order of the candidates.
    back = np.argsort(order)[len(existing) :]
    rows = ordered[added].reset_index(drop=True)
    return Additions(rows, new[back], ~added[back], (added & ~new)[back])


def _refuse_clash(ordered: pd.DataFrame, clash: Flags, origin: str) -> None:
    """Refuse two different figures of one download for one tract and date."""
    if not clash.any():
        return
    row = ordered.iloc[int(clash.argmax())]
    raise DataError(
        f"{origin}: tract {int(row['geoid']):011d} has two different figures for"
        f" {write_date(to_date(int(row['data_date'])))}.",
        "Keep the correct row and import again.",
    )


def _match_previous(ordered: pd.DataFrame) -> Flags:
    """Return whether each row has the figures of the row before it; missing equals missing."""
    same = np.ones(len(ordered), bool)
    for name in FIGURES:
        figures = ordered[name].to_numpy()
        previous = np.roll(figures, 1)
        same &= (figures == previous) | (np.isnan(figures) & np.isnan(previous))
    same[:1] = False
    return same
