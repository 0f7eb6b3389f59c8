"""Fits a season's parameters from an archive of its published rates, with whole areas held out for every error it states."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.drift import calibrate_usual_miss
from models.curves.network import Network
from models.curves.season_model import SeasonModel, spread_inputs, standardise
from models.curves.trajectory import Trajectories, draw_trajectories, read_features
from models.training.calibrate import (
    calibrate_intervals,
    calibrate_pace,
    deal_areas,
    measure_held_out,
    weigh_local_trend,
)
from models.training.estimator import GrowthForecaster
from outreach.arrays import Flags, Floats, Ints
from outreach.errors import ModelError
from outreach.rates import Event

#: Elapsed days a season is fitted on, where published; dense while the curves are steep.
FIT_DAYS = (
    7, 9, 11, 13, 14, 15, 17, 20, 23, 26, 28, 30, 32, 35, 38, 41, 43, 45, 50, 54, 58, 60, 62, 66, 70, 80, 87, 95, 115, 130, 160, 175, 200, 207,
)  # fmt: skip
#: While the curves are steep a network sees nearly all tracts of a day.
_STEEP_UNTIL = 66
#: Scale of a feature that no tract had on a day, so that it will never count.
_UNSEEN = 1e6


@dataclass(frozen=True)
class SeasonFit:
    """A season and the errors it made on areas it had not seen.

    Attributes
    ----------
    model
        Fitted on all areas.
    held_out
        A row is a tract on a fitted day: ``day``, ``area``, ``level_share``, ``final_share``,
        ``forecast_share``, ``error_share`` (expected), each forecast by networks that saw no tract
        of its area.
    """

    model: SeasonModel
    held_out: pd.DataFrame


@dataclass(frozen=True)
class _Sample:
    """The cross-sections of all fitted days: inputs (days, tracts, inputs) and growth in deviations (days, tracts)."""

    days: Floats
    inputs: npt.NDArray[np.float32]
    target: Floats
    level: Floats
    county_gain: Floats
    mean: Floats
    scale: Floats
    growth_mean: Floats
    growth_scale: Floats
    features: tuple[str, ...]


def fit_season(  # noqa: PLR0913  each is a decision a season's provenance tells of
    rates: pd.DataFrame,
    *,
    name: str,
    start: date,
    final: date,
    area: str = "state",
    folds: int = 5,
    members: int = 4,
    hidden: tuple[int, ...] = (24, 12),
    balance: float = 0.5,
    events: Sequence[Event] = (),
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> SeasonFit:
    """Fit a season.

    Parameters
    ----------
    rates
        ``ResponseRates`` of the whole season, many counties.
    name, start, final
        The season's name, day 0, and the day whose rate counts as final (published).
    area
        What is held out whole: ``state`` or ``county``.
    folds
        Number of folds of areas.
    members
        Networks of different seeds and samples, averaged.
    hidden
        Neurons of a network's layers.
    balance
        How far areas count alike, whatever their size, in the intervals: see
        :func:`models.intervals.calibrate_groups`.
    events
        Mailings and field operations of that season.
    seed
        Same seed and archive, same season.
    progress
        Told after each network how many are fitted and how many there will be.

    Raises
    ------
    ModelError
        The archive has fewer areas than folds, or no publication on the final day.
    """
    curves = draw_trajectories(rates, start)
    final_day = (final - start).days
    if final_day not in curves.published_days:
        raise ModelError(
            f"The archive has no publication of the final day {final}.",
            "Name a final day that was published.",
        )
    known = ~np.isnan(curves.cumulative_at(final_day))
    areas = curves.geoid.str[: 2 if area == "state" else 5].to_numpy(dtype=str)
    fold = deal_areas(areas, folds)
    sample = _read_sample(curves, final_day)
    tell = _count_to(folds * (members + 1) + members + 1, progress)
    each = np.full((members, *sample.target.shape), np.nan)
    spreads = np.full(sample.target.shape, np.nan)
    for number in range(folds):
        networks = [
            tell(_fit_network(sample, known & (fold != number), hidden, seed + 100 * number + m))
            for m in range(members)
        ]
        for m, network in enumerate(networks):
            for j in range(len(sample.days)):
                each[m, j, fold == number] = network.predict(
                    sample.inputs[j, fold == number].astype(float)
                )
    for number in range(folds):
        spread = tell(_fit_spread(sample, each, known & (fold != number), seed + number))
        for j in range(len(sample.days)):
            inside = fold == number
            spreads[j, inside] = spread.predict(_spread_rows(sample, each, j, inside))
    held_out = _tell_errors(curves, sample, each, spreads, areas, known)
    season = SeasonModel(
        name=name, start=start, final=final, features=sample.features,
        provenance=_tell_origin(rates, areas, area, folds, members, hidden) | measure_held_out(held_out, balance),
        days=sample.days, feature_mean=sample.mean, feature_scale=sample.scale, growth_mean=sample.growth_mean, growth_scale=sample.growth_scale,
        networks=tuple(tell(_fit_network(sample, known, hidden, seed + 100 * folds + m)) for m in range(members)),
        spread=tell(_fit_spread(sample, each, known, seed + folds)), intervals=calibrate_intervals(held_out, balance),
        local_weight=np.zeros(len(sample.days)), pace=calibrate_pace(curves, held_out, sample.days, sample.growth_mean),
        events=tuple(events),
    )  # fmt: skip
    weights, usual_miss = (
        weigh_local_trend(season, held_out),
        calibrate_usual_miss(curves, season, held_out),
    )
    return SeasonFit(replace(season, local_weight=weights, usual_miss=usual_miss), held_out)


def _count_to(
    total: int, progress: Callable[[int, int], None] | None
) -> Callable[[Network], Network]:
    """Return a function that counts the networks passing through it."""
    numbers = count(1)

    def tell(network: Network) -> Network:
        number = next(numbers)
        if progress is not None:
            progress(number, total)
        return network

    return tell


def _read_sample(curves: Trajectories, final_day: int) -> _Sample:
    days = [d for d in FIT_DAYS if d in curves.published_days and d < final_day]
    inputs, target, level, county_gain, mean, scale, growths = [], [], [], [], [], [], []
    for day in days:
        features = read_features(curves, day)
        features = features.drop(
            columns=features.filter(regex="^state_").columns
        )  # a city has no state's mean
        figures = features.to_numpy(dtype=float)
        seen = np.isfinite(figures).any(axis=0)
        mean.append(np.where(seen, np.nanmean(np.where(seen, figures, 0.0), axis=0), 0.0))
        scale.append(
            np.where(
                seen, np.maximum(np.nanstd(np.where(seen, figures, 0.0), axis=0), 1e-4), _UNSEEN
            )
        )
        inputs.append(standardise(figures, mean[-1], scale[-1], day).astype(np.float32))
        growth = curves.cumulative_at(final_day) - curves.cumulative_at(day)
        centre, wide = (
            float(np.nanmean(growth)),
            1.4826 * float(np.nanmedian(np.abs(growth - np.nanmedian(growth)))),
        )
        growths.append((centre, max(wide, 1e-4)))
        target.append((growth - centre) / growths[-1][1])
        level.append(curves.cumulative_at(day))
        county_gain.append(features["county_gain_14d"].to_numpy(dtype=float))
    growth_mean, growth_scale = np.array(growths).T
    return _Sample(
        np.array(days, dtype=float), np.stack(inputs), np.stack(target), np.stack(level), np.stack(county_gain), np.stack(mean), np.stack(scale),
        growth_mean, growth_scale, tuple(features.columns),
    )  # fmt: skip


def _fit_network(sample: _Sample, rows: Flags, hidden: tuple[int, ...], seed: int) -> Network:
    """Fit one network on a draw of tracts of each day; far outliers of growth are drawn in, so that they do not rule."""
    chance = np.random.default_rng(seed)
    candidates = np.flatnonzero(rows)
    chosen = [
        _draw_part(chance, _keep_rated(sample, j, candidates), day)
        for j, day in enumerate(sample.days)
    ]
    inputs = np.concatenate([sample.inputs[j, rows_] for j, rows_ in enumerate(chosen)])
    target = np.clip(
        np.concatenate([sample.target[j, rows_] for j, rows_ in enumerate(chosen)]), -5, 5
    )
    return GrowthForecaster(hidden=hidden, random_state=seed).fit(inputs, target).network_


def _fit_spread(sample: _Sample, each: Floats, rows: Flags, seed: int) -> Network:
    """Fit the log of absolute error of held-out forecasts."""
    chance = np.random.default_rng(seed)
    candidates = np.flatnonzero(rows)
    inputs, target = [], []
    for j, day in enumerate(sample.days):
        chosen = _draw_part(chance, _keep_rated(sample, j, candidates), day)
        inputs.append(_spread_rows(sample, each, j, chosen))
        target.append(
            np.log(np.abs(sample.target[j, chosen] - each[:, j, chosen].mean(axis=0)) + 0.1)
        )
    forecaster = GrowthForecaster(hidden=(12,), random_state=seed)
    return forecaster.fit(np.concatenate(inputs), np.concatenate(target)).network_


def _keep_rated(sample: _Sample, j: int, rows: Ints) -> Ints:
    """Keep the tracts that had a rate on a fitted day."""
    return np.asarray(rows[np.isfinite(sample.target[j, rows])])


def _draw_part(chance: np.random.Generator, candidates: Ints, day: float) -> Ints:
    """Draw nearly all tracts while the curves are steep, a third later, when little is left to learn."""
    return chance.choice(
        candidates,
        max(int(len(candidates) * (0.9 if day <= _STEEP_UNTIL else 0.33)), 1),
        replace=False,
    )


def _spread_rows(sample: _Sample, each: Floats, j: int, rows: npt.NDArray[Any]) -> Floats:
    forecast = (
        sample.level[j, rows]
        + sample.growth_mean[j]
        + sample.growth_scale[j] * each[:, j, rows].mean(axis=0)
    )
    return spread_inputs(sample.inputs[j, rows].astype(float), each[:, j, rows], forecast)


def _tell_errors(
    curves: Trajectories,
    sample: _Sample,
    each: Floats,
    spreads: Floats,
    areas: npt.NDArray[Any],
    known: Flags,
) -> pd.DataFrame:
    tables: list[pd.DataFrame] = []
    for j, day in enumerate(sample.days):
        centre, scale, level = sample.growth_mean[j], sample.growth_scale[j], sample.level[j]
        growth = np.clip(centre + scale * each[:, j].mean(axis=0), 0.0, 1.0 - level)
        table = {
            "day": int(day), "area": areas, "level_share": level, "final_share": level + centre + scale * sample.target[j],
            "forecast_share": level + growth, "error_share": scale * np.exp(np.clip(spreads[j], -4, 4)), "county_gain_share": sample.county_gain[j],
        }  # fmt: skip
        tables.append(pd.DataFrame(table, index=curves.geoid)[known & np.isfinite(level)])
    return pd.concat(tables)


def _tell_origin(
    rates: pd.DataFrame,
    areas: npt.NDArray[Any],
    area: str,
    folds: int,
    members: int,
    hidden: tuple[int, ...],
) -> dict[str, Any]:
    dates = pd.to_datetime(rates["data_date"])
    counties = {"counties": sorted({str(code) for code in areas})} if area == "county" else {}
    return counties | {
        "source": "U.S. Census Bureau, API {year}/dec/responserate, published self-response rates by tract",
        "first_data_date": f"{dates.min():%Y-%m-%d}",
        "last_data_date": f"{dates.max():%Y-%m-%d}",
        "tracts_count": len(areas),
        "states": sorted({code[:2] for code in areas}),
        "method": f"{members} networks of {hidden} tanh neurons, standardised by day; errors from {folds} folds of whole areas ({area})",
        "versions": {package: version(package) for package in ("scikit-learn", "numpy")},
    }
