"""Read a user's Parquet table as text cells."""

import contextlib
import io

import pandas as pd

from outreach.errors import InputError
from outreach.user_files.container import Content
from outreach.user_files.table import spell_cell

#: How a Parquet file begins.
PARQUET_MAGIC = b"PAR1"


def read_parquet_cells(content: Content) -> pd.DataFrame:
    """Read every column of a Parquet file as text.

    Parameters
    ----------
    content
        The file. Shapes in it are left out.

    Returns
    -------
    DataFrame
        Text cells, empty text where nothing is.

    Raises
    ------
    InputError
        The file is damaged.
    """
    table = None
    with contextlib.suppress(ValueError, OSError, KeyError, NotImplementedError):
        table = pd.read_parquet(io.BytesIO(content.data))
    if table is None:
        raise InputError(
            f"{content.origin} is a damaged Parquet file.", "Save it again, or save it as CSV."
        )
    # A table with codes for its index keeps them as a column.
    if table.index.name is not None:
        table = table.reset_index()
    cells = {}
    for place, name in enumerate(map(str, table.columns)):
        column = table.iloc[:, place]
        if not column.map(lambda cell: isinstance(cell, bytes)).any():
            blank = column.isna()
            cells[name] = [
                "" if is_blank else spell_cell(cell)
                for cell, is_blank in zip(column.tolist(), blank, strict=True)
            ]
    return pd.DataFrame(cells, index=pd.RangeIndex(len(table)), dtype="str")
