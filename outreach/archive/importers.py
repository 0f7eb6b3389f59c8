"""Import published rates from files.

Sources: the Bureau's daily CSV, saved API replies (JSON or CSV), and Parquet with the same columns.
A file needs RESP_DATE, CRRALL, and either GEO_ID or state, county, and tract. CRRINT, DRRALL,
DRRINT, and FETCH_DATE (the day of the download) are read if they are there.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from outreach.archive.columns import COLUMN_NAMES, GEOID_PARTS, read_versions
from outreach.archive.ledger import Archive
from outreach.archive.receipt import Receipt
from outreach.errors import ArchiveError, DataError, OutOfRange

_REQUIRED = ("RESP_DATE", "CRRALL")
_SUFFIXES = (".csv", ".json", ".parquet")
_REASON_LENGTH = 150


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
    DataError, OutOfRange
        A file's content cannot be right; the message names file, column, and value. The files
        before it are stored.
    ArchiveError
        A file cannot be read, or the archive cannot be written.
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
        elif path.suffix.lower() in _SUFFIXES:
            yield path, True
        else:
            raise ArchiveError(
                f"{path} is not a CSV, JSON, or Parquet file, and not a folder.",
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
    """Return the columns of rates in a file, without interpreting them."""
    readers = {".parquet": _read_parquet, ".json": _read_json, ".csv": _read_csv}
    try:
        return readers[path.suffix.lower()](path)
    except OSError as error:
        raise ArchiveError(
            f"Cannot read {path}: {error.strerror or error}.", "Check the path."
        ) from error
    except RecursionError:
        raise DataError(
            f"{path} is JSON with too many lists inside one another, not a saved reply.",
            "Save or download it again.",
        ) from None
    except (ValueError, TypeError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:_REASON_LENGTH] or type(error).__name__
        raise DataError(
            f"{path} cannot be read as {path.suffix[1:].upper()}: {reason}.",
            "Save or download it again.",
        ) from error


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file."""
    names = set(pq.read_schema(path).names)
    columns = [name for name in COLUMN_NAMES if name in names]
    return pd.DataFrame(pq.read_table(path, columns=columns).to_pandas())


def _read_json(path: Path) -> pd.DataFrame:
    """Read a saved reply of the API: a header and rows."""
    reply = json.loads(path.read_text(encoding="utf-8-sig"))
    if not (isinstance(reply, list) and reply and all(isinstance(row, list) for row in reply)):
        raise ValueError("it is not a list of rows like the service's replies")
    header, *rows = reply
    table = pd.DataFrame(rows, columns=header)
    return table[[name for name in COLUMN_NAMES if name in table]]


def _read_csv(path: Path) -> pd.DataFrame:
    """Read a CSV file as text."""
    table = pd.read_csv(path, dtype="str", encoding="utf-8-sig", skipinitialspace=True)
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError("its rows have more values than its header has names")  # noqa: TRY004  the file is wrong, not a type
    return table[[name for name in COLUMN_NAMES if name in table]]


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
