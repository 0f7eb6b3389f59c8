"""Write counts, percentages, dollars, dates, and lists in American English.

For messages, notes, and pages that are English only. Pages in several languages use the catalogs
of :mod:`outreach.catalog`, which follow the Unicode CLDR.
"""

import datetime as dt
import re
from collections.abc import Sequence

_PERCENT = 100

#: Most characters of a name in a list.
_LONGEST_NAME = 60

#: Marks of Unicode that embed or override the direction of a text, and their end.
_OVERRIDES = re.compile("[\u202a-\u202e]")
_ISOLATES = re.compile("[\u2066-\u2069]")


def write_percent(share: float, decimals: int = 0) -> str:
    """Write a share as a percentage.

    Parameters
    ----------
    share
        0-1; 0.153 is written ``15%``.
    decimals
        Digits after the point. A figure that rounds to 0 is written without a sign.
    """
    return f"{_write_number(share * _PERCENT, decimals)}%"


def write_points(share: float, decimals: int = 1, *, signed: bool = False) -> str:
    """Write a difference of two shares in percentage points.

    Parameters
    ----------
    share
        The difference, -1 to 1; 0.012 is written ``1.2 points``.
    decimals
        Digits after the point. A figure that rounds to 0 is written without a sign.
    signed
        Whether an increase gets a plus sign.
    """
    text = _write_number(share * _PERCENT, decimals)
    plus = "+" if signed and share > 0 and float(text.replace(",", "")) else ""
    return f"{plus}{text} points"


def write_count(number: float, noun: str, plural: str = "") -> str:
    """Write a whole number with its noun: ``1 ZIP``, ``2 ZIPs``, ``1,204 tracts``.

    Parameters
    ----------
    number
        Rounded to a whole number.
    noun
        What is counted, for one.
    plural
        The noun for any other number; by default the noun with an ``s``.
    """
    whole = round(number)
    return f"{whole:,} {noun if whole == 1 else plural or f'{noun}s'}"


def write_dollars(amount_usd: float, *, cents: bool = False) -> str:
    """Write US dollars: ``$1,250``, or with cents ``$1,250.00``."""
    text = _write_number(abs(amount_usd), 2 if cents else 0)
    sign = "-" if amount_usd < 0 and float(text.replace(",", "")) else ""
    return f"{sign}${text}"


def write_date(day: dt.date) -> str:
    """Write a date: ``April 15, 2020``."""
    return f"{day:%B} {day.day}, {day.year}"


def join_words(words: Sequence[str], conjunction: str = "and") -> str:
    """Join words to a list: ``a``, ``a and b``, ``a, b, and c``; empty for no words."""
    if len(words) > 2:  # noqa: PLR2004  two words need no comma
        return f"{', '.join(words[:-1])}, {conjunction} {words[-1]}"
    return f" {conjunction} ".join(words)


def list_names(names: Sequence[str], most: int) -> str:
    """List the first names and count the others: ``a, b and 3 more``.

    A name that comes out of a file is put on one line, and a long one is cut short.

    Parameters
    ----------
    names
        All names, in order.
    most
        How many are written out.
    """
    more = len(names) - most
    lines = [" ".join(name.split()) for name in names[:most]]
    shown = ", ".join(
        line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 3]}..." for line in lines
    )
    return f"{shown} and {more:,} more" if more > 0 else shown


def strip_overrides(text: str) -> str:
    """Remove the marks that turn a text around; Arabic and Hebrew read right without them.

    Source: Unicode Standard Annex 9, explicit embeddings and overrides (U+202A to U+202E).
    """
    return _OVERRIDES.sub("", text)


def strip_isolates(text: str) -> str:
    """Remove the marks that set the direction of a name apart; a terminal would copy them along.

    Source: Unicode Standard Annex 9, explicit isolates (U+2066 to U+2069).
    """
    return _ISOLATES.sub("", text)


def _write_number(value: float, decimals: int) -> str:
    """Write a number with thousands separators, and never as a negative zero."""
    text = f"{value:,.{decimals}f}"
    return text if float(text.replace(",", "")) else text.lstrip("-")
