"""Fit a season model on an archive of published rates."""

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
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, build_trajectories
from models.training.calibrate import (
    calibrate_intervals,
    calibrate_pace,
    deal_areas,
    measure_held_out,
    weigh_local_trend,
)
from models.training.calibrate_area import calibrate_area_intervals, calibrate_own_errors
from models.training.estimator import GrowthForecaster
from models.training.sample import Sample, choose_rows, collect_sample
from outreach.arrays import Flags, Floats, Ints
from outreach.errors import ModelError
from outreach.rates import Event
from outreach.tables import DataFrame, ResponseRates

#: Deviations beyond which growth is pulled in, so that outliers do not dominate.
_MOST_DEVIATION = 5
#: Neurons of the network that forecasts the spread, and what is added before the logarithm.
_SPREAD_HIDDEN, _SPREAD_FLOOR = (12,), 0.1
#: Largest log of a spread.
_MOST_SPREAD = 4
_SOURCE = "U.S. Census Bureau, API {year}/dec/responserate, published self-response rates by tract"


@dataclass(frozen=True)
class SeasonFit:
    """A season model and the errors it made on areas it had not seen.

    Attributes
    ----------
    model
        Fitted on all areas.
    held_out
        A row is a tract on a fitted day: ``day``, ``area``, ``level_share``, ``final_share``,
        ``forecast_share``, ``error_share`` (expected), ``county_gain_share``. Each forecast comes
        from networks that saw no tract of its area.
    """

    model: SeasonModel
    held_out: pd.DataFrame


@dataclass(frozen=True)
class _Design:
    """The size of a fit."""

    area: str
    folds: int
    members: int
    hidden: tuple[int, ...]
    seed: int


