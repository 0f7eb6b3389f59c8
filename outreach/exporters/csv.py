"""A plain CSV of the targets that is safe to open in a spreadsheet: codes stay text, no cell can start a formula."""

import csv
import io

import pandas as pd

from outreach.campaign import Campaign
from outreach.exporters.exporter import Exporter, ExportFile

#: A cell that starts with one of these is read as a formula by spreadsheets (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def defuse(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and never runs it: a leading apostrophe where it would start a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def write_csv(targets: pd.DataFrame, campaign: Campaign) -> list[ExportFile]:
    """Write the targets as UTF-8 CSV with a byte-order mark, one row a unit, best first.

    Codes stand in quotes, for programs that import them as text; ``geo_id`` repeats a tract's code behind the Bureau's ``1400000US`` prefix,
    which no spreadsheet takes for a number.
    """
    frame = targets.sort_values(["rank", "place"], kind="stable")
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([*_COLUMNS, "campaign"])
    for unit_id, row in zip(frame.index, frame.to_dict("records"), strict=True):
        cells = {"unit_id": unit_id} | {str(name): value for name, value in row.items()}
        writer.writerow([_cell(cells, name) for name in _COLUMNS] + [defuse(campaign.name)])
    return [ExportFile("targets.csv", b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8"))]


_COLUMNS = (
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
    "why",
)
_WHOLE = {"rank", "impressions_count", "households_count", "missing_households_count"}


def _cell(cells: dict[str, object], name: str) -> object:
    """Return one cell as a person reads it: whole counts, dollars to the cent, dates as ISO, text defused."""
    if name == "geo_id":
        return f"1400000US{cells['place']}" if cells["kind"] == "tract" else ""
    value = cells[name]
    if value is None or value != value:  # noqa: PLR0124  the missing figure is the one that differs from itself
        return ""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, int | float):
        return round(value) if name in _WHOLE else round(float(value), 6 if name in ("latitude", "longitude") else 2)
    return defuse(str(value))


EXPORTER = Exporter(
    title="Spreadsheet (CSV)",
    write=write_csv,
    notes=(
        "Import the columns unit_id and place as text, or read geo_id: spreadsheets strip leading zeros from bare digits.",
    ),
)
