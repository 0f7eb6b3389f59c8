"""Measure how far an area's season shifts from the archived one.

The intervals of a forecast reflect how much the places of one season differ. Forecasts that the
same model would have made on earlier days, for days that are published by now, show whether this
season is like that one. Each such forecast misses an area as a whole by the median of its tracts.
That miss over the usual miss of the archived season's own areas, root mean square over the
forecasts, is the area's *shift* ``z``. Only the part ``s`` of an error's variance that tracts of an
area share grows with it. So the *inflation factor* of the ranges is

    sqrt(1 + s * (z ** 2 - 1))

where ``z`` exceeds 1, and 1 otherwise. Both ``s`` and the usual miss are measured on the archived
season's areas, each forecast by a model that was fitted without it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.curves.area_pace import LEAST_TRACTS, group_counties, name_groups
from models.curves.curve_features import read_curve_features
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories
from models.curves.usual_miss import UsualMiss
from outreach.arrays import Flags, Floats, Ints

#: How many days ahead the earlier forecasts look.
HORIZONS = (7, 14, 21)
#: Most earlier days that are forecast from, evenly over the season so far.
ORIGINS = 12
#: A publication up to so many days before the intended day replaces it.
_GAP_DAYS = 3
#: A shift starts at the usual, as if so many forecasts had missed by it: one or two mean little.
_PRIOR_MISSES = 2.0
_LAST_CALIBRATED_DAY = 160
_LEAST_AREAS = 8
#: Median absolute deviations to one standard deviation of a normal distribution.
_TO_ONE_SD = 1.4826


@dataclass(frozen=True)
class Drift:
    """How far an area's season so far has shifted from the archived one.

    Attributes
    ----------
    inflation_factor
        Geoid -> factor of every range, at least 1.
    counties
        Index: county, or ``small`` for counties with few tracts together; only where there are
        enough tracts. ``shift``, how many times the usual its forecasts missed by, and
        ``inflation_factor``; the largest first.
    misses_count
        Number of earlier forecasts compared in each county.
    """

    inflation_factor: "pd.Series[float]"
    counties: pd.DataFrame
    misses_count: int


def measure_drift(curves: Trajectories, model: SeasonModel) -> Drift:
    """Measure the shift of each county's season up to the last day of ``curves``.

    Parameters
    ----------
    curves
        Rates of the area so far.
    model
        The model of the archived season.

    Returns
    -------
    Drift
        Nothing is measured, and every factor is 1, without usual misses in the model, without rates
        of the season's first days, which its forecasts read, or without two publications a week
        apart.
    """
    group = group_counties(curves.geoid)
    names = name_groups(curves.geoid, group)
    usual = model.usual_miss if curves.first_day <= model.days[0] else None
    pairs = _pair_days(curves.published_days, model.days, curves.last_day)
    enough = np.bincount(group, minlength=len(names)) >= LEAST_TRACTS
    if usual is None or not pairs or not enough.any():
        empty = pd.DataFrame({"shift": [], "inflation_factor": []}, dtype=float)
        return Drift(pd.Series(1.0, curves.geoid), empty, 0)

    squares = _sum_squares(curves, model, usual, pairs, group)
    shift = np.sqrt((squares + _PRIOR_MISSES) / (len(pairs) + _PRIOR_MISSES))
    inflated = np.sqrt(1.0 + usual.area_part * np.maximum(shift**2 - 1.0, 0.0))
    factor = np.where(enough, inflated, 1.0)

    counties = pd.DataFrame({"shift": shift, "inflation_factor": factor}, index=names)[enough]
    return Drift(
        pd.Series(factor[group], curves.geoid),
        counties.sort_values("shift", ascending=False),
        len(pairs),
    )


def calibrate_usual_miss(
    curves: Trajectories, model: SeasonModel, held_out: pd.DataFrame
) -> UsualMiss | None:
    """Measure how far forecasts of the archived season missed its own areas.

    Parameters
    ----------
    curves
        The whole season.
    model
        As fitted.
    held_out
        From :func:`models.training.fit.fit_season`: ``forecast_share``, ``level_share``,
        ``final_share``, and ``error_share`` by tract and fitted day, each forecast without the
        tract's area.

    Returns
    -------
    UsualMiss or None
        ``None`` if the archive has fewer than eight areas of enough tracts, or no two days a week
        apart.
    """
    group = group_counties(curves.geoid)
    enough = np.bincount(group) >= LEAST_TRACTS
    if enough.sum() < _LEAST_AREAS:
        return None

    days = [int(day) for day in model.days if day <= _LAST_CALIBRATED_DAY]
    by_day = {since: table.reindex(curves.geoid) for since, table in held_out.groupby("day")}
    usual: dict[tuple[int, int], float] = {}
    parts = []
    for since in days:
        table = by_day[since]
        growth = (table["forecast_share"] - table["level_share"]).to_numpy(dtype=float)
        error = table["error_share"].to_numpy(dtype=float)
        for day in _list_days_after(since, curves.published_days, curves.last_day):
            miss = _miss_groups(curves, model, since, day, growth, error, group)[enough]
            usual[since, day] = float(np.sqrt(np.nanmean(miss**2)))
        ended = (table["final_share"] - table["level_share"]).to_numpy(dtype=float)
        parts.append(_measure_common_part((ended - growth) / error, group, enough))

    scaled = _tabulate_misses(usual, days, curves)
    complete = (scaled > 0).all(axis=1)
    if not complete.any():
        return None
    return UsualMiss(
        np.array(days, dtype=float)[complete],
        np.array(HORIZONS, dtype=float),
        scaled[complete],
        float(np.mean(parts)),
    )


def _sum_squares(
    curves: Trajectories,
    model: SeasonModel,
    usual: UsualMiss,
    pairs: list[tuple[int, int]],
    group: Ints,
) -> Floats:
    """Add up each group's squared misses over the usual ones; a missing one counts as usual."""
    squares = np.zeros(int(group.max()) + 1)
    for since in sorted({since for since, _ in pairs}):
        features = read_curve_features(curves.until(since), since)
        forecast = model.forecast_growth(features, since)
        growth = forecast["growth_share"].to_numpy(dtype=float)
        error = forecast["error_share"].to_numpy(dtype=float)
        for day in (day for begin, day in pairs if begin == since):
            miss = _miss_groups(curves, model, since, day, growth, error, group)
            squares += np.nan_to_num(miss / usual.at(since, day - since), nan=1.0) ** 2
    return squares


