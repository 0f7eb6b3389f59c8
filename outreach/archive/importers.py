"""Import published rates from files.

Sources: the Bureau's daily CSV, saved API replies (JSON or CSV), workbooks, and Parquet with the
same columns, each alone or the only file in a zip or gzip.
A file needs RESP_DATE, CRRALL, and either GEO_ID or state, county, and tract. CRRINT, DRRALL,
DRRINT, and FETCH_DATE (the day of the download) are read if they are there.
"""

import datetime as dt
import io
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from outreach.archive.columns import COLUMN_NAMES, GEOID_PARTS, read_versions
from outreach.archive.ledger import Archive
from outreach.archive.receipt import Receipt
from outreach.errors import ArchiveError, DataError, InputError, OutOfRange
from outreach.user_files.container import Content, read_content
from outreach.user_files.table import TABLE_ENDINGS, parse_table, pick_columns, strip_cells
from outreach.user_files.text import decode_text

_REQUIRED = ("RESP_DATE", "CRRALL")
#: What is taken from a folder, and what can be named or lie in a zip beyond it.
_SUFFIXES = (".csv", ".json", ".parquet")
_ENDINGS = (*TABLE_ENDINGS, ".json", ".parquet")
_NAMED = (*_ENDINGS, ".zip", ".gz")
_WHAT = "a file of rates"
_PARQUET = b"PAR1"


def import_files(
    paths: Iterable[Path],
    archive: Archive,
    *,
    downloaded_at: dt.datetime | None = None,
    progress: Callable[[Receipt], None] | None = None,
) -> list[Receipt]:
    """Import files, and the CSV, JSON, and Parquet files in folders, into the archive.

    What is already stored changes nothing.

    Parameters
    ----------
    paths
        Files and folders; folders are searched with their subfolders.
    archive
        Where to store the rates.
    downloaded_at
        When the service answered, for rows without FETCH_DATE. By default, the time when the file
        was last modified.
    progress
        Called with each file's receipt as soon as it exists.

    Returns
    -------
    list of Receipt
        One for each file. A file in a folder without columns of rates is skipped, and its receipt
        says so.

    Raises
    ------
    InputError
        A file cannot be read.
    DataError, OutOfRange
        A file's content cannot be right; the message names file, column, and value. The files
        before it are stored.
    ArchiveError
        A path is no file or folder of rates, or the archive cannot be written.
    """
    receipts = []
    for path, is_named in _find_files(paths):
        receipt = _import_file(path, archive, downloaded_at, is_named=is_named)
        receipts.append(receipt)
        if progress is not None:
            progress(receipt)
    return receipts


def _find_files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield each file, and whether the user named it instead of its folder."""
    for path in paths:
        if path.is_dir():
            files = sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in _SUFFIXES and file.is_file()
            )
            if not files:
                raise ArchiveError(
                    f"{path} has no CSV, JSON, or Parquet file.", "Name another folder."
                )
            yield from ((file, False) for file in files)
        elif path.suffix.lower() in _NAMED:
            yield path, True
        else:
            raise ArchiveError(
                f"{path} is not a CSV, JSON, Excel, or Parquet file, a zip of one, or a folder.",
                "Name another file.",
            )


def _import_file(
    path: Path, archive: Archive, downloaded_at: dt.datetime | None, *, is_named: bool
) -> Receipt:
    """Read, check, and store one file."""
    table = _read_table(path)
    missing = [name for name in _REQUIRED if name not in table]
    if "GEO_ID" not in table and not set(GEOID_PARTS) <= set(table):
        missing.append("GEO_ID (or state, county, and tract)")
    if missing:
        reason = f"has no column {', '.join(missing)}"
        if is_named or set(_REQUIRED) & set(table):
            raise DataError(
                f"{path} {reason}.", "Import a file with the columns of the Census API."
            )
        return Receipt(source=str(path), skipped_because=f"it {reason}")

    moment = downloaded_at or dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    versions, left_out = read_versions(table, moment, str(path))
    _refuse_other_years(versions, archive.census_year, str(path))
    return archive.record(versions, str(path), left_out=left_out)


def _read_table(path: Path) -> pd.DataFrame:
    """Return the columns of rates in a file, without interpreting them.

    A column that appears twice is taken once where both hold the same.
    """
    content = read_content(path, _WHAT, _ENDINGS)
    if content.data.startswith(_PARQUET):
        return _read_parquet(content)
    if Path(content.name).suffix.lower() == ".json":
        return _read_json(content)
    return pick_columns(parse_table(content, _WHAT), content.origin, (), COLUMN_NAMES)


def _read_parquet(content: Content) -> pd.DataFrame:
    """Read the columns of rates in Parquet, typed as they are."""
    try:
        file = pq.ParquetFile(io.BytesIO(content.data))
        known = {name.casefold() for name in COLUMN_NAMES}
        places = [
            place
            for place, name in enumerate(file.schema_arrow.names)
            if name.strip().casefold() in known
        ]
        # Duplicate names are legal in Parquet, so columns are taken by their places.
        table = file.read().select(places)
        columns = [column.to_pandas() for column in table.columns]
    except (pa.ArrowException, OSError, ValueError, NotImplementedError):
        raise InputError(
            f"{content.origin} cannot be read as Parquet: the file is cut or damaged.",
            "Save or download it again.",
        ) from None
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index(table.column_names)
    return pick_columns(frame, content.origin, (), COLUMN_NAMES)


def _read_json(content: Content) -> pd.DataFrame:
    """Read a saved reply of the API as text: a header and rows."""
    try:
        reply = json.loads(decode_text(content, _WHAT))
    except RecursionError:
        raise InputError(
            f"{content.origin} is JSON with too many lists inside one another, not a saved reply.",
            "Save or download it again.",
        ) from None
    except ValueError:
        reply = None
    if not (isinstance(reply, list) and reply and all(isinstance(row, list) for row in reply)):
        raise InputError(
            f"{content.origin} is not a list of rows like the service's replies.",
            "Save or download it again.",
        )
    header, *rows = reply
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise InputError(
                f"{content.origin}: data row {number} has {len(row)} cells, but the header has"
                f" {len(header)} names.",
                "Save or download it again.",
            )
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    table = strip_cells(pd.DataFrame(cells, columns=[str(name) for name in header], dtype="str"))
    return pick_columns(table, content.origin, (), COLUMN_NAMES)


def _refuse_other_years(versions: pd.DataFrame, census_year: int, origin: str) -> None:
    """Refuse data dates of another census, because the archive never forgets a row."""
    dates = versions["data_date"].to_numpy().astype("datetime64[D]")
    years = dates.astype("datetime64[Y]").astype(int) + 1970
    wrong = (years < census_year) | (years > census_year + 1)
    if wrong.any():
        raise OutOfRange(
            f"{origin}: a data date is in {years[wrong][0]}, but the archive is for the"
            f" {census_year} census ({wrong.sum():,} such rows).",
            "Fix RESP_DATE, or name another census with --census-year. Nothing was stored.",
        )
