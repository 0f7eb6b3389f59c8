"""Fit each county's own pace against a season's."""

import numpy as np
import pandas as pd

from outreach.arrays import Floats, Ints

#: A county with fewer tracts is grouped with the other small ones.
LEAST_TRACTS = 30
#: The group of such counties.
SMALL = "small"
#: Smallest unit of a deviation: half of what the published rounding hides.
_LEAST_UNIT = 0.0005
#: Smallest error of a tract, a share.
_LEAST_ERROR = 1e-4
#: Rounds of reweighting, and the cutoff of Huber's weights in median deviations.
_ROUNDS, _CUTOFF = 8, 1.5
#: The slope is pulled toward the season's as if by so many observations.
_SLOPE_PRIOR = 10.0


def group_counties(geoid: pd.Index) -> Ints:
    """Return the number of each tract's group; a group shares a pace.

    A county with at least :data:`LEAST_TRACTS` tracts is its own group. All other tracts are one
    group together.
    """
    return np.asarray(pd.factorize(_name_counties(geoid))[0], dtype=np.int64)


def name_groups(geoid: pd.Index, group: Ints) -> list[str]:
    """Return the county code of each group, or ``small`` for the group of small counties."""
    names: list[str] = _name_counties(geoid).groupby(group).first().tolist()
    return names


def fit_area_pace(
    gain: Floats, expected: Floats, error: Floats, group: Ints
) -> tuple[Floats, Floats]:
    """Fit each group's own pace and the unit that its tracts' deviations are measured in.

    Parameters
    ----------
    gain, expected
        Actual and expected growth since the start, shares.
    error
        Relative size of a tract's expected deviation.
    group
        From :func:`group_counties`.

    Returns
    -------
    offset
        What the group's robust line adds to the expected growth (Huber weights, slope pulled toward
        the season's); 0 for groups of fewer than :data:`LEAST_TRACTS` tracts.
    unit
        Median absolute deviation of the group, in proportion to ``error``; at least 0.0005, half of
        what the published rounding hides.
    """
    offset, unit = np.zeros(len(gain)), np.full(len(gain), np.nan)
    for number in np.unique(group):
        inside = np.flatnonzero((group == number) & np.isfinite(gain) & np.isfinite(expected))
        if not len(inside):
            continue
        x, y = expected[inside], gain[inside] - expected[inside]
        size = np.maximum(error[inside], _LEAST_ERROR)

        # Too few tracts for a pace of their own are compared with the season's.
        if len(inside) < LEAST_TRACTS:
            unit[inside] = np.maximum(size, _LEAST_UNIT)
            continue

        line = _fit_line(x, y, size)
        offset[inside] = line
        relative = float(np.median(np.abs(y - line) / size))
        unit[inside] = np.maximum(relative * size, _LEAST_UNIT)
    return offset, unit


def _name_counties(geoid: pd.Index) -> "pd.Series[str]":
    """Return the county code of each tract, or ``small`` if its county has few tracts."""
    county = pd.Series(geoid.str[:5].to_numpy(dtype=str))
    size = county.groupby(county).transform("size")
    return county.mask(size < LEAST_TRACTS, SMALL)


def _fit_line(x: Floats, y: Floats, size: Floats) -> Floats:
    """Fit a robust line of ``y`` on ``x`` with Huber's weights; return it at ``x``.

    The slope is penalized as by ten observations at one deviation of ``x``.
    """
    center, width = float(np.median(x)), max(float(np.std(x)), 1e-6)
    design = np.column_stack([np.ones(len(x)), (x - center) / width])

    line = np.full(len(x), np.median(y))
    for _ in range(_ROUNDS):
        miss = np.abs(y - line) / size
        cutoff = max(_CUTOFF * float(np.median(miss)), 1e-6)
        weight = 1.0 / np.maximum(1.0, miss / cutoff) / size**2
        penalty = np.diag([0.0, _SLOPE_PRIOR * float(weight.mean())])
        normal = design.T @ (design * weight[:, None]) + penalty
        line = design @ np.linalg.solve(normal, design.T @ (weight * y))
    return np.asarray(line, dtype=float)
