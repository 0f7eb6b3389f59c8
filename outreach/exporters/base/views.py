"""Views that lie beside a list - audience, work orders, hand-off - as sheets and as CSV for people; nothing of them goes to an ad platform."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pandas as pd

from outreach.exporters.base.cells import Cell, format_figure, write_table
from outreach.exporters.base.exporter import ExportFile, View
from outreach.exporters.base.places import refuse_protected_traits

#: The views of a run by the name of their table, and what people call them.
TITLES: Mapping[str, str] = {
    "audience": "Audience",
    "work_orders": "Work orders",
    "handoff": "Hand-off",
}

#: Digits after the point: shares to a hundredth of a per cent, counts to a tenth, so that rows
#: still add up.
_SHARE_DECIMALS, _COUNT_DECIMALS = 4, 1


def read_views(run: Path) -> tuple[View, ...]:
    """Read the views that a run has; runs of older versions have none."""
    paths = {name: run / "tables" / f"{name}.parquet" for name in TITLES}
    return tuple(
        View(name, TITLES[name], pd.read_parquet(path))
        for name, path in paths.items()
        if path.is_file()
    )


def list_cells(view: View) -> tuple[list[str], list[list[Cell]]]:
    """Return header and rows of a view; beside a tract's code stands the form ``1400000US...``, which no spreadsheet takes for a number.

    Raises
    ------
    ExportError
        A column names a protected trait.
    """
    refuse_protected_traits(view.table)
    table = view.table.reset_index()
    if "geoid" in table:
        table.insert(
            1, "geo_id", ("1400000US" + table["geoid"].astype(str)).where(table["geoid"] != "", "")
        )
    names = [str(name) for name in table]
    return names, [
        [_cell(name, value) for name, value in zip(names, row, strict=True)]
        for row in table.itertuples(index=False)
    ]


def write_view(view: View) -> ExportFile:
    """Write a view as UTF-8 CSV with a byte-order mark, no cell of which can start a formula."""
    header, rows = list_cells(view)
    return ExportFile(f"{view.name}.csv", write_table(rows, header, bom=True))


def _cell(name: str, value: object) -> Cell:
    if isinstance(value, float):
        figure = format_figure(value, _SHARE_DECIMALS if "_share" in name else _COUNT_DECIMALS)
        return Decimal(0) if figure == 0 else figure
    return value if isinstance(value, int) else str(value)
