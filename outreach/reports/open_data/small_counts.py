"""Find the counts that are too small to publish, now or later in the season."""

import pandas as pd

from outreach.arrays import Flags
from outreach.reports.data.inputs import ReportView
from outreach.tables import Crosswalk, DataFrame, as_table

#: Counts of households from 1 to below this are hidden in public.
SMALLEST_SHOWN = 10
#: What stands for every count from 1 to below :data:`SMALLEST_SHOWN` of a group of households in a
#: tract that is shown: their middle, so that sums over tracts stay near the truth.
BLURRED = SMALLEST_SHOWN // 2
#: Counts that are hidden together: with the rate, one of them gives the other away.
LINKED_COUNTS = ("households_count", "missing_households_count")
#: A rate that most places reach in a season. What would be small at this rate is hidden from the
#: start: once households are published, the Bureau's later rates tell the missing ones.
REACHED_SHARE = 0.9
#: Fewest households of a place that is shown at all.
FEWEST_HOUSEHOLDS = round(SMALLEST_SHOWN / (1 - REACHED_SHARE))
#: A tract lies whole in a district from this weight on.
WHOLE = 1 - 1e-6


def find_small(places: pd.DataFrame) -> "pd.Series[bool]":
    """Return which places have a count that is too small, now or at :data:`REACHED_SHARE`.

    Parameters
    ----------
    places
        ``households_count`` and ``cumulative_share``; a place without a rate is taken at
        :data:`REACHED_SHARE`.

    Returns
    -------
    Series
        True where there are households, and fewer than :data:`SMALLEST_SHOWN` of them would be
        missing. This includes every place with that few households.
    """
    households = places["households_count"].astype(float)
    share = places["cumulative_share"].astype(float).fillna(0.0).clip(lower=REACHED_SHARE)
    small: pd.Series[bool] = (households > 0) & (
        (households * (1 - share)).round() < SMALLEST_SHOWN
    )
    return small


def blur_small(counts: "pd.Series[float]") -> "pd.Series[float]":
    """Put :data:`BLURRED` in the place of every small count of a group of households.

    Parameters
    ----------
    counts
        Households of one group by tract; estimates may have fractions.

    Returns
    -------
    Series
        Whole counts: none, :data:`BLURRED`, or at least :data:`SMALLEST_SHOWN`.
    """
    whole = counts.astype(float).round()
    return whole.mask((whole > 0) & (whole < SMALLEST_SHOWN), BLURRED)


def list_places(view: ReportView) -> pd.DataFrame:
    """Return every place that a publication of a view shows: its tracts, and the parts of tracts.

    Returns
    -------
    DataFrame
        Index: a key that stays the same over a season, the tract's code or one that names district
        and tract. ``geoid``, ``households_count``, ``cumulative_share``.
    """
    columns = ["households_count", "cumulative_share"]
    tracts = pd.DataFrame(view.tracts[columns]).assign(geoid=view.tracts.index)
    lists = [tracts]
    for name, crosswalk in {"": view.crosswalk, **view.other_crosswalks}.items():
        parts = crosswalk[
            crosswalk["source"].isin(tracts.index)
            & (crosswalk["weight"] > 0)
            & (crosswalk["weight"] < WHOLE)
        ]
        rows = tracts.loc[parts["source"]].set_axis(name_parts(view.kind, name, parts))
        rows["households_count"] = rows["households_count"] * parts["weight"].to_numpy()
        lists.append(rows)
    return pd.concat(lists)


def name_parts(kind: str, way: str, parts: DataFrame[Crosswalk]) -> list[str]:
    """Return the key of each part of a tract.

    Parameters
    ----------
    kind, way
        Kind of district, and name of the way to split; empty for the one of the reports.
    parts
        Rows of a crosswalk.
    """
    pairs = zip(parts["target"].fillna(""), parts["source"], strict=True)
    return [f"{kind}|{way}|{target}|{source}" for target, source in pairs]


def merge_parts(crosswalk: DataFrame[Crosswalk], small: Flags) -> DataFrame[Crosswalk]:
    """Give small parts of tracts to the district that holds most of the tract.

    Then no figure of a district, and no difference of two, tells how many households a part has.

    Parameters
    ----------
    crosswalk
        From tracts to districts.
    small
        For each row, whether the part is too small. The largest part of a tract stays.
    """
    ordered = crosswalk.assign(small=small, target=crosswalk["target"].fillna(""))
    ordered = ordered.sort_values(["source", "weight", "target"], ascending=[True, False, True])
    first = ~ordered.duplicated("source")
    moved = ordered["small"] & ~first
    gained = ordered["weight"].where(moved, 0.0).groupby(ordered["source"]).transform("sum")
    weight = (ordered["weight"] + gained.where(first, 0.0)).clip(upper=1.0)
    merged = ordered.assign(weight=weight)[~moved].drop(columns="small").sort_index()
    return as_table(merged, Crosswalk)


def count_missing(rows: pd.DataFrame) -> "pd.Series[float]":
    """Return the missing households of tracts, or of parts of them."""
    missing: pd.Series[float] = rows["households_count"] * (1 - rows["cumulative_share"])
    return missing
