"""Chains two crosswalks: from tracts of one census over those of another to districts."""

import pandas as pd

from geo.crosswalk.table import make_crosswalk
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame


def chain_crosswalks(first: pd.DataFrame, second: pd.DataFrame) -> DataFrame[Crosswalk]:
    """Return the crosswalk from the sources of ``first`` to the targets of ``second``.

    The weight of a pair is the sum of the products over everything between; what lies between is
    taken to be alike throughout, which is exact where a middle area is whole. A middle area that
    ``second`` does not know lies in no target.

    Parameters
    ----------
    first, second
        :class:`outreach.tables.Crosswalk`; the target kind of the first is the source kind of the
        second.

    Returns
    -------
    DataFrame
        A :class:`outreach.tables.Crosswalk`; its unit is the second's, its method names both.

    Raises
    ------
    GeographyError
        The two do not meet.
    """
    kinds = [
        table[column].iloc[0] for table, column in ((first, "target_kind"), (second, "source_kind"))
    ]
    if kinds[0] != kinds[1]:
        raise GeographyError(
            f"A crosswalk to {kinds[0]} cannot go on with one from {kinds[1]}.", "Use one vintage."
        )
    steps = first[["source", "target", "weight"]].merge(
        second[["source", "target", "weight"]].rename(
            columns={"source": "target", "target": "end", "weight": "onward"}
        ),
        on="target",
        how="left",
        validate="many_to_many",
    )
    steps["end"] = steps["end"].fillna("")
    steps["weight"] = steps["weight"] * steps["onward"].fillna(1.0)
    pairs = (
        steps.groupby(["source", "end"])["weight"]
        .sum()
        .reset_index()
        .rename(columns={"end": "target"})
    )
    pairs = pairs[pairs["weight"] > 0]
    methods = "+".join(dict.fromkeys(str(table["method"].iloc[0]) for table in (first, second)))
    kinds_kept = (str(first["source_kind"].iloc[0]), str(second["target_kind"].iloc[0]))
    return make_crosswalk(
        pairs, str(second["unit"].mode()[0]), methods, kinds_kept, "the chained crosswalk"
    )
