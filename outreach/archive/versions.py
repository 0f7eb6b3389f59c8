"""The rows that the ledger keeps, in memory: a tract's figures on a data date, as one download brought them.

A frame of versions has the columns ``geoid`` (int64), ``data_date`` (int32, days since 1970),
``downloaded_at`` (int64, microseconds UTC since 1970) and the four shares of ``ResponseRates``
(float64, six decimals, missing allowed); a default index. Codes and times are numbers here because
whole states are sorted and compared.
"""

import datetime as dt
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from outreach.arrays import Flags, Ints
from outreach.errors import DataError

FIGURES = ("cumulative_share", "internet_share", "daily_share", "daily_internet_share")
COLUMNS = ("geoid", "data_date", "downloaded_at", *FIGURES)

#: Per cent with four decimals: finer than anything published, coarser than the noise of a 32-bit
#: float.
DECIMALS = 6


class Sorted(NamedTuple):
    """What becomes of offered rows: those to keep, and for each offered row which of three it is."""

    kept: pd.DataFrame
    new: Flags
    known: Flags
    changed: Flags


def from_rates(rates: pd.DataFrame, downloaded_at: dt.datetime) -> pd.DataFrame:
    """Return the rows of a ``ResponseRates`` table as versions of one download."""
    return pd.DataFrame(
        {
            "geoid": rates.index.to_numpy().astype("int64"),
            "data_date": rates["data_date"].to_numpy().astype("datetime64[D]").astype("int32"),
            "downloaded_at": np.int64(to_microseconds(downloaded_at)),
            **{name: rates[name].to_numpy(dtype="float64").round(DECIMALS) for name in FIGURES},
        }
    )


def to_rates(versions: pd.DataFrame) -> pd.DataFrame:
    """Return versions, one a tract and date, as a ``ResponseRates`` table."""
    codes, geoids = pd.factorize(versions["geoid"].to_numpy())
    texts = pa.DictionaryArray.from_arrays(pa.array(codes), spell_geoids(geoids)).cast(pa.string())
    dates = versions["data_date"].to_numpy().astype("datetime64[D]").astype("datetime64[ns]")
    columns = {"data_date": dates, **{name: versions[name].to_numpy() for name in FIGURES}}
    return pd.DataFrame(columns, index=pd.Index(texts.to_pandas(), name="geoid", dtype="str"))


def spell_geoids(geoids: Ints) -> pa.Array:
    """Return GEOIDs as text of eleven digits."""
    return pa.array([f"{geoid:011d}" for geoid in geoids.tolist()], type=pa.string())


def to_microseconds(moment: dt.datetime) -> int:
    """Return a moment as microseconds since 1970; one without a time zone is taken as UTC."""
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def to_moment(microseconds: int) -> dt.datetime:
    """Return microseconds since 1970 as a moment in UTC."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)


def to_date(days: int) -> dt.date:
    """Return days since 1970 as a date."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=days)


def to_days(date: dt.date) -> int:
    """Return a date as days since 1970."""
    return (date - dt.date(1970, 1, 1)).days


def pair_keys(versions: pd.DataFrame) -> Ints:
    """Return one number for each (geoid, data_date), which orders as the pair does."""
    keys: Ints = (versions["geoid"].to_numpy() << 16) + versions["data_date"].to_numpy()
    return keys


def choose(versions: pd.DataFrame, *, first: bool = False) -> pd.DataFrame:
    """Return one version a tract and date, ordered by both: the latest download, or the first."""
    keys = pair_keys(versions)
    if (np.diff(keys) > 0).all():
        return versions
    order = np.lexsort((versions["downloaded_at"].to_numpy(), keys))
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    chosen = starts if first else np.append(starts[1:], len(order)) - 1
    return versions.iloc[order[chosen]].reset_index(drop=True)


def count_changed(versions: pd.DataFrame) -> dict[int, int]:
    """Count by data date (days) the tracts whose figures were published in more than one version."""
    keys = pair_keys(versions)
    if (np.diff(keys) > 0).all():
        return {}
    order = np.lexsort((versions["downloaded_at"].to_numpy(), keys))
    ordered = versions.iloc[order]
    repeated = keys[order][1:] == keys[order][:-1]
    differing = keys[order][1:][repeated & ~_same_as_before(ordered)[1:]]
    days, counts = np.unique(np.unique(differing) & 0xFFFF, return_counts=True)
    return dict(zip(days.tolist(), counts.tolist(), strict=True))


def sort_out(stored: pd.DataFrame, offered: pd.DataFrame, origin: str) -> Sorted:
    """Find what offered rows add to stored ones.

    All versions of a tract and date are lined up by download time and cut into runs of equal
    figures. A run that holds a stored row adds nothing; of any other the earliest row is kept: it
    is new if it opens the line of a pair that nothing was known of, else changed.

    Raises
    ------
    DataError
        One download gives two figures for one tract and date.
    """
    own = pair_keys(offered)
    if stored.empty and (np.diff(own) > 0).all():
        everything, nothing = np.ones(len(offered), bool), np.zeros(len(offered), bool)
        return Sorted(offered, everything, nothing, nothing)
    both = pd.concat([stored, offered], ignore_index=True)
    keys, seen = pair_keys(both), both["downloaded_at"].to_numpy()
    is_offer = np.arange(len(both)) >= len(stored)
    order = np.lexsort((is_offer, seen, keys))
    ordered, keys, seen, is_offer = both.iloc[order], keys[order], seen[order], is_offer[order]
    opens_pair = np.diff(keys, prepend=-1) != 0
    opens_run = opens_pair | ~_same_as_before(ordered)
    clash = (
        opens_run & ~opens_pair & is_offer & np.roll(is_offer, 1) & (np.diff(seen, prepend=0) == 0)
    )
    if clash.any():
        row = ordered.iloc[int(clash.argmax())]
        raise DataError(
            f"{origin}: tract {int(row['geoid']):011d} stands there with two different figures for {to_date(int(row['data_date']))}.",
            "Keep the right row and import again.",
        )
    run, pair = np.cumsum(opens_run) - 1, np.cumsum(opens_pair) - 1
    run_is_stored = np.bincount(run, weights=~is_offer) > 0
    pair_is_stored = np.bincount(pair, weights=~is_offer) > 0
    kept = opens_run & ~run_is_stored[run]
    new = kept & opens_pair & ~pair_is_stored[pair]
    back = np.argsort(order)[len(stored) :]
    return Sorted(ordered[kept].reset_index(drop=True), new[back], ~kept[back], (kept & ~new)[back])


def _same_as_before(ordered: pd.DataFrame) -> Flags:
    """Whether each row has the figures of the row before it; missing equals missing."""
    same = np.ones(len(ordered), bool)
    for name in FIGURES:
        figures = ordered[name].to_numpy()
        before = np.roll(figures, 1)
        same &= (figures == before) | (np.isnan(figures) & np.isnan(before))
    same[:1] = False
    return same
