"""Read crosswalks of ZIPs from the Bureau or HUD, or a user's table.

Sources: https://www2.census.gov/geo/docs/maps-data/data/rel2020/zcta520/tab20_zcta520_tract20_natl.txt
(ZCTAs and tracts of 2020), HUD-USPS ``TRACT_ZIP_MMYYYY`` (from the user). A ZIP is a set of mail
routes, a ZCTA the Bureau's map of one; ``target_kind`` tells them apart.
"""

from pathlib import Path

import pandas as pd

from geo.crosswalk.table import make_crosswalk, weigh_by_first
from outreach.errors import GeographyError, InputError
from outreach.phrasing import write_count
from outreach.tables import Crosswalk, DataFrame
from outreach.transport import FILES_URL
from outreach.user_files.cells import read_codes, read_numbers, refuse_repeats
from outreach.user_files.container import unpack_content
from outreach.user_files.table import parse_table, read_table

ZCTA_RELATIONSHIP = (
    f"{FILES_URL}/geo/docs/maps-data/data/rel2020/zcta520/tab20_zcta520_tract20_natl.txt"
)

#: Endings of the text inside the Bureau's archives.
_ENDINGS = (".txt", ".csv")
#: A user's weights may miss a sum of 1 by this much because of rounding.
_TOLERANCE = 0.01


def read_zcta_relationship(content: bytes, origin: str = ZCTA_RELATIONSHIP) -> DataFrame[Crosswalk]:
    """Read the 2020 relationship file of ZCTAs and tracts: tracts to ZCTAs by land area.

    The file has no other weight. Tracts without land are weighed by water. Land outside every ZCTA
    has the empty target.
    """
    records = read_bureau_text(
        content, ["GEOID_ZCTA5_20", "GEOID_TRACT_20", "AREALAND_PART", "AREAWATER_PART"], origin
    )
    records = records[records["GEOID_TRACT_20"] != ""]
    measures = [
        read_numbers(records[column], origin, blank=True, low=0)
        for column in ("AREALAND_PART", "AREAWATER_PART")
    ]
    weight, unit = weigh_by_first(records["GEOID_TRACT_20"], measures, ("land_area", "area"))
    pairs = pd.DataFrame(
        {"source": records["GEOID_TRACT_20"], "target": records["GEOID_ZCTA5_20"], "weight": weight}
    )
    return make_crosswalk(pairs, unit, "relationship", ("tract2020", "zcta"), origin)


def read_hud(path: Path, tract_year: int = 2020) -> DataFrame[Crosswalk]:
    """Read HUD's tract-to-ZIP file (Excel or CSV): tracts to ZIPs by residential addresses.

    ``RES_RATIO`` is scaled to a sum of 1 per tract. A tract without a residential address lies in
    no ZIP (empty target). Leading zeros that a spreadsheet dropped are restored.

    Parameters
    ----------
    path
        ``TRACT_ZIP_MMYYYY.xlsx`` or the same as CSV. Not ``ZIP_TRACT``, whose shares are of the
        ZIP.
    tract_year
        Census year of its tracts: 2020 for files from about 2023 on, else 2010.

    Raises
    ------
    InputError
        The file cannot be read as a table, lacks a column or rows, has a pair twice, or holds the
        shares of ZIPs.
    GeographyError
        A ratio is not a number.
    """
    origin = str(path)
    records = read_table(path, "HUD's tract-to-ZIP file", ["TRACT", "ZIP", "RES_RATIO"])

    pairs = pd.DataFrame(
        {
            "source": read_codes(records["TRACT"], 11, origin),
            "target": read_codes(records["ZIP"], 5, origin, lost_zeros=2),
            "weight": read_numbers(records["RES_RATIO"], origin, low=0),
        }
    )
    named = pairs.rename(columns={"source": "TRACT", "target": "ZIP"})
    refuse_repeats(named, ["TRACT", "ZIP"], origin)
    _refuse_zip_shares(pairs, origin)

    # A tract without residential addresses lies in no ZIP.
    weightless = pairs.groupby("source")["weight"].transform("sum") == 0
    nowhere = pairs.loc[weightless, ["source"]].drop_duplicates().assign(target="", weight=1.0)
    pairs = pd.concat([pairs[~weightless], nowhere])
    return make_crosswalk(
        pairs, "residential_addresses", "hud", (f"tract{tract_year}", "zip"), origin
    )


