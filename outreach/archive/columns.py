"""Read the Bureau's columns of rates, whether text or numbers.

Codes that lost their leading zeros in a spreadsheet are padded again.
"""

import datetime as dt
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pandas as pd

from outreach.archive.versions import DECIMALS, FIGURES, to_microseconds
from outreach.arrays import Flags, Ints
from outreach.dataset import JAM_CEILING
from outreach.errors import DataError, InputError, OutOfRange
from outreach.user_files.cells import BLANKS, parse_days, read_tract_codes, refuse_rounded
from outreach.user_files.table import strip_guards

#: The API's names of the figures, and ours.
_RATES = dict(zip(("CRRALL", "CRRINT", "DRRALL", "DRRINT"), FIGURES, strict=True))
#: The parts of a GEOID and their digits.
GEOID_PARTS = {"state": 2, "county": 3, "tract": 6}
COLUMN_NAMES = ("GEO_ID", *GEOID_PARTS, "RESP_DATE", "FETCH_DATE", *_RATES)

#: A tract's GEO_ID: the summary level, parts that are 0, and the code. Some portals cut the zeros.
_TRACT_GEO_ID = r"140[0-9A-Z]{2,6}US(?P<code>[0-9]*)"
#: GEO_IDs of other levels, and bare codes of states, counties, block groups, and blocks.
_OTHER_GEO_ID = r"[0-9]{3}[0-9A-Z]{2,6}US[0-9A-Z]*|[0-9]{0,8}|[0-9]{12,15}"
_HIGHEST = 100.0
_MICROSECONDS_PER_DAY = 86_400_000_000
#: Published rates have one decimal. Figures up to 1 with more decimals are shares.
_DECIMAL_TOLERANCE = 0.05


def read_versions(
    table: pd.DataFrame, moment: dt.datetime, origin: str
) -> tuple[pd.DataFrame, int]:
    """Return the rows of tracts as versions, and the number of rows that are not tracts.

    Parameters
    ----------
    table
        Columns of :data:`COLUMN_NAMES`, at least GEO_ID or its parts, RESP_DATE, and CRRALL.
    moment
        When the service answered, for a table without FETCH_DATE.
    origin
        The file, for messages.

    Raises
    ------
    DataError
        A code, date, or figure cannot be read, or CRRALL is missing.
    OutOfRange
        A figure is not a percentage from 0 to 100.
    """
    geoids, is_tract = _read_geoids(table, origin)
    if not is_tract.all():
        table, geoids = table[is_tract], geoids[is_tract]

    columns: dict[str, Any] = {
        "geoid": geoids,
        "data_date": _read_days(table["RESP_DATE"], geoids, origin),
        "downloaded_at": np.int64(to_microseconds(moment)),
    }
    if "FETCH_DATE" in table:
        days = _read_days(table["FETCH_DATE"], geoids, origin).astype("int64")
        columns["downloaded_at"] = days * _MICROSECONDS_PER_DAY
    for code, name in _RATES.items():
        columns[name] = _read_shares(table[code], geoids, origin) if code in table else np.nan

    missing = np.isnan(columns[FIGURES[0]])
    if missing.any():
        raise DataError(
            f"{origin}: CRRALL of tract {_find_first(geoids, missing)} is missing"
            f" ({missing.sum():,} such rows).",
            "Fix the file.",
        )
    return pd.DataFrame(columns), int((~is_tract).sum())


def _read_geoids(table: pd.DataFrame, origin: str) -> tuple[Ints, Flags]:
    """Return each row's GEOID as a number, and whether the row is a tract.

    GEO_ID decides, and its parts must agree with it.
    """
    # A file repeats its codes for every date, so look at each distinct code once.
    names = [name for name in ("GEO_ID", *GEOID_PARTS) if name in table]
    groups = (
        table[names].groupby(names, sort=False, dropna=False, observed=True).ngroup().to_numpy()
    )
    _, firsts = np.unique(groups, return_index=True)
    texts = table[names].iloc[firsts].astype("object").map(_clean_code).astype("str")
    texts = texts.apply(strip_guards).reset_index(drop=True)
    for name in names:
        refuse_rounded(texts[name], origin)

    if "GEO_ID" in texts:
        texts["GEO_ID"] = texts["GEO_ID"].str.removesuffix(".0")
        geoid, is_tract = _join_geo_ids(texts, origin)
    else:
        # A row without a tract is one of a county or a state.
        is_tract = texts["tract"] != ""
        inside = texts[is_tract]
        tracts = read_tract_codes(inside["tract"], origin)
        geoid = _join_parts(inside.assign(tract=tracts)).reindex(texts.index, fill_value="")

    wrong = is_tract & ~geoid.str.fullmatch(r"[0-9]{11}")
    if wrong.any():
        row = texts[wrong].iloc[0]
        codes = ", ".join(f"{name} {row[name]!r}" for name in names)
        raise DataError(
            f"{origin}: {codes} is not the code of a tract ({wrong.sum():,} such codes).",
            "Import the file as the service published it.",
        )
    numbers = geoid.where(is_tract, "0").to_numpy().astype(np.int64)
    return numbers[groups], is_tract.to_numpy(dtype=bool)[groups]


