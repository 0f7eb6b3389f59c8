"""Sum up the figures that a city brings itself, by district and by date."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from outreach.rates import average_groups
from outreach.tables import Crosswalk, DataFrame

#: The row of all tracts together.
WHOLE = ""
#: A mean over less than this share of an area's households is not shown.
_LEAST_COVERED = 0.5


@dataclass(frozen=True, slots=True)
class CitySeries:
    """A figure of tracts at one or more times.

    Parameters
    ----------
    title, source
        What it is, and who counted it, in the planner's words.
    unit
        ``percent`` or ``share`` (both 0-1 inside), ``count``, ``usd``, or ``index``.
    columns
        Column of the tracts -> its moment, a year or a day as ISO text; the oldest first.
    """

    title: str
    source: str
    unit: str
    columns: Mapping[str, str]


def sum_series(
    series: CitySeries, tracts: pd.DataFrame, crosswalk: DataFrame[Crosswalk], districts: pd.Index
) -> pd.DataFrame:
    """Sum a figure up: counts as sums, all else as means weighted by households.

    A mean is missing where the tracts that have the figure hold less than half of the households.

    Parameters
    ----------
    series
        The figure.
    tracts
        Index ``geoid``; its columns, and ``households_count``.
    crosswalk
        From tracts to districts.
    districts
        The districts to keep.

    Returns
    -------
    DataFrame
        Index: :data:`WHOLE`, then the districts; a column for each moment.
    """
    names = list(series.columns)
    figures = tracts[[*names, "households_count"]].astype(float)
    whole = figures.assign(area=WHOLE, weight=1.0)
    pairs = crosswalk[crosswalk["target"].isin(districts) & (crosswalk["weight"] > 0)]
    divided = pd.DataFrame(pairs[["source", "target", "weight"]]).rename(columns={"target": "area"})
    divided = divided.join(figures, on="source", how="inner", validate="many_to_one")
    parts = pd.concat([whole, divided], ignore_index=True)
    if series.unit == "count":
        table = (
            parts[names].mul(parts["weight"], axis="index").groupby(parts["area"]).sum(min_count=1)
        )
    else:
        households = (parts["households_count"] * parts["weight"]).fillna(0.0)
        table, behind = average_groups(parts[names], households, parts["area"])
        everybody = households.groupby(parts["area"]).sum()
        table = table.where(behind.ge(_LEAST_COVERED * everybody, axis="index"))
    return table.rename(columns=dict(series.columns)).reindex([WHOLE, *districts])
