"""Lay the missing households of a target list out over the tracts behind it."""

import pandas as pd

from outreach.tables import DataFrame, Targets

#: Arm of missing households that no place of the target list holds.
NO_ADS = "no ads"


def share_targets(
    targets: DataFrame[Targets], members: pd.DataFrame, missing: "pd.Series[float]"
) -> pd.DataFrame:
    """Lay the missing households of each target out over the tracts behind it.

    Parameters
    ----------
    targets
        With their arms.
    members
        ``geoid``, ``unit_id``, ``weight``: how much of each tract lies in which target.
    missing
        Missing households by ``geoid``.

    Returns
    -------
    DataFrame
        ``geoid``, ``unit_id``, ``arm``, ``missing_households_count``, which adds up to the
        target's own count. ``geoid`` is empty where no tract with missing households lies behind a
        target.
    """
    table = members[members["unit_id"].isin(targets.index)].copy()
    table["part"] = table["weight"] * table["geoid"].map(missing).astype(float).fillna(0.0)
    table = table[table["part"] > 0]
    whole = table.groupby("unit_id")["part"].transform("sum")
    table["share"] = table["part"] / whole

    # Targets without such a tract keep their households.
    bare = targets.index.difference(pd.Index(table["unit_id"]))
    table = pd.concat(
        [table, pd.DataFrame({"geoid": "", "unit_id": bare, "share": 1.0})], ignore_index=True
    )
    own = targets.loc[table["unit_id"]]
    table["arm"] = own["arm"].to_numpy()
    table["missing_households_count"] = (
        table["share"] * own["missing_households_count"].fillna(0.0).to_numpy()
    )
    return table[["geoid", "unit_id", "arm", "missing_households_count"]]


def add_unbought(
    shared: pd.DataFrame, chosen: pd.Index, members: pd.DataFrame, missing: "pd.Series[float]"
) -> pd.DataFrame:
    """Add the part of each chosen tract that no target holds, under the arm :data:`NO_ADS`.

    Parameters
    ----------
    shared
        From :func:`share_targets`.
    chosen
        GEOIDs of the chosen tracts.
    members, missing
        As for :func:`share_targets`.
    """
    weight = members.groupby("geoid")["weight"].sum().reindex(chosen).fillna(0.0)
    left = (missing.reindex(chosen).fillna(0.0) * (1 - weight).clip(lower=0)).round(6)
    left = left[left > 0]
    rows = {
        "geoid": left.index,
        "unit_id": "",
        "arm": NO_ADS,
        "missing_households_count": left.to_numpy(),
    }
    return pd.concat([shared, pd.DataFrame(rows)], ignore_index=True)
