"""Read all cells of a user's file whose header is not its first row."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from outreach.errors import InputError
from outreach.user_files.container import Content, is_workbook, read_content
from outreach.user_files.table import (
    OLD_WORKBOOK,
    SEPARATORS,
    TABLE_ENDINGS,
    read_sheets,
    strip_cell,
)
from outreach.user_files.text import decode_text


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a file, row by row.

    Parameters
    ----------
    origin
        What messages call the file, or the sheet in it.
    rows
        Text cells, without blanks and guards around them. Blank rows are there too, so that a row's
        number is that of the file.
    is_whole
        Whether every quotation mark that opens a cell is closed.
    """

    origin: str
    rows: tuple[tuple[str, ...], ...]
    is_whole: bool = True

    def refuse_cut(self) -> None:
        """Refuse text in which a cell is never closed, for what follows is lost in it.

        Raises
        ------
        InputError
            The grid is not whole.
        """
        if not self.is_whole:
            raise InputError(
                f"{self.origin} cannot be read as a table: a quotation mark opens a cell that never"
                " closes.",
                "The file may be cut off: download it again.",
            )


def read_grids(path: Path, what: str) -> tuple[bytes, list[Grid]]:
    """Read a file as rows of cells, in each way that it can be meant.

    Parameters
    ----------
    path
        Delimited text, a workbook, or a zip or gzip with one of them.
    what
        What it should be, for messages: "a report of an ad platform".

    Returns
    -------
    bytes, list of Grid
        The content, and a grid for each sheet of a workbook, or for each separator that text can
        have.

    Raises
    ------
    InputError
        The file cannot be read, is empty, or its rows cannot be told apart.

    Notes
    -----
    Whoever chooses one of the grids refuses it with :meth:`Grid.refuse_cut` if it is not whole.
    """
    content = read_content(path, what, TABLE_ENDINGS)
    if content.data.startswith(OLD_WORKBOOK) or is_workbook(content.data):
        sheets = read_sheets(content)
        grids = [_clean_rows(f"{content.origin}, sheet {name}", sheets[name]) for name in sheets]
    else:
        grids = _split_text(content, decode_text(content, what))
    if any(not any(any(row) for row in grid.rows) for grid in grids):
        raise InputError(f"{content.origin} is empty.", f"Name a file that holds {what}.")
    return content.data, grids


def _split_text(content: Content, text: str) -> list[Grid]:
    """Split text by each separator; a cell that is never closed is looked for, too."""
    grids = []
    for separator in SEPARATORS:
        for strict in (True, False):
            lines = io.StringIO(text, newline="")
            reader = csv.reader(lines, delimiter=separator, strict=strict, skipinitialspace=True)
            try:
                grids.append(_clean_rows(content.origin, list(reader), is_whole=strict))
            except csv.Error:
                continue
            break
    if not grids:
        raise InputError(
            f"{content.origin} cannot be read as a table: its rows cannot be told apart.",
            "Download it again, or save it as CSV.",
        )
    return grids


def _clean_rows(origin: str, rows: Iterable[Iterable[str]], *, is_whole: bool = True) -> Grid:
    """Take blanks and guards off all cells."""
    return Grid(origin, tuple(tuple(strip_cell(cell) for cell in row) for row in rows), is_whole)
