"""Forecast each tract's final rate and missing households, with intervals.

The forecast blends the season model's trajectory, the area's own trend, and the peer expectation. A
campaign's goal is not an input: what a campaign hopes for is never shown as what is expected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.curves.area_range import (
    AreaForecast,
    forecast_area,
    forecast_counties,
    move_tracts,
)
from models.curves.curve_features import read_curve_features
from models.curves.drift import Drift, measure_drift
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from outreach.arrays import Floats
from outreach.errors import ModelError

#: Weight of the peer expectation by elapsed day. A forecast's distance from an expectation that was
#: fitted without this season's final rates predicts about this much of the forecast's error.
#: Measured in Cook County, 2020 (static predictors, spatial folds, forecasts from other states);
#: can be set.
PEER_WEIGHT = {7: 0.25, 14: 0.12, 30: 0.1, 45: 0.06, 60: 0.03, 90: 0.0}
#: Coverages of the intervals, percent.
COVERAGES = (50, 80)
#: With fewer tracts, an expectation's level and scale cannot be matched to the season.
_LEAST_MATCHED = 30
#: Rounds of the robust line, and the share of tracts that it is fitted to.
_ROUNDS, _FITTED_SHARE = 3, 0.9


@dataclass(frozen=True)
class ForecastWeights:
    """How much each source counts in the blend; the season's trajectory has the rest.

    Attributes
    ----------
    local
        Weight of the area's own trend of the last two weeks, extrapolated by the season's mean
        curve.
    peers
        Weight of the peer expectation, matched to the area's current level and scale.

    Raises
    ------
    ModelError
        A weight is negative, or the weights exceed 1.
    """

    local: float
    peers: float

    def __post_init__(self) -> None:
        if min(self.local, self.peers) < 0 or self.local + self.peers > 1:
            raise ModelError(
                f"Weights of {self.local:g} and {self.peers:g} are not shares of a whole.",
                "Use weights from 0 to 1.",
            )

    @property
    def trajectory(self) -> float:
        """Weight of the season model's trajectory."""
        return 1.0 - self.local - self.peers

    def __str__(self) -> str:
        local, peers = round(100 * self.local), round(100 * self.peers)
        trajectory = 100 - local - peers
        return f"trajectory {trajectory}%, area trend {local}%, peer expectation {peers}%"


@dataclass(frozen=True)
class Forecast:
    """A forecast and what it is based on.

    Attributes
    ----------
    table
        A row is a tract: ``data_date``, ``level_share``, ``final_share`` with
        ``final_low50_share``, ``final_high50_share``, ``final_low80_share``,
        ``final_high80_share``; the parts ``trajectory_share``, ``local_share``,
        ``peer_matched_share`` (missing where it has no weight); ``disagreement_share``;
        ``own_error_share``, the standard deviation of the part of the error that the tract has of
        its own; ``area_low80_share``, ``area_high80_share``
        (:func:`models.curves.area_range.move_tracts`); and where households are known
        ``missing_at_deadline_count`` with ``_low80``, ``_high80``.
    weights
        The blend.
    day
        Elapsed day of the last publication used.
    provenance
        Of the season model.
    left_out
        Tracts without a rate on that day; they have no forecast.
    drift
        How far the area's season has shifted so far. Its factors are in the intervals already.
    area
        The rate of all tracts together as one event; ``None`` if the season model was learned from
        too few areas.
    counties
        Five digits -> the rate of the county's tracts together, where there are several counties.
    """

    table: pd.DataFrame
    weights: ForecastWeights
    day: int
    provenance: Mapping[str, Any]
    left_out: tuple[str, ...]
    drift: Drift
    area: AreaForecast | None
    counties: Mapping[str, AreaForecast] = field(default_factory=dict)