def _refuse_zip_shares(pairs: pd.DataFrame, origin: str) -> None:
    """Refuse ratios that add up to 1 within ZIPs and not within tracts, or that lack rows."""
    by_tract = pairs.groupby("source")["weight"].sum()
    by_zip = pairs.groupby("target")["weight"].sum()
    off_tract, off_zip = (
        (total > _TOLERANCE) & ((total - 1).abs() > 2 * _TOLERANCE) for total in (by_tract, by_zip)
    )
    if (by_tract > 1 + 2 * _TOLERANCE).any():
        reason = "adds up to more than 1 within a tract"
    elif off_tract.mean() > off_zip.mean():
        reason = "adds up to 1 within ZIPs and not within tracts"
    elif off_tract.mean() > _TOLERANCE:
        raise InputError(
            f"{origin}: RES_RATIO adds up to {by_tract[off_tract].iloc[0]:.2f} within tract"
            f" {by_tract.index[off_tract][0]}, not to 1, and so in"
            f" {write_count(int(off_tract.sum()), 'tract')}: rows are missing.",
            "Download the whole file again.",
        )
    else:
        return
    raise InputError(
        f"{origin}: RES_RATIO {reason}, as in HUD's ZIP-to-tract file.",
        "Download the tract-to-ZIP file (type 6) instead.",
    )


def read_user_crosswalk(path: Path, unit: str, kinds: tuple[str, str]) -> DataFrame[Crosswalk]:
    """Read a user's table of ``source``, ``target``, and ``weight`` (0-1, share of the source).

    Sums within 0.01 of 1 are scaled to 1. Anything more that is missing lies in no target (empty).

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
    InputError
        The file cannot be read as a table or lacks a column.
    GeographyError
        A weight is negative or not a number, or the weights of a source add up
        to more than 1.
    """
    origin = str(path)
    records = read_table(path, "a crosswalk", ["source", "target", "weight"])
    pairs = records[["source", "target"]].copy()
    pairs["weight"] = read_numbers(records["weight"], origin, low=0)

    total = pairs.groupby("source")["weight"].sum()
    if (total > 1 + _TOLERANCE).any():
        worst = str(total.idxmax())
        raise GeographyError(
            f"{origin}: the weights of {worst} add up to {total.max():g}, more than 1.",
            "Weights are shares of the source between 0 and 1, not percentages or counts.",
        )

    # What is missing lies in no target; add it to the row that says so, or make one.
    missing = (1.0 - total)[total < 1 - _TOLERANCE]
    nowhere = pairs["target"] == ""
    pairs.loc[nowhere, "weight"] += missing.reindex(
        pairs.loc[nowhere, "source"], fill_value=0.0
    ).to_numpy()
    missing = missing.drop(pairs.loc[nowhere, "source"], errors="ignore")
    rest = pd.DataFrame({"source": missing.index, "target": "", "weight": missing.to_numpy()})
    return make_crosswalk(pd.concat([pairs, rest]), unit, "user", kinds, origin)


def read_bureau_text(content: bytes, columns: list[str], origin: str) -> pd.DataFrame:
    """Read columns of a delimited file of the Bureau, zipped or not, all as text.

    Raises
    ------
    GeographyError
        The file is no table, or lacks a column.
    """
    what = "a relationship file of the Bureau"
    try:
        return parse_table(unpack_content(content, origin, what, _ENDINGS), what, columns)
    except InputError as error:
        raise GeographyError(error.what, "Fetch it again.") from error