def _measure_common_part(scaled: Floats, group: Ints, enough: Flags) -> float:
    """Return the part of the variance of errors that tracts of a group share.

    It compares the medians of groups with the deviations from them, which is robust.
    """
    errors = pd.Series(scaled)
    common = errors.groupby(group).transform("median")
    own = _TO_ONE_SD * (errors - common).abs().groupby(group).median()[enough]
    of_groups = float((errors.groupby(group).median()[enough] ** 2).mean())
    return of_groups / (of_groups + float((own**2).median()))


def _pair_days(published: tuple[int, ...], fitted: Floats, today: int) -> list[tuple[int, int]]:
    """Pair days to forecast from, evenly over the season so far, with days to forecast for.

    The days to forecast from are the model's fitted days, or the publications just before them.
    """
    begins = set()
    for day in fitted[fitted <= _LAST_CALIBRATED_DAY]:
        near = (earlier for earlier in published if day - _GAP_DAYS <= earlier <= day)
        begins.add(max(near, default=-1))
    ready = [
        begin
        for begin in sorted(begins)
        if begin >= fitted[0] and _list_days_after(begin, published, today)
    ]
    if not ready:
        return []

    places = np.linspace(0, len(ready) - 1, min(ORIGINS, len(ready))).round().astype(int)
    return [
        (ready[place], day)
        for place in np.unique(places)
        for day in _list_days_after(ready[place], published, today)
    ]


def _list_days_after(since: int, published: tuple[int, ...], today: int) -> list[int]:
    """Return the last publication up to each horizon after ``since``.

    A horizon is left out if that publication is more than a weekend short of it.
    """
    days = set()
    for ahead in HORIZONS:
        up_to = min(since + ahead, today)
        last = max((day for day in published if day <= up_to), default=since)
        if last >= since + ahead - _GAP_DAYS:
            days.add(last)
    return sorted(days)


def _tabulate_misses(
    usual: dict[tuple[int, int], float], days: list[int], curves: Trajectories
) -> Floats:
    """Tabulate the usual misses by day and horizon; missing where nothing was published.

    Misses are interpolated to the horizons where a publication fell short of one.
    """
    table = np.full((len(days), len(HORIZONS)), np.nan)
    for row, since in enumerate(days):
        after = _list_days_after(since, curves.published_days, curves.last_day)
        if after:
            ahead = [day - since for day in after]
            table[row] = np.interp(HORIZONS, ahead, [usual[since, day] for day in after])
    return table


def _miss_groups(
    curves: Trajectories,
    model: SeasonModel,
    since: int,
    day: int,
    growth: Floats,
    error: Floats,
    group: Ints,
) -> Floats:
    """Return how far a forecast missed each group on a later day, in expected errors.

    ``growth`` is what was forecast on ``since`` to the season's end.
    """
    gain = curves.cumulative_at(day) - curves.cumulative_at(since)
    scaled = (gain - growth * model.share_of_growth(since, day)) / error
    return np.asarray(pd.Series(scaled).groupby(group).median(), dtype=float)
