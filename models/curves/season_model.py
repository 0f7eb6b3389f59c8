"""Forecast growth from the fitted shapes of a past season.

The shipped model ``seasons/2020.json`` was fitted by :mod:`models.training.fit` on the Census
Bureau's self-response rates of 2020 (API ``2020/dec/responserate``,
https://api.census.gov/data/2020/dec/responserate.html). It contains no rate of any tract.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

import numpy as np
import pandas as pd

from models.curves.network import Network
from models.curves.quadratic import Quadratics
from models.curves.usual_miss import UsualMiss
from models.intervals import IntervalTable
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.rates import Event

#: Inputs beside the features: the day on two scales; for the spread also the disagreement and the
#: level on two scales.
TIME_INPUTS, SPREAD_INPUTS = 2, 3
#: Days back that the area's own trend is read over.
TREND_DAYS = 14
#: Standard deviations beyond which a feature counts no further.
_CLIP = 4.0
#: Smallest growth, a share, that is divided by.
_LEAST_GROWTH = 1e-4


@dataclass(frozen=True)
class SeasonModel:
    """The fitted shapes of a past season.

    Attributes
    ----------
    name
        ``2020``.
    start, final
        Day 0 and the day whose rate counts as final.
    provenance
        Data dates, areas, versions, method, and measured errors; shown with every forecast.
    features
        Names of the columns of :func:`models.curves.curve_features.read_curve_features` that the
        model was fitted on, in order.
    days
        Elapsed days that the model was fitted on, ascending. Between them everything is
        interpolated by elapsed time.
    feature_mean, feature_scale
        Shape (days, features): each day's cross-section.
    growth_mean, growth_scale
        Growth from each day to the final day: mean and robust deviation, shares.
    networks, quadratics
        Forecast growth in deviations from the mean. Networks bend to what they saw and flatten
        beyond it; a quadratic form goes on. The disagreement of all shows how much an area differs
        from the season.
    quadratic_weight
        Shape (days,): weight of the quadratic form, 0-1; the mean of the networks has the rest.
        Estimated on held-out areas.
    spread
        Forecasts the log of the expected absolute error, in growth deviations.
    intervals
        Quantiles of error over spread, by day and forecast level.
    local_weight
        Shape (days,): weight of the area's own trend in the forecast, estimated on held-out areas.
    pace
        Quantiles of a tract's deviation from its area's pace, by day and by window (7, 14, 28
        days).
    events
        Mailings and field operations.
    usual_miss
        How far its forecasts for the coming weeks missed its own areas; ``None`` if it was fitted
        on too few areas.
    area_intervals
        Quantiles of the error of a whole area as one event, by day and number of tracts, in units
        of :func:`models.curves.area_range.scale_area_error`; ``None`` if it was fitted on too few
        areas.
    own_error_factor
        Shape (days,): standard deviation of the part of an error that a tract has of its own, over
        its expected error.
    """

    name: str
    start: date
    final: date
    provenance: Mapping[str, Any]
    features: tuple[str, ...]
    days: Floats
    feature_mean: Floats
    feature_scale: Floats
    growth_mean: Floats
    growth_scale: Floats
    networks: tuple[Network, ...]
    quadratics: Quadratics
    quadratic_weight: Floats
    spread: Network
    intervals: IntervalTable
    local_weight: Floats
    pace: IntervalTable
    own_error_factor: Floats
    events: tuple[Event, ...] = field(default=())
    usual_miss: UsualMiss | None = None
    area_intervals: IntervalTable | None = None

    @property
    def final_day(self) -> int:
        """Elapsed day of the final rate."""
        return (self.final - self.start).days

    def move(self, year: int) -> Self:
        """Move the calendar to another year, starting on the same date of the year.

        The name remains that of the season that the model was fitted on.
        """
        years = year - self.start.year
        return replace(
            self,
            start=self.start.replace(year=year),
            final=self.final.replace(year=self.final.year + years),
        )

    def mean_growth(self, day: float) -> float:
        """Return the season's mean growth from ``day`` to its end, a share; 0 at the end."""
        days, growth = np.append(self.days, self.final_day), np.append(self.growth_mean, 0.0)
        return float(np.interp(day, days, growth))

    def share_of_growth(self, since_day: float, day: float) -> float:
        """Return which share of the growth left on ``since_day`` the season had seen by ``day``."""
        return 1.0 - self.mean_growth(day) / max(self.mean_growth(since_day), 1e-9)

    def mean_level(self, day: float) -> float:
        """Return the season's mean cumulative share on a day."""
        return float(
            np.interp(day, self.days, self.feature_mean[:, self.features.index("now_level")])
        )

    def standardize(self, features: pd.DataFrame, day: int) -> Floats:
        """Express features in deviations from the season's cross-section of a day.

        The day itself is added as two more columns. A missing feature counts as the season's mean.

        Raises
        ------
        ModelError
            A feature of the model is not among the columns, or the day is before the model's first.
        """
        missing = [name for name in self.features if name not in features]
        if missing:
            raise ModelError(
                f"The season model {self.name} needs {len(missing)} features that are missing:"
                f" {', '.join(missing[:3])}.",
                "Use a season model that this version of the service has fitted.",
            )
        if day < self.days[0]:
            raise ModelError(
                f"Day {day} is too early: the season model {self.name} starts on day"
                f" {self.days[0]:.0f}.",
                "Until then, use the peer expectation alone.",
            )

        mean = np.array([np.interp(day, self.days, column) for column in self.feature_mean.T])
        scale = np.array([np.interp(day, self.days, column) for column in self.feature_scale.T])
        figures = features[list(self.features)].to_numpy(dtype=float)
        return standardize_features(figures, mean, scale, day)

    def forecast_growth(self, features: pd.DataFrame, day: int) -> pd.DataFrame:
        """Forecast growth from ``day`` to the season's end.

        Parameters
        ----------
        features
            From :func:`models.curves.curve_features.read_curve_features` on that day.
        day
            Elapsed day, at least the model's first.

        Returns
        -------
        DataFrame
            A row is a tract: ``growth_share``; ``error_share``, the expected absolute error, larger
            where its members disagree; ``disagreement_share``, their standard deviation.

        Raises
        ------
        ModelError
            As :meth:`standardize`.
        """
        inputs = self.standardize(features, day)
        scale = float(np.interp(day, self.days, self.growth_scale))
        curved = self.quadratics.predict(inputs[:, :-TIME_INPUTS], day)
        each = np.stack([*(network.predict(inputs) for network in self.networks), curved])
        weight = float(np.interp(day, self.days, self.quadratic_weight))

        # A rate can neither fall nor exceed 1.
        level = features["now_level"].to_numpy(dtype=float)
        mean = float(np.interp(day, self.days, self.growth_mean))
        growth = np.clip(blend_members(each, weight) * scale + mean, 0.0, 1.0 - level)

        spread = self.spread.predict(build_spread_inputs(inputs, each, level + growth))
        error = np.exp(np.clip(spread, -_CLIP, _CLIP)) * scale
        figures = {
            "growth_share": growth,
            "error_share": error,
            "disagreement_share": each.std(axis=0) * scale,
        }
        return pd.DataFrame(figures, index=features.index)

    def extrapolate_growth(self, county_gain_14d: Floats, day: int) -> Floats:
        """Extrapolate an area's last two weeks by the season's shape.

        The result is the growth left in the season for each point gained in two weeks, times the
        area's gain. Missing until the season reaches two weeks back.
        """
        if day - TREND_DAYS < self.days[0]:
            return np.full(len(county_gain_14d), np.nan)
        rest, before = self.mean_growth(day), self.mean_growth(day - TREND_DAYS)
        return county_gain_14d * (rest / max(before - rest, _LEAST_GROWTH))