def forecast_final(
    curves: Trajectories,
    model: SeasonModel,
    *,
    day: int | None = None,
    peers: "pd.Series[float] | None" = None,
    households: "pd.Series[float] | None" = None,
    weights: ForecastWeights | None = None,
    deadline: date | None = None,
) -> Forecast:
    """Forecast every tract's rate at the deadline.

    Parameters
    ----------
    curves
        Rates up to ``day`` or later; later ones are ignored.
    model
        A season model: shapes, weights, errors, and intervals.
    day
        Elapsed day; by default the last published one.
    peers
        Geoid -> ``peer_share`` (:mod:`models.peers.expect`). Only its order and proportions count:
        it is matched to the area's current forecast.
    households
        Geoid -> households, for the missing ones and as weights of the area's rate.
    weights
        Sets the blend; by default the season's estimates for that day. The weight of a source that
        is not available goes to the trajectory.
    deadline
        The day the forecast is for; by default the season's final day. Another day scales growth
        along the season's mean curve.

    Raises
    ------
    ModelError
        The day is too early for the season model, or the deadline is not after it.
    NothingThere
        Nothing was published up to ``day``.
    """
    curves = curves.until(curves.last_day if day is None else day)
    day = curves.last_day
    features = read_curve_features(curves, day)
    level = features["now_level"].to_numpy(dtype=float)
    part = _read_part(model, curves, day, deadline)

    # Blend the sources.
    growth = model.forecast_growth(features, day)
    sources = _read_sources(model, features, growth, day, part, peers)
    if weights is None:
        has_peers = bool(sources["peer_matched_share"].notna().any())
        weights = estimate_weights(model, day, with_peers=has_peers)
    weights = _drop_missing_sources(weights, sources)
    final = np.clip(_blend_sources(weights, sources), level, 1.0)

    # Bound the forecast, wider where the area's season has shifted.
    drift = measure_drift(curves, model)
    expected = growth["error_share"].to_numpy(dtype=float)
    error = expected * part * drift.inflation_factor.to_numpy()
    figures = {
        "data_date": pd.Timestamp(curves.start + timedelta(days=day)),
        "level_share": level,
        "final_share": final,
    }
    for coverage in COVERAGES:
        low, high = model.intervals.bounds(final, error, day, coverage / 100)
        figures[f"final_low{coverage}_share"] = np.clip(low, level, 1.0)
        figures[f"final_high{coverage}_share"] = np.clip(high, level, 1.0)
    table = pd.DataFrame(figures, index=curves.geoid).join(sources, validate="one_to_one")
    table["disagreement_share"] = growth["disagreement_share"]
    own_error = float(np.interp(day, model.days, model.own_error_factor))
    table["own_error_share"] = own_error * part * expected
    if households is not None:
        table = count_missing_at_deadline(table, households)

    # Bound the area as one event.
    unrated = np.isnan(final)
    left_out, table = tuple(curves.geoid[unrated]), table[~unrated]
    errors = growth["error_share"].reindex(table.index)
    area = forecast_area(table, errors, model, drift, day, part, households)
    counties = forecast_counties(table, errors, model, drift, day, part, households)
    table = move_tracts(table, area)
    return Forecast(table, weights, day, model.provenance, left_out, drift, area, counties)


def count_missing_at_deadline(table: pd.DataFrame, households: "pd.Series[float]") -> pd.DataFrame:
    """Add the households missing at the deadline, with their 80% bounds.

    Parameters
    ----------
    table
        Index ``geoid``: ``final_share`` with ``final_low80_share`` and ``final_high80_share``.
    households
        Geoid -> households.
    """
    count = households.reindex(table.index).to_numpy(dtype=float)
    return table.assign(
        missing_at_deadline_count=(1.0 - table["final_share"]) * count,
        missing_at_deadline_low80_count=(1.0 - table["final_high80_share"]) * count,
        missing_at_deadline_high80_count=(1.0 - table["final_low80_share"]) * count,
    )


def inflate_ranges(forecast: Forecast, factor: float, households: "pd.Series[float]") -> Forecast:
    """Make every range of a forecast wider by a factor, within the possible rates.

    Parameters
    ----------
    forecast
        Made with households.
    factor
        At least 1.
    households
        Geoid -> households.
    """
    table = forecast.table.copy()
    middle, level = table["final_share"], table["level_share"]
    for coverage in COVERAGES:
        low, high = f"final_low{coverage}_share", f"final_high{coverage}_share"
        table[low] = (middle - factor * (middle - table[low])).clip(lower=level)
        table[high] = (middle + factor * (table[high] - middle)).clip(upper=1.0)
    table["own_error_share"] *= factor

    area = forecast.area.inflate(factor) if forecast.area else None
    counties = {code: each.inflate(factor) for code, each in forecast.counties.items()}
    table = move_tracts(count_missing_at_deadline(table, households), area)
    return replace(forecast, table=table, area=area, counties=counties)


