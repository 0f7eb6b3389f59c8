"""Read figures of tracts from a user's table: CSV, Excel, or Parquet."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from outreach.errors import InputError
from outreach.phrasing import list_names
from outreach.user_files.cells import read_codes, read_numbers, refuse_repeats
from outreach.user_files.container import read_content
from outreach.user_files.parquet import PARQUET_MAGIC, read_parquet_cells
from outreach.user_files.table import TABLE_ENDINGS, parse_table, pick_columns, strip_cells

#: What the Bureau's data site writes before the code of a tract.
_LONG_CODE = r"^(?:1400000|14000)US(?=\d{11}$)"
#: Signs of units in cells.
_SIGNS = r"^\$\s*|\s*%$"
_TRACT_DIGITS = 11
#: So many classes are named in a message.
_LISTED = 6


def read_tract_figures(
    path: Path,
    what: str,
    tract_column: str,
    value_columns: Sequence[str],
    chosen: str = "",
    classes: Sequence[str] = (),
) -> pd.DataFrame:
    """Read columns of figures, or of classes in words, by tract.

    Parameters
    ----------
    path
        CSV or other delimited text, Excel, OpenDocument, Parquet, or a zip or gzip with a table.
    what
        What it should be, for messages: "the indicator 'Asthma'".
    tract_column
        The column of tract codes of 11 digits. A zero that a spreadsheet took away is put back, and
        the ``1400000US`` of the Bureau's data site is taken off.
    value_columns
        Columns of figures. Dollar and percent signs and commas of thousands make no difference.
    chosen
        For columns of classes in words: the class that counts as 1, all others as 0. Capitals make
        no difference.
    classes
        For columns of words: every class that may stand there. Capitals make no difference; words
        are returned as they are written here.

    Returns
    -------
    DataFrame
        Index ``geoid``; a column of numbers, or with ``classes`` of words, for each of
        ``value_columns``, missing where the cell is blank.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column or any row, a code is no tract, stands twice, a
        cell is no number or no class, or no cell of a column has the chosen class.
    """
    content = read_content(path, what, TABLE_ENDINGS)
    columns = (tract_column, *value_columns)
    if content.data.startswith(PARQUET_MAGIC):
        cells = read_parquet_cells(content)
        table = strip_cells(pick_columns(cells, content.origin, columns, ()))
    else:
        table = parse_table(content, what, columns)
    if table.empty:
        raise InputError(f"{content.origin} has no row.", f"Name a file that holds {what}.")

    codes = table[tract_column].str.replace(_LONG_CODE, "", regex=True)
    table[tract_column] = read_codes(codes, _TRACT_DIGITS, content.origin)
    refuse_repeats(table, (tract_column,), content.origin)
    geoids = pd.Index(table[tract_column], name="geoid", dtype=str)
    figures: dict[str, pd.Series[Any]] = {}
    for name in value_columns:
        column: pd.Series[str] = table[name].set_axis(geoids)
        if classes:
            figures[name] = _read_classes(column, classes, content.origin)
        elif chosen:
            figures[name] = _read_class(column, chosen, content.origin)
        else:
            numbers = column.str.replace(_SIGNS, "", regex=True)
            figures[name] = read_numbers(numbers, content.origin, blank=True)
    return pd.DataFrame(figures, index=geoids)


def _read_classes(cells: "pd.Series[str]", classes: Sequence[str], origin: str) -> "pd.Series[str]":
    """Return the class of each cell as the campaign writes it; blank is missing."""
    spelling = {name.strip().casefold(): name for name in classes}
    words = cells.str.strip()
    figures = words.str.casefold().map(spelling).astype("str")
    strange = figures.isna() & (words != "")
    if strange.any():
        first = str(strange.idxmax())
        found = words[(words != "") & ~words.str.casefold().duplicated()]
        listed = list_names([f"'{name}'" for name in sorted(found)], _LISTED)
        raise InputError(
            f"{origin}: {cells.name} of tract {first} is '{words[first]}', which is not among the"
            f" classes; the file has {listed}.",
            "Add it to classes, or correct the file.",
        )
    return figures


def _read_class(cells: "pd.Series[str]", chosen: str, origin: str) -> "pd.Series[float]":
    """Return 1 where a cell has the chosen class and 0 where it has another; blank is missing."""
    words = cells.str.strip().str.casefold()
    figures = (words == chosen.strip().casefold()).astype(float).where(words != "")
    if not (figures == 1.0).any():
        classes = sorted(cells[words != ""].str.strip().unique())
        listed = list_names([f"'{name}'" for name in classes], _LISTED) or "nothing"
        raise InputError(
            f"{origin}: no cell of {cells.name} is '{chosen}'; it has {listed}.",
            "Correct value_is, or name the column of these classes.",
        )
    return figures
