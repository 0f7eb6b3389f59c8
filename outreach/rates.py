"""Tabulate, compare, and average response rates.

Rates and shares are 0-1 throughout.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from outreach.arrays import Floats
from outreach.errors import DataError

#: Month and day of every census.
CENSUS_DAY = (4, 1)


@dataclass(frozen=True, slots=True)
class Event:
    """A mailing, field operation, or deadline that moves response rates by itself.

    Parameters
    ----------
    name
        For people.
    first, last
        Its days, both included. They are equal where only the beginning is known.
    status
        ``verified`` (the source says so), ``assumed``, or empty where nobody has looked.
    source
        Address of the source; may be empty.
    """

    name: str
    first: dt.date
    last: dt.date
    status: str = ""
    source: str = ""


#: Half of an 80% range, in standard deviations of a normal error.
_TO_80 = 1.2816


@dataclass(frozen=True, slots=True)
class AreaErrors:
    """How far areas miss what a plan expects of them, as one event.

    Parameters
    ----------
    tract_error_share, power
        80% of the areas of ``n`` tracts missed by at most ``tract_error_share * n ** -power``.
    most_tracts
        The largest area that was measured; larger ones are taken to err as much.
    shift_share
        How much the whole ground changed between the last two censuses: one standard deviation of
        what the next one may change, which all areas share.
    covered80_share
        Share of the areas that missed by less than others of their size said.
    """

    tract_error_share: float
    power: float
    most_tracts: float
    shift_share: float
    covered80_share: float

    def reach(self, tracts: Floats) -> Floats:
        """Return half of the 80% range of areas, shares.

        Parameters
        ----------
        tracts
            Tracts of each area as if all were alike: the square of the sum of their households over
            the sum of their squares (Kish 1965).
        """
        size = np.clip(tracts, 1.0, self.most_tracts)
        own = self.tract_error_share * size**-self.power
        reach: Floats = np.hypot(own, _TO_80 * self.shift_share)
        return reach


def count_alike(households: "pd.Series[float]", groups: "pd.Series[str]") -> "pd.Series[float]":
    """Return how many tracts of equal size would average as steadily as those of each group.

    Kish 1965: the square of the sum of the weights over the sum of their squares.
    """
    weights = households.fillna(0.0).astype(float)
    sums = weights.groupby(groups.to_numpy()).sum()
    return sums**2 / (weights**2).groupby(groups.to_numpy()).sum()


def pivot_rates(rates: pd.DataFrame, column: str = "cumulative_share") -> pd.DataFrame:
    """Turn a rates history into a matrix of tracts by data dates.

    Parameters
    ----------
    rates
        Index ``geoid``; ``data_date`` and ``column``, such as
        :class:`outreach.tables.ResponseRates`.
    column
        The figure to tabulate.

    Returns
    -------
    DataFrame
        A row for each tract and a column for each date, both in order; missing where a tract has
        no row on a date.

    Raises
    ------
    DataError
        A tract has two rows on one date. Which of them is right cannot be known here.
    """
    row, geoids = pd.factorize(rates.index, sort=True)
    place, dates = pd.factorize(rates["data_date"], sort=True)

    # A cell that is filled twice shows a tract that stands twice on one date.
    filled = np.zeros((len(geoids), len(dates)), dtype=bool)
    filled[row, place] = True
    if filled.sum() < len(rates):
        twice = pd.DataFrame({"geoid": rates.index, "date": rates["data_date"].to_numpy()})
        geoid, date = twice[twice.duplicated()].iloc[0]
        raise DataError(
            f"The rates have tract {geoid} twice on {pd.Timestamp(date).date()}.",
            "Keep one row for each tract and date.",
        )

    values = np.full(filled.shape, np.nan)
    values[row, place] = rates[column].to_numpy(dtype=float)
    return pd.DataFrame(
        values,
        index=pd.Index(geoids, name="geoid"),
        columns=pd.DatetimeIndex(dates, name="data_date"),
    )


def measure_change(matrix: pd.DataFrame, days: int) -> "pd.Series[float]":
    """Measure how much rates changed up to the last date, scaled to a number of days.

    The earlier rate is the last one published at least ``days`` days before. Rates do not come out
    every day, so the difference is divided by the real number of days between the two dates.

    Parameters
    ----------
    matrix
        A row for each place, a column for each data date, rising, as from :func:`pivot_rates`.
    days
        The change is that of this many days.

    Returns
    -------
    Series
        Difference of shares for each row. Missing where the dates do not reach back far enough,
        or where a place lacks one of the two rates.
    """
    dates = pd.DatetimeIndex(matrix.columns)
    earliest = dates[-1] - pd.Timedelta(days=days)
    before = int(dates.searchsorted(earliest, side="right")) - 1
    if before < 0:
        return pd.Series(np.nan, index=matrix.index)

    elapsed_days = (dates[-1] - dates[before]).days
    return (matrix.iloc[:, -1] - matrix.iloc[:, before]) * days / elapsed_days


def average_rate(rates: "pd.Series[float]", households: "pd.Series[float]") -> float:
    """Average rates over places, weighted by households.

    Parameters
    ----------
    rates
        A share for each place.
    households
        The weight of each place, at least 0, with the same index.

    Returns
    -------
    float
        The mean over the places that have both a rate and households. NaN if there is none.
    """
    counted = rates.notna() & (households > 0)
    weights = households[counted]
    return float((rates[counted] * weights).sum() / weights.sum()) if len(weights) else np.nan


def average_groups(
    rates: pd.DataFrame, households: "pd.Series[float]", groups: "pd.Series[str]"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Average several rates over groups of places, weighted by households.

    A place without a rate weighs nothing in the mean of that rate. A place with a missing number
    of households weighs nothing at all.

    Parameters
    ----------
    rates
        A row for each place or part of a place, a column for each rate.
    households
        The weight of each row, at least 0; in the order of ``rates``.
    groups
        The group of each row; in the order of ``rates``.

    Returns
    -------
    averages : DataFrame
        A row for each group, the columns of ``rates``. Missing where no household has that rate.
    behind : DataFrame
        The households behind each average; same shape.
    """
    values = rates.to_numpy(dtype=float)
    known = ~np.isnan(values)
    weights = households.fillna(0.0).to_numpy(dtype=float)[:, None] * known

    keys = pd.Index(groups.to_numpy(), name=groups.name)
    sums, behind = (
        pd.DataFrame(part, index=keys, columns=rates.columns).groupby(level=0).sum()
        for part in (weights * np.where(known, values, 0.0), weights)
    )
    return sums / behind.where(behind > 0), behind


def average_dates(rates: Floats, households: Floats) -> Floats:
    """Average rates over places on each date, weighted by households.

    On each date the mean is over the places that have a rate on it.

    Parameters
    ----------
    rates
        Shape (dates, places); NaN where a place has no rate.
    households
        Shape (groups, places); 0 where a place is not in a group.

    Returns
    -------
    array
        Shape (dates, groups); NaN where no household has a rate.
    """
    known = ~np.isnan(rates)
    sums = np.where(known, rates, 0.0) @ households.T
    behind = known.astype(float) @ households.T
    averages: Floats = np.divide(sums, behind, out=np.full(behind.shape, np.nan), where=behind > 0)
    return averages
