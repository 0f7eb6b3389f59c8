"""Write changes for Google Ads Editor: only the rows and cells that differ.

An empty cell leaves a value as it is, and ``[]`` erases it (Google Ads Editor Help, CSV file
columns). So a running campaign is not paused, and keeps what was set by hand.
"""

from outreach.exporters.base.exporter import ExportFile
from outreach.exporters.base.rules import PlatformRules
from outreach.exporters.changes.changer import Changer, Difference
from outreach.exporters.changes.tables import (
    RowChanges,
    compare_rows,
    list_new_cells,
    read_rows,
    write_rows,
)
from outreach.spreadsheet import Cell

#: What names a row: a campaign, or a location of it.
_KEYS = ("Campaign", "Location ID", "Location")
_EXCLUSION_KEYS = ("Campaign", "Location ID")
_CLEARED = "[]"


def write_changes(difference: Difference) -> list[ExportFile]:
    """Write the rows to add, the cells to change, and the rows with the status of a removal."""
    rules = difference.rules
    tables = (
        ("google-editor", "editor", _KEYS),
        ("google-exclusions", "excluded", _EXCLUSION_KEYS),
    )
    files = []
    for beginning, header, keys in tables:
        rows = compare_rows(
            read_rows(difference.old, beginning), read_rows(difference.new, beginning), keys
        )
        cells = [*_list_rows(rows, rules)]
        if cells:
            columns = rules.header(header)
            content = write_rows(cells, columns, bom=rules.bom.value)
            files.append(ExportFile(f"{beginning}-changes.csv", content))
    return files


def _list_rows(rows: RowChanges, rules: PlatformRules) -> list[dict[str, Cell]]:
    """Return the rows of changes, campaigns before their locations."""
    lines: list[dict[str, Cell]] = []
    for key, (old, new) in rows.changed.items():
        lines.append({"Campaign": key[0]} | list_new_cells(old, new, _CLEARED))
    lines += [dict(row) for row in rows.added.values()]

    # A campaign that goes takes its locations with it.
    gone = {key[0] for key in rows.removed if not any(key[1:])}
    lines += [{"Campaign": name, "Campaign Status": rules.word("removed")} for name in gone]
    for key, row in rows.removed.items():
        if key[0] not in gone:
            lines.append({**row, "Status": rules.word("removed")})
    return lines


CHANGER = Changer(
    write_changes,
    notes=(
        (
            "Import the file in Google Ads Editor, and check under 'Review changes' that removed"
            " locations are marked before you post: how Editor marks them was not verified."
        ),
    ),
)
