"""Response curves on a grid of elapsed days, and what can be read from them on a given day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from outreach.arrays import Floats
from outreach.errors import ModelError, NothingThere
from outreach.rates import pivot_rates

#: The first elapsed day the archived season has figures for; windows that reach further back stop
#: here.
FIRST_DAY = 3


@dataclass(frozen=True)
class Trajectories:
    """Cumulative response of tracts on consecutive elapsed days.

    Attributes
    ----------
    geoid
        Tract codes, sorted, so that neighbours in the array are mostly neighbours on the ground.
    start
        The day that counts as 0.
    first_day
        Elapsed day of the first column.
    cumulative_share, paper_share
        Shape (tracts, days), 0-1; paper is everything that did not come by internet. Days without a
        publication are interpolated by elapsed time between the publications around them.
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
        """Return the cumulative share on an elapsed day, missing outside the days at hand."""
        return _column(self.cumulative_share, day - self.first_day)

    def paper_at(self, day: int) -> Floats:
        """Return the cumulative paper share on an elapsed day, missing outside the days at hand."""
        return _column(self.paper_share, day - self.first_day)

    def until(self, day: int) -> "Trajectories":
        """Return the curves as they could be drawn on ``day``: nothing published later, not even through an interpolation."""
        known = tuple(d for d in self.published_days if d <= day)
        if not known:
            raise NothingThere(
                f"Nothing was published up to day {day}.",
                f"The first publication is of day {self.published_days[0]}.",
            )
        keep = known[-1] - self.first_day + 1
        return Trajectories(
            self.geoid,
            self.start,
            self.first_day,
            self.cumulative_share[:, :keep],
            self.paper_share[:, :keep],
            known,
        )


def draw_trajectories(rates: pd.DataFrame, start: date) -> Trajectories:
    """Put published rates on a grid of elapsed days.

    Parameters
    ----------
    rates
        A ``ResponseRates`` table. Gaps between publications may have any length; rows before
        ``start`` are not part of the season.
    start
        The season's day 0.

    Returns
    -------
    Trajectories
        From the first to the last publication. A tract that lacks a publication is interpolated
        over its own others; one that lacks the last keeps its last known rate, which can only have
        risen since.

    Raises
    ------
    NothingThere
        The table has no row on or after ``start``.
    DataError
        A tract has two rows on one date.
    """
    elapsed = (pd.to_datetime(rates["data_date"]) - pd.Timestamp(start)).dt.days.to_numpy()
    rates = rates[elapsed >= 0]
    if rates.empty:
        raise NothingThere(
            f"The rates hold no publication on or after {start}.",
            "Check the season's start and the archive's dates.",
        )
    cumulative = pivot_rates(rates)
    internet = pivot_rates(rates, "internet_share")
    days = (pd.DatetimeIndex(cumulative.columns) - pd.Timestamp(start)).days.to_numpy()
    level = cumulative.to_numpy(dtype=float, copy=True)
    return Trajectories(
        cumulative.index,
        start,
        int(days[0]),
        _on_grid(level, days),
        _on_grid(level - internet.to_numpy(dtype=float), days),
        tuple(days.tolist()),
    )


