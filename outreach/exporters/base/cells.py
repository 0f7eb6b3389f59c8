"""Cells of a file that spreadsheets open: text that cannot start a formula, figures of fixed form, tables as exact bytes."""

import csv
import io
import math
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal

import pandas as pd

#: What a cell holds: text, or a figure that is written as it stands.
Cell = str | int | Decimal

#: A cell that starts with one of these is read as a formula by spreadsheets (OWASP, "CSV
#: Injection"; the wide forms in East Asian versions).
_FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\u2212")


def clean_text(text: str) -> str:
    """Return ``text`` on one line: control characters become spaces, invisible ones at the beginning go."""
    if text.isprintable():
        return text.strip()
    flat = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in text
    )
    while flat and unicodedata.category(flat[0]) in ("Cf", "Zs"):
        flat = flat[1:]
    return flat.rstrip()


def defuse(text: str) -> str:
    """Return ``text`` so that a spreadsheet shows it and never runs it: a leading apostrophe where it would start a formula."""
    flat = clean_text(text)
    return f"'{flat}" if flat.startswith(_FORMULA_STARTS) else flat


def format_degrees(angle: float) -> Decimal:
    """Return an angle with the six decimals that platforms write (0.1 m)."""
    return Decimal(f"{angle:.6f}")


def format_figure(figure: float, decimals: int = 2) -> Decimal | str:
    """Return a figure without trailing zeros, or nothing where it is missing."""
    if pd.isna(figure):
        return ""
    text = f"{figure:.{decimals}f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def floor_cents(money_usd: float) -> Decimal:
    """Return an amount in whole cents, never more than it was."""
    return Decimal(math.floor(round(money_usd * 100, 6))) / 100


def write_table(
    rows: Iterable[Sequence[Cell]], header: Sequence[str] | None, *, bom: bool
) -> bytes:
    """Write a table as UTF-8 CSV with Windows line ends.

    Parameters
    ----------
    rows
        Text is defused and figures are written as they stand.
    header
        The first line, or ``None`` for a file without one.
    bom
        Whether the file opens with a byte-order mark.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    if header is not None:
        writer.writerow(header)
    writer.writerows(
        [defuse(cell) if isinstance(cell, str) else cell for cell in row] for row in rows
    )
    return (b"\xef\xbb\xbf" if bom else b"") + buffer.getvalue().encode("utf-8")
