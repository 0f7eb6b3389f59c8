"""Read figures of tracts from a user's table: CSV, Excel, or Parquet."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from outreach.errors import InputError
from outreach.user_files.cells import read_codes, read_numbers, refuse_repeats
from outreach.user_files.container import read_content
from outreach.user_files.parquet import PARQUET_MAGIC, read_parquet_cells
from outreach.user_files.table import TABLE_ENDINGS, parse_table, pick_columns, strip_cells

#: What the Bureau's data site writes before the code of a tract.
_LONG_CODE = r"^(?:1400000|14000)US(?=\d{11}$)"
#: Signs of units in cells.
_SIGNS = r"^\$\s*|\s*%$"
_TRACT_DIGITS = 11


def read_tract_figures(
    path: Path, what: str, tract_column: str, value_columns: Sequence[str]
) -> pd.DataFrame:
    """Read columns of figures by tract.

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

    Returns
    -------
    DataFrame
        Index ``geoid``; a column of numbers for each of ``value_columns``, missing where the cell
        is blank.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column or any row, a code is no tract, stands twice, or a
        cell is no number.
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
    figures = {
        name: read_numbers(
            table[name].str.replace(_SIGNS, "", regex=True), content.origin, blank=True
        ).to_numpy()
        for name in value_columns
    }
    return pd.DataFrame(figures, index=pd.Index(table[tract_column], name="geoid", dtype=str))
