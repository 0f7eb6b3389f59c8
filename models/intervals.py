"""Calibrate conformal intervals on held-out errors of whole areas."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from outreach.arrays import Floats, Ints
from outreach.errors import ModelError
from outreach.phrasing import write_percent

#: Quantile levels that intervals are calibrated at.
LEVELS = np.array([0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975])
#: Inflation factors that are tried, and the step between them.
_MOST_INFLATION, _INFLATION_STEP = 1.5, 0.01


@dataclass(frozen=True)
class IntervalTable:
    """Quantiles of scaled errors by day and forecast level.

    Split conformal prediction with scaled residuals (Lei et al. 2018,
    https://doi.org/10.1080/01621459.2017.1307116), one table for each group of similar forecasts
    (Mondrian; Vovk 2012, https://proceedings.mlr.press/v25/vovk12.html). The errors come from whole
    areas that were held out (Dunn et al. 2023, https://doi.org/10.1080/01621459.2022.2060112).

    Attributes
    ----------
    days
        Calibration days, ascending.
    cuts
        Shape (days, groups - 1): forecast shares between the groups.
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
        """Return bounds that contain the final share with probability ``coverage``.

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
        """Return each tract's quantile of scaled error, interpolated by elapsed time and level.

        Raises
        ------
        ModelError
            ``level`` lies outside the calibrated levels.
        """
        if not self.levels[0] - 1e-9 <= level <= self.levels[-1] + 1e-9:
            raise ModelError(
                f"Quantile level {level:g} is outside the calibrated range of"
                f" {self.levels[0]:g} to {self.levels[-1]:g}.",
                f"Request a coverage of at most {write_percent(1 - 2 * self.levels[0])}.",
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
        names = ("days", "cuts", "levels", "quantiles")
        return cls(*(np.array(stored[name], dtype=float) for name in names))


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
        (final - forecast) / expected error of each tract. The model has seen neither the tract nor
        any other of its cluster.
    forecast
        Forecast final share. It makes the groups, which have equal numbers of tracts.
    clusters
        Code of each tract's cluster (county, state).
    levels
        Quantile levels to return.
    groups
        Number of groups.
    balance
        0 weights all tracts alike, 1 weights all clusters alike. In between, a cluster of n tracts
        weighs n ** (1 - balance).

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
    size = pd.Series(1, index=range(len(scaled))).groupby(clusters).transform("size")
    weight = size.to_numpy(dtype=float) ** -balance

    quantiles = np.empty((groups, len(levels)))
    for number in range(groups):
        inside = group == number
        quantiles[number] = read_weighted_quantiles(scaled[inside], weight[inside], levels)
    return cuts, quantiles


def find_inflation(
    scaled: Floats,
    forecast: Floats,
    clusters: npt.NDArray[Any],
    table: IntervalTable,
    *,
    coverage: float = 0.8,
    most: float = 0.055,
) -> float:
    """Find the inflation factor at which nine clusters in ten are covered as stated.

    It is the smallest factor from 1 up at which the tenth percentile of coverage over clusters (of
    30 tracts or more) reaches ``coverage``. It stops before the coverage of all tracts exceeds
    ``coverage + most``, so that one unusual area does not make every interval useless.

    Parameters
    ----------
    scaled, forecast, clusters
        As in :func:`calibrate_groups`, for one day.
    table
        The quantiles of that one day.
    coverage
        The coverage that the intervals state.
    most
        How far the coverage of all tracts may exceed it.
    """
    low, high = table.bounds(forecast, np.ones(len(forecast)), float(table.days[0]), coverage)
    low, high = low - forecast, high - forecast

    factor = 1.0
    for candidate in np.arange(1.0, _MOST_INFLATION, _INFLATION_STEP):
        measured = measure_coverage(scaled, candidate * low, candidate * high, clusters)
        if measured["coverage"] > coverage + most:
            break
        factor = float(candidate)
        if not measured["cluster_10th_percentile"] < coverage:
            break
    return factor


def read_weighted_quantiles(values: Floats, weights: Floats, levels: Floats) -> Floats:
    """Return quantiles of a weighted sample, each one observation wider.

    Split conformal prediction needs that extra observation. The mass of one mean observation is put
    beyond both ends, so a level that the sample is too small for gives an extreme value.
    """
    order = np.argsort(values)
    mass = np.cumsum(weights[order])
    center = (mass - weights[order] / 2) / mass[-1]

    median, extra = 0.5, weights.mean()
    wider = np.where(levels < median, levels - extra / mass[-1] / 2, levels + extra / mass[-1] / 2)
    return np.asarray(np.interp(wider, center, values[order]), dtype=float)


def measure_coverage(
    final: Floats, low: Floats, high: Floats, clusters: npt.NDArray[Any], *, least: int = 30
) -> dict[str, float]:
    """Measure how often intervals contain the final rate: overall, at the low end, by cluster.

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
        ``coverage``; ``lowest_fifth``, the coverage of the fifth with the lowest final rates;
        ``cluster_10th_percentile`` and ``worst_cluster``, over clusters; ``width_share``, the mean
        width.
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


def read_ranks(values: Floats) -> Ints:
    """Return the place of each value in its row, 0 for the smallest; ties in order of columns.

    Parameters
    ----------
    values
        Shape (rows, columns).
    """
    ranks = np.empty(values.shape, dtype=np.int64)
    places = np.arange(values.shape[1])[None]
    np.put_along_axis(ranks, np.argsort(values, axis=1, kind="stable"), places, axis=1)
    return ranks
