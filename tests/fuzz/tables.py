"""Make a user's tables in many forms, good and damaged, and hold the cells against the file."""

import codecs
import contextlib
import csv
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from outreach.user_files.cells import parse_days, read_codes, read_numbers, refuse_repeats
from outreach.user_files.table import read_table
from tests.fuzz.cases import Case, ChangedValueError, compare_values
from tests.fuzz.mutations import damage_file

_COLUMNS = ("geoid", "day", "weight", "name")
_NAMES = ("Near North", "Señor, Plaza", 'The "Loop"', "Ärger; & Söhne", "A|B", "", "O'Hare")


@contextlib.contextmanager
def open_round(folder: Path) -> Iterator[Callable[[random.Random], Case]]:
    """Make cases of small tables of codes, days, figures, and names."""

    def make_case(rng: random.Random) -> Case:
        rows = [_make_row(rng, number) for number in range(rng.randint(1, 12))]
        is_good = rng.random() < 0.4
        data, suffix = _write_table(rows, rng)
        if not is_good:
            data = damage_file(data, rng)
        path = folder / f"table{suffix}"

        def read() -> None:
            path.write_bytes(data)
            cells = read_table(path, "a table", _COLUMNS[:3], _COLUMNS[3:])
            codes = read_codes(cells["geoid"], 11, "the table")
            refuse_repeats(cells, ["geoid"], "the table")
            days = parse_days(cells["day"].str.strip())
            figures = read_numbers(cells["weight"], "the table", blank=True)
            if is_good:
                _compare_rows(rows, cells, codes, days, figures)
            else:
                _compare_text(data, suffix, cells)

        return Case(read, is_good)

    yield make_case


def _make_row(rng: random.Random, number: int) -> tuple[str, str, str, str]:
    """Make one row of texts as a person would write them."""
    geoid = f"{rng.choice((1, 9, 17)):02d}{rng.randint(1, 999):03d}{number * 100 + 1:06d}"
    day = f"{rng.randint(2010, 2030)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    weight = rng.choice(("0.25", "1", "67.3", "-555555555", "1234567", "0"))
    return geoid, day, weight, rng.choice(_NAMES)


def _write_table(rows: list[tuple[str, str, str, str]], rng: random.Random) -> tuple[bytes, str]:
    """Write rows in one of the forms that a user may bring."""
    header = tuple(rng.choice((name, name.upper(), f" {name} ")) for name in _COLUMNS)
    if rng.random() < 0.15:
        file = io.BytesIO()
        pd.DataFrame(rows, columns=list(header)).to_excel(file, index=False)
        return file.getvalue(), ".xlsx"

    # Text: separator, quotation marks, guards, line ends, and encoding vary.
    guard = rng.choice(("{}", "{}", '="{}"', "'{}"))
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=rng.choice(",;\t|"),
        quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=rng.choice(("\n", "\r\n")),
    )
    writer.writerows([header, *((guard.format(row[0]), *row[1:]) for row in rows)])
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"))
    data = text.getvalue().encode(encoding)
    return _pack(data, rng)


def _pack(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Leave a table as it is, or put it into a zip or gzip."""
    form = rng.random()
    if form < 0.1:
        return gzip.compress(data), ".csv.gz"
    if form < 0.2:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("folder/table.csv", data)
            archive.writestr("__MACOSX/._table.csv", b"\x00\x05\x16\x07")
        return file.getvalue(), ".zip"
    return data, ".csv"


def _compare_rows(
    rows: list[tuple[str, str, str, str]],
    cells: pd.DataFrame,
    codes: "pd.Series[str]",
    days: "pd.Series[pd.Timestamp]",
    figures: "pd.Series[float]",
) -> None:
    """Compare what was read with the rows that were written."""
    compare_values([row[0] for row in rows], codes.to_list(), "geoid")
    compare_values([row[1] for row in rows], days.dt.strftime("%Y-%m-%d").to_list(), "day")
    compare_values([float(row[2]) for row in rows], figures.to_list(), "weight")
    compare_values([row[3] for row in rows], cells["name"].to_list(), "name")


def _compare_text(data: bytes, suffix: str, cells: pd.DataFrame) -> None:
    """Every cell of a damaged text file must stand in the file."""
    if suffix != ".csv":
        return
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if mark == "utf-8" and b"\0" in data:
        return  # UTF-16 without a mark, or no text at all
    try:
        text = data.decode(mark)
    except UnicodeDecodeError:
        return  # which encoding the rest has is the reader's guess
    plain = text.replace('"', "")
    for cell in cells.to_numpy().ravel():
        if cell not in text and cell.replace('"', "") not in plain:
            raise ChangedValueError(f"the cell {cell[:80]!r} does not stand in the file")


_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
)
