"""Write tables that a spreadsheet shows and never runs."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

#: A cell holds text, or a figure that is written unchanged.
Cell = str | int | Decimal

#: Spreadsheets read a cell that starts with one of these as a formula (OWASP, "CSV Injection").
#: The wide forms count in East Asian versions.
_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212")

_CONTROL_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
_INVISIBLE_CATEGORIES = ("Cf", "Zs")

_TEXT_TYPES = (pd.StringDtype, pd.CategoricalDtype)


def clean_text(text: str) -> str:
    """Return text on one line.

    Control characters become spaces. Invisible characters at the beginning are removed.
    """
    if text.isprintable():
        return text.strip()

    line = "".join(
        " " if unicodedata.category(character) in _CONTROL_CATEGORIES else character
        for character in text
    )
    while line and unicodedata.category(line[0]) in _INVISIBLE_CATEGORIES:
        line = line[1:]
    return line.rstrip()


def defuse_text(text: str) -> str:
    """Return text that a spreadsheet shows and never runs.

    Text that would start a formula gets a leading apostrophe.
    """
    line = clean_text(text)
    return f"'{line}" if line.startswith(_FORMULA_STARTS) else line


def write_table(
    rows: Iterable[Sequence[Cell]], header: Sequence[str] | None, *, bom: bool
) -> bytes:
    """Write a table as UTF-8 CSV with Windows line endings.

    Parameters
    ----------
    rows
        Text is defused; figures are written unchanged.
    header
        The first line, or ``None`` for a file without one.
    bom
        Whether the file starts with a byte-order mark.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    if header is not None:
        writer.writerow(header)
    writer.writerows(
        [defuse_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return (b"\xef\xbb\xbf" if bom else b"") + buffer.getvalue().encode("utf-8")


def write_csv(table: pd.DataFrame, *, index: bool = True, line_end: str = "\n") -> str:
    """Write a data frame as CSV; all text in it is defused, headers and index too.

    Parameters
    ----------
    table
        Figures and dates are written unchanged.
    index
        Whether the index is written.
    line_end
        The end of each line.
    """
    guarded = table.copy()
    for place, kind in enumerate(table.dtypes):
        text = isinstance(kind, pd.StringDtype | pd.CategoricalDtype)
        if text or pd.api.types.is_object_dtype(kind):
            guarded.isetitem(place, table.iloc[:, place].map(_defuse_cell).array)
    guarded.columns = guarded.columns.map(_defuse_cell)
    if index:
        guarded.index = guarded.index.map(_defuse_key).set_names(table.index.names)
    return str(guarded.to_csv(index=index, lineterminator=line_end))


def _defuse_cell(cell: object) -> object:
    return defuse_text(cell) if isinstance(cell, str) else cell


def _defuse_key(key: object) -> object:
    """Defuse a key of an index, or each level of one."""
    return tuple(map(_defuse_cell, key)) if isinstance(key, tuple) else _defuse_cell(key)
