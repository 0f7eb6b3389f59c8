"""Measure the tracts and counties of an atlas from what plans expect.

A county's rate is the mean of its tracts, weighted like published ones
(:mod:`maps.atlas.weights`). Its range is that of the area as one event where the plan has measured
how far areas miss, else the mean of its tracts' ranges.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from maps.atlas.counties import StateFigures
from maps.atlas.weights import Weight, weigh_tracts
from outreach.rates import AreaErrors, average_groups, count_alike

#: Shares of a county that are means of its tracts, besides the final rate of the last census.
_MEANS = ("cumulative_share", "final_low80_share", "final_high80_share")
#: The class that counts as hard to count.
_HARDEST = 1


def measure_plan(
    expected: pd.DataFrame, last: str, errors: Mapping[str, AreaErrors | None]
) -> StateFigures:
    """Measure the tracts and counties of one state.

    Parameters
    ----------
    expected
        Index ``geoid``, tracts of which something is expected, at least one: ``data_date`` (the day
        of the plan), ``cumulative_share``, ``final_low80_share``, ``final_high80_share``,
        ``missing_households_count``, ``hard_to_count_class`` (1 to 5), ``households_count``,
        ``housing_units_count``, and the final rate of the last census.
    last
        The name of that last column.
    errors
        How far areas of a county's plan miss, by county; ``None`` where it is not known.

    Returns
    -------
    StateFigures
        Its season has no dates.
    """
    counties = pd.Series(expected.index.str[:5], index=expected.index)
    tracts = expected.assign(county=counties, last_date=expected["data_date"])
    weighed = weigh_tracts(tracts["cumulative_share"], tracts)
    columns = [*_MEANS, last]
    averages, _ = average_groups(tracts[columns], weighed.homes, counties)
    grouped = tracts.groupby("county")
    hard = (tracts["hard_to_count_class"] == _HARDEST).groupby(counties).sum()
    table = pd.DataFrame(
        {
            "data_date": grouped["data_date"].max(),
            "tracts_count": grouped.size(),
            "weight": weighed.units,
            **_narrow_ranges(averages, count_alike(weighed.homes, counties), errors),
            # Homes that nobody counts cannot be missing: a sum over them would be 0.
            "missing_households_count": grouped["missing_households_count"]
            .sum(min_count=1)
            .where(weighed.units == Weight.HOUSEHOLDS),
            "hard_tracts_count": hard.astype(float),
        }
    )
    names = [*table.index, str(expected.index[0][:2])]
    season = pd.DataFrame(index=pd.DatetimeIndex([]), columns=names, dtype=float)
    return StateFigures(tracts, table, season, weighed)


def _narrow_ranges(
    averages: pd.DataFrame, size: "pd.Series[float]", errors: Mapping[str, AreaErrors | None]
) -> pd.DataFrame:
    """Give counties their range as one event; it is never wider than the mean of their tracts'."""
    reach = pd.Series(
        {
            code: float(known.reach(np.array([size[code]]))[0])
            for code in averages.index
            if (known := errors.get(str(code))) is not None
        },
        dtype=float,
    ).reindex(averages.index)
    middle = averages["cumulative_share"]
    low, high = averages["final_low80_share"], averages["final_high80_share"]
    return averages.assign(
        final_low80_share=np.fmax(low, middle - reach),
        final_high80_share=np.fmin(high, middle + reach),
    )
