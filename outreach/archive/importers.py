"""Brings published rates in from files: the Bureau's daily CSV, saved API replies (JSON or CSV), Parquet with the same columns.

A file needs RESP_DATE and CRRALL, and GEO_ID or state, county and tract; CRRINT, DRRALL, DRRINT and
FETCH_DATE (the day of the call) are read where they are there. Codes that lost their leading zeros
on the way through a spreadsheet are padded again.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from outreach.archive.ledger import Archive
from outreach.archive.receipt import Receipt
from outreach.archive.versions import DECIMALS, FIGURES, to_microseconds
from outreach.arrays import Flags, Ints
from outreach.dataset import JAM_CEILING
from outreach.errors import ArchiveError, DataError, OutOfRange

_RATES = dict(zip(("CRRALL", "CRRINT", "DRRALL", "DRRINT"), FIGURES, strict=True))
_PARTS = {"state": 2, "county": 3, "tract": 6}
_WANTED = ("GEO_ID", *_PARTS, "RESP_DATE", "FETCH_DATE", *_RATES)
_TRACT_PREFIX = "1400000US"
_HIGHEST = 100.0
#: A day with its month and date; "2020" alone is none.
_WHOLE_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
#: Published rates have one decimal; a file of figures up to 1 with more is one of shares.
_DECIMAL_SLIP = 0.005
_SUFFIXES = (".csv", ".json", ".parquet")


def import_files(
    paths: Iterable[Path],
    archive: Archive,
    *,
    downloaded_at: dt.datetime | None = None,
    progress: Callable[[Receipt], None] | None = None,
) -> list[Receipt]:
    """Bring files, and the CSV, JSON and Parquet files of folders, into the ledger; what is there already changes nothing.

    Parameters
    ----------
    paths
        Files and folders; a folder is searched to its depths.
    archive
        The ledger.
    downloaded_at
        When the service was asked, for rows without FETCH_DATE; without it the file's modification
        time counts.
    progress
        Called with each file's receipt as soon as it is there.

    Returns
    -------
    list of Receipt
        One a file. A file of a folder that has no columns of rates is passed over, and its receipt
        says so.

    Raises
    ------
    DataError, OutOfRange
        A file's content cannot be right; the message names file, column and value. The files before
        it are kept.
    ArchiveError
        A file cannot be read, or the ledger not be written.
    """
    receipts = []
    for path, named in _find_files(paths):
        receipt = _import_file(path, archive, downloaded_at, named=named)
        receipts.append(receipt)
        if progress is not None:
            progress(receipt)
    return receipts


def _find_files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Yield each file and whether it was named itself, not found in a folder."""
    for path in paths:
        if path.is_dir():
            found = sorted(
                file
                for file in path.rglob("*")
                if file.suffix.lower() in _SUFFIXES and file.is_file()
            )
            if not found:
                raise ArchiveError(
                    f"{path} holds no CSV, JSON or Parquet file.", "Name another folder."
                )
            yield from ((file, False) for file in found)
        elif path.suffix.lower() in _SUFFIXES:
            yield path, True
        else:
            raise ArchiveError(
                f"{path} is no CSV, JSON or Parquet file, and no folder.", "Name another file."
            )


def _import_file(
    path: Path, archive: Archive, downloaded_at: dt.datetime | None, *, named: bool
) -> Receipt:
    """Read, check and record one file."""
    table = _read_table(path)
    lacking = [name for name in ("RESP_DATE", "CRRALL") if name not in table]
    if "GEO_ID" not in table and not set(_PARTS) <= set(table):
        lacking.append("GEO_ID (or state, county and tract)")
    if lacking:
        if named or {"RESP_DATE", "CRRALL"} & set(table):
            raise DataError(
                f"{path} has no column {', '.join(lacking)}.",
                "Import a file with the columns of the Census API.",
            )
        return Receipt(source=str(path), passed_over=f"it has no column {', '.join(lacking)}")
    moment = downloaded_at or dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    versions, left_out = _read_versions(table, moment, str(path))
    _refuse_other_seasons(versions, archive.census_year, str(path))
    return archive.record(versions, str(path), left_out=left_out)


