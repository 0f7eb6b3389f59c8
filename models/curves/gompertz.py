"""Extrapolate each tract's own response curve by a Gompertz function."""

import numpy as np

from models.curves.trajectory import Trajectories
from outreach.arrays import Floats

#: Decay rates per day that are tried.
_DECAYS = np.geomspace(0.005, 0.25, 25)
_FEWEST_POINTS = 4
#: Smallest share that a logarithm is taken of.
_LEAST_SHARE = 0.005


def extrapolate_gompertz(curves: Trajectories) -> Floats:
    """Extrapolate each tract's own curve by ``A exp(-b exp(-c t))``.

    The function is linear in log A and b for a given c: least squares on the published days for
    each c of a grid, the best fit for each tract (Gompertz 1825,
    https://doi.org/10.1098/rstl.1825.0026).

    Returns
    -------
    array
        A for each tract, at least today's rate and at most 1. Missing with fewer than four
        publications.
    """
    days = np.array(curves.published_days)
    level = curves.cumulative_at(curves.last_day)
    if len(days) < _FEWEST_POINTS:
        return np.full(len(level), np.nan)

    share = np.log(np.maximum(curves.cumulative_share[:, days - curves.first_day], _LEAST_SHARE))
    mean = share.mean(axis=1)
    smallest, ceiling = np.full(len(level), np.inf), np.full(len(level), np.nan)
    for decay in _DECAYS:
        fading = np.exp(-decay * (days - days[0]))
        deviation = fading - fading.mean()
        slope = ((share - mean[:, None]) @ deviation) / (deviation @ deviation)
        top = mean - slope * fading.mean()
        miss = ((share - top[:, None] - slope[:, None] * fading) ** 2).sum(axis=1)

        # A rising curve needs a slope of at most 0.
        better = (miss < smallest) & (slope <= 0)
        smallest = np.where(better, miss, smallest)
        ceiling = np.where(better, np.exp(np.minimum(top, 0.0)), ceiling)
    return np.clip(np.where(np.isnan(ceiling), level, ceiling), level, 1.0)
