"""Prepare the tables of tracts and districts for publication."""

import geopandas as gpd
import numpy as np
import pandas as pd

from outreach.reports.data.inputs import ReportView
from outreach.reports.data.metrics import Figures
from outreach.reports.open_data.columns import DISTRICT_COLUMNS, TRACT_COLUMNS, OpenColumn
from outreach.reports.open_data.small_counts import LINKED_COUNTS, count_missing, find_small
from outreach.units import UnitKind

#: Columns that show which units a running test treats.
_ARM_COLUMNS = ["arm", "budget_usd"]
#: Decimals by the ending of a column's name.
_DECIMALS = {"_share": 4, "_points": 4, "_km2": 4, "_usd": 2, "_count": 0}


def prepare_tracts(
    view: ReportView, figures: Figures, *, test_running: bool
) -> tuple[gpd.GeoDataFrame, pd.Index]:
    """Return the tracts for publication, and which of them have hidden counts.

    Where the households or the missing households are 1 to 9, both counts are hidden. The rate
    stays: the Bureau publishes it.

    Parameters
    ----------
    view, figures
        As for the pages of the team.
    test_running
        Whether a test with a comparison group runs: then arms and budgets are withheld.
    """
    table = view.tracts.copy()
    fresh = view.scores.columns.difference(table.columns, sort=False)
    table = table.join(view.scores[fresh], validate="one_to_one")
    table["missing_households_count"] = count_missing(table)
    table["change_7_points"] = figures.tract_changes.reindex(table.index)

    # Arms and budgets come from the targets or not at all.
    if view.targets is not None or test_running:
        table = table.drop(columns=[name for name in _ARM_COLUMNS if name in table])
    if view.targets is not None and not test_running:
        targets = view.targets[view.targets["kind"] == UnitKind.TRACT].drop_duplicates("place")
        table = table.join(targets.set_index("place")[_ARM_COLUMNS], validate="one_to_one")

    small = find_small(table)
    return _shape_table(table, "geoid", small, TRACT_COLUMNS), table.index[small]


def prepare_districts(view: ReportView, figures: Figures, hidden: pd.Index) -> gpd.GeoDataFrame:
    """Return the districts for publication.

    Their counts exclude the tracts with hidden counts. Otherwise a hidden count could be found by
    subtraction.

    Parameters
    ----------
    view, figures
        As for the pages of the team.
    hidden
        From :func:`prepare_tracts`.
    """
    parts = figures.parts[
        ~figures.parts["geoid"].isin(hidden) & figures.parts["cumulative_share"].notna()
    ]
    counts = pd.DataFrame(
        {
            "households_count": parts["households_count"],
            "missing_households_count": count_missing(parts),
        }
    )
    sums = counts.groupby(parts["district"]).sum().reindex(view.districts.index)
    table = view.districts[["geometry"]].join(figures.table, validate="one_to_one")
    table[list(LINKED_COUNTS)] = sums[list(LINKED_COUNTS)]
    table["data_date"] = pd.Timestamp(view.data_date)
    shaped = gpd.GeoDataFrame(table, crs=view.districts.crs)
    return _shape_table(shaped, "district_id", find_small(table), DISTRICT_COLUMNS)


def _shape_table(
    table: gpd.GeoDataFrame, key: str, small: "pd.Series[bool]", columns: tuple[OpenColumn, ...]
) -> gpd.GeoDataFrame:
    """Hide small counts and name them, round figures, and turn the index into a column."""
    table = table.assign(hidden=np.where(small, " ".join(LINKED_COUNTS), ""))
    table.loc[small, list(LINKED_COUNTS)] = np.nan
    for column in columns:
        if column.name in table and column.kind in {"number", "integer"}:
            rounded = table[column.name].astype(float).round(_count_decimals(column.name))
            table[column.name] = rounded.astype("Int64") if column.kind == "integer" else rounded
    table.index.name = key
    shaped: gpd.GeoDataFrame = table.reset_index()
    return shaped


def _count_decimals(name: str) -> int:
    return next((places for ending, places in _DECIMALS.items() if name.endswith(ending)), 0)