def estimate_weights(model: SeasonModel, day: int, *, with_peers: bool) -> ForecastWeights:
    """Return the estimated weights of a day.

    The weight of the local trend comes from the season model, that of the peer expectation from
    :data:`PEER_WEIGHT`.
    """
    peers = 0.0
    if with_peers:
        peers = float(np.interp(day, list(PEER_WEIGHT), list(PEER_WEIGHT.values())))
    local = float(np.interp(day, model.days, model.local_weight))
    return ForecastWeights(local=min(local, 1.0 - peers), peers=peers)


def _read_sources(
    model: SeasonModel,
    features: pd.DataFrame,
    growth: pd.DataFrame,
    day: int,
    part: float,
    peers: "pd.Series[float] | None",
) -> pd.DataFrame:
    """Return the rate at the deadline as each source has it, missing where it has none."""
    level = features["now_level"].to_numpy(dtype=float)
    trajectory = level + part * growth["growth_share"].to_numpy(dtype=float)
    area_gain = features["county_gain_14d"].to_numpy(dtype=float)
    local_growth = model.extrapolate_growth(area_gain, day)
    return pd.DataFrame(
        {
            "trajectory_share": trajectory,
            "local_share": np.clip(level + part * local_growth, level, 1.0),
            "peer_matched_share": _match_level(peers, trajectory, features.index),
        },
        index=features.index,
    )


def _blend_sources(weights: ForecastWeights, sources: pd.DataFrame) -> Floats:
    """Add the weighted differences of the other sources to the trajectory."""
    trajectory, local, matched = sources.to_numpy(dtype=float).T
    return np.asarray(
        trajectory
        + weights.local * np.nan_to_num(local - trajectory)
        + weights.peers * np.nan_to_num(matched - trajectory)
    )


def _drop_missing_sources(weights: ForecastWeights, sources: pd.DataFrame) -> ForecastWeights:
    """Give the weight of a source that has no figure for any tract to the trajectory."""
    return replace(
        weights,
        local=weights.local if sources["local_share"].notna().any() else 0.0,
        peers=weights.peers if sources["peer_matched_share"].notna().any() else 0.0,
    )


def _match_level(peers: "pd.Series[float] | None", trajectory: Floats, geoid: pd.Index) -> Floats:
    """Put an expectation on the level and scale of the trajectories.

    The line between them is fitted without the tenth of the tracts that is furthest from it. All
    missing where too few tracts have both.
    """
    matched = np.full(len(geoid), np.nan)
    if peers is None:
        return matched
    shares = peers.reindex(geoid).to_numpy(dtype=float)
    both = np.flatnonzero(np.isfinite(shares) & np.isfinite(trajectory))
    if len(both) < _LEAST_MATCHED or np.ptp(shares[both]) == 0:
        return matched

    fitted = both
    for _ in range(_ROUNDS):
        slope, base = np.polyfit(shares[fitted], trajectory[fitted], 1)
        miss = np.abs(trajectory[both] - slope * shares[both] - base)
        fitted = both[miss <= np.quantile(miss, _FITTED_SHARE)]
    return np.asarray(np.clip(base + slope * shares, 0.0, 1.0), dtype=float)


def _read_part(model: SeasonModel, curves: Trajectories, day: int, deadline: date | None) -> float:
    """Return the share of the growth to the season's end that comes by the deadline."""
    if deadline is None:
        return 1.0
    last = (deadline - curves.start).days
    if last <= day:
        raise ModelError(
            f"The deadline {deadline} is not after the last data date.",
            "There is nothing left to forecast; use the rate itself.",
        )
    return model.share_of_growth(day, last)