def fit_season(  # noqa: PLR0913  each is a decision that the model's provenance states
    rates: DataFrame[ResponseRates],
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
    """Fit a season model.

    Parameters
    ----------
    rates
        The whole season of many counties.
    name, start, final
        The season's name, day 0, and the day whose rate counts as final (published).
    area
        What is held out as a whole: ``state`` or ``county``.
    folds
        Number of folds of areas.
    members
        Networks of different seeds and samples, averaged.
    hidden
        Neurons of a network's layers.
    balance
        How far areas count alike in the intervals, whatever their size: see
        :func:`models.intervals.calibrate_groups`.
    events
        Mailings and field operations of that season.
    seed
        The same seed and archive give the same model.
    progress
        Called after each network with how many are fitted and how many there will be.

    Raises
    ------
    ModelError
        The archive has fewer areas than folds, or no publication on the final day.
    """
    curves = build_trajectories(rates, start)
    final_day = (final - start).days
    if final_day not in curves.published_days:
        raise ModelError(
            f"The archive has no publication on the final day {final}.",
            "Choose a final day that was published.",
        )

    design = _Design(area, folds, members, hidden, seed)
    rated = ~np.isnan(curves.cumulative_at(final_day))
    areas = curves.geoid.str[: 2 if area == "state" else 5].to_numpy(dtype=str)
    fold = deal_areas(areas, folds)
    sample = collect_sample(curves, final_day)
    report = _count_networks(folds * (members + 1) + members + 1, progress)

    # Forecast each fold with networks that saw none of its areas.
    each, spreads = _forecast_folds(sample, rated, fold, design, report)
    held_out = _tabulate_errors(curves, sample, each, spreads, areas, rated)

    # Fit on all areas, and calibrate on the held-out errors.
    networks = tuple(
        report(_fit_network(sample, rated, hidden, seed + 100 * folds + member))
        for member in range(members)
    )
    model = SeasonModel(
        name=name,
        start=start,
        final=final,
        provenance=_describe_origin(rates, areas, design) | measure_held_out(held_out, balance),
        features=sample.features,
        days=sample.days,
        feature_mean=sample.mean,
        feature_scale=sample.scale,
        growth_mean=sample.growth_mean,
        growth_scale=sample.growth_scale,
        networks=networks,
        spread=report(_fit_spread(sample, each, rated, seed + folds)),
        intervals=calibrate_intervals(held_out, balance),
        local_weight=np.zeros(len(sample.days)),
        pace=calibrate_pace(curves, held_out, sample.days, sample.growth_mean),
        own_error_factor=calibrate_own_errors(held_out, sample.days),
        area_intervals=calibrate_area_intervals(held_out, sample.days, sample.growth_scale),
        events=tuple(events),
    )
    local_weight = weigh_local_trend(model, held_out)
    usual_miss = calibrate_usual_miss(curves, model, held_out)
    return SeasonFit(replace(model, local_weight=local_weight, usual_miss=usual_miss), held_out)


def _count_networks(
    total: int, progress: Callable[[int, int], None] | None
) -> Callable[[Network], Network]:
    """Return a function that counts the networks that pass through it."""
    numbers = count(1)

    def report(network: Network) -> Network:
        number = next(numbers)
        if progress is not None:
            progress(number, total)
        return network

    return report


def _forecast_folds(
    sample: Sample,
    rated: Flags,
    fold: Ints,
    design: _Design,
    report: Callable[[Network], Network],
) -> tuple[Floats, Floats]:
    """Forecast growth and log spread of every fold from the other folds.

    Returns
    -------
    each
        Every network's output, shape (networks, days, tracts).
    spreads
        Shape (days, tracts).
    """
    each = np.full((design.members, *sample.target.shape), np.nan)
    for number in range(design.folds):
        inside = fold == number
        first_seed = design.seed + 100 * number
        networks = [
            report(_fit_network(sample, rated & ~inside, design.hidden, first_seed + member))
            for member in range(design.members)
        ]
        for member, network in enumerate(networks):
            for j in range(len(sample.days)):
                each[member, j, inside] = network.predict(sample.inputs[j, inside].astype(float))

    spreads = np.full(sample.target.shape, np.nan)
    for number in range(design.folds):
        inside = fold == number
        spread = report(_fit_spread(sample, each, rated & ~inside, design.seed + number))
        for j in range(len(sample.days)):
            spreads[j, inside] = spread.predict(sample.build_spread_rows(j, each, inside))
    return each, spreads


def _fit_network(sample: Sample, rows: Flags, hidden: tuple[int, ...], seed: int) -> Network:
    """Fit one network on tracts of each day that are chosen at random."""
    rng = np.random.default_rng(seed)
    candidates = np.flatnonzero(rows)
    chosen = [
        choose_rows(rng, sample.list_rated(j, candidates), day) for j, day in enumerate(sample.days)
    ]
    inputs = np.concatenate([sample.inputs[j, part] for j, part in enumerate(chosen)])
    growth = np.concatenate([sample.target[j, part] for j, part in enumerate(chosen)])
    target = np.clip(growth, -_MOST_DEVIATION, _MOST_DEVIATION)
    return GrowthForecaster(hidden=hidden, random_state=seed).fit(inputs, target).network_


def _fit_spread(sample: Sample, each: Floats, rows: Flags, seed: int) -> Network:
    """Fit a network on the log of the absolute error of held-out forecasts."""
    rng = np.random.default_rng(seed)
    candidates = np.flatnonzero(rows)
    inputs, target = [], []
    for j, day in enumerate(sample.days):
        chosen = choose_rows(rng, sample.list_rated(j, candidates), day)
        inputs.append(sample.build_spread_rows(j, each, chosen))
        miss = np.abs(sample.target[j, chosen] - each[:, j, chosen].mean(axis=0))
        target.append(np.log(miss + _SPREAD_FLOOR))
    forecaster = GrowthForecaster(hidden=_SPREAD_HIDDEN, random_state=seed)
    return forecaster.fit(np.concatenate(inputs), np.concatenate(target)).network_


def _tabulate_errors(
    curves: Trajectories,
    sample: Sample,
    each: Floats,
    spreads: Floats,
    areas: npt.NDArray[Any],
    rated: Flags,
) -> pd.DataFrame:
    """Tabulate the held-out forecasts as :attr:`SeasonFit.held_out`."""
    tables: list[pd.DataFrame] = []
    for j, day in enumerate(sample.days):
        center, scale, level = sample.growth_mean[j], sample.growth_scale[j], sample.level[j]
        growth = np.clip(center + scale * each[:, j].mean(axis=0), 0.0, 1.0 - level)
        figures = {
            "day": int(day),
            "area": areas,
            "level_share": level,
            "final_share": level + center + scale * sample.target[j],
            "forecast_share": level + growth,
            "error_share": scale * np.exp(np.clip(spreads[j], -_MOST_SPREAD, _MOST_SPREAD)),
            "county_gain_share": sample.county_gain[j],
        }
        table = pd.DataFrame(figures, index=curves.geoid)
        tables.append(table[rated & np.isfinite(level)])
    return pd.concat(tables)


def _describe_origin(
    rates: pd.DataFrame, areas: npt.NDArray[Any], design: _Design
) -> dict[str, Any]:
    """Describe what a model was learned from and how."""
    dates = pd.to_datetime(rates["data_date"])
    counties = {}
    if design.area == "county":
        counties = {"counties": sorted({str(code) for code in areas})}
    return counties | {
        "source": _SOURCE,
        "first_data_date": f"{dates.min():%Y-%m-%d}",
        "last_data_date": f"{dates.max():%Y-%m-%d}",
        "tracts_count": len(areas),
        "states": sorted({code[:2] for code in areas}),
        "method": (
            f"{design.members} networks of {design.hidden} tanh neurons, standardized by day;"
            f" errors from {design.folds} folds of whole areas ({design.area})"
        ),
        "versions": {package: version(package) for package in ("scikit-learn", "numpy")},
    }
