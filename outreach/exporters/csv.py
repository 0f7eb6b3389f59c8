"""A plain CSV of the targets that is safe to open in a spreadsheet: codes stay text, no cell can start a formula."""

import csv
import io

import pandas as pd

from outreach.exporters.base.cells import defuse
from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.places import refuse_protected_traits

#: Columns of the list; those of the export itself (campaign, run, version, approval) follow.
COLUMNS = (
    "rank",
    "unit_id",
    "kind",
    "place",
    "geo_id",
    "label",
    "data_date",
    "arm",
    "budget_usd",
    "impressions_count",
    "households_count",
    "missing_households_count",
    "latitude",
    "longitude",
    "radius_km",
    "why",
)
_WHOLE = {"rank", "impressions_count", "households_count", "missing_households_count"}
_DECIMALS = {"latitude": 6, "longitude": 6, "radius_km": 3}


def write_csv(targets: pd.DataFrame, context: ExportContext) -> list[ExportFile]:
    """Write the advertised targets as UTF-8 CSV with a byte-order mark, one row a unit, best first.

    Codes stand in quotes, for programs that import them as text; ``geo_id`` repeats a tract's code
    behind the Bureau's ``1400000US`` prefix, which no spreadsheet takes for a number. Holdout and
    buffer units are not in the list.
    """
    refuse_protected_traits(targets)
    advertised = targets[targets["arm"] == "treat"].sort_values(["rank", "place"], kind="stable")
    source = {
        "campaign": context.campaign.name,
        "run": context.run_id,
        "version": context.full_version,
        "approval": context.approval,
    }
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *source])
    for row in list_cells(advertised):
        writer.writerow(
            [defuse(cell) if isinstance(cell, str) else cell for cell in (*row, *source.values())]
        )
    return [ExportFile("targets.csv", b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8"))]


def list_cells(targets: pd.DataFrame) -> list[list[str | float]]:
    """Return the cells of :data:`COLUMNS` as a person reads them: whole counts, dollars to the cent, dates as ISO, missing as empty."""
    rows = []
    for unit_id, row in zip(targets.index, targets.to_dict("records"), strict=True):
        cells = {str(name): value for name, value in row.items()} | {"unit_id": unit_id}
        cells["geo_id"] = f"1400000US{cells['place']}" if cells["kind"] == "tract" else ""
        rows.append([_cell(name, cells[name]) for name in COLUMNS])
    return rows


def _cell(name: str, value: object) -> str | float:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, int | float):
        if pd.isna(value):
            return ""
        return round(value) if name in _WHOLE else round(float(value), _DECIMALS.get(name, 2))
    return str(value)


EXPORTER = Exporter(
    title="Spreadsheet (CSV)",
    write=write_csv,
    notes=(
        "Import the columns unit_id and place as text, or read geo_id: spreadsheets strip leading zeros from bare digits.",
    ),
)
