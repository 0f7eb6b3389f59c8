"""Calibrate the range of a whole area, and the ranges of ranks, on held-out errors."""

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
#: Counties whose ranks are simulated on a day: at least so many tracts, at most so many counties.
_LEAST_RANKED, _MOST_RANKED = 100, 40
#: The share of true ranks that the ranges of 80% are made to hold there. It is above 0.80, because
#: ranks in the largest counties are held a little less often than elsewhere.
_HELD_SHARE = 0.83
#: Factors of the expected error that are tried, simulations of each, and share on either side.
_FACTORS = np.arange(0.7, 1.75, 0.1)
_SIMULATIONS, _TAIL = 60, 0.1


def calibrate_area_intervals(
    held_out: pd.DataFrame, days: Floats, growth_scale: Floats
) -> IntervalTable | None:
    """Read the quantiles of the errors that whole areas have as one event.

    Parameters
    ----------
    held_out
        As :attr:`models.training.fit.SeasonFit.held_out`: forecasts without the tract's area.
    days, growth_scale
        The fitted days, and the spread of growth on each, shares.

    Returns
    -------
    IntervalTable or None
        By day and number of tracts, in units of :func:`models.curves.area_range.scale_area_error`.
        Areas are metropolitan areas of 30 tracts or more, or such counties where fewer than 20
        metropolitan areas are archived; ``None`` with fewer than 20 of either. All count alike.
    """
    for codes in (name_metro_areas(held_out.index), held_out.index.str[:5].to_numpy(dtype=str)):
        errors = _average_areas(held_out, codes)
        per_day = errors.groupby("day").size().reindex(days.astype(int), fill_value=0)
        if per_day.min() >= _LEAST_AREAS:
            break
    else:
        return None

    groups = int(np.clip(per_day.min() // _LEAST_IN_GROUP, 1, _MOST_GROUPS))
    cuts, quantiles = [], []
    for day, scale in zip(days, growth_scale, strict=True):
        of_day = errors[errors["day"] == day]
        unit = scale_area_error(of_day["error_share"].to_numpy(dtype=float), float(scale))
        cut, quantile = calibrate_groups(
            of_day["miss_share"].to_numpy(dtype=float) / unit,
            of_day["tracts_count"].to_numpy(dtype=float),
            of_day["area"].to_numpy(),
            LEVELS,
            groups=groups,
            balance=0.0,
        )
        cuts.append(cut)
        quantiles.append(quantile)
    return IntervalTable(days, np.stack(cuts), LEVELS, np.stack(quantiles))


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
