"""Calibrate the range of a whole area, and the ranges of ranks, on held-out errors."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.curves.area_pace import LEAST_TRACTS
from models.curves.area_range import scale_area_error
from models.intervals import LEVELS, IntervalTable, calibrate_groups, read_ranks
from models.training.metro_areas import name_metro_areas
from outreach.arrays import Floats

#: Fewest areas that the range of an area is calibrated on, fewest for a group of their own by
#: number of tracts, and most groups.
_LEAST_AREAS, _LEAST_IN_GROUP, _MOST_GROUPS = 20, 40, 3
#: Parts of the areas that are left out in turn, the ends of a range of 80%, and the figures of an
#: area.
_PARTS, _ENDS = 6, (0.1, 0.9)
_FIGURES = ("miss_share", "error_share", "tracts_count")
#: Counties whose ranks are simulated on a day: at least so many tracts, at most so many counties.
_LEAST_RANKED, _MOST_RANKED = 100, 40
#: The share of true ranks that the ranges of 80% are made to hold there. It is above 0.80, because
#: ranks in the largest counties are held a little less often than elsewhere.
_HELD_SHARE = 0.82
#: Factors of the expected error that are tried, simulations of each, and share on either side.
_FACTORS = np.arange(0.7, 1.75, 0.1)
_SIMULATIONS, _TAIL = 60, 0.1


def calibrate_area_intervals(
    held_out: pd.DataFrame,
    days: Floats,
    growth_scale: Floats,
    metro_areas: "pd.Series[str] | None" = None,
) -> IntervalTable | None:
    """Read the quantiles of the errors that whole areas have as one event.

    Parameters
    ----------
    held_out
        As :attr:`models.training.fit.SeasonFit.held_out`: forecasts without the tract's area.
    days, growth_scale
        The fitted days, and the spread of growth on each, shares.
    metro_areas
        As :func:`models.training.metro_areas.name_metro_areas` takes it.

    Returns
    -------
    IntervalTable or None
        By day and number of tracts, in units of :func:`models.curves.area_range.scale_area_error`.
        Areas are metropolitan areas of 30 tracts or more, or such counties where fewer than 20
        metropolitan areas are known and archived; ``None`` with fewer than 20 of either. All count
        alike.
    """
    errors = _list_areas(held_out, days, metro_areas)
    return None if errors is None else _calibrate_areas(errors, days, growth_scale)


def measure_area_intervals(
    held_out: pd.DataFrame,
    days: Floats,
    growth_scale: Floats,
    stated_days: Sequence[int],
    metro_areas: "pd.Series[str] | None" = None,
) -> dict[str, dict[str, float]]:
    """Measure the 80% ranges of areas by quantiles of other areas.

    Parameters
    ----------
    held_out, days, growth_scale
        As in :func:`calibrate_area_intervals`.
    stated_days
        The days to measure.
    metro_areas
        As in :func:`calibrate_area_intervals`.

    Returns
    -------
    dict
        Day -> ``areas_count``, ``coverage``, ``width_share``, and ``unlike_coverage``, that of the
        tenth of areas with the largest expected errors. Sixths of the areas are left out in turn.
        Empty with too few areas.
    """
    errors = _list_areas(held_out, days, metro_areas)
    if errors is None:
        return {}
    number = errors["area"].rank(method="dense").astype(int).to_numpy()
    fold = np.random.default_rng(0).permutation(number.max() + 1)[number] % _PARTS
    tables = [_calibrate_areas(errors[fold != part], days, growth_scale) for part in range(_PARTS)]

    measured = {}
    for day in (day for day in stated_days if day in days):
        found, place = errors["day"].to_numpy() == day, int(np.searchsorted(days, day))
        miss, error, count = errors.loc[found, list(_FIGURES)].to_numpy(dtype=float).T
        unit, low, high = scale_area_error(error, float(growth_scale[place])), miss * 0, miss * 0
        for part, table in enumerate(tables):
            own = fold[found] == part
            low[own], high[own] = (
                unit[own] * table.quantile(count[own], day, level) for level in _ENDS
            )
        inside = (np.minimum(low, 0) <= miss) & (miss <= np.maximum(high, 0))
        measured[str(day)] = {
            "areas_count": len(miss),
            "coverage": round(float(inside.mean()), 4),
            "unlike_coverage": round(float(inside[error >= np.quantile(error, 0.9)].mean()), 4),
            "width_share": round(float((high - low).mean()), 4),
        }
    return measured


def calibrate_own_errors(held_out: pd.DataFrame, days: Floats) -> Floats:
    """Find how large the errors are by which ranks within a county differ.

    An error that all tracts of a county share changes no rank there. So the part that each tract
    has of its own is what makes simulated ranges of ranks hold the true ranks of held-out counties
    as often as they say.

    Parameters
    ----------
    held_out, days
        As in :func:`calibrate_area_intervals`.

    Returns
    -------
    array
        For each day, the standard deviation of a tract's own error over its expected error. 1
        where no county has 100 tracts.
    """
    factors = np.ones(len(days))
    for place, day in enumerate(days):
        errors = held_out[held_out["day"] == day]
        county = errors.index.str[:5]
        size = county.value_counts().sort_index()
        large = size.index[size >= _LEAST_RANKED]
        if not len(large):
            continue
        step = max(len(large) // _MOST_RANKED, 1)
        held = np.array([
            _hold_ranks(errors[county == code], _FACTORS) for code in large[::step]
        ])  # fmt: skip
        weight = size[large[::step]].to_numpy(dtype=float)
        share = np.maximum.accumulate(np.average(held, axis=0, weights=weight))
        factors[place] = np.interp(_HELD_SHARE, share, _FACTORS)
    return factors


def _list_areas(
    held_out: pd.DataFrame, days: Floats, metro_areas: "pd.Series[str] | None"
) -> pd.DataFrame | None:
    """Return the errors of metropolitan areas, or of counties, whichever are enough on each day."""
    for codes in (
        name_metro_areas(held_out.index, metro_areas),
        held_out.index.str[:5].to_numpy(dtype=str),
    ):
        errors = _average_areas(held_out, codes)
        per_day = errors.groupby("day").size().reindex(days.astype(int), fill_value=0)
        if per_day.min() >= _LEAST_AREAS:
            return errors
    return None


def _calibrate_areas(errors: pd.DataFrame, days: Floats, growth_scale: Floats) -> IntervalTable:
    """Read the quantiles of the errors of areas by day and number of tracts."""
    per_day = errors.groupby("day").size()
    groups = int(np.clip(per_day.min() // _LEAST_IN_GROUP, 1, _MOST_GROUPS))
    cuts, quantiles = [], []
    for day, scale in zip(days, growth_scale, strict=True):
        of_day = errors[errors["day"] == day]
        miss, error, count = of_day[list(_FIGURES)].to_numpy(dtype=float).T
        scaled, area = miss / scale_area_error(error, float(scale)), of_day["area"].to_numpy()
        cut, quantile = calibrate_groups(scaled, count, area, LEVELS, groups=groups, balance=0.0)
        cuts.append(cut)
        quantiles.append(quantile)
    return IntervalTable(days, np.stack(cuts), LEVELS, np.stack(quantiles))


def _average_areas(held_out: pd.DataFrame, codes: npt.NDArray[np.str_]) -> pd.DataFrame:
    """Return the mean miss and the mean expected error of each area of enough tracts, by day.

    Tracts outside metropolitan areas are no area.
    """
    table = held_out[["day", "error_share"]].assign(
        area=codes, miss_share=held_out["final_share"] - held_out["forecast_share"]
    )
    table = table[~table["area"].str.startswith("rest")]
    grouped = table.groupby(["day", "area"])
    means = grouped.mean().assign(tracts_count=grouped.size())
    return means[means["tracts_count"] >= LEAST_TRACTS].reset_index()


def _hold_ranks(errors: pd.DataFrame, factors: Floats) -> Floats:
    """Return the share of true ranks that simulated ranges hold, for each factor of the error."""
    forecast, final, error = (
        errors[f"{name}_share"].to_numpy(dtype=float) for name in ("forecast", "final", "error")
    )
    z = np.random.default_rng(0).standard_normal((_SIMULATIONS, len(forecast)))
    truth, tail = read_ranks(final[None])[0], round(_TAIL * (_SIMULATIONS - 1))
    held = []
    for factor in factors:
        ranks = np.sort(read_ranks(forecast + factor * error * z), axis=0)
        held.append(((truth >= ranks[tail]) & (truth <= ranks[-1 - tail])).mean())
    return np.array(held)
