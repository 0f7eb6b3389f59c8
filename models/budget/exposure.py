"""Model how often households see ads, and how much each further ad wins."""

import numpy as np

from outreach.arrays import Floats


def reach_households(seen: Floats | float) -> Floats:
    """Return the share of households (0-1) that see at least one ad.

    Exposure is random: a household sees a Poisson number of ads (Leckenby & Kim, media
    reach/frequency models), so ``1 - exp(-seen)`` see any.

    Parameters
    ----------
    seen
        Ads seen by a household that can see them, on average.
    """
    reached: Floats = -np.expm1(-np.asarray(seen, dtype=float))
    return reached


def measure_frequency(seen: Floats | float) -> Floats:
    """Return how many ads a household that sees any sees, on average: at least 1.

    Parameters
    ----------
    seen
        Ads seen by a household that can see them, on average.
    """
    mean = np.asarray(seen, dtype=float)
    reached = reach_households(mean)
    frequency: Floats = np.divide(mean, reached, out=np.ones_like(mean), where=reached > 0)
    return frequency


def count_exposures(seen: Floats | float, effective: float) -> Floats:
    """Return how many ads count for a household that can see them, on average.

    The first ad counts as one. Each further one wins the share ``r`` of what the one before won
    (response is concave in exposure: Simon & Arndt, Journal of Advertising Research 20(4), 1980),
    so that any number of ads counts as no more than ``effective = 1 / (1 - r)``. Over a Poisson
    number of ads that is on average ``effective * (1 - exp(-seen / effective))``.

    Parameters
    ----------
    seen
        Ads seen by a household that can see them, on average.
    effective
        The most that any number of ads counts as, at least 1.
    """
    return effective * reach_households(np.asarray(seen, dtype=float) / effective)


def find_useful_frequency(effective: float, least_share: float) -> float:
    """Return the ads for a household at which the next wins a share of what the first won.

    Parameters
    ----------
    effective
        The most that any number of ads counts as.
    least_share
        What the next ad wins, as a share (0-1) of what the first one wins.
    """
    return float(-effective * np.log(least_share))
