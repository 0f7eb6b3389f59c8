"""A past season's response curves as fitted parameters: what growth to expect from a curve seen so far, and how surely.

The shipped season ``seasons/2020.json`` was fitted by :mod:`models.training.fit` from the Census
Bureau's self-response rates of 2020 (API ``2020/dec/responserate``,
https://api.census.gov/data/2020/dec/responserate.html); it holds no rate of any tract.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from models.curves.network import Network
from models.intervals import IntervalTable, UsualMiss
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.files import write_file
from outreach.rates import Event

#: Where the seasons that ship with the service stand.
SEASONS = Path(__file__).parent / "seasons"
#: The format this code reads; a file of another format is refused.
FORMAT = 1
_CLIP = 4.0
#: Inputs beside the features: the day on two scales; for the spread also the disagreement and the
#: level on two scales.
_TIME_INPUTS, _SPREAD_INPUTS = 2, 3


@dataclass(frozen=True)
class SeasonModel:
    """A fitted season.

    Attributes
    ----------
    name
        ``2020``.
    start, final
        Day 0 and the day whose rate counts as final.
    provenance
        Data dates, areas, versions, method and what was measured; printed with every forecast.
    features
        Names of the columns of :func:`models.curves.trajectory.read_features` the season was fitted
        on, in order.
    days
        Elapsed days the season was fitted on, ascending; between them everything is interpolated by
        elapsed time.
    feature_mean, feature_scale
        Shape (days, features): each day's cross-section.
    growth_mean, growth_scale
        Growth from each day to the final day: mean and robust deviation, shares.
    networks
        Forecast growth in deviations from the mean; their disagreement says how unlike the season
        an area is.
    spread
        Log of the expected absolute error, in growth deviations.
    intervals
        Quantiles of error over spread, by day and forecast level.
    local_weight
        Shape (days,): weight of the area's own trend in the forecast, as estimated on areas held
        out.
    pace
        Quantiles of a tract's deviation from its area's pace, by day and by window (7, 14, 28
        days).
    events
        Mailings and field operations.
    usual_miss
        By how much its forecasts of the next weeks missed its own areas; missing where it was
        fitted on too few.
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
    spread: Network
    intervals: IntervalTable
    local_weight: Floats
    pace: IntervalTable
    events: tuple[Event, ...] = field(default=())
    usual_miss: UsualMiss | None = None

    @property
    def final_day(self) -> int:
        """Elapsed day of the final rate."""
        return (self.final - self.start).days

    def day_of(self, when: date) -> int:
        """Return the elapsed day of a date."""
        return (when - self.start).days

    def move(self, year: int) -> Self:
        """Move the calendar to another year, day for day from the same date of the year; the name stays that of the season it was fitted on."""
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

    def bounds(
        self, forecast: Floats, error: Floats, day: float, coverage: float
    ) -> tuple[Floats, Floats]:
        """Return lower and upper bounds of the final share: see :meth:`models.intervals.IntervalTable.bounds`."""
        return self.intervals.bounds(forecast, error, day, coverage)

    def mean_level(self, day: float) -> float:
        """Return the season's mean cumulative share on a day."""
        return float(
            np.interp(day, self.days, self.feature_mean[:, self.features.index("now_level")])
        )

    def standardise(self, features: pd.DataFrame, day: int) -> Floats:
        """Express features in deviations from the season's cross-section of that day, with the day itself as two more columns.

        A missing feature counts as the season's mean.

        Raises
        ------
        ModelError
            A feature of the season is not among the columns, or the day lies before the season's
            first.
        """
        missing = [name for name in self.features if name not in features]
        if missing:
            raise ModelError(
                f"The season {self.name} was fitted on {len(missing)} features that are not there: {', '.join(missing[:3])}.",
                "Use a season fitted by this version of the service.",
            )
        if day < self.days[0]:
            raise ModelError(
                f"Day {day} is too early: the season {self.name} was fitted from day {self.days[0]:.0f} on.",
                "Until then use the expectation from static predictors alone.",
            )
        mean = np.array([np.interp(day, self.days, column) for column in self.feature_mean.T])
        scale = np.array([np.interp(day, self.days, column) for column in self.feature_scale.T])
        return standardise(features[list(self.features)].to_numpy(dtype=float), mean, scale, day)

    def forecast_growth(self, features: pd.DataFrame, day: int) -> pd.DataFrame:
        """Forecast growth from ``day`` to the season's end.

        Parameters
        ----------
        features
            From :func:`models.curves.trajectory.read_features` on that day.
        day
            Elapsed day, at least the season's first.

        Returns
        -------
        pandas.DataFrame
            One row a tract: ``growth_share``; ``error_share``, the expected absolute error, wider
            where the networks disagree; ``disagreement_share``, the networks' standard deviation.
        """
        inputs = self.standardise(features, day)
        scale = float(np.interp(day, self.days, self.growth_scale))
        each = np.stack([network.predict(inputs) for network in self.networks])
        level = features["now_level"].to_numpy(dtype=float)
        growth = np.clip(
            each.mean(axis=0) * scale + float(np.interp(day, self.days, self.growth_mean)),
            0.0,
            1.0 - level,
        )
        spread = self.spread.predict(spread_inputs(inputs, each, level + growth))
        error = np.exp(np.clip(spread, -_CLIP, _CLIP)) * scale
        figures = {
            "growth_share": growth,
            "error_share": error,
            "disagreement_share": each.std(axis=0) * scale,
        }
        return pd.DataFrame(figures, index=features.index)

    def extrapolate_growth(self, county_gain_14d: Floats, day: int) -> Floats:
        """Extrapolate the last two weeks of an area by the season's shape: what is still to come for every point gained since.

        Missing while the season does not reach two weeks back.
        """
        if day - 14 < self.days[0]:
            return np.full(len(county_gain_14d), np.nan)
        rest, before = self.mean_growth(day), self.mean_growth(day - 14)
        return county_gain_14d * (rest / max(before - rest, 1e-4))

    def save(self, path: Path) -> None:
        """Write the season as JSON, every figure rounded to what it is worth."""
        stored = {
            "format": FORMAT,
            "name": self.name,
            "start": self.start.isoformat(),
            "final": self.final.isoformat(),
            "provenance": dict(self.provenance),
            "events": [
                {
                    "name": e.name,
                    "first": e.first.isoformat(),
                    "last": e.last.isoformat(),
                    "status": e.status,
                    "source": e.source,
                }
                for e in self.events
            ],
            "features": list(self.features),
            "days": [int(d) for d in self.days],
            "feature_mean": np.round(self.feature_mean, 4).tolist(),
            "feature_scale": np.round(self.feature_scale, 4).tolist(),
            "growth_mean": np.round(self.growth_mean, 5).tolist(),
            "growth_scale": np.round(self.growth_scale, 5).tolist(),
            "networks": [network.to_json() for network in self.networks],
            "spread": self.spread.to_json(),
            "intervals": self.intervals.to_json(),
            "local_weight": np.round(self.local_weight, 2).tolist(),
            "pace": self.pace.to_json(),
            "usual_miss": self.usual_miss.to_json() if self.usual_miss else None,
        }
        write_file(path, json.dumps(stored, separators=(",", ":")) + "\n")


