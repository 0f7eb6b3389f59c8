"""Carry ACS margins of error through sums and shares.

Formulas: U.S. Census Bureau, Understanding and Using American Community Survey Data (2018),
chapter 8. Margins are at the 90% level.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def read_column(table: pd.DataFrame, name: str) -> "pd.Series[float]":
    """Return a column as numbers; missing everywhere if the table has none."""
    column: pd.Series[float] = (
        table[name] if name in table else pd.Series(np.nan, index=table.index)
    )
    return column.astype(float)


def add_margins(table: pd.DataFrame, names: Sequence[str]) -> "pd.Series[float]":
    """Return the margin of a sum of columns; missing where no part has a margin."""
    available = [f"{name}_moe" for name in names if f"{name}_moe" in table]
    return (table[available] ** 2).sum(axis=1, min_count=1) ** 0.5


def divide_counts(counts: pd.DataFrame, part: str, whole: str) -> pd.DataFrame:
    """Return ``share`` (0-1) and its ``margin``; missing where either count is.

    Parameters
    ----------
    counts
        By area, with margins as ``_moe``.
    part, whole
        Names of the columns.
    """
    base = read_column(counts, whole)
    share = (read_column(counts, part) / base.where(base > 0)).clip(0, 1)
    margin = measure_share_margin(
        share, read_column(counts, f"{part}_moe"), read_column(counts, f"{whole}_moe"), base
    )
    return pd.DataFrame({"share": share, "margin": margin})


def measure_share_margin(
    share: "pd.Series[float]",
    part_margin: "pd.Series[float]",
    whole_margin: "pd.Series[float]",
    whole: "pd.Series[float]",
) -> "pd.Series[float]":
    """Return the margin of a proportion, or of a ratio where the proportion's has no root."""
    inner = part_margin**2 - (share * whole_margin) ** 2
    ratio = part_margin**2 + (share * whole_margin) ** 2
    root: pd.Series[float] = inner.where(inner >= 0, ratio) ** 0.5
    return root / whole.where(whole > 0)
