"""Name the metropolitan area of each tract.

Source: the Office of Management and Budget's core-based statistical areas of July 2023,
metropolitan and micropolitan, as the HUD-USPS ZIP Code crosswalk of 2025 has them
(https://www.huduser.gov/portal/datasets/usps_crosswalk.html). Each county has the area that most of
its ZIP Codes have, so that Connecticut keeps the counties of 2020. Checked on 2026-11-28.
"""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

_FILE = Path(__file__).parent / "metro_areas.csv"


def name_metro_areas(geoid: pd.Index) -> npt.NDArray[np.str_]:
    """Return the five-digit code of each tract's metropolitan area.

    A tract outside all of them has the code of its state after ``rest of ``.
    """
    metro = pd.Series(geoid.str[:5]).map(_read_metro_areas())
    return np.asarray(metro.fillna("rest of " + pd.Series(geoid.str[:2])), dtype=np.str_)


@cache
def _read_metro_areas() -> "pd.Series[str]":
    """Return the code of the metropolitan area by county."""
    table = pd.read_csv(_FILE, dtype=str)
    return table.set_index("county")["metro_area"]