def load_season_model(season: str | Path = "2020") -> SeasonModel:
    """Read a fitted season.

    Parameters
    ----------
    season
        Name of a shipped one, or the path of a file written by :meth:`SeasonModel.save`.

    Raises
    ------
    ModelError
        There is no such season, the file is not one, or it is of another format.
    """
    path = season if isinstance(season, Path) else SEASONS / f"{season}.json"
    if not path.is_file():
        shipped = ", ".join(sorted(p.stem for p in SEASONS.glob("*.json")))
        raise ModelError(
            f"There is no season '{season}'.",
            f"Shipped with the service: {shipped}; or give the path of a fitted season.",
        )
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] != FORMAT:
            raise ModelError(
                f"The season {path.name} is of format {stored['format']}; this version reads {FORMAT}.",
                "Train it again.",
            )
        fitted = SeasonModel(
            name=stored["name"],
            start=date.fromisoformat(stored["start"]),
            final=date.fromisoformat(stored["final"]),
            provenance=stored["provenance"],
            features=tuple(stored["features"]),
            **{
                name: np.array(stored[name], dtype=float)
                for name in (
                    "days",
                    "feature_mean",
                    "feature_scale",
                    "growth_mean",
                    "growth_scale",
                    "local_weight",
                )
            },
            networks=tuple(Network.from_json(network) for network in stored["networks"]),
            spread=Network.from_json(stored["spread"]),
            intervals=IntervalTable.from_json(stored["intervals"]),
            pace=IntervalTable.from_json(stored["pace"]),
            events=tuple(
                Event(
                    e["name"],
                    date.fromisoformat(e["first"]),
                    date.fromisoformat(e["last"]),
                    e["status"],
                    e["source"],
                )
                for e in stored["events"]
            ),
            usual_miss=UsualMiss.from_json(stored["usual_miss"])
            if stored.get("usual_miss")
            else None,
        )
        _check_shapes(fitted)
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The file {path.name} is not a fitted season ({error!r}).",
            "Train it again, or use a shipped one.",
        ) from error
    return fitted


