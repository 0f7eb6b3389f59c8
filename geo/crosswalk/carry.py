"""Carry counts and shares from one set of areas to another.

Every result tells the share of weight that had a value, so that a reader can see which figures
come from only part of their sources.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from outreach.arrays import Flags, Floats
from outreach.errors import GeographyError

#: The ending of a column of margins of error.
MARGIN = "_moe"

_Side = Literal["source", "target"]
#: Sums of weights that differ from 1 by no more than this are rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Carried:
    """Figures carried to other areas.

    Parameters
    ----------
    table
        The figures, with the columns of the original table; the index holds the new areas.
    coverage
        The same shape without margins of error: the share (0-1) of the weight behind each figure
        whose source had a value. It is below 1 for a figure from part of its sources and 0 where
        the figure is missing.
    left_out
        By area of the original table: the share (0-1) of it that reached no new area; only areas
        above 0.
    """

    table: pd.DataFrame
    coverage: pd.DataFrame
    left_out: "pd.Series[float]"


def carry_counts(table: pd.DataFrame, crosswalk: pd.DataFrame) -> Carried:
    """Split counts on the sources over the targets: the sum of weight x count.

    A margin of error (``<column>_moe``) becomes the root of the sum of (weight x margin) squared,
    as the Bureau adds independent estimates (ACS handbook, chapter 8). It is missing where a count
    that went in has none.

    Parameters
    ----------
    table
        Counts, indexed by source.
    crosswalk
        ``source``, ``target``, and ``weight``, as in :class:`outreach.tables.Crosswalk`.
    """
    return _carry(table, crosswalk, "source", "target")


def carry_shares(table: pd.DataFrame, crosswalk: pd.DataFrame) -> Carried:
    """Average shares, scores, or medians of the targets over each source, by weight.

    The mean is over the targets that have a value. A mean of medians only approximates a median.
    Margins of error are carried as in :func:`carry_counts`.

    Parameters
    ----------
    table
        Shares, indexed by *target*.
    crosswalk
        As in :func:`carry_counts`. To carry 2010 figures to 2020 tracts, use the crosswalk *from*
        2020 to 2010.

    Returns
    -------
    Carried
        Indexed by source.
    """
    return _carry(table, crosswalk, "target", "source")


def carry_classes(table: pd.DataFrame, crosswalk: pd.DataFrame) -> Carried:
    """Give each source the class of the targets that holds most of its weight.

    Of classes with equal weight the first in the alphabet is taken.

    Parameters
    ----------
    table
        Words, indexed by *target*; missing ones have no weight.
    crosswalk
        As in :func:`carry_shares`.

    Returns
    -------
    Carried
        Indexed by source.
    """
    tables, coverage = {}, {}
    left_out = pd.Series(dtype=float, name="left_out_share")
    for name in table.columns:
        words = table[name]
        shares = pd.get_dummies(words, dtype=float).where(words.notna(), np.nan)
        carried = carry_shares(shares, crosswalk)
        known = carried.table.dropna(how="all")
        tables[name] = known.idxmax(axis=1).reindex(carried.table.index)
        coverage[name] = carried.coverage.iloc[:, 0]
        left_out = carried.left_out
    return Carried(pd.DataFrame(tables), pd.DataFrame(coverage), left_out)


def _carry(table: pd.DataFrame, crosswalk: pd.DataFrame, origin: _Side, goal: _Side) -> Carried:
    """Carry a table from one side of the crosswalk to the other."""
    if not table.index.is_unique:
        repeated = table.index[table.index.duplicated()][0]
        raise GeographyError(f"The area {repeated} appears twice in the table to carry.")

    weights, rows, columns = _tabulate_weights(table.index, crosswalk, origin, goal)
    names = [name for name in table.columns if not str(name).endswith(MARGIN)]
    values = table[names].reindex(columns).to_numpy(dtype=float)
    present = ~np.isnan(values)

    # Counts are summed; shares are divided by the weight that had a value.
    coverage = _measure_coverage(weights, present)
    sums = weights @ np.where(present, values, 0.0)
    divisor = weights @ present.astype(float) if origin == "target" else np.ones_like(sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = np.where(coverage > 0, sums / divisor, np.nan)
    result = pd.DataFrame(figures, index=rows, columns=names)

    # A margin belongs to its figure and is missing with it.
    for name in (name for name in table.columns if str(name).endswith(MARGIN)):
        base = str(name).removesuffix(MARGIN)
        if base not in names:
            raise GeographyError(
                f"The table has margins of error '{name}' but no figures '{base}'."
            )
        column = names.index(base)
        margins = table[name].reindex(columns).to_numpy(dtype=float)
        summed, weight = _add_margins(weights, margins, present[:, column]), divisor[:, column]
        carried = np.divide(summed, weight, out=np.full_like(weight, np.nan), where=weight > 0)
        result[name] = np.where(np.isnan(figures[:, column]), np.nan, carried)

    return Carried(
        result[list(table.columns)],
        pd.DataFrame(coverage, index=rows, columns=names),
        _find_left_out(table.index, crosswalk, origin, goal),
    )


def _tabulate_weights(
    areas: pd.Index, crosswalk: pd.DataFrame, origin: _Side, goal: _Side
) -> tuple[csr_array, pd.Index, pd.Index]:
    """Return a matrix of weights for every goal the areas reach.

    Returns
    -------
    csr_array, Index, Index
        The weights, the codes of their rows (goals), and the codes of their columns (origins).
    """
    row, rows = pd.factorize(crosswalk[goal], sort=True)
    column, columns = pd.factorize(crosswalk[origin], sort=True)

    # Keep goals that touch at least one area of the table; the empty code is no goal.
    given = areas.get_indexer(columns) >= 0
    reached = np.zeros(len(rows), dtype=bool)
    reached[row[given[column]]] = True
    reached &= np.asarray(rows != "")

    weights = csr_array(
        (crosswalk["weight"].to_numpy(), (row, column)), shape=(len(rows), len(columns))
    )
    return weights[reached], pd.Index(rows[reached], name=areas.name), pd.Index(columns)


def _measure_coverage(weights: csr_array, present: Flags) -> Floats:
    """Return the share of each row's weight that had a value; exactly 1 if none was missing."""
    total = weights @ np.ones(weights.shape[1])
    missing = weights @ (~present).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = 1.0 - missing / total[:, None]

    # A sliver holds no unit of any source; it is covered if any of its sources has a value.
    touched = weights.copy()
    touched.data = np.ones_like(touched.data)
    empty = total == 0
    coverage[empty] = ((touched @ present.astype(float)) > 0)[empty]
    return np.where(coverage < _ROUNDING, 0.0, coverage)


def _add_margins(weights: csr_array, margins: Floats, present: Flags) -> Floats:
    """Return the root of the sum of (weight x margin) squared, missing if any margin is."""
    bare = present & np.isnan(margins)
    squares = weights.power(2) @ np.where(present & ~bare, margins, 0.0) ** 2
    return np.where((weights @ bare.astype(float)) > 0, np.nan, np.sqrt(squares))


def _find_left_out(
    areas: pd.Index, crosswalk: pd.DataFrame, origin: _Side, goal: _Side
) -> "pd.Series[float]":
    """Return how much of each area reached nothing on the other side."""
    arrived = crosswalk[crosswalk[goal] != ""]
    if origin == "source":
        share = 1.0 - arrived.groupby("source")["weight"].sum().reindex(areas, fill_value=0.0)
    else:
        placed = pd.Index(arrived["target"].unique()).get_indexer(areas) >= 0
        share = pd.Series(np.where(placed, 0.0, 1.0), index=areas)
    return share[share > _ROUNDING].rename("left_out_share")
