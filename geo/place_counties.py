"""List the counties in which places and ZIP areas lie, from the Bureau's national lists.

Sources, both of 2020 and both on the file server:
https://www2.census.gov/geo/docs/reference/codes2020/national_place_by_county2020.txt (every place
with each county that it reaches into), and the relationship file of ZCTAs and tracts
(:data:`geo.crosswalk.sources.ZCTA_RELATIONSHIP`). A ZIP is a set of mail routes, a ZCTA the
Bureau's map of one.
"""

import re

import pandas as pd

from geo.crosswalk.sources import ZCTA_RELATIONSHIP, read_bureau_text
from outreach.transport import FILES_URL
from outreach.user_files.cells import read_numbers

PLACES_BY_COUNTY = f"{FILES_URL}/geo/docs/reference/codes2020/national_place_by_county2020.txt"

#: A county that holds less of a ZCTA's land than this only touches it.
LEAST_SHARE = 0.01

#: What kind of place it is, in small letters at the end of the Bureau's name, as in
#: ``Chicago city`` and ``Athens-Clarke County unified government (balance)``.
_KIND = re.compile(r"(?: [a-z]+)+(?: \(balance\))?$| CDP$| \(balance\)$")


def read_place_counties(content: bytes, origin: str = PLACES_BY_COUNTY) -> pd.DataFrame:
    """Read which counties each place reaches into.

    Parameters
    ----------
    content
        The Bureau's list, fields parted by ``|``.
    origin
        The file's name for messages.

    Returns
    -------
    DataFrame
        Columns ``name`` (``Chicago``, without what kind of place it is) and ``county`` (five
        digits), each pair once, in order.

    Raises
    ------
    GeographyError
        The file is not that list.
    """
    records = read_bureau_text(content, ["STATEFP", "COUNTYFP", "PLACENAME"], origin)
    codes = records["STATEFP"].str.zfill(2) + records["COUNTYFP"].str.zfill(3)
    names = records["PLACENAME"].map(name_place)
    pairs = pd.DataFrame({"name": names, "county": codes})
    pairs = pairs[(pairs["name"] != "") & pairs["county"].str.fullmatch(r"\d{5}")]
    return pairs.drop_duplicates().sort_values(["name", "county"], ignore_index=True)


def name_place(title: str) -> str:
    """Return the name of a place as people say it: ``Oak Park`` for ``Oak Park village``."""
    return _KIND.sub("", title.strip()) or title.strip()


def read_zip_counties(content: bytes, origin: str = ZCTA_RELATIONSHIP) -> pd.DataFrame:
    """Read which counties hold at least :data:`LEAST_SHARE` of each ZCTA's land.

    A ZCTA that is all water counts its water.

    Parameters
    ----------
    content
        The relationship file of ZCTAs and tracts.
    origin
        The file's name for messages.

    Returns
    -------
    DataFrame
        Columns ``zip`` and ``county``, five digits each, each pair once, in order.

    Raises
    ------
    GeographyError
        The file is not that relationship, or an area is no number.
    """
    columns = ["GEOID_ZCTA5_20", "GEOID_TRACT_20", "AREALAND_PART", "AREAWATER_PART"]
    records = read_bureau_text(content, columns, origin)
    records = records[(records["GEOID_ZCTA5_20"] != "") & (records["GEOID_TRACT_20"] != "")]
    parts = pd.DataFrame(
        {
            "zip": records["GEOID_ZCTA5_20"],
            "county": records["GEOID_TRACT_20"].str[:5],
            "land": read_numbers(records["AREALAND_PART"], origin, blank=True, low=0),
            "water": read_numbers(records["AREAWATER_PART"], origin, blank=True, low=0),
        }
    )
    areas = parts.groupby(["zip", "county"], as_index=False)[["land", "water"]].sum()
    totals = areas.groupby("zip")[["land", "water"]].transform("sum")
    dry = totals["land"] > 0
    area, total = (table["land"].where(dry, table["water"]) for table in (areas, totals))
    held = area.to_numpy() >= LEAST_SHARE * total.to_numpy()
    return areas.loc[held, ["zip", "county"]].reset_index(drop=True)
