"""Class tracts by how hard they are to count, against the nation in 2020.

A class is a fifth of the nation's tracts by final self-response in the 2020 Census: class 1 holds
the fifth that responded least. The cuts are :data:`outreach.palette.NATION_EDGES`.
"""

import numpy as np
import pandas as pd

from outreach.palette import NATION_EDGES, find_classes

#: The class that counts as hard to count.
HARDEST = 1


def class_tracts(rates: "pd.Series[float]") -> "pd.Series[float]":
    """Return each tract's class, 1 (the nation's lowest fifth in 2020) to 5; missing without rate.

    Parameters
    ----------
    rates
        Expected or final rates, 0-1 by ``geoid``.
    """
    values = np.asarray(rates, dtype=np.float64)
    classes = np.where(np.isnan(values), np.nan, 1.0 + find_classes(values, NATION_EDGES))
    return pd.Series(classes, index=rates.index, name="hard_to_count_class")
