"""Split tracts over districts and sum their parts up."""

import pandas as pd

from outreach.rates import average_groups
from outreach.tables import Crosswalk, DataFrame, TractParts, as_table

#: Rates and shares of a district that are means over its tracts, weighted by households.
SHARES = (
    "cumulative_share",
    "internet_share",
    "final_share",
    "final_low80_share",
    "final_high80_share",
    "area_low80_share",
    "area_high80_share",
    "peer_share",
    "final_2020_share",
    "final_2010_share",
    "low_response_score",
)
#: Groups of households whose share is shown, with the column that counts them.
GROUPS = {
    "spanish": "limited_english_households_spanish_count",
    "indo_european": "limited_english_households_indo_european_count",
    "asian_pacific": "limited_english_households_asian_pacific_count",
    "other_language": "limited_english_households_other_count",
    "offline": "offline_households_count",
}
#: A mean over less than this share of a district's households is not shown.
_LEAST_COVERED = 0.5


def split_tracts(
    tracts: pd.DataFrame, crosswalk: DataFrame[Crosswalk], districts: pd.Index
) -> DataFrame[TractParts]:
    """Return every tract's part in every district, counts split by weight.

    Parameters
    ----------
    tracts
        Index ``geoid``; ``households_count``, ``planned_usd``, and any of :data:`GROUPS`.
    crosswalk
        From tracts to districts.
    districts
        The districts to keep.

    Returns
    -------
    DataFrame
        The columns of ``tracts`` travel along, counts times weight.
    """
    pairs = crosswalk[
        crosswalk["target"].isin(districts)
        & crosswalk["source"].isin(tracts.index)
        & (crosswalk["weight"] > 0)
    ]
    parts = pairs[["source", "target", "weight"]].rename(
        columns={"source": "geoid", "target": "district"}
    )
    parts = parts.join(tracts, on="geoid", validate="many_to_one").reset_index(drop=True)
    parts["tract_households_count"] = parts["households_count"]
    groups = [name for name in GROUPS.values() if name in parts]
    counts = ["households_count", "planned_usd", *groups]
    parts = parts.assign(**{name: parts[name].astype(float) * parts["weight"] for name in counts})
    return as_table(parts, TractParts)


def sum_parts(parts: pd.DataFrame, by: str) -> pd.DataFrame:
    """Sum parts up: counts as sums, shares as means weighted by households.

    A mean is missing where the parts that have the share hold less than half of the households.

    Parameters
    ----------
    parts
        From :func:`split_tracts`.
    by
        The column to group by.
    """
    households = parts["households_count"].fillna(0.0)
    rated = households.where(parts["cumulative_share"].notna(), 0.0)

    # One pass sums every count up, and the households behind every share.
    counts = {
        "households_count": rated,
        "rateless_count": households - rated,
        "missing_count": rated * (1 - parts["cumulative_share"]).fillna(0.0),
        "planned_usd": parts["planned_usd"],
        "tracts_count": (households > 0).astype(int),
    }
    groups = {
        f"{group}_{part}": figures
        for group, column in GROUPS.items()
        for part, figures in (
            ("count", parts[column].fillna(0.0)),
            ("counted", households.where(parts[column].notna(), 0.0)),
        )
    }
    figures = pd.DataFrame({**counts, **groups, "everybody": households})
    sums = figures.groupby(parts[by].to_numpy()).sum()
    sums.index.name = by
    table = sums[list(counts)]

    means, behind = average_groups(parts[list(SHARES)], rated, parts[by])
    covered = behind.ge(_LEAST_COVERED * table["households_count"], axis="index")
    shares = {}
    for group in GROUPS:
        counted = sums[f"{group}_counted"]
        share = sums[f"{group}_count"] / counted.where(counted > 0)
        shares[f"{group}_share"] = share.where(counted >= _LEAST_COVERED * sums["everybody"])
    return table.assign(**means.where(covered), **shares)


def give_whole(crosswalk: DataFrame[Crosswalk]) -> DataFrame[Crosswalk]:
    """Return a crosswalk that gives each source whole to the target that holds most of it."""
    ordered = crosswalk.sort_values(["source", "weight", "target"], ascending=[True, False, True])
    return as_table(ordered.drop_duplicates("source").assign(weight=1.0), Crosswalk)
