"""Read the figures and currencies of reports."""

import pandas as pd

from outreach.delivery.blanks import is_blank
from outreach.errors import InputError
from outreach.user_files.cells import read_numbers

_CURRENCY = "USD"
_ROUNDING = 1e-6


def read_money(column: "pd.Series[str]", origin: str) -> "pd.Series[float]":
    """Read figures of at least 0; a dollar sign and thousands separators make no difference.

    Parameters
    ----------
    column
        Text cells; the index has the rows' numbers in the file.
    origin
        The file, for messages.

    Returns
    -------
    Series
        Missing where a cell holds nothing, such as ``--``.

    Raises
    ------
    InputError
        A cell is no number of at least 0.
    """
    bare = column.str.replace(r"^(?:US)?\$\s*|\s*USD$", "", regex=True)
    bare = bare.where(~bare.map(is_blank), "")
    try:
        return read_numbers(bare, origin, blank=True, low=0)
    except InputError:
        # Name the row as it stands in the file.
        for row, cell, written in zip(bare.index, bare, column, strict=True):
            try:
                read_numbers(pd.Series([cell], name=column.name), origin, blank=True, low=0)
            except InputError:
                raise InputError(
                    f"{origin}: {column.name} in row {row} is {written[:60]!r}, not a"
                    " number of 0 or more.",
                    "Download the report in American English, or correct the file.",
                ) from None
        raise


def read_whole(column: "pd.Series[str]", origin: str) -> "pd.Series[float]":
    """Read whole counts; a cell that holds nothing counts as 0.

    Raises
    ------
    InputError
        A cell is no whole number of at least 0.
    """
    figures = read_money(column, origin).fillna(0.0)
    parts = (figures - figures.round()).abs() > _ROUNDING
    if parts.any():
        row, written = next(iter(column[parts].items()))
        raise InputError(
            f"{origin}: {column.name} in row {row} is {written!r}, not a whole number.",
            "If the point parts thousands, download the report in American English.",
        )
    return figures


def refuse_currencies(cells: pd.DataFrame, stated: str, origin: str) -> set[str]:
    """Refuse money that is not in US dollars, the currency of every campaign.

    Parameters
    ----------
    cells
        The report's cells, with ``currency`` if it has such a column.
    stated
        The currency that a header names; empty for none.
    origin
        The file, for messages.

    Returns
    -------
    set
        The currencies that the report names: US dollars, or none.

    Raises
    ------
    InputError
        Another currency is named.
    """
    named = {stated} if stated else set[str]()
    for row, cell in cells["currency"].items() if "currency" in cells else ():
        if is_blank(cell):
            continue
        named.add(cell.upper())
        if cell.upper() != _CURRENCY:
            raise InputError(*_describe_currency(f"{origin}: row {row} is in {cell[:20]}"))
    if named - {_CURRENCY}:
        raise InputError(*_describe_currency(f"{origin} is in {stated}"))
    return named


def _describe_currency(where: str) -> tuple[str, str]:
    """Say that money is in another currency, and what to do."""
    return (
        f"{where}, and the campaign's money is in US dollars.",
        "Export it in US dollars, or convert its money and import it as plain CSV.",
    )
