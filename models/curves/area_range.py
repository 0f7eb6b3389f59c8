"""Forecast the rate of a whole area, whose tracts may all miss as one.

The range of a tract says little about the range of an area: errors that each tract has of its own
cancel out in a mean, and an error that all share does not. So the error of an area as one event is
measured for itself, on metropolitan areas that were held out as a whole
(:func:`models.training.calibrate_area.calibrate_area_intervals`), over

    e * sqrt(e / g)

where ``e`` is the mean expected error of its tracts and ``g`` the spread of growth in the archived
season on that day. In the season of 2020 the common error rose with about the power 1.5 of ``e``
(slope of logarithms 0.9 to 1.6 over nine days from 9 to 95), so a range in proportion to ``e``
would be too narrow just where an area is least like the archive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.curves.area_pace import LEAST_TRACTS, SMALL
from models.curves.drift import Drift
from models.curves.season_model import SeasonModel
from outreach.arrays import Floats

#: Coverages of the ranges, percent.
_COVERAGES = (50, 80)


@dataclass(frozen=True)
class AreaForecast:
    """The final rate of all tracts of an area together, forecast as one event.

    Attributes
    ----------
    tracts_count
        Tracts with a forecast.
    level_share, final_share
        Today's rate and the forecast: means over the tracts, weighted by households where these are
        known.
    bounds
        Coverage, percent -> the lower and the upper bound, shares.
    inflation_factor
        How much wider the ranges are because the area's season shifts from the archived one.
    """

    tracts_count: int
    level_share: float
    final_share: float
    bounds: Mapping[int, tuple[float, float]]
    inflation_factor: float

    def inflate(self, factor: float) -> "AreaForecast":
        """Make the ranges wider by a factor, within the possible rates."""
        middle = self.final_share
        wider = {
            coverage: (
                max(middle - factor * (middle - low), self.level_share),
                min(middle + factor * (high - middle), 1.0),
            )
            for coverage, (low, high) in self.bounds.items()
        }
        return replace(
            self, bounds=wider, inflation_factor=round(factor * self.inflation_factor, 3)
        )

    def describe(self) -> dict[str, Any]:
        """Return the figures for the manifest."""
        ranges = {
            f"final_{side}{coverage}_share": round(bound, 4)
            for coverage, both in self.bounds.items()
            for side, bound in zip(("low", "high"), both, strict=True)
        }
        return {
            "tracts_count": self.tracts_count,
            "level_share": round(self.level_share, 4),
            "final_share": round(self.final_share, 4),
            **ranges,
            "inflation_factor": self.inflation_factor,
        }


def forecast_area(
    table: pd.DataFrame,
    error: "pd.Series[float]",
    model: SeasonModel,
    drift: Drift,
    day: int,
    part: float,
    households: "pd.Series[float] | None" = None,
) -> AreaForecast | None:
    """Forecast the rate of all tracts together.

    Parameters
    ----------
    table
        A row is a tract with a forecast: ``level_share``, ``final_share``, and its 50% and 80%
        bounds.
    error
        Expected error of each tract's growth to the season's end, not inflated.
    model, drift
        The season model, and how far the area's season shifts from it.
    day
        Elapsed day.
    part
        Share of the growth to the season's end that comes by the deadline.
    households
        Geoid -> households, the weights. A tract without them has none; without any, all tracts
        weigh alike.

    Returns
    -------
    AreaForecast or None
        ``None`` without tracts, or if the model was learned from too few areas. With fewer than 30
        tracts the range is wider by ``sqrt(30 / tracts)``, as if nothing but errors of their own
        were left. It is never wider than the mean of the tracts' own ranges, which is the range if
        all errors were common.
    """
    if table.empty or model.area_intervals is None:
        return None
    weight = _weigh_tracts(table.index, households)

    def average(values: "pd.Series[float]") -> float:
        return float(np.average(values.to_numpy(dtype=float), weights=weight))

    level, final, count = average(table["level_share"]), average(table["final_share"]), len(table)
    growth_scale = float(np.interp(day, model.days, model.growth_scale))
    inflation = _inflate_area(drift)
    scale = float(scale_area_error(np.array([average(error)]), growth_scale)[0]) * part * inflation
    scale *= np.sqrt(max(LEAST_TRACTS / count, 1.0))

    bounds = {}
    for coverage in _COVERAGES:
        low, high = (
            float(model.area_intervals.quantile(np.array([float(count)]), day, level_of)[0])
            for level_of in (0.5 - coverage / 200, 0.5 + coverage / 200)
        )
        own_low, own_high = (
            average(table[f"final_{side}{coverage}_share"]) for side in ("low", "high")
        )
        bounds[coverage] = (
            max(final + scale * min(low, 0.0), own_low, level),
            min(final + scale * max(high, 0.0), own_high),
        )
    return AreaForecast(count, level, final, bounds, round(inflation, 3))


def forecast_counties(
    table: pd.DataFrame,
    error: "pd.Series[float]",
    model: SeasonModel,
    drift: Drift,
    day: int,
    part: float,
    households: "pd.Series[float] | None" = None,
) -> dict[str, AreaForecast]:
    """Forecast the rate of each county's tracts together, where there are several counties.

    Parameters
    ----------
    table, error, model, drift, day, part, households
        As for :func:`forecast_area`.

    Returns
    -------
    dict
        Five digits -> the county's forecast. A county with too few tracts to measure how its season
        shifts takes the shift of such counties together.
    """
    codes = table.index.str[:5]
    if len(codes.unique()) <= 1:
        return {}

    forecasts = {}
    for code in codes.unique():
        own = codes == code
        key = code if code in drift.counties.index else SMALL
        shift = replace(drift, counties=drift.counties[drift.counties.index == key])
        area = forecast_area(table[own], error[own], model, shift, day, part, households)
        if area is not None:
            forecasts[str(code)] = area
    return forecasts


def move_tracts(table: pd.DataFrame, area: AreaForecast | None) -> pd.DataFrame:
    """Add each tract's forecast as it is at the ends of the area's 80% range.

    Parameters
    ----------
    table
        ``final_share``.
    area
        The area's forecast; without it both columns are missing.

    Returns
    -------
    DataFrame
        With ``area_low80_share`` and ``area_high80_share``: the tract's forecast, moved as far as
        the area's is. Their means over all tracts, weighted by households, are the area's range.
    """
    low, high = area.bounds[80] if area else (np.nan, np.nan)
    middle = area.final_share if area else np.nan
    return table.assign(
        area_low80_share=table["final_share"] + (low - middle),
        area_high80_share=table["final_share"] + (high - middle),
    )


def scale_area_error(error: Floats, growth_scale: float) -> Floats:
    """Return the unit that the error of an area as one event is measured in.

    Parameters
    ----------
    error
        Mean expected error of the tracts of each area, shares.
    growth_scale
        Spread of growth in the archived season on that day, a share.
    """
    return np.asarray(error * np.sqrt(error / growth_scale), dtype=float)


def _weigh_tracts(geoid: pd.Index, households: "pd.Series[float] | None") -> Floats:
    """Return the weight of each tract: its households, or 1 if none are known."""
    if households is None:
        return np.ones(len(geoid))
    weight = np.nan_to_num(households.reindex(geoid).to_numpy(dtype=np.float64))
    return np.asarray(weight if weight.sum() > 0 else np.ones(len(geoid)), dtype=np.float64)


def _inflate_area(drift: Drift) -> float:
    """Return the root mean square shift of the counties, at least 1: all of the error is common."""
    if drift.counties.empty:
        return 1.0
    return max(float(np.sqrt((drift.counties["shift"] ** 2).mean())), 1.0)
