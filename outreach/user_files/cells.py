"""Read codes, days and figures from text cells, and name the first that is wrong."""

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from outreach.arrays import Flags
from outreach.errors import InputError

#: A code that a spreadsheet rounded and wrote with an exponent.
_ROUNDED = re.compile(r"[+-]?\d+([.,]\d*)?[eE][+-]?\d+")
_ISO_DAY = r"^(\d{4})([-/])(\d{2})\2(\d{2})(?!\d)"
_NAMED_DAY = r"^(?:[A-Za-z]{3,9},? )?([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})(?!\d)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_US_DAY = r"^(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})(?!\d)"
_PLAIN_DAY = r"^(\d{4})(\d{2})(\d{2})$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
#: What the Bureau and spreadsheets write where there is no figure.
BLANKS = frozenset(
    {"", "-", ".", "(X)", "N", "NA", "N/A", "#N/A", "NULL", "null", "None", "nan", "NaN"}
)
_TRACT_DIGITS = 6
_LABEL = r"^\d{1,4}\.\d{1,2}$"


def read_codes(
    column: "pd.Series[str]", digits: int, origin: str, *, lost_zeros: int = 1
) -> "pd.Series[str]":
    """Read codes of a fixed length, and put back zeros that a spreadsheet took away.

    Parameters
    ----------
    column
        Text cells; its name is used in messages.
    digits
        Length of a code.
    origin
        The file, for messages.
    lost_zeros
        So many leading zeros may be missing: 1 for what begins with a state, 2 for ZIPs.

    Returns
    -------
    Series
        Codes of exactly ``digits`` digits.

    Raises
    ------
    InputError
        A cell is no such code; the message says so when a spreadsheet rounded it.
    """
    codes = column.str.strip().str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    refuse_rounded(codes, origin)
    shortest = max(1, digits - lost_zeros)
    wrong = ~codes.str.fullmatch(rf"\d{{{shortest},{digits}}}")
    if wrong.any():
        raise InputError(
            f"{origin}: {column.name} is {_quote(codes, wrong)}, not a code of {digits} digits"
            f"{_count(wrong)}.",
            "Correct the file or leave that row out.",
        )
    return codes.str.zfill(digits)


def read_ids(column: "pd.Series[str]", origin: str) -> "pd.Series[str]":
    """Read a platform's IDs: whole numbers of any length, kept as text.

    Raises
    ------
    InputError
        A cell is no whole number; the message says so when a spreadsheet rounded it.
    """
    ids = column.str.strip().str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    refuse_rounded(ids, origin)
    wrong = ~ids.str.fullmatch(r"\d+")
    if wrong.any():
        raise InputError(
            f"{origin}: {column.name} is {_quote(ids, wrong)}, not a whole number{_count(wrong)}.",
            "Download the file again, and do not save it from a spreadsheet.",
        )
    return ids


def refuse_rounded(codes: "pd.Series[str]", origin: str) -> None:
    """Refuse codes that a spreadsheet rounded: what they were cannot be known.

    Raises
    ------
    InputError
        A cell has an exponent (``1.7031E+10``).
    """
    rounded = codes.str.fullmatch(_ROUNDED.pattern)
    if rounded.any():
        raise InputError(
            f"{origin}: {codes.name} is {_quote(codes, rounded)}: a spreadsheet rounded the code,"
            f" so it is lost{_count(rounded)}.",
            "Download the file again, and do not save it from a spreadsheet.",
        )


def read_tract_codes(column: "pd.Series[str]", origin: str) -> "pd.Series[str]":
    """Read six-digit tract codes, or tract labels (``101``, ``8401.01``) as the codes they mean.

    A label is the tract's number with up to two decimals; its code is four digits for the number
    and two for the decimals. A column of whole numbers of up to four digits can be either labels or
    codes that lost zeros, and is refused.

    Raises
    ------
    InputError
        A cell is neither, or labels cannot be told from codes.
    """
    cells = column.str.strip()
    refuse_rounded(cells, origin)
    # A spreadsheet that read codes as numbers writes 20100.0; that is no label.
    if cells.str.fullmatch(r"\d+\.0").all():
        cells = cells.str.removesuffix(".0")
    if cells.str.fullmatch(_LABEL).any():
        whole, _, decimals = (cells.str.partition(".")[part] for part in range(3))
        cells = whole.str.zfill(4) + decimals.str.ljust(2, "0")
    elif not cells.str.len().isin((5, _TRACT_DIGITS)).any() and (cells != "").any():
        example = cells[cells != ""].iloc[0]
        raise InputError(
            f"{origin}: {column.name} holds {example!r}, which can be the label of tract {example}"
            f" (code {example.zfill(4)}00) or a code that lost its zeros"
            f" ({example.zfill(_TRACT_DIGITS)}).",
            "Write codes of six digits.",
        )
    return read_codes(cells.rename(str(column.name)), _TRACT_DIGITS, origin, lost_zeros=5)


