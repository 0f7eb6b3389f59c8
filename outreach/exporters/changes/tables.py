"""Compare CSV files of two lists, row by row."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from outreach.exporters.base.exporter import ExportFile
from outreach.spreadsheet import Cell, write_table

Row = Mapping[str, str]

_NEGATIVE = re.compile(r"-[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What turns the rows of one table into those of another.

    Parameters
    ----------
    added, removed
        Rows by key that only the new or only the old table has.
    changed
        Old and new row of each key in which a cell differs.
    """

    added: dict[tuple[str, ...], Row]
    removed: dict[tuple[str, ...], Row]
    changed: dict[tuple[str, ...], tuple[Row, Row]]


def write_rows(rows: Iterable[Mapping[str, Cell]], header: Sequence[str], *, bom: bool) -> bytes:
    """Write rows as CSV; a column that a row lacks is empty.

    A negative figure that was read as text stays a figure, where other text that starts with a
    minus is guarded.
    """
    cells = [[_restore_figure(row.get(column, "")) for column in header] for row in rows]
    return write_table(cells, header, bom=bom)


def _restore_figure(cell: Cell) -> Cell:
    """Return a negative figure as a figure."""
    return Decimal(cell) if isinstance(cell, str) and _NEGATIVE.fullmatch(cell) else cell


def read_rows(files: Iterable[ExportFile], beginning: str) -> Iterator[Row]:
    """Yield the rows of the CSV files whose names start this way."""
    for file in files:
        if file.name.startswith(beginning):
            text = file.content.decode("utf-8-sig")
            yield from csv.DictReader(io.StringIO(text, newline=""))


def compare_rows(old: Iterable[Row], new: Iterable[Row], keys: Sequence[str]) -> RowChanges:
    """Compare two tables by the columns that name a row."""
    before, after = ({tuple(row[key] for key in keys): row for row in rows} for rows in (old, new))
    return RowChanges(
        {key: row for key, row in after.items() if key not in before},
        {key: row for key, row in before.items() if key not in after},
        {
            key: (before[key], row)
            for key, row in after.items()
            if key in before and before[key] != row
        },
    )


def list_new_cells(old: Row, new: Row, cleared: str) -> dict[str, Cell]:
    """Return the cells of a row that differ; one that is empty now has the word ``cleared``."""
    return {name: cell or cleared for name, cell in new.items() if cell != old[name]}
