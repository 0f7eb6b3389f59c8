"""Choose what the tracts of a county weigh in its rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd


class Weight(StrEnum):
    """What a rate is weighted by; the catalogs name it (``atlas.weight``)."""

    HOUSEHOLDS = "households"
    HOUSING_UNITS = "housing_units"
    TRACTS = "tracts"


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the tracts of some counties weigh.

    Parameters
    ----------
    homes
        Of each tract, by ``geoid``; 0 where a county's source does not know it. All tracts of a
        county without homes weigh 1.
    units
        What was counted, by county.
    """

    homes: "pd.Series[float]"
    units: "pd.Series[str]"

    @property
    def unit(self) -> Weight:
        """What all counties are weighted by; tracts if they differ."""
        kinds = set(self.units)
        return Weight(kinds.pop()) if len(kinds) == 1 else Weight.TRACTS

    @property
    def common(self) -> "pd.Series[float]":
        """What tracts weigh in a mean over counties: alike where the counties differ."""
        if self.unit is not Weight.TRACTS:
            return self.homes
        return pd.Series(1.0, index=self.homes.index)


def join_weights(parts: Sequence[Weighed]) -> Weighed:
    """Put the weights of several states together."""
    return Weighed(
        pd.concat([part.homes for part in parts]), pd.concat([part.units for part in parts])
    )


def weigh_tracts(rates: "pd.Series[float]", homes: pd.DataFrame | None) -> Weighed:
    """Choose the weights of tracts, county by county: households, else housing units, else alike.

    Parameters
    ----------
    rates
        The rate of each tract, by ``geoid``; missing where it has none now.
    homes
        Index ``geoid``; ``households_count`` and ``housing_units_count``, either may be missing. A
        county counts only if each of its tracts with a rate has a row.
    """
    geoids = rates.index
    counties = pd.Series(geoids.str[:5], index=geoids)
    if homes is None or homes.empty:
        units = pd.Series(Weight.TRACTS.value, index=pd.Index(counties.unique()))
        return Weighed(pd.Series(1.0, index=geoids), units)

    # The first unit that a source counts anywhere in the county.
    known = (rates.isna() | geoids.isin(homes.index)).groupby(counties).all()
    columns = {
        unit: homes[f"{unit}_count"].reindex(geoids).fillna(0.0).clip(lower=0)
        for unit in (Weight.HOUSEHOLDS, Weight.HOUSING_UNITS)
        if f"{unit}_count" in homes
    }
    units = pd.Series(Weight.TRACTS.value, index=known.index)
    for unit in reversed(columns):
        counted = columns[unit].groupby(counties).sum() > 0
        units = units.mask(known & counted, unit.value)
    chosen = counties.map(units)
    weights = np.select([chosen == unit for unit in columns], list(columns.values()), default=1.0)
    return Weighed(pd.Series(weights, index=geoids), units)