def _join_geo_ids(texts: pd.DataFrame, origin: str) -> "tuple[pd.Series[str], pd.Series[bool]]":
    """Return the codes of GEO_ID, empty where the parts contradict it, and which are tracts."""
    bare = texts["GEO_ID"].str.fullmatch(r"[0-9]{10,11}")
    code = texts["GEO_ID"].str.extract(rf"^{_TRACT_GEO_ID}$")["code"]
    is_tract = bare | code.notna()
    unknown = ~is_tract & ~texts["GEO_ID"].str.fullmatch(_OTHER_GEO_ID)
    if unknown.any():
        raise InputError(
            f"{origin}: GEO_ID {texts['GEO_ID'][unknown].iloc[0]!r} is no code of the Bureau"
            f" ({unknown.sum():,} such codes).",
            "Import the file as the service published it.",
        )
    whole = code.fillna(texts["GEO_ID"]).str.zfill(11)
    if not set(GEOID_PARTS) <= set(texts):
        return whole, is_tract
    contradicted = is_tract & (whole != _join_parts(texts))
    return whole.mask(contradicted, ""), is_tract


def _join_parts(texts: pd.DataFrame) -> "pd.Series[str]":
    """Join state, county, and tract, each padded to its length; ``1.0`` is 1."""
    bare = {name: texts[name].str.removesuffix(".0") for name in GEOID_PARTS}
    return reduce(add, (bare[name].str.zfill(digits) for name, digits in GEOID_PARTS.items()))


def _clean_code(value: object) -> str:
    """Return a code as text; a spreadsheet may have turned it into a number."""
    text = "" if pd.isna(value) else str(value).strip()  # type: ignore[call-overload]
    return "" if text in BLANKS else text


def _read_days(column: pd.Series, geoids: Ints, origin: str) -> Any:
    """Return dates as days since 1970: the calendar day that is written, whatever follows it."""
    codes, uniques = pd.factorize(column)
    dates = parse_days(pd.Series(uniques).astype("str").str.strip())

    wrong = (
        dates.isna().to_numpy()[codes] | (codes < 0) if len(uniques) else np.ones(len(codes), bool)
    )
    if wrong.any():
        value = column.iloc[int(wrong.argmax())]
        raise DataError(
            f"{origin}: {column.name} of tract {_find_first(geoids, wrong)} is not a date:"
            f" {value!r}.",
            "Fix the file.",
        )
    return dates.to_numpy().astype("datetime64[D]").astype("int32")[codes]


def _read_shares(column: pd.Series, geoids: Ints, origin: str) -> Any:
    """Return percentages as shares 0-1; blanks and jam values are missing."""
    percent = pd.to_numeric(column, errors="coerce").to_numpy(dtype="float64", na_value=np.nan)
    if not pd.api.types.is_numeric_dtype(column):
        _refuse_words(column, np.isnan(percent), geoids, origin)
    percent = np.where(percent <= JAM_CEILING, np.nan, percent)
    _refuse_shares(percent, str(column.name), origin)

    outside = (percent < 0) | (percent > _HIGHEST)
    if outside.any():
        raise OutOfRange(
            f"{origin}: {column.name} of tract {_find_first(geoids, outside)} is"
            f" {percent[outside][0]:g}, outside 0% to 100% ({outside.sum():,} such rows).",
            "Fix the file or leave it out. Nothing was stored.",
        )
    return (percent / 100).round(DECIMALS)


def _refuse_words(column: pd.Series, missing: Flags, geoids: Ints, origin: str) -> None:
    """Refuse text that is neither a number nor blank."""
    filled = column.notna().to_numpy() & ~column.astype("str").str.strip().isin(BLANKS).to_numpy()
    wrong = missing & filled
    if wrong.any():
        value = column.iloc[int(wrong.argmax())]
        raise DataError(
            f"{origin}: {column.name} of tract {_find_first(geoids, wrong)} is not a number:"
            f" {value!r}.",
            "Fix the file.",
        )


def _refuse_shares(percent: Any, name: str, origin: str) -> None:
    """Refuse a column that is in shares 0-1 instead of percentages."""
    figures = percent[~np.isnan(percent)]
    if not len(figures) or figures.max() > 1:
        return
    if (np.abs(figures * 10 - np.round(figures * 10)) > _DECIMAL_TOLERANCE).any():
        raise OutOfRange(
            f"{origin}: {name} has shares (0 to 1, such as {figures.max():g}), not percentages"
            " (0 to 100).",
            "Import the file as the service published it. Nothing was stored.",
        )


def _find_first(geoids: Ints, mask: Flags) -> str:
    """Return the GEOID of the first row where the mask is true."""
    return f"{geoids[int(mask.argmax())]:011d}"
