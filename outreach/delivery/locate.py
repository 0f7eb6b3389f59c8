"""Find the table in a report: its header, its rows, its totals, and the lines around it."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from outreach.delivery.blanks import is_blank
from outreach.delivery.headers import ReportHeaders
from outreach.errors import InputError
from outreach.user_files.cells import parse_days
from outreach.user_files.grid import Grid
from outreach.user_files.table import fold_name

#: A header that names its currency, such as ``Amount spent (USD)``.
_PRICED = re.compile(r"(.*?)\s*\(([A-Z]{3})\)")
#: Our columns that name a row.
_NAMES = ("campaign", "ad_group", "place")
#: The table begins within so many rows.
_LONGEST_PREAMBLE = 200


@dataclass(frozen=True, slots=True)
class Located:
    """Where the table of a report is.

    Parameters
    ----------
    grid
        The cells of the file.
    header
        The number of the header's row.
    places
        The numbers of the columns that hold each of ours, the best first.
    currency
        The currency that a header names; empty for none.
    """

    grid: Grid
    header: int
    places: dict[str, tuple[int, ...]]
    currency: str = ""


@dataclass(slots=True)
class Lines:
    """The rows of a report by what they are, each with its number in the file."""

    data: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    totals: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    around: list[tuple[str, ...]] = field(default_factory=list)

    def find_label(self, beginnings: Iterable[str]) -> str:
        """Return what stands behind a label above or below the table; empty if it is not there."""
        labels = [label.casefold() for label in beginnings]
        for row in self.around:
            text = " ".join(cell for cell in row if cell)
            for label in labels:
                if text.casefold().startswith(label):
                    return text[len(label) :].strip()
        return ""


def locate_table(
    grids: Sequence[Grid], headers: ReportHeaders, needed: Collection[str]
) -> Located | None:
    """Return the table of a report; ``None`` if no row has all the needed columns.

    Parameters
    ----------
    grids
        From :func:`outreach.user_files.grid.read_grids`.
    headers
        The words of a platform.
    needed
        Our names of the columns without which it is no report of that platform.
    """
    found = [
        Located(grid, number, *_find_columns(row, headers))
        for grid in grids
        for number, row in enumerate(grid.rows[:_LONGEST_PREAMBLE])
    ]
    whole = [each for each in found if set(needed) <= set(each.places)]
    return max(whole, key=lambda each: len(each.places), default=None)


def _find_columns(
    row: Sequence[str], headers: ReportHeaders
) -> tuple[dict[str, tuple[int, ...]], str]:
    """Return which cells of a row are names of our columns, and the currency that one names."""
    cells: dict[str, int] = {}
    currencies: dict[int, str] = {}
    for number, cell in enumerate(row):
        priced = _PRICED.fullmatch(cell)
        cells.setdefault(fold_name(cell), number)
        if priced is not None and fold_name(priced[1]) not in cells:
            cells[fold_name(priced[1])] = number
            currencies[number] = priced[2]

    places = {}
    for column in headers.columns:
        numbers = [
            cells[fold_name(name)] for name in headers.names(column) if fold_name(name) in cells
        ]
        if numbers:
            places[column] = tuple(dict.fromkeys(numbers))
    currency = currencies.get(places["spend"][0], "") if "spend" in places else ""
    return places, currency


def part_rows(located: Located, headers: ReportHeaders) -> Lines:
    """Part the rows of a report into data, totals, and the lines around the table.

    Raises
    ------
    InputError
        A row ends before its last column, or is neither data nor totals nor a known line.
    """
    grid, places = located.grid, located.places
    grid.refuse_cut()
    below = grid.rows[located.header + 1 :]
    days = _read_days(below, places)
    names = [number for name in _NAMES for number in places.get(name, ())]
    figures = [places[name][0] for name in ("impressions", "spend")]
    width = max(number for numbers in places.values() for number in numbers) + 1

    lines = Lines(around=list(grid.rows[: located.header]))
    for number, (row, has_day) in enumerate(zip(below, days, strict=True), located.header + 2):
        text = " ".join(cell for cell in row if cell)
        if not text:
            continue
        if not has_day and text.casefold().startswith(_fold_all(headers, "footers")):
            lines.around.append(row)
        elif len(row) < width:
            raise InputError(
                f"{grid.origin}: row {number} ends after {len(row)} of {width} cells.",
                "The file is cut off: download it again.",
            )
        elif _fill(row, figures) and (
            not _fill(row, names) or (not has_day and _is_total(text, headers))
        ):
            lines.totals.append((number, row))
        elif has_day:
            lines.data.append((number, row))
        else:
            raise InputError(
                f"{grid.origin}: row {number} has no day that can be read: {_shorten(text)}.",
                "Report by day, with days as 2030-04-01 or 4/1/2030; or download the file again.",
            )
    return lines


def _read_days(rows: Sequence[Sequence[str]], places: dict[str, tuple[int, ...]]) -> list[bool]:
    """Return for each row whether the cell of its day is a calendar day."""
    column = next((places[name][0] for name in ("day", "first_day") if name in places), None)
    cells = [row[column] if column is not None and column < len(row) else "" for row in rows]
    return [bool(known) for known in parse_days(pd.Series(cells, dtype=str)).notna()]


def _fold_all(headers: ReportHeaders, kind: str) -> tuple[str, ...]:
    """Return how lines of a kind begin, without letter case."""
    return tuple(word.casefold() for word in headers.beginnings(kind))


def _is_total(text: str, headers: ReportHeaders) -> bool:
    """Whether a line begins with a word for totals."""
    words = "|".join(re.escape(word) for word in _fold_all(headers, "totals"))
    return bool(words) and bool(re.match(rf"(?:{words})(?!\w)", text.casefold()))


def _fill(row: Sequence[str], numbers: Iterable[int]) -> bool:
    """Whether any of some cells of a row holds something."""
    return any(not is_blank(row[number]) for number in numbers)


def _shorten(text: str) -> str:
    """Quote the beginning of a line."""
    return repr(text if len(text) <= 60 else text[:57] + "...")  # noqa: PLR2004  a message's width