def parse_days(cells: "pd.Series[str]") -> "pd.Series[pd.Timestamp]":
    """Parse calendar days as they are written, whatever time or UTC offset follows.

    ``2020-10-16``, ``2020-10-16T20:00:00-05:00``, ``2020/10/16``, ``10/16/2020``, ``10/16/20``,
    ``20201016``, and ``Oct 16, 2020`` are all October 16, 2020. What is no day is missing, and so
    is a day that tables cannot hold, such as one of the year 9999.
    """
    parts = cells.str.extract(_ISO_DAY)
    iso = parts[0] + "-" + parts[2] + "-" + parts[3]
    us = cells.str.extract(_US_DAY)
    year = us[2].where(us[2].str.len() != 2, "20" + us[2].fillna(""))  # noqa: PLR2004  a year of two digits
    iso = iso.fillna(year + "-" + us[0].str.zfill(2) + "-" + us[1].str.zfill(2))
    plain = cells.str.extract(_PLAIN_DAY)
    iso = iso.fillna(plain[0] + "-" + plain[1] + "-" + plain[2])
    named = cells.str.extract(_NAMED_DAY)
    numbers = {name: f"{number:02d}" for number, name in enumerate(_MONTHS, 1)}
    month = named[0].str.lower().map(numbers)
    iso = iso.fillna(named[2] + "-" + month + "-" + named[1].str.zfill(2))
    days = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce")
    return days.where(days.between(pd.Timestamp.min, pd.Timestamp.max)).dt.as_unit("ns")


def read_numbers(
    column: "pd.Series[str]", origin: str, *, blank: bool = False, low: float = -np.inf
) -> "pd.Series[float]":
    """Read figures; thousands may have commas.

    Parameters
    ----------
    column
        Text cells, or numbers.
    origin
        The file, for messages.
    blank
        Whether a cell may be blank, or what the Bureau writes for none (:data:`BLANKS`).
    low
        The least that a figure may be.

    Returns
    -------
    Series
        Figures; missing where a blank is allowed.

    Raises
    ------
    InputError
        A cell is no finite number, or below ``low``.
    """
    cells = column.astype("str").str.strip()
    bare = cells.where(~cells.str.fullmatch(_THOUSANDS), cells.str.replace(",", "", regex=False))
    figures = pd.to_numeric(bare, errors="coerce").astype(float)
    empty = cells.isin(BLANKS) | column.isna()
    wrong = (figures.isna() | np.isinf(figures)) & ~(empty & blank) | (figures < low)
    if wrong.any():
        bound = f" of {low:g} or more" if np.isfinite(low) else ""
        raise InputError(
            f"{origin}: {column.name} is {_quote(cells, wrong)} in data row {_row(wrong)}, not a"
            f" number{bound}{_count(wrong)}.",
            "Correct the file.",
        )
    return figures.where(~empty)


def refuse_repeats(table: pd.DataFrame, keys: Collection[str], origin: str) -> None:
    """Refuse a table in which two rows have the same keys.

    Raises
    ------
    InputError
        The first pair that repeats is named.
    """
    repeated = table.duplicated(list(keys)).to_numpy()
    if repeated.any():
        row = table[list(keys)].iloc[int(repeated.argmax())]
        named = " and ".join(f"{key} {row[key]}" for key in keys)
        raise InputError(
            f"{origin}: {named} appear in more than one row{_count(pd.Series(repeated))}.",
            "Leave one row for each; two editions of a list may have been put together.",
        )


def _quote(cells: "pd.Series[str]", wrong: "pd.Series[bool] | Flags") -> str:
    """Quote the first wrong cell, cut short."""
    cell = str(cells[wrong].iloc[0])
    return repr(cell if len(cell) <= 60 else cell[:57] + "...")  # noqa: PLR2004  a message's width


def _row(wrong: "pd.Series[bool]") -> int:
    """Return the number of the first wrong row, the first row of data being 1."""
    return int(wrong.to_numpy().argmax()) + 1


def _count(wrong: "pd.Series[bool]") -> str:
    """Say how many such cells there are, where it is more than one."""
    count = int(wrong.sum())
    return f" ({count:,} such rows)" if count > 1 else ""
