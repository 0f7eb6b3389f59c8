"""Find the counts that are too small to publish."""

import pandas as pd

from outreach.reports.data.inputs import ReportView

#: Counts of households from 1 to below this are hidden in public.
SMALLEST_SHOWN = 10
#: Counts that are hidden together: with the rate, one of them gives the other away.
LINKED_COUNTS = ("households_count", "missing_households_count")


def find_small(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return which rows have a count above 0 that rounds to less than :data:`SMALLEST_SHOWN`.

    Parameters
    ----------
    table
        With the columns of :data:`LINKED_COUNTS`.
    """
    counts = table[list(LINKED_COUNTS)].astype(float).round()
    return ((counts > 0) & (counts < SMALLEST_SHOWN)).any(axis=1)


def list_small_tracts(view: ReportView) -> pd.Index:
    """Return the tracts with a small count of households or of missing households."""
    rows = pd.DataFrame(view.tracts[["households_count", "cumulative_share"]])
    return rows.index[find_small(rows.assign(missing_households_count=count_missing(rows)))]


def count_missing(rows: pd.DataFrame) -> "pd.Series[float]":
    """Return the missing households of tracts, or of parts of them."""
    missing: pd.Series[float] = rows["households_count"] * (1 - rows["cumulative_share"])
    return missing
