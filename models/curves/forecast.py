"""The final rate and the missing households at the deadline, with intervals: trajectory, own area's trend and prior expectation blended.

A campaign's goal is not among the inputs: what is hoped for is never shown as what is expected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from models.curves.drift import Drift, measure_drift
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, read_features
from outreach.arrays import Floats
from outreach.errors import ModelError

#: Weight of the expectation by elapsed day: a forecast's distance from an expectation that was
#: fitted without this season's final rates foretells about so much of its error. Measured in Cook
#: County, 2020 (static predictors, spatial folds, forecasts from other states); can be set.
EXPECTATION_WEIGHT = {7: 0.25, 14: 0.12, 30: 0.1, 45: 0.06, 60: 0.03, 90: 0.0}
#: With fewer tracts than this an expectation's level and scale cannot be matched to the season.
_LEAST_MATCHED = 30


@dataclass(frozen=True)
class ForecastWeights:
    """How much each source counts in the blend; the season's trajectory has the rest.

    Attributes
    ----------
    local
        The area's own trend of the last two weeks, extrapolated by the season's mean curve.
    peers
        The expectation from static predictors, matched to the area's current level and scale.
    """

    local: float
    peers: float

    def __post_init__(self) -> None:
        if min(self.local, self.peers) < 0 or self.local + self.peers > 1:
            raise ModelError(
                f"ForecastWeights {self.local:g} and {self.peers:g} are not shares of one whole.",
                "Use weights from 0 to 1.",
            )

    @property
    def trajectory(self) -> float:
        """Weight of the season's trajectory model."""
        return 1.0 - self.local - self.peers

    def __str__(self) -> str:
        local, peers = round(100 * self.local), round(100 * self.peers)
        return f"trajectory {100 - local - peers}%, area trend {local}%, peer expectation {peers}%"


@dataclass(frozen=True)
class Forecast:
    """A forecast and what it rests on.

    Attributes
    ----------
    table
        A row is a tract: ``data_date``, ``level_share``, ``final_share`` with
        ``final_low50_share``, ``final_high50_share``, ``final_low80_share``,
        ``final_high80_share``; the parts ``trajectory_share``, ``local_share``,
        ``peer_matched_share`` (missing where it has no weight); ``disagreement_share``;
        where households are known ``missing_at_deadline_count`` with ``_low80``, ``_high80``.
    weights
        The blend.
    day
        Elapsed day of the last publication used.
    provenance
        Of the season.
    left_out
        Tracts without a rate on that day: they have no forecast.
    drift
        How unlike the season the area's own was so far; its factors are in the intervals already.
    """

    table: pd.DataFrame
    weights: ForecastWeights
    day: int
    provenance: Mapping[str, Any]
    left_out: tuple[str, ...]
    drift: Drift


