"""Describe response curves as features that a season model can read."""

import numpy as np
import pandas as pd

from models.curves.trajectory import Trajectories
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError

#: The first elapsed day of the archived season. Windows do not reach further back.
FIRST_DAY = 3

#: Windows of growth, elapsed days.
_GAINS = (1, 3, 7, 14, 28)
_PAPER_GAINS = (3, 7, 14, 28)
#: Days of early levels.
_EARLY_LEVELS = (5, 9, 14, 20, 27)
_EARLY_PAPER = (11, 25)

#: Figures averaged over the county and over the nearest tracts.
_COUNTY_MEANS = (
    "level",
    "internet_part",
    "paper",
    "gain_3d",
    "gain_7d",
    "paper_gain_7d",
    "gain_14d",
    "gain_28d",
    "level_day14",
)
#: Figures averaged over a wider neighborhood.
_AROUND_MEANS = ("level", "gain_7d", "internet_part")
#: Figures averaged over the state.
_STATE_MEANS = (
    "level",
    "internet_part",
    "paper",
    "gain_7d",
    "gain_14d",
    "gain_28d",
    "level_day14",
)
#: Tracts on either side, in code order, that count as near and as around.
_NEAR, _AROUND = 2, 6


def read_curve_features(curves: Trajectories, day: int) -> pd.DataFrame:
    """Describe every tract's curve, its neighbors', and its county's, as known on a day.

    Parameters
    ----------
    curves
        Tracts of one or many counties. Only days up to ``day`` are read.
    day
        Elapsed day, within the published span.

    Returns
    -------
    DataFrame
        A row is a tract; shares 0-1. A tract's own figures start with ``now_``: level, paper,
        internet part, growth over true elapsed windows, and early levels. Means over the five and
        thirteen tracts nearest in code start with ``near_`` and ``around_``, means over the county
        and the state with ``county_`` and ``state_``. Missing where the curve does not reach back.

    Raises
    ------
    ModelError
        ``day`` lies outside the published span.
    """
    if not curves.first_day <= day <= curves.last_day:
        raise ModelError(
            f"Day {day} is not among the published days {curves.first_day} to {curves.last_day}.",
            "Choose a day for which rates are archived.",
        )

    own = _read_own_figures(curves, day)
    features: dict[str, Floats] = {f"now_{name}": values for name, values in own.items()}

    # Averages over places around the tract.
    county, group = np.unique(curves.geoid.str[:5].to_numpy(dtype=str), return_inverse=True)
    for name in _COUNTY_MEANS:
        features[f"county_{name}"] = _average_group(own[name], group)
        features[f"near_{name}"] = _average_neighbors(own[name], group, _NEAR)
    for name in _AROUND_MEANS:
        features[f"around_{name}"] = _average_neighbors(own[name], group, _AROUND)
    state = np.unique(curves.geoid.str[:2].to_numpy(dtype=str), return_inverse=True)[1]
    for name in _STATE_MEANS:
        features[f"state_{name}"] = _average_group(own[name], state)

    # Where the tract lies within its county.
    level = own["level"]
    features["county_spread"] = np.sqrt(
        _average_group((level - features["county_level"]) ** 2, group)
    )
    rank = pd.Series(level).groupby(group).rank(pct=True)
    features["county_rank"] = np.asarray(rank, dtype=np.float64)
    tracts_count = np.bincount(group, minlength=len(county)).astype(np.float64)
    features["county_tracts_log"] = np.asarray(np.log(tracts_count)[group], dtype=np.float64)
    return pd.DataFrame(features, index=curves.geoid)


def _read_own_figures(curves: Trajectories, day: int) -> dict[str, Floats]:
    """Return each tract's own figures on a day, by name."""
    level, paper = curves.cumulative_at(day), curves.paper_at(day)
    own = {
        "level": level,
        "paper": paper,
        "internet_part": (level - paper) / np.maximum(level, 0.01),
    }
    for window in _GAINS:
        own[f"gain_{window}d"] = level - curves.cumulative_at(max(day - window, FIRST_DAY))
    for window in _PAPER_GAINS:
        own[f"paper_gain_{window}d"] = paper - curves.paper_at(max(day - window, FIRST_DAY))
    for early in _EARLY_LEVELS:
        own[f"level_day{early}"] = curves.cumulative_at(min(early, day))
    for early in _EARLY_PAPER:
        own[f"paper_day{early}"] = curves.paper_at(min(early, day))
    return own


def _average_group(values: Floats, group: Ints) -> Floats:
    """Return the mean of each row's group, over the rows that have a figure."""
    rated = ~np.isnan(values)
    count = np.bincount(group, rated)
    total = np.bincount(group, np.where(rated, values, 0.0))
    with np.errstate(invalid="ignore"):
        return np.asarray((total / count)[group], dtype=float)


def _average_neighbors(values: Floats, group: Ints, distance: int) -> Floats:
    """Return the mean over the nearest tracts in code order within a group, itself included.

    Parameters
    ----------
    values
        In code order.
    group
        Ascending.
    distance
        How many tracts before and after count.
    """
    rated = ~np.isnan(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(rated, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(rated)])

    position = np.arange(len(values))
    low = np.maximum(position - distance, np.searchsorted(group, group, side="left"))
    high = np.minimum(position + distance + 1, np.searchsorted(group, group, side="right"))
    with np.errstate(invalid="ignore"):
        return np.asarray((total[high] - total[low]) / (count[high] - count[low]), dtype=float)
