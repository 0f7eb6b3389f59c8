"""Calibrate a season model on its held-out errors."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.area_pace import fit_area_pace, group_counties
from models.curves.invitations import GRACE_DAYS, LATE_DAY, find_invitation_days
from models.curves.pace import WINDOWS
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from models.intervals import (
    LEVELS,
    IntervalTable,
    calibrate_groups,
    find_inflation,
    measure_coverage,
)
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError

PACE_LEVELS = np.array([0.01, 0.025, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.975, 0.99])
#: Elapsed days whose errors a model's provenance states.
STATED_DAYS = (14, 30, 45, 60, 95, 130, 160)
_STATED_COVERAGE = 0.8
#: Most folds that the stated coverage is measured over.
_MOST_FOLDS = 5
#: Weights of the local trend that are tried.
_WEIGHTS = np.arange(0.0, 1.001, 0.05)
#: A window may be so many times its nominal length.
_SHORTEST, _LONGEST = 0.7, 1.4


def deal_areas(areas: npt.NDArray[Any], folds: int) -> Ints:
    """Deal whole areas to folds, the largest first and each to the emptiest fold.

    Parameters
    ----------
    areas
        Code of each tract's area.
    folds
        Number of folds.

    Returns
    -------
    array
        The fold of each tract.

    Raises
    ------
    ModelError
        There are fewer areas than folds.
    """
    names, index, counts = np.unique(areas, return_inverse=True, return_counts=True)
    if len(names) < folds:
        raise ModelError(
            f"{len(names)} areas cannot be dealt to {folds} folds.",
            "Use fewer folds, counties instead of states, or a larger archive.",
        )

    load, fold = np.zeros(folds), np.zeros(len(names), dtype=np.int64)
    for number in np.argsort(-counts, kind="stable"):
        fold[number] = np.argmin(load)
        load[fold[number]] += counts[number]
    return fold[index]


def calibrate_intervals(held_out: pd.DataFrame, balance: float) -> IntervalTable:
    """Read the quantiles of held-out errors by day and forecast level.

    They are inflated until nine areas in ten are covered as stated.

    Parameters
    ----------
    held_out
        As :attr:`models.training.fit.SeasonFit.held_out`.
    balance
        See :func:`models.intervals.calibrate_groups`.
    """
    days, cuts, quantiles = [], [], []
    for day, errors in held_out.groupby("day"):
        final, forecast, error = _read_figures(errors)
        scaled, area = (final - forecast) / error, errors["area"].to_numpy()
        cut, quantile = calibrate_groups(scaled, forecast, area, LEVELS, balance=balance)
        table = IntervalTable(np.zeros(1), cut[None], LEVELS, quantile[None])

        days.append(float(str(day)))
        cuts.append(cut)
        quantiles.append(quantile * find_inflation(scaled, forecast, area, table))
    return IntervalTable(np.array(days), np.stack(cuts), LEVELS, np.stack(quantiles))


def measure_held_out(
    held_out: pd.DataFrame, balance: float, *, days: Sequence[int] = STATED_DAYS
) -> dict[str, Any]:
    """Measure forecasts of unseen areas, with intervals that were calibrated without them too.

    Parameters
    ----------
    held_out, balance
        As :func:`calibrate_intervals`.
    days
        Elapsed days to measure.

    Returns
    -------
    dict
        ``held_out_mae_share``: day -> mean absolute error; ``held_out_interval80``: day ->
        :func:`models.intervals.measure_coverage` with the areas as clusters.
    """
    miss: dict[str, float] = {}
    covered: dict[str, dict[str, float]] = {}
    for day, errors in held_out[held_out["day"].isin(days)].groupby("day"):
        final, forecast, error = _read_figures(errors)
        miss[str(day)] = round(float(np.abs(final - forecast).mean()), 5)

        # Bound each fold of areas by intervals from the others.
        area = errors["area"].to_numpy()
        low, high = forecast.copy(), forecast.copy()
        fold = deal_areas(area, min(_MOST_FOLDS, len(np.unique(area))))
        for number in np.unique(fold):
            inside = fold == number
            table = calibrate_intervals(errors[~inside], balance)
            low[inside], high[inside] = table.bounds(
                forecast[inside], error[inside], table.days[0], _STATED_COVERAGE
            )
        measured = measure_coverage(final, low, high, area)
        covered[str(day)] = {name: round(figure, 4) for name, figure in measured.items()}
    return {"held_out_mae_share": miss, "held_out_interval80": covered}


def calibrate_pace(
    curves: Trajectories, held_out: pd.DataFrame, days: Floats, growth_mean: Floats
) -> IntervalTable:
    """Read the quantiles of tracts' deviations from their area's pace, by day and window.

    Parameters
    ----------
    curves
        The whole season.
    held_out
        As :attr:`models.training.fit.SeasonFit.held_out`: forecasts made without the tract's area.
    days
        Fitted days.
    growth_mean
        Mean growth from each of these days to the final day, shares.

    Raises
    ------
    ModelError
        No two fitted days are a week or more apart.
    """
    levels = [curves.cumulative_at(int(day)) for day in days]
    usual = float(np.interp(LATE_DAY, days, [np.nanmean(level) for level in levels]))
    invited = find_invitation_days(curves, usual)
    forecast = held_out.pivot_table(
        index="geoid", columns="day", values=["forecast_share", "error_share"]
    ).reindex(curves.geoid)

    group = group_counties(curves.geoid)
    calibrated, tables = [], []
    for today, day in enumerate(days):
        table = np.full((len(WINDOWS), len(PACE_LEVELS)), np.nan)
        for row, window in enumerate(WINDOWS):
            since = int(np.argmin(np.abs(days - (day - window))))
            if not _SHORTEST * window <= day - days[since] <= _LONGEST * window:
                continue

            # Deviations of tracts that were invited long enough before the window.
            part = 1.0 - growth_mean[today] / growth_mean[since]
            scaled = _scale_deviations(
                forecast, int(days[since]), part, levels[since], levels[today], group
            )
            settled = (invited == 0) | (invited <= days[since] - GRACE_DAYS)
            usable = np.isfinite(scaled) & settled
            if usable.any():
                table[row] = np.quantile(scaled[usable], PACE_LEVELS)

        # A window without figures takes those of the next one.
        if np.isfinite(table).any():
            calibrated.append(day)
            tables.append(pd.DataFrame(table).bfill().ffill().to_numpy())

    if not calibrated:
        raise ModelError(
            "The archive does not have two fitted days a week or more apart.",
            "Fit the season on a longer archive.",
        )
    cuts = np.sqrt(np.array(WINDOWS[:-1]) * np.array(WINDOWS[1:]))
    return IntervalTable(
        np.array(calibrated), np.tile(cuts, (len(calibrated), 1)), PACE_LEVELS, np.stack(tables)
    )


def weigh_local_trend(model: SeasonModel, held_out: pd.DataFrame) -> Floats:
    """Find the weight of the area's own trend that is best for held-out tracts.

    Returns
    -------
    array
        For each fitted day the weight with the smallest mean absolute error, 0 to 1.
    """
    weights = np.zeros(len(model.days))
    for place, (_, errors) in enumerate(held_out.groupby("day")):
        level = errors["level_share"].to_numpy(dtype=float)
        forecast = errors["forecast_share"].to_numpy(dtype=float)
        gain = errors["county_gain_share"].to_numpy(dtype=float)
        local = level + model.extrapolate_growth(gain, int(model.days[place]))
        if np.isfinite(local).all():
            miss = [
                np.abs(errors["final_share"] - forecast - weight * (local - forecast)).mean()
                for weight in _WEIGHTS
            ]
            weights[place] = _WEIGHTS[int(np.argmin(miss))]
    return weights


def _scale_deviations(
    forecast: pd.DataFrame, since_day: int, part: float, begin: Floats, level: Floats, group: Ints
) -> Floats:
    """Return tracts' deviations from their area's pace in units of their expected size.

    Parameters
    ----------
    forecast
        ``forecast_share`` and ``error_share`` by fitted day, in the order of the tracts.
    since_day
        Fitted day on which the window begins.
    part
        Share of the growth from that day to the final day that comes within the window.
    begin, level
        Rates at both ends of the window.
    group
        Of the tracts, see :func:`models.curves.area_pace.group_counties`.
    """
    final = forecast["forecast_share", since_day].to_numpy(dtype=float)
    error = forecast["error_share", since_day].to_numpy(dtype=float) * np.sqrt(part)
    expected, gain = (final - begin) * part, level - begin
    offset, unit = fit_area_pace(gain, expected, error, group)
    return np.asarray((gain - expected - offset) / unit)


def _read_figures(errors: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return final rate, forecast, and expected error of held-out tracts."""
    final, forecast, error = (
        errors[f"{name}_share"].to_numpy(dtype=float) for name in ("final", "forecast", "error")
    )
    return final, forecast, error
