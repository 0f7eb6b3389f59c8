"""Reads crosswalks from files: the Bureau's relationship files, HUD's ZIP file, a user's own table.

Sources: https://www2.census.gov/geo/maps/DC2020/SR20/rr_tract_rel.zip (tracts of 2010 and 2020,
March 2020),
https://www2.census.gov/geo/docs/maps-data/data/rel2020/zcta520/tab20_zcta520_tract20_natl.txt
(ZCTAs and tracts of 2020), HUD-USPS ``TRACT_ZIP_MMYYYY`` (from the user). A ZIP is a set of mail
routes, a ZCTA the Bureau's map of one; ``target_kind`` tells them apart.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from geo.crosswalk.table import make_crosswalk, weigh_by_first
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame
from outreach.transport import FILES_URL

TRACT_RELATIONSHIP = f"{FILES_URL}/geo/maps/DC2020/SR20/rr_tract_rel.zip"
ZCTA_RELATIONSHIP = (
    f"{FILES_URL}/geo/docs/maps-data/data/rel2020/zcta520/tab20_zcta520_tract20_natl.txt"
)

#: A user's weights may miss a sum of 1 by this much through rounding.
_TOLERANCE = 0.01


def read_relationship(
    content: bytes, origin: str = TRACT_RELATIONSHIP
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the relationship file of 2010 and 2020 tracts.

    Parameters
    ----------
    content
        The zip with one delimited text file in it, or that text.
    origin
        The file's name for messages.

    Returns
    -------
    DataFrame, DataFrame
        The crosswalk from 2010 to 2020 tracts, weighted with the share of the 2010 tract's current
        housing units (``HUCURPCT_T10``), and from 2020 to 2010, with ``HUCURPCT_T20``. Where a
        tract has no housing units, land area is weighed, and all area where it has no land;
        ``unit`` says so.
    """
    asked = ["GEOID10", "GEOID20", "HUCURPCT_T10", "HUCURPCT_T20", "AREALANDPT", "AREAPT"]
    return relate_tracts(_read_text(content, asked, origin), origin)


