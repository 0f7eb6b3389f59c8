"""How much of one set of areas lies in another, and the carrying of counts and shares across.

A :class:`outreach.tables.Crosswalk` has one form however it was made (see
:mod:`geo.crosswalk.sources`). Shares of the weight that had a value travel with every result, so
that a figure made from a part of its sources can be told.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from outreach.arrays import Flags, Floats
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame, check

#: The ending of a column of margins of error.
MARGIN = "_moe"

_Side = Literal["source", "target"]
#: Sums of weights that differ from 1 by no more than this are rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Carried:
    """Figures carried over to other areas.

    Parameters
    ----------
    table
        The figures, in the columns of the table that was carried; the index holds the new areas.
    coverage
        The same shape without margins: the share (0-1) of the weight behind each figure whose
        source had a value. Below 1 the figure is made from a part; 0 where it is missing.
    left_out
        By area of the table that was carried: the share (0-1) of it that reached no new area; only
        those above 0.
    """

    table: pd.DataFrame
    coverage: pd.DataFrame
    left_out: "pd.Series[float]"


def make_crosswalk(
    pairs: pd.DataFrame, unit: str | pd.Series, method: str, kinds: tuple[str, str], origin: str
) -> DataFrame[Crosswalk]:
    """Return a checked crosswalk from pairs whose weights are still any non-negative figures.

    Parameters
    ----------
    pairs
        Columns ``source``, ``target`` (empty: in no target) and ``weight``; a pair stands there
        once.
    unit, method
        What was weighed and how; ``unit`` may differ by row.
    kinds
        What source and target are: ``tract2010``, ``tract2020``, ``zip``, ``zcta``, ``ward``, ...
    origin
        Where the pairs come from, for messages.

    Returns
    -------
    DataFrame
        A :class:`outreach.tables.Crosswalk`: weights sum to 1 over the targets of each source.

    Raises
    ------
    GeographyError
        A pair stands there twice, or a source has no weight at all.
    """
    repeated = pairs.duplicated(["source", "target"])
    if repeated.any():
        pair = pairs[repeated].iloc[0]
        raise GeographyError(
            f"{origin}: the pair {pair['source']} - {pair['target']} stands there twice.",
            "Keep one.",
        )
    total = pairs.groupby("source")["weight"].transform("sum")
    if not (total > 0).all():
        lost = pairs["source"][~(total > 0)].iloc[0]
        raise GeographyError(
            f"{origin}: the area {lost} has no weight at all.", "Give it a weight or leave it out."
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
    """Take for each source the first measure that is not nothing in all its records; where none is, its records weigh the same.

    Returns
    -------
    Series, Series
        The weight and the name, from ``units``, of the measure that gave it.
    """
    weight = pd.Series(1.0, index=source.index)
    unit = pd.Series("records", index=source.index)
    for measure, name in reversed(list(zip(measures, units, strict=True))):
        filled = measure.fillna(0.0)
        weighs = filled.groupby(source).transform("sum") > 0
        weight, unit = weight.mask(weighs, filled), unit.mask(weighs, name)
    return weight, unit


def carry_counts(table: pd.DataFrame, crosswalk: pd.DataFrame) -> Carried:
    """Split counts on the sources over the targets: the sum of weight x count.

    Margins of error (``<column>_moe``) are carried as the root of the sum of (weight x margin)
    squared, as the Bureau adds independent estimates (ACS handbook, chapter 8); missing where a
    count that went in has none.

    Parameters
    ----------
    table
        Counts, indexed by source.
    crosswalk
        How much of each source lies in which target.
    """
    return _carry(table, crosswalk, "source", "target")


def carry_shares(table: pd.DataFrame, crosswalk: pd.DataFrame) -> Carried:
    """Describe the sources by the targets they lie in: the mean of shares, scores or medians by weight.

    The mean is taken over the targets that have a value. The mean of medians is an approximation of
    a median, no more. Margins of error as in :func:`carry_counts`.

    Parameters
    ----------
    table
        Shares, indexed by *target*.
    crosswalk
        How much of each source lies in which target: to bring 2010 figures to 2020 tracts, the
        crosswalk *from* 2020 to 2010.

    Returns
    -------
    Carried
        Indexed by source.
    """
    return _carry(table, crosswalk, "target", "source")


def turn_around(crosswalk: pd.DataFrame, units: "pd.Series[float]") -> pd.DataFrame:
    """Return the crosswalk from the targets back to the sources, given how many units each source has.

    The weight of a pair becomes units x weight over the sum of the same in the target. Targets that
    hold no units at all, and what lies in no target, do not come back.

    Parameters
    ----------
    crosswalk
        From source to target.
    units
        Units (households, ...) by source; sources without a figure count as empty.
    """
    inside = crosswalk[crosswalk["target"] != ""]
    held = units.reindex(inside["source"]).fillna(0.0).to_numpy() * inside["weight"]
    pairs = pd.DataFrame({"source": inside["target"], "target": inside["source"], "weight": held})
    pairs = pairs[pairs.groupby("source")["weight"].transform("sum") > 0]
    kinds = (str(crosswalk["target_kind"].iloc[0]), str(crosswalk["source_kind"].iloc[0]))
    return make_crosswalk(
        pairs,
        inside["unit"].loc[pairs.index],
        str(crosswalk["method"].iloc[0]),
        kinds,
        "turned round",
    )


def find_main_targets(crosswalk: pd.DataFrame) -> pd.DataFrame:
    """Return for each source the target that holds most of it: index ``source``, columns ``target`` and ``weight``.

    Equal weights go to the first code. A source that lies mostly in no target has the empty one.
    """
    ordered = crosswalk.sort_values(["source", "weight", "target"], ascending=[True, False, True])
    return ordered.drop_duplicates("source").set_index("source")[["target", "weight"]]


def _carry(table: pd.DataFrame, crosswalk: pd.DataFrame, known: _Side, wanted: _Side) -> Carried:
    """Carry ``table``, known on one side of the crosswalk, to the other."""
    if not table.index.is_unique:
        raise GeographyError(
            f"The area {table.index[table.index.duplicated()][0]} stands twice in the table to carry."
        )
    weights, rows, columns = _weigh_reached(table.index, crosswalk, known, wanted)
    names = [name for name in table.columns if not str(name).endswith(MARGIN)]
    values = table[names].reindex(columns).to_numpy(dtype=float)
    known_here = ~np.isnan(values)
    coverage = _coverage(weights, known_here)
    summed = weights @ np.where(known_here, values, 0.0)
    divisor = np.ones_like(summed)
    if known == "target":
        divisor = weights @ known_here.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = np.where(coverage > 0, summed / divisor, np.nan)
    result = pd.DataFrame(figures, index=rows, columns=names)
    for name in (name for name in table.columns if str(name).endswith(MARGIN)):
        base = str(name).removesuffix(MARGIN)
        if base not in names:
            raise GeographyError(
                f"The table has margins of error '{name}' without the figures '{base}'."
            )
        at = names.index(base)
        margins = table[name].reindex(columns).to_numpy(dtype=float)
        summed_margins, known_weight = (
            _carry_margins(weights, margins, known_here[:, at]),
            divisor[:, at],
        )
        carried = np.divide(
            summed_margins,
            known_weight,
            out=np.full_like(known_weight, np.nan),
            where=known_weight > 0,
        )
        result[name] = np.where(np.isnan(figures[:, at]), np.nan, carried)
    return Carried(
        result[list(table.columns)],
        pd.DataFrame(coverage, index=rows, columns=names),
        _find_left_out(table.index, crosswalk, known, wanted),
    )


def _weigh_reached(
    areas: pd.Index, crosswalk: pd.DataFrame, known: _Side, wanted: _Side
) -> tuple[csr_array, pd.Index, pd.Index]:
    """Return the weights of everything that the areas reach, as a matrix, with the codes of its rows (wanted) and columns (known)."""
    row, rows = pd.factorize(crosswalk[wanted], sort=True)
    column, columns = pd.factorize(crosswalk[known], sort=True)
    given = areas.get_indexer(columns) >= 0
    reached = np.zeros(len(rows), dtype=bool)
    reached[row[given[column]]] = True
    reached &= np.asarray(rows != "")
    weights = csr_array(
        (crosswalk["weight"].to_numpy(), (row, column)), shape=(len(rows), len(columns))
    )
    return weights[reached], pd.Index(rows[reached], name=areas.name), pd.Index(columns)


def _coverage(weights: csr_array, known: Flags) -> Floats:
    """Return the share of each row's weight that had a value; exactly 1 where none was missing."""
    everything = weights @ np.ones(weights.shape[1])
    missing = weights @ (~known).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = 1.0 - missing / everything[:, None]
    # No unit of any source lies there (a sliver): it is covered if any of its sources is known.
    touched = weights.copy()
    touched.data = np.ones_like(touched.data)
    empty = everything == 0
    coverage[empty] = ((touched @ known.astype(float)) > 0)[empty]
    return np.where(coverage < _ROUNDING, 0.0, coverage)


def _carry_margins(
    weights: csr_array,
    margins: Floats,
    known: Flags,
) -> Floats:
    """Return the root of the sum of (weight x margin) squared over known figures, missing where one of them has no margin."""
    bare = known & np.isnan(margins)
    squares = weights.power(2) @ np.where(known & ~bare, margins, 0.0) ** 2
    return np.where((weights @ bare.astype(float)) > 0, np.nan, np.sqrt(squares))


def _find_left_out(
    areas: pd.Index, crosswalk: pd.DataFrame, known: _Side, wanted: _Side
) -> "pd.Series[float]":
    """Return which areas, and how much of each, reached nothing on the other side."""
    arrived = crosswalk[crosswalk[wanted] != ""]
    if known == "source":
        share = 1.0 - arrived.groupby("source")["weight"].sum().reindex(areas, fill_value=0.0)
    else:
        found = pd.Index(arrived["target"].unique()).get_indexer(areas) >= 0
        share = pd.Series(np.where(found, 0.0, 1.0), index=areas)
    return share[share > _ROUNDING].rename("left_out_share")
