"""Choose tracts evenly over their order."""

import numpy as np

from outreach.arrays import Ints


def choose_evenly(places: Ints, most: int) -> Ints:
    """Return at most so many of the places, evenly over their order."""
    chosen = np.linspace(0, len(places) - 1, min(most, len(places))).round().astype(np.int64)
    return np.asarray(places[chosen], dtype=np.int64)