def _read_table(path: Path) -> pd.DataFrame:
    """Return the wanted columns of a file as they stand there."""
    reason = ""
    try:
        if path.suffix.lower() == ".parquet":
            present = set(pq.read_schema(path).names)
            return pd.DataFrame(
                pq.read_table(
                    path, columns=[name for name in _WANTED if name in present]
                ).to_pandas()
            )
        if path.suffix.lower() == ".json":
            answer = json.loads(path.read_text(encoding="utf-8-sig"))
            if not (
                isinstance(answer, list) and answer and all(isinstance(row, list) for row in answer)
            ):
                raise ValueError("it is no list of rows as the service answers")  # noqa: TRY301  told below, like the parser's own
            header, *rows = answer
            table = pd.DataFrame(rows, columns=header)
        else:
            table = pd.read_csv(path, dtype="str", encoding="utf-8-sig", skipinitialspace=True)
            if not isinstance(table.index, pd.RangeIndex):
                raise ValueError("its rows have more values than its header has names")  # noqa: TRY301  told below, like the parser's own
        return table[[name for name in _WANTED if name in table]]
    except OSError as error:
        raise ArchiveError(
            f"Cannot read {path}: {error.strerror or error}.", "Check the path."
        ) from None
    except (ValueError, TypeError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:150] or type(error).__name__
    raise DataError(
        f"{path} cannot be read as {path.suffix[1:].upper()}: {reason}.",
        "Save or download it again.",
    )


def _read_versions(
    table: pd.DataFrame, moment: dt.datetime, origin: str
) -> tuple[pd.DataFrame, int]:
    """Return the tracts' rows as versions, and how many rows were no tracts."""
    geoids, is_tract = _read_geoids(table, origin)
    if not is_tract.all():
        table, geoids = table[is_tract], geoids[is_tract]
    columns: dict[str, Any] = {
        "geoid": geoids,
        "data_date": _read_days(table["RESP_DATE"], geoids, origin),
    }
    columns["downloaded_at"] = (
        _read_days(table["FETCH_DATE"], geoids, origin).astype("int64") * 86_400_000_000
        if "FETCH_DATE" in table
        else np.int64(to_microseconds(moment))
    )
    for code, name in _RATES.items():
        columns[name] = _read_shares(table[code], geoids, origin) if code in table else np.nan
    missing = np.isnan(columns[FIGURES[0]])
    if missing.any():
        raise DataError(
            f"{origin}: CRRALL of tract {_first(geoids, missing)} is missing ({missing.sum():,} such).",
            "Mend the file.",
        )
    return pd.DataFrame(columns), int((~is_tract).sum())


def _refuse_other_seasons(versions: pd.DataFrame, census_year: int, origin: str) -> None:
    """Refuse data dates that cannot be of this census: what the ledger once holds it holds for ever."""
    years = (
        versions["data_date"].to_numpy().astype("datetime64[D]").astype("datetime64[Y]").astype(int)
        + 1970
    )
    strange = (years < census_year) | (years > census_year + 1)
    if strange.any():
        raise OutOfRange(
            f"{origin}: a data date is of {years[strange][0]}, and these are rates of the census of {census_year} ({strange.sum():,} such rows).",
            "Mend RESP_DATE, or name another census with --census-year; nothing of it was kept.",
        )


