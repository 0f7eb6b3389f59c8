"""Intervals that hold: quantiles of past errors over their expected size, by group, with whole clusters held out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from outreach.arrays import Floats
from outreach.errors import ModelError

#: Quantile levels that intervals are calibrated at.
LEVELS = np.array([0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975])


@dataclass(frozen=True)
class IntervalTable:
    """Quantiles of scaled errors by day and forecast level.

    Split conformal prediction with scaled residuals (Lei et al. 2018,
    https://doi.org/10.1080/01621459.2017.1307116), one table a group of similar forecasts
    (Mondrian; Vovk 2012, https://proceedings.mlr.press/v25/vovk12.html), the errors coming from
    whole areas that were left out (Dunn et al. 2023,
    https://doi.org/10.1080/01621459.2022.2060112).

    Attributes
    ----------
    days
        Calibration days, ascending.
    cuts
        Shape (days, groups - 1): forecast shares that part the groups.
    levels
        Quantile levels, ascending, symmetric about 0.5.
    quantiles
        Shape (days, groups, levels): of (final - forecast) / expected error.
    """

    days: Floats
    cuts: Floats
    levels: Floats
    quantiles: Floats

    def bounds(
        self, forecast: Floats, error: Floats, day: float, coverage: float
    ) -> tuple[Floats, Floats]:
        """Return lower and upper bounds that hold the final share with probability ``coverage``.

        Parameters
        ----------
        forecast, error
            Forecast final share and its expected absolute error.
        day
            Elapsed day of the forecast.
        coverage
            Between 0 and 1, within the calibrated levels.

        Raises
        ------
        ModelError
            ``coverage`` goes beyond the calibrated levels.
        """
        low = self.quantile(forecast, day, (1 - coverage) / 2)
        high = self.quantile(forecast, day, (1 + coverage) / 2)
        return forecast + error * np.minimum(low, 0.0), forecast + error * np.maximum(high, 0.0)

    def quantile(self, forecast: Floats, day: float, level: float) -> Floats:
        """Return each tract's quantile of scaled error, interpolated by elapsed time and level."""
        if not self.levels[0] - 1e-9 <= level <= self.levels[-1] + 1e-9:
            raise ModelError(
                f"Quantile level {level:g} lies outside the calibrated {self.levels[0]:g} to {self.levels[-1]:g}.",
                f"Ask for a coverage of at most {1 - 2 * self.levels[0]:.0%}.",
            )
        cuts = np.array([np.interp(day, self.days, column) for column in self.cuts.T])
        table = np.apply_along_axis(
            lambda column: np.interp(day, self.days, column), 0, self.quantiles
        )
        at_level = np.array([np.interp(level, self.levels, row) for row in table])
        return np.asarray(at_level[np.searchsorted(cuts, forecast)], dtype=float)

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        return {
            "days": self.days.tolist(),
            "cuts": np.round(self.cuts, 4).tolist(),
            "levels": self.levels.tolist(),
            "quantiles": np.round(self.quantiles, 3).tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(
            *(
                np.array(stored[name], dtype=float)
                for name in ("days", "cuts", "levels", "quantiles")
            )
        )


@dataclass(frozen=True)
class UsualMiss:
    """By how much a season's forecasts of the weeks ahead missed whole areas: the measure of what is usual (:mod:`models.curves.drift`).

    Attributes
    ----------
    days
        Elapsed days of the forecasts, ascending.
    horizons
        How many days ahead they looked, ascending.
    scaled
        Shape (days, horizons): root mean square over areas of the median miss of an area's tracts,
        in expected errors of the final rate.
    area_part
        How much of the variance of an error at the season's end was common to the tracts of an
        area, 0-1.
    """

    days: Floats
    horizons: Floats
    scaled: Floats
    area_part: float

    def at(self, day: float, horizon: float) -> float:
        """Return the usual miss of a forecast on ``day`` for ``horizon`` days later, interpolated."""
        by_horizon = [np.interp(day, self.days, column) for column in self.scaled.T]
        return float(np.interp(horizon, self.horizons, by_horizon))

    def to_json(self) -> dict[str, Any]:
        """Return plain lists."""
        return {
            "days": self.days.tolist(),
            "horizons": self.horizons.tolist(),
            "scaled": np.round(self.scaled, 3).tolist(),
            "area_part": round(self.area_part, 3),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        days, horizons, scaled = (
            np.array(stored[name], dtype=float) for name in ("days", "horizons", "scaled")
        )
        if scaled.shape != (len(days), len(horizons)) or not (
            np.isfinite(scaled).all() and (scaled > 0).all()
        ):
            raise ValueError("usual misses that do not fit their days")
        if not 0 <= float(stored["area_part"]) <= 1:
            raise ValueError("an area's part of the errors that is no share")
        return cls(days, horizons, scaled, float(stored["area_part"]))


def calibrate_groups(
    scaled: Floats,
    forecast: Floats,
    clusters: npt.NDArray[Any],
    levels: Floats,
    *,
    groups: int = 5,
    balance: float = 0.5,
) -> tuple[Floats, Floats]:
    """Read the quantiles of one day's scaled errors by group of forecast level.

    Parameters
    ----------
    scaled
        (final - forecast) / expected error of tracts that the model had not seen, nor any other of
        their cluster.
    forecast
        Forecast final share, the basis of the groups (equal numbers of tracts).
    clusters
        Code of each tract's cluster (county, state).
    levels
        Quantile levels wanted.
    groups
        Number of groups.
    balance
        0 lets every tract count the same, 1 every cluster; between, a cluster of n tracts counts n
        ** (1 - balance).

    Returns
    -------
    cuts
        Shape (groups - 1).
    quantiles
        Shape (groups, levels).

    Raises
    ------
    ModelError
        There are fewer errors than groups.
    """
    if len(scaled) < groups:
        raise ModelError(
            f"{len(scaled)} past errors are too few to calibrate {groups} groups.",
            "Use fewer groups or a larger archive.",
        )
    cuts = np.quantile(forecast, np.arange(1, groups) / groups)
    group = np.searchsorted(cuts, forecast)
    size = (
        pd.Series(1, index=range(len(scaled)))
        .groupby(clusters)
        .transform("size")
        .to_numpy(dtype=float)
    )
    weight = size**-balance
    quantiles = np.empty((groups, len(levels)))
    for number in range(groups):
        inside = group == number
        quantiles[number] = weighted_quantile(scaled[inside], weight[inside], levels)
    return cuts, quantiles


def find_widening(
    scaled: Floats,
    forecast: Floats,
    clusters: npt.NDArray[Any],
    table: IntervalTable,
    *,
    coverage: float = 0.8,
    most: float = 0.055,
) -> float:
    """Return by how much intervals must widen so that nine whole clusters in ten are covered as promised.

    The least factor from 1 on at which the tenth percentile of coverage over clusters (of 30 tracts
    or more) reaches ``coverage``, as long as the coverage of all tracts does not exceed ``coverage
    + most``: an area unlike the others must not make all intervals useless.

    Parameters
    ----------
    scaled, forecast, clusters
        As in :func:`calibrate_groups`, of one day.
    table
        The quantiles of that one day.
    """
    low, high = table.bounds(forecast, np.ones(len(forecast)), float(table.days[0]), coverage)
    low, high = low - forecast, high - forecast
    factor = 1.0
    for tried in np.arange(1.0, 1.5, 0.01):
        found = measure_coverage(scaled, tried * low, tried * high, clusters)
        if found["coverage"] > coverage + most:
            break
        factor = float(tried)
        if not found["cluster_10th_percentile"] < coverage:
            break
    return factor


def weighted_quantile(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Return quantiles of a weighted sample, each widened by one observation as split conformal prediction asks.

    The mass of one mean observation is put beyond both ends, so a level that the sample is too
    small to bear gives an extreme value.
    """
    order = np.argsort(values)
    middle = 0.5
    mass = np.cumsum(weights[order])
    extra = weights.mean()
    centre = (mass - weights[order] / 2) / mass[-1]
    widened = np.where(
        levels < middle, levels - extra / mass[-1] / 2, levels + extra / mass[-1] / 2
    )
    return np.asarray(np.interp(widened, centre, values[order]), dtype=float)


def measure_coverage(
    final: Floats, low: Floats, high: Floats, clusters: npt.NDArray[Any], *, least: int = 30
) -> dict[str, float]:
    """Measure what an interval is worth: overall, for the lowest fifth of final rates, and by cluster.

    Parameters
    ----------
    final, low, high
        Shares.
    clusters
        Code of each tract's cluster.
    least
        A cluster with fewer tracts is left out of the figures by cluster.

    Returns
    -------
    dict
        ``coverage``, ``lowest_fifth``, ``cluster_10th_percentile``, ``worst_cluster``,
        ``width_share``.
    """
    inside = (final >= low) & (final <= high)
    by_cluster = pd.Series(inside).groupby(clusters).agg(["mean", "size"])
    shares = by_cluster.loc[by_cluster["size"] >= least, "mean"]
    return {
        "coverage": float(inside.mean()),
        "lowest_fifth": float(inside[final <= np.quantile(final, 0.2)].mean()),
        "cluster_10th_percentile": float(shares.quantile(0.1)),
        "worst_cluster": float(shares.min()),
        "width_share": float((high - low).mean()),
    }
