"""Chain two crosswalks, such as 2010 to 2020 tracts and 2020 tracts to wards."""

from geo.crosswalk.table import make_crosswalk
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame


def chain_crosswalks(
    first: DataFrame[Crosswalk], second: DataFrame[Crosswalk]
) -> DataFrame[Crosswalk]:
    """Return the crosswalk from the sources of ``first`` to the targets of ``second``.

    The weight of a pair is the sum of the products over all areas between. Each middle area is
    assumed to be alike throughout, which is exact where it is whole. A middle area that ``second``
    does not have lies in no target.

    Parameters
    ----------
    first, second
        The target kind of the first is the source kind of the second.

    Returns
    -------
    DataFrame
        Its unit is the second's; its method names both.

    Raises
    ------
    GeographyError
        The two crosswalks do not meet.
    """
    middle = (str(first["target_kind"].iloc[0]), str(second["source_kind"].iloc[0]))
    if middle[0] != middle[1]:
        raise GeographyError(
            f"A crosswalk to {middle[0]} cannot continue with one from {middle[1]}.",
            "Use one vintage.",
        )

    # Follow every path from a source over a middle area to an end.
    onward = second[["source", "target", "weight"]].rename(
        columns={"source": "target", "target": "end", "weight": "onward"}
    )
    paths = first[["source", "target", "weight"]].merge(
        onward, on="target", how="left", validate="many_to_many"
    )
    paths["end"] = paths["end"].fillna("")
    paths["weight"] = paths["weight"] * paths["onward"].fillna(1.0)

    # Add up the paths of each pair.
    totals = paths.groupby(["source", "end"])["weight"].sum()
    pairs = totals.reset_index().rename(columns={"end": "target"})
    pairs = pairs[pairs["weight"] > 0]

    methods = dict.fromkeys(str(table["method"].iloc[0]) for table in (first, second))
    kinds = (str(first["source_kind"].iloc[0]), str(second["target_kind"].iloc[0]))
    unit = str(second["unit"].mode()[0])
    return make_crosswalk(pairs, unit, "+".join(methods), kinds, "the chained crosswalk")
