"""Write the tables for people that come with a list: audience, work orders, hand-off.

They become sheets of the workbook and CSV files. Nothing in them goes to an ad platform.
"""

from collections.abc import Mapping
from decimal import Decimal

import pandas as pd

from outreach.exporters.base.cells import format_figure
from outreach.exporters.base.exporter import ExportFile, View
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.spreadsheet import Cell, write_table

#: Titles of the views by the name of their table in a run.
TITLES: Mapping[str, str] = {
    "audience": "Audience",
    "work_orders": "Work orders",
    "handoff": "Hand-off",
    "calendar": "Calendar",
    "reach": "Cost to reach",
    "reach_districts": "Cost by district",
    "reach_handoff": "Hand-off of the plan",
}

#: Decimals: shares to 0.01%, money to a cent, counts to a tenth, so that rows still add up.
_SHARE_DECIMALS, _MONEY_DECIMALS, _COUNT_DECIMALS = 4, 2, 1


def gather_views(tables: Mapping[str, pd.DataFrame]) -> tuple[View, ...]:
    """Return the views among the tables of a run; runs of older versions have none."""
    return tuple(
        View(name, title, tables[name]) for name, title in TITLES.items() if name in tables
    )


def list_view_cells(view: View) -> tuple[list[str], list[list[Cell]]]:
    """Return the header and the rows of a view.

    Next to a tract's code is its form ``1400000US...``, which no spreadsheet takes for a number.

    Raises
    ------
    ExportError
        A column names a protected trait.
    """
    refuse_protected_traits(view.table)
    table = view.table.reset_index()
    if "geoid" in table:
        prefixed = ("1400000US" + table["geoid"].astype(str)).where(table["geoid"] != "", "")
        table.insert(1, "geo_id", prefixed)

    names = [str(name) for name in table]
    rows = [
        [_format_cell(name, value) for name, value in zip(names, row, strict=True)]
        for row in table.itertuples(index=False)
    ]
    return names, rows


def write_view(view: View) -> ExportFile:
    """Write a view as UTF-8 CSV with a byte-order mark; no cell can start a formula."""
    header, rows = list_view_cells(view)
    return ExportFile(f"{view.name}.csv", write_table(rows, header, bom=True))


def _format_cell(name: str, value: object) -> Cell:
    """Return a value as a cell, rounded by what its column holds."""
    if isinstance(value, float):
        money = _MONEY_DECIMALS if name.endswith("_usd") else _COUNT_DECIMALS
        figure = format_figure(value, _SHARE_DECIMALS if "_share" in name else money)
        return Decimal(0) if figure == 0 else figure
    return value if isinstance(value, int) else str(value)
