"""Drift: how far an area's season departs from the archived one, told from forecasts of earlier days for days that have come since.

The intervals of a forecast know how much the places of one season differ. Whether this season is
like that one shows in what the same model would have said on earlier days of days already
published. Each such forecast misses an area as a whole by the median of its tracts; that miss over
the usual one of the archived season's own areas, root mean square over the forecasts, is the area's
*shift* ``z``. Only the part ``s`` of an error's variance that tracts of an area have in common
grows with it, so ranges are made

    sqrt(1 + s * (z ** 2 - 1))

times as wide where ``z`` exceeds 1, and never narrower. Both ``s`` and what is usual are measured
on the archived season's areas, each forecast by what was fitted without it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.curves.pace import LEAST_TRACTS, group_counties, share_of_growth
from models.curves.season_model import SeasonModel
from models.curves.trajectory import Trajectories, read_features
from models.intervals import UsualMiss
from outreach.arrays import Flags, Floats, Ints

#: How many days ahead the earlier forecasts look.
HORIZONS = (7, 14, 21)
#: Earlier days that are forecast from, at most, evenly over the season so far.
ORIGINS = 12
#: A publication this many days before the one wanted stands for it.
_GAP_DAYS = 3
#: A shift starts at the usual, as if so many forecasts had missed by it: one or two say little.
_PRIOR_MISSES = 2.0
_LAST_CALIBRATED_DAY = 160
_LEAST_AREAS = 8


@dataclass(frozen=True)
class Drift:
    """How unlike the archived season an area's season is so far.

    Attributes
    ----------
    inflation_factor
        Geoid -> factor of every range, at least 1.
    counties
        Index: county, or ``small`` for counties of few tracts together; only where there are enough
        tracts. ``shift``, how many times the usual its forecasts missed by, and ``inflation_factor``;
        the widest first.
    misses_count
        Number of earlier forecasts compared in each county.
    """

    inflation_factor: "pd.Series[float]"
    counties: pd.DataFrame
    misses_count: int


def measure_drift(curves: Trajectories, season: SeasonModel) -> Drift:
    """Measure the shift of each county's season up to the last day of ``curves``; nothing later is looked at.

    Parameters
    ----------
    curves
        Rates of the area so far.
    season
        The archived season. Without usual misses of its own, without rates of the season's first
        days, which its forecasts read, or without two publications a week apart nothing is measured
        and nothing widens.
    """
    group = group_counties(curves.geoid)
    names = _name_groups(curves.geoid, group)
    usual = season.usual_miss if curves.first_day <= season.days[0] else None
    pairs = _pair_days(curves.published_days, season.days, curves.last_day)
    enough = np.bincount(group, minlength=len(names)) >= LEAST_TRACTS
    if usual is None or not pairs or not enough.any():
        nothing = pd.DataFrame({"shift": [], "inflation_factor": []}, dtype=float)
        return Drift(pd.Series(1.0, curves.geoid), nothing, 0)
    squares = np.zeros(len(names))
    for since in sorted({since for since, _ in pairs}):
        forecast = season.forecast_growth(read_features(curves.until(since), since), since)
        growth, error = (
            forecast[f"{name}_share"].to_numpy(dtype=float) for name in ("growth", "error")
        )
        for day in (day for begin, day in pairs if begin == since):
            miss = _miss_groups(curves, season, since, day, growth, error, group)
            squares += np.nan_to_num(miss / usual.at(since, day - since), nan=1.0) ** 2
    shift = np.sqrt((squares + _PRIOR_MISSES) / (len(pairs) + _PRIOR_MISSES))
    factor = np.where(enough, np.sqrt(1.0 + usual.area_part * np.maximum(shift**2 - 1.0, 0.0)), 1.0)
    counties = pd.DataFrame({"shift": shift, "inflation_factor": factor}, index=names)[enough]
    return Drift(
        pd.Series(factor[group], curves.geoid),
        counties.sort_values("shift", ascending=False),
        len(pairs),
    )


def calibrate_usual_miss(
    curves: Trajectories, season: SeasonModel, held_out: pd.DataFrame
) -> UsualMiss | None:
    """Measure by how much forecasts of the archived season missed its own areas, each forecast without that area.

    Parameters
    ----------
    curves
        The whole season.
    season
        As fitted.
    held_out
        From :func:`models.training.fit.fit_season`: ``forecast_share``, ``level_share`` and
        ``error_share`` by tract and fitted day.

    Returns
    -------
    UsualMiss or None
        ``None`` where the archive has fewer than eight areas of enough tracts, or no two days a
        week apart.
    """
    group = group_counties(curves.geoid)
    enough = np.bincount(group) >= LEAST_TRACTS
    days = [int(day) for day in season.days if day <= _LAST_CALIBRATED_DAY]
    if enough.sum() < _LEAST_AREAS:
        return None
    told = {since: told.reindex(curves.geoid) for since, told in held_out.groupby("day")}
    usual: dict[tuple[int, int], float] = {}
    parts = []
    for since in days:
        growth = (told[since]["forecast_share"] - told[since]["level_share"]).to_numpy(dtype=float)
        error = told[since]["error_share"].to_numpy(dtype=float)
        for day in _days_after(since, curves.published_days, curves.last_day):
            miss = _miss_groups(curves, season, since, day, growth, error, group)[enough]
            usual[since, day] = float(np.sqrt(np.nanmean(miss**2)))
        ended = (told[since]["final_share"] - told[since]["level_share"]).to_numpy(dtype=float)
        parts.append(_share_out((ended - growth) / error, group, enough))
    table = _tabulate(usual, days, curves)
    known = (table > 0).all(axis=1)
    if not known.any():
        return None
    return UsualMiss(
        np.array(days, dtype=float)[known],
        np.array(HORIZONS, dtype=float),
        table[known],
        float(np.mean(parts)),
    )


def _share_out(scaled: Floats, group: Ints, enough: Flags) -> float:
    """Return the part of the variance of errors that is common to a group: of medians, against deviations from them (robust)."""
    errors = pd.Series(scaled)
    common = errors.groupby(group).transform("median")
    own = 1.4826 * (errors - common).abs().groupby(group).median()[enough]
    of_groups = float((errors.groupby(group).median()[enough] ** 2).mean())
    return of_groups / (of_groups + float((own**2).median()))


def _pair_days(published: tuple[int, ...], fitted: Floats, today: int) -> list[tuple[int, int]]:
    """Return days to forecast from, evenly over the season up to ``today``, each with the days to forecast for.

    They are the season's fitted days, or the publications just before them.
    """
    wanted = [day for day in fitted if day <= _LAST_CALIBRATED_DAY]
    begun = {
        max((d for d in published if day - _GAP_DAYS <= d <= day), default=-1) for day in wanted
    }
    ready = [d for d in sorted(begun) if d >= fitted[0] and _days_after(d, published, today)]
    if not ready:
        return []
    chosen = np.unique(np.linspace(0, len(ready) - 1, min(ORIGINS, len(ready))).round().astype(int))
    return [(ready[at], day) for at in chosen for day in _days_after(ready[at], published, today)]


def _days_after(since: int, published: tuple[int, ...], today: int) -> list[int]:
    """Return for each horizon after ``since`` the last publication up to it, if that is no more than a weekend short of it."""
    last = (
        max((d for d in published if d <= min(since + ahead, today)), default=since)
        for ahead in HORIZONS
    )
    return sorted(
        {day for day, ahead in zip(last, HORIZONS, strict=True) if day >= since + ahead - _GAP_DAYS}
    )


def _tabulate(usual: dict[tuple[int, int], float], days: list[int], curves: Trajectories) -> Floats:
    """Return the usual misses by day and horizon, interpolated to the horizons where a publication fell short; missing where there is none."""
    table = np.full((len(days), len(HORIZONS)), np.nan)
    for row, since in enumerate(days):
        after = _days_after(since, curves.published_days, curves.last_day)
        if after:
            table[row] = np.interp(
                HORIZONS, [day - since for day in after], [usual[since, day] for day in after]
            )
    return table


def _miss_groups(
    curves: Trajectories,
    season: SeasonModel,
    since: int,
    day: int,
    growth: Floats,
    error: Floats,
    group: Ints,
) -> Floats:
    """Return by how much a forecast on ``since`` of ``growth`` to the season's end missed each group on ``day``, in expected errors."""
    gained = curves.cumulative_at(day) - curves.cumulative_at(since)
    scaled = (gained - growth * share_of_growth(season, since, day)) / error
    return np.asarray(pd.Series(scaled).groupby(group).median(), dtype=float)


def _name_groups(geoid: pd.Index, group: Ints) -> list[str]:
    """Return the county code of each group, ``small`` for the counties of few tracts."""
    county = pd.Series(geoid.str[:5].to_numpy(dtype=str))
    own = county.groupby(county).transform("size") >= LEAST_TRACTS
    return county.where(own, "small").groupby(group).first().tolist()
