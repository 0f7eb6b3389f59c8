"""Fit how far units scatter in a season, from the counties of a nation."""

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from models.trial.season_spread import KINDS, SeasonSpread, measure_log_spread
from outreach.arrays import Floats
from outreach.errors import ModelError

#: Lengths of windows in weeks; starts are every week, counted back from the season's end.
_WEEKS = (*range(1, 13), 16, 20, 26)
_WEEK = 7
#: Units of a county to count: tracts, and groups of neighboring tract numbers that stand for ZIPs.
_LEAST_TRACTS, _LEAST_GROUPS, _GROUP_SIZE = 100, 15, 15
#: Least counties, the limit of a departure, and the share of the counties within the miss.
_LEAST_COUNTIES, _MOST_DEPARTURE, _RANGE = 5, 1.0, 0.8


def fit_season_spread(
    counties: Mapping[str, pd.DataFrame], *, name: str, start: dt.date, final: dt.date
) -> SeasonSpread:
    """Fit a season's spread.

    Parameters
    ----------
    counties
        By county code: cumulative share (0-1) with a row per tract, in the order of their numbers,
        and a column per data date.
    name, start, final
        Of the season, its day 0, and its last day.

    Raises
    ------
    ModelError
        There are too few counties of 225 tracts or more.
    """
    first_dates = [pd.DatetimeIndex(history.columns)[0] for history in counties.values()]
    first_day = (min(first_dates).date() - start).days
    days = sorted({first_day, *range((final - start).days - _WEEK, first_day, -_WEEK)})
    spreads, misses, persistence, counts = {}, {}, {}, {}
    for kind in KINDS:
        histories = _group_tracts(counties, kind)
        counts[f"{kind}_counties_count"] = len(histories)
        if len(histories) < _LEAST_COUNTIES:
            raise ModelError(
                f"{len(histories)} large counties are too few to learn how far rates scatter.",
                f"Use the rates of {_LEAST_COUNTIES} counties or more, of 225 tracts or more.",
            )
        measured = np.array(
            [_measure_windows(history, days, start, final) for history in histories.values()]
        )
        states = np.array([county[:2] for county in histories])
        spreads[kind] = _take_median(measured)
        misses[kind], persistence[kind] = _measure_miss(measured, states, days)
    return SeasonSpread(
        name=name,
        start=start,
        days=np.array(days, dtype=float),
        weeks=np.array(_WEEKS, dtype=float),
        log_spread=spreads,
        log_miss=misses,
        persistence=persistence,
        provenance={
            "last_data_date": final.isoformat(),
            "method": "median county of the spread around rate and 14-day pace",
            **counts,
        },
    )


def _group_tracts(counties: Mapping[str, pd.DataFrame], kind: str) -> dict[str, pd.DataFrame]:
    """Return the histories of the counties that are large enough, by unit of a kind."""
    if kind == "tract":
        return {code: rates for code, rates in counties.items() if len(rates) >= _LEAST_TRACTS}
    return {
        code: rates.groupby(np.arange(len(rates)) // _GROUP_SIZE).mean()
        for code, rates in counties.items()
        if len(rates) >= _LEAST_GROUPS * _GROUP_SIZE
    }


def _measure_windows(
    history: pd.DataFrame, days: Iterable[int], start: dt.date, final: dt.date
) -> Floats:
    """Return the log spread of each window, shape (weeks, days)."""
    rows = []
    for weeks in _WEEKS:
        row = []
        for day in days:
            first = start + dt.timedelta(days=day)
            last = first + dt.timedelta(weeks=weeks)
            inside = last <= final
            row.append(measure_log_spread(history, first, last) if inside else float("nan"))
        rows.append(row)
    return np.array(rows, dtype=float)


def _take_median(measured: Floats) -> Floats:
    """Return the median over counties; windows beyond the season stay missing."""
    return np.asarray(np.median(measured, axis=0), dtype=float)


def _measure_miss(measured: Floats, states: np.ndarray, days: list[int]) -> tuple[Floats, float]:
    """Return what most counties are missed by, and how much of a departure lasts.

    Each county is foreseen from the others' states and from its own window before, which ends where
    the flight begins; a county without such a window counts as the median one.
    """
    before = _list_before(days)
    departure = np.empty_like(measured)
    for state in np.unique(states):
        own = states == state
        departure[own] = measured[own] - _take_median(measured[~own])
    past = np.where(before >= 0, departure[:, np.arange(len(_WEEKS))[:, None], before], 0.0)
    past = np.clip(np.nan_to_num(past), -_MOST_DEPARTURE, _MOST_DEPARTURE)

    known = np.isfinite(departure) & (before >= 0)
    now = np.clip(departure[known], -_MOST_DEPARTURE, _MOST_DEPARTURE)
    persistence = float((past[known] * now).sum() / (past[known] ** 2).sum())
    missed = np.abs(departure - persistence * past)
    return np.asarray(np.quantile(missed, _RANGE, axis=0), dtype=float), persistence


def _list_before(days: list[int]) -> np.ndarray:
    """Return the number of the window that ends where each begins, -1 without, (weeks, days)."""
    numbers = {day: number for number, day in enumerate(days)}
    return np.array(
        [[numbers.get(day - _WEEK * weeks, -1) for day in days] for weeks in _WEEKS], dtype=np.intp
    )
