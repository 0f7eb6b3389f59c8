"""What a season's held-out errors teach: intervals, the band of pace, the weight of local trends, and the figures stated of all."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.pace import (
    GRACE_DAYS,
    LATE_DAY,
    WINDOWS,
    find_invitation_days,
    fit_area_pace,
    group_counties,
)
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from models.intervals import (
    LEVELS,
    IntervalTable,
    calibrate_groups,
    find_widening,
    measure_coverage,
)
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError

PACE_LEVELS = np.array([0.01, 0.025, 0.05, 0.1, 0.25, 0.75, 0.9, 0.95, 0.975, 0.99])


def deal_areas(areas: npt.NDArray[Any], folds: int) -> Ints:
    """Deal whole areas to folds, the largest first and each to the emptiest fold."""
    names, index, counts = np.unique(areas, return_inverse=True, return_counts=True)
    if len(names) < folds:
        raise ModelError(
            f"{len(names)} areas cannot be dealt to {folds} folds.",
            "Use fewer folds, counties for areas, or a larger archive.",
        )
    load, dealt = np.zeros(folds), np.zeros(len(names), dtype=np.int64)
    for number in np.argsort(-counts, kind="stable"):
        dealt[number] = np.argmin(load)
        load[dealt[number]] += counts[number]
    return dealt[index]


def calibrate_intervals(held_out: pd.DataFrame, balance: float) -> IntervalTable:
    """Read the quantiles of held-out errors by day and forecast level, widened so that nine areas in ten are covered as promised."""
    days, cuts, quantiles = [], [], []
    for day, errors in held_out.groupby("day"):
        final, forecast, error = (
            errors[f"{name}_share"].to_numpy(dtype=float) for name in ("final", "forecast", "error")
        )
        scaled, area = (final - forecast) / error, errors["area"].to_numpy()
        cut, quantile = calibrate_groups(scaled, forecast, area, LEVELS, balance=balance)
        table = IntervalTable(np.zeros(1), cut[None], LEVELS, quantile[None])
        days.append(float(str(day)))
        cuts.append(cut)
        quantiles.append(quantile * find_widening(scaled, forecast, area, table))
    return IntervalTable(np.array(days), np.stack(cuts), LEVELS, np.stack(quantiles))


def measure_held_out(
    held_out: pd.DataFrame, balance: float, *, days: Sequence[int] = (14, 30, 45, 60, 95, 130, 160)
) -> dict[str, Any]:
    """Measure forecasts of unseen areas, the intervals being calibrated without them too.

    Returns
    -------
    dict
        ``held_out_mae_share``: day -> mean absolute error; ``held_out_interval80``: day ->
        :func:`models.intervals.measure_coverage`, clusters being the areas.
    """
    miss: dict[str, float] = {}
    covered: dict[str, dict[str, float]] = {}
    for day, errors in held_out[held_out["day"].isin(days)].groupby("day"):
        final, forecast, error = (
            errors[f"{name}_share"].to_numpy(dtype=float) for name in ("final", "forecast", "error")
        )
        miss[str(day)] = round(float(np.abs(final - forecast).mean()), 5)
        area = errors["area"].to_numpy()
        low, high, fold = (
            forecast.copy(),
            forecast.copy(),
            deal_areas(area, min(5, len(np.unique(area)))),
        )
        for number in np.unique(fold):
            inside = fold == number
            table = calibrate_intervals(errors[~inside], balance)
            low[inside], high[inside] = table.bounds(
                forecast[inside], error[inside], table.days[0], 0.8
            )
        covered[str(day)] = {
            name: round(figure, 4)
            for name, figure in measure_coverage(final, low, high, area).items()
        }
    return {"held_out_mae_share": miss, "held_out_interval80": covered}


def calibrate_pace(
    curves: Trajectories, held_out: pd.DataFrame, days: Floats, growth_mean: Floats
) -> IntervalTable:
    """Read the quantiles of tracts' deviations from their area's pace, by day and window, as forecast without their area."""
    group = group_counties(curves.geoid)
    level = [curves.cumulative_at(int(day)) for day in days]
    asked = find_invitation_days(
        curves, float(np.interp(LATE_DAY, days, [np.nanmean(each) for each in level]))
    )
    forecast = held_out.pivot_table(
        index="geoid", columns="day", values=["forecast_share", "error_share"]
    ).reindex(curves.geoid)
    used, tables = [], []
    for j, day in enumerate(days):
        table = np.full((len(WINDOWS), len(PACE_LEVELS)), np.nan)
        for k, window in enumerate(WINDOWS):
            since = int(np.argmin(np.abs(days - (day - window))))
            if not 0.7 * window <= day - days[since] <= 1.4 * window:
                continue
            part = 1.0 - growth_mean[j] / growth_mean[since]
            growth = (
                forecast["forecast_share", int(days[since])].to_numpy(dtype=float) - level[since]
            )
            error = forecast["error_share", int(days[since])].to_numpy(dtype=float) * np.sqrt(part)
            gain = level[j] - level[since]
            offset, unit = fit_area_pace(gain, growth * part, error, group)
            scaled = (gain - growth * part - offset) / unit
            usable = np.isfinite(scaled) & ((asked == 0) | (asked <= days[since] - GRACE_DAYS))
            if usable.any():
                table[k] = np.quantile(scaled[usable], PACE_LEVELS)
        if np.isfinite(table).any():
            used.append(day)
            tables.append(pd.DataFrame(table).bfill().ffill().to_numpy())
    if not used:
        raise ModelError(
            "The archive has no two fitted days a week or more apart.",
            "Fit the season on a longer archive.",
        )
    cuts = np.sqrt(np.array(WINDOWS[:-1]) * np.array(WINDOWS[1:]))
    return IntervalTable(
        np.array(used), np.tile(cuts, (len(used), 1)), PACE_LEVELS, np.stack(tables)
    )


def weigh_local_trend(season: SeasonModel, held_out: pd.DataFrame) -> Floats:
    """Return, for each fitted day, the weight of the area's own trend that makes the mean absolute error of held-out tracts least."""
    weights, grid = np.zeros(len(season.days)), np.arange(0.0, 1.001, 0.05)
    for j, (_, errors) in enumerate(held_out.groupby("day")):
        level, forecast = (
            errors["level_share"].to_numpy(dtype=float),
            errors["forecast_share"].to_numpy(dtype=float),
        )
        local = level + season.extrapolate_growth(
            errors["county_gain_share"].to_numpy(dtype=float), int(season.days[j])
        )
        if np.isfinite(local).all():
            miss = [
                np.abs(errors["final_share"] - forecast - w * (local - forecast)).mean()
                for w in grid
            ]
            weights[j] = grid[int(np.argmin(miss))]
    return weights
