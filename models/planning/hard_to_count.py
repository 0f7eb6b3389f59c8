"""Class tracts by how hard they are to count, against the nation in 2020.

A class is a fifth of the nation's tracts by final self-response in the 2020 Census: class 1 holds
the fifth that responded least. The cuts are those of 77,663 tracts of 48 states and the District of
Columbia (census API ``2020/dec/responserate``, rates of January 29, 2021; New York and Rhode Island
are not among them). The Bureau publishes no classes.
"""

import numpy as np
import pandas as pd

#: Final rates of 2020 that divide the nation's tracts into fifths.
CUTS = (0.557, 0.654, 0.725, 0.792)
#: The class that counts as hard to count.
HARDEST = 1


def class_tracts(rates: "pd.Series[float]") -> "pd.Series[float]":
    """Return each tract's class, 1 (the nation's lowest fifth in 2020) to 5; missing without rate.

    Parameters
    ----------
    rates
        Expected or final rates, 0-1 by ``geoid``.
    """
    values = rates.to_numpy(dtype=float)
    classes = np.where(np.isnan(values), np.nan, 1.0 + np.searchsorted(CUTS, values, side="left"))
    return pd.Series(classes, index=rates.index, name="hard_to_count_class")
