"""Build crosswalks: how much of each source area lies in each target area.

A :class:`outreach.tables.Crosswalk` has one form however it was made; see
:mod:`geo.crosswalk.sources`.
"""

import pandas as pd

from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame, check


def make_crosswalk(
    pairs: pd.DataFrame, unit: str | pd.Series, method: str, kinds: tuple[str, str], origin: str
) -> DataFrame[Crosswalk]:
    """Build a checked crosswalk from pairs whose weights are any nonnegative figures.

    Parameters
    ----------
    pairs
        Columns ``source``, ``target`` (empty for no target), and ``weight``; each pair once.
    unit
        What was weighed; may differ by row.
    method
        How it was weighed.
    kinds
        What source and target are: ``tract2010``, ``tract2020``, ``zip``, ``zcta``, ``ward``, ...
    origin
        Where the pairs come from, for messages.

    Returns
    -------
    DataFrame
        Weights sum to 1 over the targets of each source.

    Raises
    ------
    GeographyError
        A pair appears twice, or a source has no weight at all.
    """
    repeated = pairs.duplicated(["source", "target"])
    if repeated.any():
        pair = pairs[repeated].iloc[0]
        raise GeographyError(
            f"{origin}: the pair {pair['source']} - {pair['target']} appears twice.", "Keep one."
        )

    total = pairs.groupby("source")["weight"].transform("sum")
    if not (total > 0).all():
        weightless = pairs["source"][~(total > 0)].iloc[0]
        raise GeographyError(
            f"{origin}: the area {weightless} has no weight.", "Give it a weight or remove it."
        )

    table = pd.DataFrame(
        {
            "source": pairs["source"],
            "target": pairs["target"],
            "weight": pairs["weight"] / total,
            "unit": unit,
            "method": method,
            "source_kind": kinds[0],
            "target_kind": kinds[1],
        }
    )
    return check(table.reset_index(drop=True), Crosswalk, origin)


def weigh_by_first(
    source: "pd.Series[str]", measures: "list[pd.Series[float]]", units: tuple[str, ...]
) -> "tuple[pd.Series[float], pd.Series[str]]":
    """Weigh each source by the first measure that is not zero in all of its records.

    Parameters
    ----------
    source
        The source of each record.
    measures
        Figures of each record, the preferred measure first.
    units
        The name of each measure.

    Returns
    -------
    Series, Series
        The weight, and the name of the measure that gave it. Records of a source without any
        measure weigh the same; their unit is ``records``.
    """
    weight = pd.Series(1.0, index=source.index)
    unit = pd.Series("records", index=source.index)
    for measure, name in reversed(list(zip(measures, units, strict=True))):
        filled = measure.fillna(0.0)
        weighs = filled.groupby(source).transform("sum") > 0
        weight, unit = weight.mask(weighs, filled), unit.mask(weighs, name)
    return weight, unit


def find_main_targets(crosswalk: DataFrame[Crosswalk]) -> pd.DataFrame:
    """Find the target that holds most of each source.

    Returns
    -------
    DataFrame
        Index ``source``; columns ``target`` and ``weight``. Of equal weights the first code wins.
        A source that lies mostly in no target has the empty one.
    """
    ordered = crosswalk.sort_values(["source", "weight", "target"], ascending=[True, False, True])
    return ordered.drop_duplicates("source").set_index("source")[["target", "weight"]]
