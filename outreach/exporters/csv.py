"""Write the targets as a plain CSV that is safe to open in a spreadsheet."""

import csv
import io

import pandas as pd

from outreach.exporters.base.exporter import ExportContext, Exporter, ExportFile
from outreach.exporters.base.traits import refuse_protected_traits
from outreach.spreadsheet import defuse_text
from outreach.tables import DataFrame, Targets
from outreach.units import Arm, UnitKind

#: Columns of the list. Those of the export itself (campaign, run, version, approval) follow.
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


def write_csv(targets: DataFrame[Targets], context: ExportContext) -> list[ExportFile]:
    """Write the advertised targets as UTF-8 CSV with a byte-order mark, best first.

    Codes are in quotes, for programs that import them as text. ``geo_id`` repeats a tract's code
    after the Bureau's prefix ``1400000US``, which no spreadsheet takes for a number. Holdout and
    buffer units are not in the list.
    """
    refuse_protected_traits(targets)
    advertised = targets[targets["arm"] == Arm.TREAT].sort_values(["rank", "place"], kind="stable")
    source = {
        "campaign": context.brief.name,
        "run": context.run_id,
        "version": context.full_version,
        "approval": context.approval,
    }

    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([*COLUMNS, *source])
    for row in list_target_cells(advertised):
        cells = (*row, *source.values())
        writer.writerow([defuse_text(cell) if isinstance(cell, str) else cell for cell in cells])
    return [ExportFile("targets.csv", b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8"))]


def list_target_cells(targets: DataFrame[Targets]) -> list[list[str | float]]:
    """Return the cells of :data:`COLUMNS` as a person reads them.

    Counts are whole, dollars have cents, dates are ISO, and missing values are empty.

    Parameters
    ----------
    targets
        Rows of :class:`~outreach.tables.Targets`.
    """
    rows = []
    for unit_id, row in zip(targets.index, targets.to_dict("records"), strict=True):
        cells = {str(name): value for name, value in row.items()} | {"unit_id": unit_id}
        cells["geo_id"] = f"1400000US{cells['place']}" if cells["kind"] == UnitKind.TRACT else ""
        rows.append([_format_cell(name, cells[name]) for name in COLUMNS])
    return rows


def _format_cell(name: str, value: object) -> str | float:
    """Return a value as a cell, rounded by its column."""
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
        (
            "Import the columns unit_id and place as text, or use geo_id: spreadsheets remove"
            " leading zeros from plain digits."
        ),
    ),
)
