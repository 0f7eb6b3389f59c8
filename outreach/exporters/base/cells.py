"""Write table cells that no spreadsheet can mistake for a formula."""

import csv
import io
import math
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


def format_degrees(angle: float) -> Decimal:
    """Return an angle in degrees with six decimals (0.1 m), as platforms write it."""
    return Decimal(f"{angle:.6f}")


def format_figure(figure: float, decimals: int = 2) -> Decimal | str:
    """Return a figure without trailing zeros, or an empty cell for a missing one."""
    if pd.isna(figure):
        return ""
    text = f"{figure:.{decimals}f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def floor_cents(amount_usd: float) -> Decimal:
    """Round a dollar amount down to whole cents."""
    return Decimal(math.floor(round(amount_usd * 100, 6))) / 100


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