def read_features(curves: Trajectories, day: int) -> pd.DataFrame:
    """Describe every tract's curve, its neighbours' and its county's as known on ``day``.

    Parameters
    ----------
    curves
        Tracts of one or many counties; only days up to ``day`` are looked at.
    day
        Elapsed day; one of the days at hand.

    Returns
    -------
    pandas.DataFrame
        One row a tract, shares 0-1: level, paper and internet part, growth over true elapsed
        windows, early levels (``now_`` names a tract's own figures), means over the five and
        thirteen tracts nearest in code (``near_``, ``around_``) and over the county (``county_``).
        Missing where the curve does not reach back.

    Raises
    ------
    ModelError
        ``day`` lies outside the days at hand.
    """
    if not curves.first_day <= day <= curves.last_day:
        raise ModelError(
            f"Day {day} is not among the published days {curves.first_day} to {curves.last_day}.",
            "Choose a day for which rates are archived.",
        )
    level, paper = curves.cumulative_at(day), curves.paper_at(day)
    own: dict[str, npt.NDArray[Any]] = {
        "level": level,
        "paper": paper,
        "internet_part": (level - paper) / np.maximum(level, 0.01),
    }
    for window in (1, 3, 7, 14, 28):
        own[f"gain_{window}d"] = level - curves.cumulative_at(max(day - window, FIRST_DAY))
    for window in (3, 7, 14, 28):
        own[f"paper_gain_{window}d"] = paper - curves.paper_at(max(day - window, FIRST_DAY))
    for early in (5, 9, 14, 20, 27):
        own[f"level_day{early}"] = curves.cumulative_at(min(early, day))
    for early in (11, 25):
        own[f"paper_day{early}"] = curves.paper_at(min(early, day))
    county, group = np.unique(curves.geoid.str[:5].to_numpy(dtype=str), return_inverse=True)
    features: dict[str, npt.NDArray[Any]] = {f"now_{name}": values for name, values in own.items()}
    for name in (
        "level",
        "internet_part",
        "paper",
        "gain_3d",
        "gain_7d",
        "paper_gain_7d",
        "gain_14d",
        "gain_28d",
        "level_day14",
    ):
        features[f"county_{name}"] = _group_mean(own[name], group)
        features[f"near_{name}"] = _rolling_mean(own[name], group, 2)
    for name in ("level", "gain_7d", "internet_part"):
        features[f"around_{name}"] = _rolling_mean(own[name], group, 6)
    state = np.unique(curves.geoid.str[:2].to_numpy(dtype=str), return_inverse=True)[1]
    for name in (
        "level",
        "internet_part",
        "paper",
        "gain_7d",
        "gain_14d",
        "gain_28d",
        "level_day14",
    ):
        features[f"state_{name}"] = _group_mean(own[name], state)
    features["county_spread"] = np.sqrt(_group_mean((level - features["county_level"]) ** 2, group))
    features["county_rank"] = pd.Series(level).groupby(group).rank(pct=True).to_numpy()
    features["county_tracts_log"] = np.log(np.bincount(group, minlength=len(county)))[group]
    return pd.DataFrame(features, index=curves.geoid)


def _column(grid: Floats, position: int) -> Floats:
    if 0 <= position < grid.shape[1]:
        return grid[:, position]
    return np.full(grid.shape[0], np.nan)


def _on_grid(values: Floats, days: npt.NDArray[Any]) -> Floats:
    """Interpolate columns at irregular ``days`` to every day between the first and the last, by elapsed time."""
    for row in np.flatnonzero(np.isnan(values).any(axis=1)):
        known = ~np.isnan(values[row])
        if known.any():
            values[row] = np.interp(days, days[known], values[row, known], left=np.nan)
    every = np.arange(days[0], days[-1] + 1)
    before = np.searchsorted(days, every, side="right") - 1
    after = np.minimum(before + 1, len(days) - 1)
    weight = (every - days[before]) / np.maximum(days[after] - days[before], 1)
    grid: Floats = values[:, before] * (1 - weight)
    grid += np.where(weight > 0, values[:, after], 0.0) * weight
    return grid


def _group_mean(values: Floats, group: npt.NDArray[Any]) -> Floats:
    known = ~np.isnan(values)
    count = np.bincount(group, known)
    total = np.bincount(group, np.where(known, values, 0.0))
    with np.errstate(invalid="ignore"):
        return np.asarray((total / count)[group], dtype=float)


def _rolling_mean(values: Floats, group: npt.NDArray[Any], reach: int) -> Floats:
    """Mean over the ``reach`` tracts before and after in code order, the tract itself included, within one (sorted) group."""
    known = ~np.isnan(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    position = np.arange(len(values))
    low = np.maximum(position - reach, np.searchsorted(group, group, side="left"))
    high = np.minimum(position + reach + 1, np.searchsorted(group, group, side="right"))
    with np.errstate(invalid="ignore"):
        return np.asarray((total[high] - total[low]) / (count[high] - count[low]), dtype=float)