def relate_tracts(
    records: pd.DataFrame, origin: str = TRACT_RELATIONSHIP
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make both crosswalks of :func:`read_relationship` from the file's records, whether figures are text or numbers."""
    codes = records[["GEOID10", "GEOID20"]]
    units = ("housing_units", "land_area", "area")
    both = []
    for source, target, share in (
        ("GEOID10", "GEOID20", "HUCURPCT_T10"),
        ("GEOID20", "GEOID10", "HUCURPCT_T20"),
    ):
        measures = [_numbers(records, column, origin) for column in (share, "AREALANDPT", "AREAPT")]
        weight, unit = weigh_by_first(codes[source], measures, units)
        pairs = pd.DataFrame({"source": codes[source], "target": codes[target], "weight": weight})
        kinds = (f"tract20{source[-2:]}", f"tract20{target[-2:]}")
        both.append(make_crosswalk(pairs, unit, "relationship", kinds, origin))
    return both[0], both[1]


def read_zcta_relationship(content: bytes, origin: str = ZCTA_RELATIONSHIP) -> DataFrame[Crosswalk]:
    """Read the relationship file of ZCTAs and tracts (2020): the crosswalk from tracts to ZCTAs by land area.

    The file has no other weight. Tracts without land are weighed by water; land outside every ZCTA
    has the empty target.
    """
    records = _read_text(
        content, ["GEOID_ZCTA5_20", "GEOID_TRACT_20", "AREALAND_PART", "AREAWATER_PART"], origin
    )
    records = records[records["GEOID_TRACT_20"] != ""]
    measures = [_numbers(records, column, origin) for column in ("AREALAND_PART", "AREAWATER_PART")]
    weight, unit = weigh_by_first(records["GEOID_TRACT_20"], measures, ("land_area", "area"))
    pairs = pd.DataFrame(
        {"source": records["GEOID_TRACT_20"], "target": records["GEOID_ZCTA5_20"], "weight": weight}
    )
    return make_crosswalk(pairs, unit, "relationship", ("tract2020", "zcta"), origin)


def read_hud(path: Path, tract_year: int = 2020) -> DataFrame[Crosswalk]:
    """Read HUD's tract-to-ZIP file (Excel or CSV): the crosswalk from tracts to ZIPs by residential addresses.

    ``RES_RATIO`` is brought to a sum of 1 by tract; a tract without a residential address lies in
    no ZIP (empty target). Leading zeros that a spreadsheet took away are put back.

    Parameters
    ----------
    path
        ``TRACT_ZIP_MMYYYY.xlsx`` or the same as CSV. Not ``ZIP_TRACT``, whose shares are of the
        ZIP.
    tract_year
        Census year of its tracts: 2020 for files from about 2023 on, else 2010.
    """
    origin = str(path)
    records = _read_table(path)
    records.columns = records.columns.str.upper().str.strip()
    _need(records, ["TRACT", "ZIP", "RES_RATIO"], origin)
    tract = _pad(records["TRACT"], 11, origin)
    ratio = _numbers(records, "RES_RATIO", origin, blank=False)
    if (ratio.groupby(tract).sum() > 1 + _TOLERANCE).any():
        raise GeographyError(
            f"{origin}: RES_RATIO adds up to more than 1 within a tract, as in HUD's ZIP-to-tract file.",
            "Download the tract-to-ZIP file (type 6) instead.",
        )
    pairs = pd.DataFrame(
        {"source": tract, "target": _pad(records["ZIP"], 5, origin), "weight": ratio}
    )
    weightless = pairs.groupby("source")["weight"].transform("sum") == 0
    nowhere = pairs.loc[weightless, ["source"]].drop_duplicates().assign(target="", weight=1.0)
    pairs = pd.concat([pairs[~weightless], nowhere])
    return make_crosswalk(
        pairs, "residential_addresses", "hud", (f"tract{tract_year}", "zip"), origin
    )


def read_user_crosswalk(path: Path, unit: str, kinds: tuple[str, str]) -> DataFrame[Crosswalk]:
    """Read a user's table with the columns ``source``, ``target`` and ``weight`` (0-1, the share of the source).

    Sums within 0.01 of 1 are rounding and brought to 1; what is missing beyond that lies in no
    target (empty).

    Parameters
    ----------
    path
        CSV or Excel.
    unit
        What the weights count.
    kinds
        What source and target are, such as ``("tract2010", "ward")``.

    Raises
    ------
    GeographyError
        A column is missing, a weight is no number or negative, or the weights of a source add up to
        more than 1.
    """
    origin = str(path)
    records = _read_table(path)
    records.columns = records.columns.str.lower().str.strip()
    _need(records, ["source", "target", "weight"], origin)
    pairs = records[["source", "target"]].apply(lambda codes: codes.str.strip())
    pairs["weight"] = _numbers(records, "weight", origin, blank=False)
    total = pairs.groupby("source")["weight"].sum()
    if (total > 1 + _TOLERANCE).any():
        worst = total.idxmax()
        raise GeographyError(
            f"{origin}: the weights of {worst} add up to {total[worst]:g}, more than 1.",
            "Weights are shares of the source between 0 and 1, not per cent and not counts.",
        )
    missing = (1.0 - total)[total < 1 - _TOLERANCE]
    nowhere = pairs["target"] == ""
    pairs.loc[nowhere, "weight"] += missing.reindex(
        pairs.loc[nowhere, "source"], fill_value=0.0
    ).to_numpy()
    missing = missing.drop(pairs.loc[nowhere, "source"], errors="ignore")
    rest = pd.DataFrame({"source": missing.index, "target": "", "weight": missing.to_numpy()})
    return make_crosswalk(pd.concat([pairs, rest]), unit, "user", kinds, origin)


def _read_text(content: bytes, columns: list[str], origin: str) -> pd.DataFrame:
    """Read a delimited text, zipped or not, all as text; the delimiter is that of its first line."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith((".txt", ".csv"))]
            if len(names) != 1:
                raise GeographyError(
                    f"{origin} should hold one text file, not {len(names)}.", "Fetch it again."
                )
            content = archive.read(names[0])
    header = content[:2000].decode("utf-8-sig", errors="replace").split("\n", 1)[0]
    delimiter = max("|,\t", key=header.count)
    named = [name.strip().strip('"') for name in header.split(delimiter)]
    missing = [column for column in columns if column not in named]
    if missing:
        raise GeographyError(
            f"{origin} has no column {missing[0]}; it begins {header[:120]!r}.", "Fetch it again."
        )
    try:
        table = pd.read_csv(
            io.BytesIO(content),
            sep=delimiter,
            dtype="str",
            keep_default_na=False,
            encoding="utf-8-sig",
            usecols=lambda name: name.strip() in columns,
        )
    except ValueError as error:
        reason = " ".join(str(error).split())[:200]
    else:
        return table.rename(columns=str.strip)
    raise GeographyError(f"{origin} cannot be read as text: {reason}.", "Fetch it again.")


def _read_table(path: Path) -> pd.DataFrame:
    """Read a user's CSV or Excel sheet, all as text."""
    reason = ""
    try:
        if path.suffix.lower() in {".xlsx", ".xls"}:
            return pd.read_excel(path, dtype="str", keep_default_na=False)
        return pd.read_csv(
            path,
            dtype="str",
            keep_default_na=False,
            encoding="utf-8-sig",
            sep=None,
            engine="python",
        )
    except ImportError:
        reason = "no reader of Excel files is installed"
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())[:200]
    raise GeographyError(
        f"{path} cannot be read: {reason}.", "Save it as CSV (UTF-8) and name that file."
    )


def _need(records: pd.DataFrame, columns: list[str], origin: str) -> None:
    """Refuse a table without one of the columns."""
    for column in columns:
        if column not in records.columns:
            raise GeographyError(
                f"{origin} has no column {column}; it has {', '.join(records.columns)}.", "Add it."
            )


def _numbers(
    records: pd.DataFrame, column: str, origin: str, *, blank: bool = True
) -> "pd.Series[float]":
    """Return a column as numbers of 0 or more; empty text is missing, if ``blank`` allows that, and anything else is refused."""
    figures = pd.to_numeric(records[column], errors="coerce").astype(float)
    written = records[column].notna() & (records[column].astype("str").str.strip() != "")
    wrong = (figures.isna() & (written | (not blank))) | (figures < 0) | np.isinf(figures)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise GeographyError(
            f"{origin}: {column} is {records[column].iloc[row]!r} in data row {row + 1}.",
            "It must be a number of 0 or more.",
        )
    return figures


def _pad(codes: "pd.Series[str]", length: int, origin: str) -> "pd.Series[str]":
    """Give codes back the zeros they lost; refuse what is no code even then."""
    padded = codes.str.strip().str.zfill(length)
    wrong = ~padded.str.fullmatch(rf"\d{{{length}}}")
    if wrong.any():
        raise GeographyError(
            f"{origin}: {codes[wrong].iloc[0]!r} is not a code of {length} digits.",
            "Mend that row.",
        )
    return padded
