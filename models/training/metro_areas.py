"""Name the metropolitan area of each tract by a list that the caller gives."""

import numpy as np
import numpy.typing as npt
import pandas as pd


def name_metro_areas(geoid: pd.Index, metro_areas: "pd.Series[str] | None") -> npt.NDArray[np.str_]:
    """Return the metropolitan area of each tract.

    Parameters
    ----------
    geoid
        Tract codes, 11 digits.
    metro_areas
        The area of each county, by five digits, such as the core-based statistical areas of the
        Office of Management and Budget. Without it no area is known.

    Returns
    -------
    array
        The area; a tract outside all of them has the code of its state after ``rest of ``.
    """
    county = pd.Series(geoid.str[:5])
    known = county.map(metro_areas) if metro_areas is not None else pd.Series(index=county.index)
    rest = "rest of " + pd.Series(geoid.str[:2])
    return np.asarray(known.where(known.notna(), rest), dtype=np.str_)
