"""Put response rates on a grid of elapsed days."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from outreach.arrays import Floats, Ints
from outreach.errors import NothingThere
from outreach.rates import pivot_rates
from outreach.tables import DataFrame, ResponseRates


@dataclass(frozen=True)
class Trajectories:
    """Cumulative response of tracts on consecutive elapsed days.

    Attributes
    ----------
    geoid
        Tract codes, sorted, so that neighbors in the array are mostly neighbors on the ground.
    start
        The day that counts as 0.
    first_day
        Elapsed day of the first column.
    cumulative_share, paper_share
        Shape (tracts, days), 0-1. Paper is every response that did not come by internet. A day
        without a publication is interpolated by elapsed time between the publications around it.
    published_days
        The elapsed days that were really published.
    """

    geoid: pd.Index
    start: date
    first_day: int
    cumulative_share: Floats
    paper_share: Floats
    published_days: tuple[int, ...]

    @property
    def last_day(self) -> int:
        """Elapsed day of the last publication."""
        return self.first_day + int(self.cumulative_share.shape[1]) - 1

    def cumulative_at(self, day: int) -> Floats:
        """Return the cumulative share on an elapsed day, missing outside the published span."""
        return _read_column(self.cumulative_share, day - self.first_day)

    def paper_at(self, day: int) -> Floats:
        """Return the cumulative paper share on a day, missing outside the published span."""
        return _read_column(self.paper_share, day - self.first_day)

    def until(self, day: int) -> "Trajectories":
        """Return the curves as they were known on ``day``.

        Nothing published later has any effect, not even through interpolation.

        Raises
        ------
        NothingThere
            Nothing was published up to ``day``.
        """
        published = tuple(earlier for earlier in self.published_days if earlier <= day)
        if not published:
            raise NothingThere(
                f"Nothing was published up to day {day}.",
                f"The first publication is on day {self.published_days[0]}.",
            )

        width = published[-1] - self.first_day + 1
        return Trajectories(
            self.geoid,
            self.start,
            self.first_day,
            self.cumulative_share[:, :width],
            self.paper_share[:, :width],
            published,
        )


def build_trajectories(rates: DataFrame[ResponseRates], start: date) -> Trajectories:
    """Put a rates history on a grid of elapsed days.

    Parameters
    ----------
    rates
        Gaps between publications may have any length. Rows before ``start`` are ignored.
    start
        The season's day 0.

    Returns
    -------
    Trajectories
        From the first to the last publication. A tract that lacks a publication is interpolated
        from its other ones. A tract that lacks the last one keeps its last rate, which can only
        have risen since.

    Raises
    ------
    NothingThere
        The table has no row on or after ``start``.
    DataError
        A tract has two rows on one date.
    """
    elapsed = (pd.to_datetime(rates["data_date"]) - pd.Timestamp(start)).dt.days.to_numpy()
    season = rates[elapsed >= 0]
    if season.empty:
        raise NothingThere(
            f"The rates have no publication on or after {start}.",
            "Check the season's start and the archive's dates.",
        )

    cumulative = pivot_rates(season)
    internet = pivot_rates(season, "internet_share")
    days = (pd.DatetimeIndex(cumulative.columns) - pd.Timestamp(start)).days.to_numpy()
    level = cumulative.to_numpy(dtype=float, copy=True)

    # Paper first: filling the grid of the level changes its array.
    paper = level - internet.to_numpy(dtype=float)
    return Trajectories(
        cumulative.index,
        start,
        int(days[0]),
        _fill_grid(level, days),
        _fill_grid(paper, days),
        tuple(days.tolist()),
    )


def _read_column(grid: Floats, position: int) -> Floats:
    """Return a column of the grid, or missing figures outside it."""
    if 0 <= position < grid.shape[1]:
        return grid[:, position]
    return np.full(grid.shape[0], np.nan)


def _fill_grid(values: Floats, days: Ints) -> Floats:
    """Interpolate columns at irregular days to every day between the first and the last.

    Parameters
    ----------
    values
        Shape (tracts, published days); gaps are filled in place.
    days
        Elapsed day of each column, ascending.
    """
    # Fill each tract's own gaps from its other publications.
    for row in np.flatnonzero(np.isnan(values).any(axis=1)):
        rated = ~np.isnan(values[row])
        if rated.any():
            values[row] = np.interp(days, days[rated], values[row, rated], left=np.nan)

    # Weight the publications before and after each day by elapsed time.
    every = np.arange(days[0], days[-1] + 1)
    before = np.searchsorted(days, every, side="right") - 1
    after = np.minimum(before + 1, len(days) - 1)
    weight = (every - days[before]) / np.maximum(days[after] - days[before], 1)

    grid: Floats = values[:, before] * (1 - weight)
    grid += np.where(weight > 0, values[:, after], 0.0) * weight
    return grid