def _read_geoids(table: pd.DataFrame, origin: str) -> tuple[Ints, Flags]:
    """Return each row's GEOID as a number, and whether the row is a tract; GEO_ID rules, and its parts must not contradict it."""
    names = [name for name in ("GEO_ID", *_PARTS) if name in table]
    codes = table[names].groupby(names, sort=False, dropna=False, observed=True).ngroup().to_numpy()
    _, firsts = np.unique(codes, return_index=True)
    texts = table[names].iloc[firsts].astype("object").map(_clean_code)
    parts = [texts[name].str.zfill(digits) for name, digits in _PARTS.items() if name in texts]
    geoid = reduce(add, parts) if len(parts) == len(_PARTS) else pd.Series("", index=texts.index)
    is_tract = pd.Series(data=True, index=texts.index)
    if "GEO_ID" in texts:
        whole = texts["GEO_ID"].str.removeprefix(_TRACT_PREFIX).str.zfill(11)
        is_tract = texts["GEO_ID"].str.startswith(_TRACT_PREFIX) | texts["GEO_ID"].str.fullmatch(
            r"[0-9]{10,11}"
        )
        contradicted = (geoid != "") & (geoid != whole)
        geoid = whole.mask(contradicted, "")
    wrong = is_tract & ~geoid.str.fullmatch(r"[0-9]{11}")
    if wrong.any():
        row = texts[wrong].iloc[0]
        raise DataError(
            f"{origin}: {', '.join(f'{name} {row[name]!r}' for name in names)} is not the code of a tract ({wrong.sum():,} such).",
            "Import the file as the service gave it.",
        )
    numbers = geoid.where(is_tract, "0").to_numpy().astype(np.int64)
    return numbers[codes], is_tract.to_numpy(dtype=bool)[codes]


def _clean_code(value: object) -> str:
    """Return a code as text; a spreadsheet may have made it a number."""
    return "" if pd.isna(value) else str(value).strip().removesuffix(".0")  # type: ignore[call-overload]


def _read_days(column: pd.Series, geoids: Ints, origin: str) -> Any:
    """Return dates as days since 1970; ISO, or month/day/year as spreadsheets write it."""
    codes, uniques = pd.factorize(column)
    texts = pd.Series(uniques).astype("str").str.strip()
    dates = pd.to_datetime(
        texts.where(texts.str.match(_WHOLE_DAY)), format="ISO8601", errors="coerce"
    )
    dates = dates.fillna(pd.to_datetime(texts, format="%m/%d/%Y", errors="coerce"))
    wrong = (
        dates.isna().to_numpy()[codes] | (codes < 0) if len(uniques) else np.ones(len(codes), bool)
    )
    if wrong.any():
        value = column.iloc[int(wrong.argmax())]
        raise DataError(
            f"{origin}: {column.name} of tract {_first(geoids, wrong)} is not a date: {value!r}.",
            "Mend the file.",
        )
    return dates.to_numpy().astype("datetime64[D]").astype("int32")[codes]


def _read_shares(column: pd.Series, geoids: Ints, origin: str) -> Any:
    """Return per cent as shares 0-1; blanks and jam values are missing."""
    percent = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if not pd.api.types.is_numeric_dtype(column):
        wrong = (
            np.isnan(percent)
            & column.notna().to_numpy()
            & (column.astype("str").str.strip() != "").to_numpy()
        )
        if wrong.any():
            value = column.iloc[int(wrong.argmax())]
            raise DataError(
                f"{origin}: {column.name} of tract {_first(geoids, wrong)} is no number: {value!r}.",
                "Mend the file.",
            )
    percent = np.where(percent <= JAM_CEILING, np.nan, percent)
    known = percent[~np.isnan(percent)]
    if (
        len(known)
        and known.max() <= 1
        and (np.abs(known * 10 - np.round(known * 10)) > 10 * _DECIMAL_SLIP).any()
    ):
        raise OutOfRange(
            f"{origin}: {column.name} has shares (0 to 1, such as {known.max():g}), not per cent (0 to 100).",
            "Import the file as the service gave it; nothing of it was kept.",
        )
    outside = (percent < 0) | (percent > _HIGHEST)
    if outside.any():
        raise OutOfRange(
            f"{origin}: {column.name} of tract {_first(geoids, outside)} is {percent[outside][0]:g}, outside 0 to 100 per cent "
            f"({outside.sum():,} such).",
            "Mend the file or leave it out; nothing of it was kept.",
        )
    return (percent / 100).round(DECIMALS)


def _first(geoids: Ints, mask: Flags) -> str:
    """Return the GEOID of the first row where ``mask`` is true."""
    return f"{geoids[int(mask.argmax())]:011d}"
