"""Read a user's table as text cells: delimited text, Excel, or either inside a zip."""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from outreach.errors import InputError
from outreach.phrasing import list_names
from outreach.user_files.container import Content, is_workbook, read_content
from outreach.user_files.text import decode_text

#: Endings of members that can be a table inside a zip.
TABLE_ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".xlsb", ".ods")
#: How an Excel workbook of before 2007 begins.
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
#: What may stand between the cells of delimited text.
SEPARATORS = ",\t;|"
_GUARD = r'^="(.*)"$'
_APOSTROPHE = r"^'(?=[0-9+\-=@.])"
_BLANKS = "\ufeff\u200b\u00a0\t\r\n "
_SHOWN_COLUMNS = 12


def read_table(
    path: Path,
    what: str,
    needed: Collection[str] = (),
    optional: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table as text, with the columns that are asked for under their own names.

    Encoding, separator, blanks around names, letter case of names, a byte-order mark, and the
    guards of spreadsheets (``="0123"``, a leading apostrophe) make no difference.

    Parameters
    ----------
    path
        Delimited text, Excel (.xlsx, .xls, .xlsb), OpenDocument, or a zip or gzip with one of them.
    what
        What it should be, for messages: "a list of recipients".
    needed, optional
        Names of columns. With neither, every column is returned under its own name.

    Returns
    -------
    DataFrame
        Text cells, blanks trimmed, empty text where nothing is; a row for each row of the file that
        is not blank. Column order as in ``needed`` and ``optional``.

    Raises
    ------
    InputError
        The file cannot be read as a table, a needed column is missing, or two columns of one name
        hold different things.
    """
    content = read_content(path, what, TABLE_ENDINGS)
    return parse_table(content, what, needed, optional)


def parse_table(
    content: Content,
    what: str,
    needed: Collection[str] = (),
    optional: Collection[str] = (),
) -> pd.DataFrame:
    """Read a table from bytes; everything else is as in :func:`read_table`."""
    if content.data.startswith(OLD_WORKBOOK) or is_workbook(content.data):
        sheets = {
            name: _promote_header(pd.DataFrame(rows).fillna(""), f"{content.origin}, sheet {name}")
            for name, rows in read_sheets(content).items()
        }
        table = _choose_sheet(sheets, content.origin, what, needed)
    else:
        table = _read_delimited(decode_text(content, what), content.origin, what)
    if not needed and not optional:
        return _trim_rows(strip_cells(table))
    return _trim_rows(strip_cells(pick_columns(table, content.origin, needed, optional)))


def clean_name(name: object) -> str:
    """Return a column's name without blanks, marks and guards around it."""
    text = str(name).strip(_BLANKS)
    return re.sub(_GUARD, r"\1", text).strip(_BLANKS + "\"'")


def _read_delimited(text: str, origin: str, what: str) -> pd.DataFrame:
    """Parse delimited text; the separator is the one that splits the header into most names."""
    head = text.lstrip(_BLANKS)
    if not head:
        raise InputError(f"{origin} is empty.", f"Name a file that holds {what}.")
    header = head.splitlines()[0]
    separator = max(SEPARATORS, key=lambda mark: len(next(csv.reader([header], delimiter=mark))))
    reason = ""
    try:
        table = pd.read_csv(
            io.StringIO(head),
            sep=separator,
            dtype="str",
            header=None,
            keep_default_na=False,
            skip_blank_lines=True,
            skipinitialspace=True,
            names=range(_count_widest(head, separator)),
        )
    except pd.errors.ParserError:
        reason = "a quotation mark opens a cell that never closes"
    except (ValueError, csv.Error):
        reason = "its rows cannot be told apart"
    if reason:
        raise InputError(f"{origin} cannot be read as a table: {reason}.", "Save it again as CSV.")
    return _promote_header(table.fillna(""), origin)


def _count_widest(text: str, separator: str) -> int:
    """Count the cells of the widest line, as an upper bound."""
    return max(line.count(separator) for line in text.splitlines()) + 1


def _promote_header(cells: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Take the first row for names; refuse rows that are wider than it."""
    names = [clean_name(name) for name in cells.iloc[0]]
    width = max((place + 1 for place, name in enumerate(names) if name), default=0)
    table = cells.iloc[1:].reset_index(drop=True)
    beyond = (table.iloc[:, width:] != "").any(axis=1)
    if beyond.any():
        row = int(beyond.to_numpy().argmax()) + 1
        raise InputError(
            f"{origin}: data row {row} has more cells than the header has names ({width}).",
            "Put the cell that holds a separator in quotation marks, or save the file again.",
        )
    table = table.iloc[:, :width]
    table.columns = pd.Index(names[:width])
    return table


def read_sheets(content: Content) -> dict[str, list[list[str]]]:
    """Read the rows of every sheet of a workbook that holds anything, all as text.

    Raises
    ------
    InputError
        The workbook is damaged or locked.
    """
    from python_calamine import (  # noqa: PLC0415  needed for workbooks alone
        CalamineError,
        CalamineWorkbook,
        PasswordError,
    )

    reason = "is a damaged workbook"
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        sheets = {}
        for name in workbook.sheet_names:
            rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)
            if rows:
                sheets[name] = [[spell_cell(cell) for cell in row] for row in rows]
    except PasswordError:
        reason = "is locked with a password"
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        pass
    else:
        return sheets
    raise InputError(f"{content.origin} {reason}.", "Save it again, or save it as CSV.")


def spell_cell(cell: Any) -> str:
    """Return a cell of a workbook as text; a whole number has no decimals, a day no time."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004  a float's whole digits
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ") if cell.time() != dt.time() else cell.date().isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _choose_sheet(
    sheets: Mapping[str, pd.DataFrame], origin: str, what: str, needed: Collection[str]
) -> pd.DataFrame:
    """Return the one sheet that has the needed columns."""
    if not sheets:
        raise InputError(f"{origin} holds no filled sheet.", f"Name a workbook that holds {what}.")
    keys = {fold_name(name) for name in needed}
    fitting = [
        name for name, sheet in sheets.items() if keys <= {fold_name(each) for each in sheet}
    ]
    if len(fitting) > 1:
        raise InputError(
            f"{origin} holds several sheets that could be {what}: {', '.join(fitting)}.",
            "Save the right one as a file of its own.",
        )
    return sheets[fitting[0]] if fitting else next(iter(sheets.values()))


def pick_columns(
    table: pd.DataFrame, origin: str, needed: Collection[str], optional: Collection[str]
) -> pd.DataFrame:
    """Return the named columns under the names that were asked for.

    Parameters
    ----------
    table
        Columns under whatever names the file has.
    origin
        The file, for messages.
    needed, optional
        Names of columns; letter case, blanks and underscores make no difference.

    Raises
    ------
    InputError
        A needed column is missing, or two columns of one name hold different things.
    """
    missing = [name for name in needed if not _find_places(table, name)]
    if missing:
        names = [str(name) for name in table.columns if name]
        shown = list_names(names, _SHOWN_COLUMNS) or "no names"
        raise InputError(
            f"{origin} has no column {', '.join(missing)}. Its columns are {shown}.",
            "Add the column or correct its name.",
        )
    columns = {
        name: _merge_columns(table, name, origin)
        for name in (*needed, *optional)
        if _find_places(table, name)
    }
    return pd.DataFrame(columns, index=table.index)


def _merge_columns(table: pd.DataFrame, name: str, origin: str) -> "pd.Series[str]":
    """Return a column; one that stands there twice must hold the same twice."""
    places = _find_places(table, name)
    first = table.iloc[:, places[0]]
    for place in places[1:]:
        other = table.iloc[:, place]
        unequal = (first.astype("str") != other.astype("str")).to_numpy()
        if unequal.any():
            row = int(unequal.argmax())
            raise InputError(
                f"{origin}: the column {name} appears {len(places)} times, and in data row"
                f" {row + 1} it holds {first.iloc[row]!r} and {other.iloc[row]!r}.",
                "Delete the wrong column.",
            )
    return first


def _find_places(table: pd.DataFrame, name: str) -> list[int]:
    """Return the positions of the columns of a name, whatever its case."""
    return [place for place, each in enumerate(table.columns) if fold_name(each) == fold_name(name)]


def fold_name(name: object) -> str:
    """Return a column's name for comparing: blanks and underscores alike, no letter case."""
    return re.sub(r"[\s_]+", " ", clean_name(name)).casefold()


def strip_cells(table: pd.DataFrame) -> pd.DataFrame:
    """Take blanks and the guards of spreadsheets off every text cell of a table."""
    columns = [strip_guards(table.iloc[:, place]) for place in range(table.shape[1])]
    return pd.concat(columns, axis=1) if columns else table


def strip_cell(cell: str) -> str:
    """Take blanks, ``="..."`` and a leading apostrophe before a code off one cell."""
    bare = re.sub(_APOSTROPHE, "", re.sub(_GUARD, r"\1", cell.strip(_BLANKS)))
    return bare.strip(_BLANKS)


def strip_guards(column: "pd.Series[str]") -> "pd.Series[str]":
    """Take blanks, ``="..."`` and a leading apostrophe before a code off the cells of a column."""
    column = column.str.strip(_BLANKS)
    guarded = column.str.startswith("=") | column.str.startswith("'")
    if not guarded.any():
        return column
    bare = column.str.replace(_GUARD, r"\1", regex=True).str.replace(_APOSTROPHE, "", regex=True)
    return bare.str.strip(_BLANKS)


def _trim_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Leave out rows in which nothing is written, such as a spreadsheet's last ones."""
    written = (table != "").any(axis=1)
    return table[written].reset_index(drop=True)
