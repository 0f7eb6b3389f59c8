"""Prepare the tables of tracts and districts for publication."""

import geopandas as gpd
import numpy as np
import pandas as pd

from outreach.reports.open_data.columns import DISTRICT_COLUMNS, OpenColumn, list_tract_columns
from outreach.reports.open_data.redact import Publication
from outreach.reports.open_data.small_counts import LINKED_COUNTS, count_missing

#: Rates that are hidden too where a tract is withheld wholly.
_HIDDEN_RATES = ("cumulative_share", "internet_share")
#: Columns that come from the arms of a test, or not at all.
_ARM_COLUMNS = ["arm", "budget_usd"]
#: Decimals by the ending of a column's name. Shares have as many as the Bureau's rates.
_DECIMALS = {"_share": 3, "_points": 3, "_km2": 4, "_usd": 2, "_count": 0}


def prepare_tracts(publication: Publication) -> gpd.GeoDataFrame:
    """Return the tracts for publication.

    Where counts are small they are hidden and named. The rate stays, because the Bureau publishes
    it, unless it would tell the count.
    """
    view = publication.view
    table = view.tracts.copy()
    fresh = view.scores.columns.difference(table.columns, sort=False)
    table = table.join(view.scores[fresh], validate="one_to_one")
    table["missing_households_count"] = count_missing(table)
    table["change_7_points"] = publication.figures.tract_changes.reindex(table.index)
    table = table.drop(columns=[name for name in _ARM_COLUMNS if name in table])
    if publication.arms is not None:
        table = table.join(publication.arms, validate="one_to_one")

    counts, rates = " ".join(LINKED_COUNTS), " ".join((*LINKED_COUNTS, *_HIDDEN_RATES))
    table["hidden"] = np.where(table.index.isin(list(publication.hidden)), counts, "")
    table.loc[table.index.isin(list(publication.withheld)), "hidden"] = rates
    return _shape_table(table, "geoid", list_tract_columns(view.public_columns))


def prepare_districts(publication: Publication) -> gpd.GeoDataFrame:
    """Return the districts for publication, from the tracts that are shown."""
    view = publication.view
    table = view.districts[["geometry"]].join(publication.figures.table, validate="one_to_one")
    table["missing_households_count"] = table["missing_count"]
    table["data_date"] = pd.Timestamp(view.data_date)
    return _shape_table(
        gpd.GeoDataFrame(table, crs=view.districts.crs), "district_id", DISTRICT_COLUMNS
    )


def _shape_table(
    table: gpd.GeoDataFrame, key: str, columns: tuple[OpenColumn, ...]
) -> gpd.GeoDataFrame:
    """Round the figures, and turn the index into a column."""
    table = table.copy()
    for column in columns:
        if column.name in table and column.kind in {"number", "integer"}:
            rounded = table[column.name].astype(float).round(_count_decimals(column.name))
            table[column.name] = rounded.astype("Int64") if column.kind == "integer" else rounded
    table.index.name = key
    shaped: gpd.GeoDataFrame = table.reset_index()
    return shaped


def _count_decimals(name: str) -> int:
    return next((places for ending, places in _DECIMALS.items() if name.endswith(ending)), 0)