def blend_members(each: Floats, quadratic_weight: float | Floats) -> Floats:
    """Return the weighted mean of the networks' outputs and, last, that of the quadratic form.

    Parameters
    ----------
    each
        Shape (networks + 1, ...).
    quadratic_weight
        Of the last member, 0-1; the mean of the others has the rest.
    """
    networks = each[:-1].mean(axis=0)
    return np.asarray(networks + quadratic_weight * (each[-1] - networks), dtype=float)


def standardize_features(figures: Floats, mean: Floats, scale: Floats, day: int) -> Floats:
    """Scale figures by a day's cross-section and append the day on two scales.

    Parameters
    ----------
    figures
        Shape (rows, features).
    mean, scale
        Shape (features,).
    day
        Elapsed day.
    """
    scaled = np.nan_to_num(np.clip((figures - mean) / scale, -_CLIP, _CLIP), nan=0.0)
    time = np.tile([np.log(day / 40), day / 60 - 1], (len(scaled), 1))
    return np.hstack([scaled, time])


def build_spread_inputs(inputs: Floats, each: Floats, forecast: Floats) -> Floats:
    """Build the inputs of the spread: all inputs, the members' disagreement, the forecast level.

    Parameters
    ----------
    inputs
        Shape (rows, inputs).
    each
        Every member's output, shape (members, rows).
    forecast
        Forecast final share.
    """
    disagreement = np.log(each.std(axis=0) + 0.02) + 2.0
    return np.column_stack(
        [inputs, disagreement, (forecast - 0.65) / 0.13, ((forecast - 0.65) / 0.13) ** 2 / 3]
    )