def _check_shapes(season: SeasonModel) -> None:
    """Refuse parameters that do not fit one another: they would forecast, and wrongly."""
    days, features, count = len(season.days), len(season.features), len(season.networks)
    both, column = (days, features), (days,)
    shapes = {
        "feature_mean": (season.feature_mean, both), "feature_scale": (season.feature_scale, both), "growth_mean": (season.growth_mean, column),
        "growth_scale": (season.growth_scale, column), "local_weight": (season.local_weight, column),
    }  # fmt: skip
    for name, (figures, shape) in shapes.items():
        if figures.shape != shape or not np.isfinite(figures).all():
            raise ValueError(f"{name} has not the shape {shape}, or a figure that is no number")
    for name, table in (("intervals", season.intervals), ("pace", season.pace)):
        shape = (len(table.days), table.cuts.shape[1] + 1, len(table.levels))
        if table.quantiles.shape != shape or not np.isfinite(table.quantiles).all():
            raise ValueError(f"{name} without quantiles of their days, groups and levels")
    if not {"first_data_date", "last_data_date", "states", "tracts_count"} <= set(
        season.provenance
    ):
        raise ValueError("a provenance without dates, states or number of tracts")
    inputs = features + _TIME_INPUTS
    if not count or not days or (np.diff(season.days) <= 0).any():
        raise ValueError("no network, or days out of order")
    if {network.inputs for network in season.networks} != {
        inputs
    } or season.spread.inputs != inputs + _SPREAD_INPUTS:
        raise ValueError("networks of other inputs than the features")


def standardise(figures: Floats, mean: Floats, scale: Floats, day: int) -> Floats:
    """Scale figures (rows, features) by a day's cross-section and append the day on two scales."""
    scaled = np.nan_to_num(np.clip((figures - mean) / scale, -_CLIP, _CLIP), nan=0.0)
    when = np.tile([np.log(day / 40), day / 60 - 1], (len(scaled), 1))
    return np.hstack([scaled, when])


def spread_inputs(inputs: Floats, each: Floats, forecast: Floats) -> Floats:
    """Put together what the spread is read from: the inputs, the networks' disagreement, the forecast level.

    Parameters
    ----------
    inputs
        Shape (rows, inputs).
    each
        Every network's output, shape (networks, rows).
    forecast
        Forecast final share.
    """
    disagreement = np.log(each.std(axis=0) + 0.02) + 2.0
    return np.column_stack(
        [inputs, disagreement, (forecast - 0.65) / 0.13, ((forecast - 0.65) / 0.13) ** 2 / 3]
    )