def forecast_final(
    curves: Trajectories,
    season: SeasonModel,
    *,
    day: int | None = None,
    expectation: "pd.Series[float] | None" = None,
    households: "pd.Series[float] | None" = None,
    weights: ForecastWeights | None = None,
    deadline: date | None = None,
) -> Forecast:
    """Forecast every tract's rate at the deadline.

    Parameters
    ----------
    curves
        Rates until ``day`` or later; later ones are not looked at.
    season
        A fitted season: shape, blend weights, forecast and intervals.
    day
        Elapsed day; the last published one where not given.
    expectation
        Geoid -> ``peer_share`` (:mod:`models.peers.expect`). Only its order and proportions
        are used: it is matched to the area's current forecast.
    households
        Geoid -> households, for the missing ones.
    weights
        Sets the blend; the season's estimates for that phase where not given. A source that says
        nothing leaves its weight to the trajectory.
    deadline
        The day the forecast is for; the season's final day where not given. Another day scales
        growth along the season's mean curve.

    Raises
    ------
    ModelError
        The day is too early for the season, or the deadline is not after it.
    NothingThere
        Nothing was published up to ``day``.
    """
    curves = curves.until(curves.last_day if day is None else day)
    day = curves.last_day
    features = read_features(curves, day)
    level = features["now_level"].to_numpy(dtype=float)
    growth = season.forecast_growth(features, day)
    part = _share_until(season, curves, day, deadline)
    trajectory = level + part * growth["growth_share"].to_numpy(dtype=float)
    local = np.clip(
        level
        + part * season.extrapolate_growth(features["county_gain_14d"].to_numpy(dtype=float), day),
        level,
        1.0,
    )
    matched = _match_expectation(expectation, trajectory, curves.geoid)
    if weights is None:
        weights = estimate_weights(season, day, with_expectation=bool(np.isfinite(matched).any()))
    weights = _keep_known(weights, local, matched)
    final = (
        trajectory
        + weights.local * np.nan_to_num(local - trajectory)
        + weights.peers * np.nan_to_num(matched - trajectory)
    )
    final = np.clip(final, level, 1.0)
    table = pd.DataFrame(
        {
            "data_date": pd.Timestamp(curves.start + timedelta(days=day)),
            "level_share": level,
            "final_share": final,
        },
        index=curves.geoid,
    )
    drift = measure_drift(curves, season)
    error = growth["error_share"].to_numpy(dtype=float) * part * drift.inflation_factor.to_numpy()
    for coverage in (50, 80):
        low, high = season.bounds(final, error, day, coverage / 100)
        table[f"final_low{coverage}_share"], table[f"final_high{coverage}_share"] = (
            np.clip(low, level, 1.0),
            np.clip(high, level, 1.0),
        )
    table["trajectory_share"], table["local_share"], table["peer_matched_share"] = (
        trajectory,
        local,
        matched,
    )
    table["disagreement_share"] = growth["disagreement_share"]
    if households is not None:
        count = households.reindex(curves.geoid).to_numpy(dtype=float)
        for name, share in (
            ("", "final_share"),
            ("_low80", "final_high80_share"),
            ("_high80", "final_low80_share"),
        ):
            table[f"missing_at_deadline{name}_count"] = (1.0 - table[share]) * count
    gone = np.isnan(final)
    return Forecast(table[~gone], weights, day, season.provenance, tuple(curves.geoid[gone]), drift)


def estimate_weights(season: SeasonModel, day: int, *, with_expectation: bool) -> ForecastWeights:
    """Return the blend's estimated weights for a day: the local trend's from the season, the expectation's from :data:`EXPECTATION_WEIGHT`."""
    prior = (
        float(np.interp(day, list(EXPECTATION_WEIGHT), list(EXPECTATION_WEIGHT.values())))
        if with_expectation
        else 0.0
    )
    return ForecastWeights(
        local=min(float(np.interp(day, season.days, season.local_weight)), 1.0 - prior),
        peers=prior,
    )


def _keep_known(weights: ForecastWeights, local: Floats, matched: Floats) -> ForecastWeights:
    """Give the weight of a source that says nothing of any tract to the trajectory."""
    return replace(
        weights,
        local=weights.local if np.isfinite(local).any() else 0.0,
        peers=weights.peers if np.isfinite(matched).any() else 0.0,
    )


def _match_expectation(
    expectation: "pd.Series[float] | None", trajectory: Floats, geoid: pd.Index
) -> Floats:
    """Put an expectation on the level and scale of the trajectory forecasts by a line with the outer tenth of misses left out."""
    matched = np.full(len(geoid), np.nan)
    if expectation is None:
        return matched
    known = expectation.reindex(geoid).to_numpy(dtype=float)
    both = np.flatnonzero(np.isfinite(known) & np.isfinite(trajectory))
    if len(both) < _LEAST_MATCHED or np.ptp(known[both]) == 0:
        return matched
    keep = both
    for _ in range(3):
        slope, base = np.polyfit(known[keep], trajectory[keep], 1)
        miss = np.abs(trajectory[both] - slope * known[both] - base)
        keep = both[miss <= np.quantile(miss, 0.9)]
    return np.asarray(np.clip(base + slope * known, 0.0, 1.0), dtype=float)


def _share_until(
    season: SeasonModel, curves: Trajectories, day: int, deadline: date | None
) -> float:
    """Return the share of growth to the season's end that comes until the deadline."""
    if deadline is None:
        return 1.0
    last = (deadline - curves.start).days
    if last <= day:
        raise ModelError(
            f"The deadline {deadline} is not after the last data date.",
            "Nothing is left to forecast; read the rate itself.",
        )
    return 1.0 - season.mean_growth(last) / max(season.mean_growth(day), 1e-9)
