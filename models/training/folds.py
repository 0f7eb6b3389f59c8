"""Forecast each fold of areas by members that saw none of its areas."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.network import Network
from models.curves.season_model import blend_members
from models.curves.trajectory import Trajectories
from models.training.estimator import GrowthForecaster
from models.training.sample import Sample, choose_rows
from outreach.arrays import Flags, Floats, Ints

#: Deviations beyond which growth is pulled in, so that outliers do not dominate.
_MOST_DEVIATION = 5
#: Neurons of the network that forecasts the spread, and what is added before the logarithm.
_SPREAD_HIDDEN, _SPREAD_FLOOR = (12,), 0.1
#: Largest log of a spread.
_MOST_SPREAD = 4
#: Weights of the quadratic form that are tried.
_QUADRATIC_WEIGHTS = np.arange(0.0, 1.001, 0.05)


@dataclass(frozen=True)
class Design:
    """The size of a fit."""

    area: str
    folds: int
    members: int
    hidden: tuple[int, ...]
    seed: int


def count_networks(
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


def forecast_folds(
    sample: Sample,
    rated: Flags,
    fold: Ints,
    design: Design,
    report: Callable[[Network], Network],
) -> Floats:
    """Forecast growth of every fold by networks of the other folds.

    Returns
    -------
    array
        Every network's output, shape (networks, days, tracts).
    """
    each = np.full((design.members, *sample.target.shape), np.nan)
    for number in range(design.folds):
        inside = fold == number
        first_seed = design.seed + 100 * number
        networks = [
            report(fit_network(sample, rated & ~inside, design.hidden, first_seed + member))
            for member in range(design.members)
        ]
        for member, network in enumerate(networks):
            for j in range(len(sample.days)):
                each[member, j, inside] = network.predict(sample.inputs[j, inside].astype(float))
    return each


def spread_folds(
    sample: Sample,
    each: Floats,
    weight: Floats,
    rated: Flags,
    fold: Ints,
    design: Design,
    report: Callable[[Network], Network],
) -> Floats:
    """Forecast the log spread of every fold from the others, shape (days, tracts)."""
    spreads = np.full(sample.target.shape, np.nan)
    for number in range(design.folds):
        inside = fold == number
        spread = report(fit_spread(sample, each, weight, rated & ~inside, design.seed + number))
        for j in range(len(sample.days)):
            rows = sample.build_spread_rows(j, each, weight, inside)
            spreads[j, inside] = spread.predict(rows)
    return spreads


def weigh_quadratics(sample: Sample, each: Floats, rated: Flags) -> Floats:
    """Return for each day the weight of the quadratic form with the least held-out error."""
    weight = np.zeros(len(sample.days))
    for j in range(len(sample.days)):
        rows = sample.list_rated(j, np.flatnonzero(rated))
        miss = [
            np.abs(blend_members(each[:, j, rows], part) - sample.target[j, rows]).mean()
            for part in _QUADRATIC_WEIGHTS
        ]
        weight[j] = _QUADRATIC_WEIGHTS[int(np.argmin(miss))]
    return weight


def fit_network(sample: Sample, rows: Flags, hidden: tuple[int, ...], seed: int) -> Network:
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


def fit_spread(sample: Sample, each: Floats, weight: Floats, rows: Flags, seed: int) -> Network:
    """Fit a network on the log of the absolute error of held-out forecasts."""
    rng = np.random.default_rng(seed)
    candidates = np.flatnonzero(rows)
    inputs, target = [], []
    for j, day in enumerate(sample.days):
        chosen = choose_rows(rng, sample.list_rated(j, candidates), day)
        inputs.append(sample.build_spread_rows(j, each, weight, chosen))
        miss = np.abs(sample.target[j, chosen] - blend_members(each[:, j, chosen], weight[j]))
        target.append(np.log(miss + _SPREAD_FLOOR))
    forecaster = GrowthForecaster(hidden=_SPREAD_HIDDEN, random_state=seed)
    return forecaster.fit(np.concatenate(inputs), np.concatenate(target)).network_


def tabulate_errors(
    curves: Trajectories,
    sample: Sample,
    each: Floats,
    weight: Floats,
    spreads: Floats,
    areas: npt.NDArray[Any],
    rated: Flags,
) -> pd.DataFrame:
    """Tabulate the held-out forecasts as :attr:`SeasonFit.held_out`."""
    tables: list[pd.DataFrame] = []
    for j, day in enumerate(sample.days):
        center, scale, level = sample.growth_mean[j], sample.growth_scale[j], sample.level[j]
        blend = blend_members(each[:, j], weight[j])
        growth = np.clip(center + scale * blend, 0.0, 1.0 - level)
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
