"""Describe district outlines for the page, and find each tract's district."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from maps.topology import encode_topology
from outreach.tables import DistrictShapes, GeoDataFrame, Tracts

#: A tract lies in a district from this share of its area on; less is a border drawn twice.
_LEAST_PART = 0.1
#: Districts are simplified to about this, in degrees (about 20 m); they are drawn as outlines only.
_TOLERANCE = 2e-4


def describe_districts(
    districts: GeoDataFrame[DistrictShapes], tracts: GeoDataFrame[Tracts]
) -> list[dict[str, Any]]:
    """Describe the outlines of districts, kind by kind.

    Parameters
    ----------
    districts
        ``name``, ``kind``, and geometry, EPSG:4326.
    tracts
        The tracts of the map, EPSG:4326.

    Returns
    -------
    list of dict
        ``kind``, ``names``, ``topology``, and ``homes``: the name of each tract's main district.
    """
    descriptions = []
    for kind, part in districts.groupby("kind", sort=False):
        outlines = part.assign(geometry=part.geometry.make_valid()).dissolve("name", as_index=False)
        descriptions.append(
            {
                "kind": str(kind),
                "names": outlines["name"].astype(str).tolist(),
                "topology": encode_topology(outlines.geometry, _TOLERANCE),
                "homes": _find_districts(tracts, outlines),
            }
        )
    return descriptions


def _find_districts(tracts: GeoDataFrame[Tracts], outlines: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Find the district with most of each tract's area; missing under a tenth of it."""
    areas = shapely.simplify(tracts.geometry.to_numpy(), _TOLERANCE)
    tract, district = outlines.sindex.query(areas, predicate="intersects")
    shapes = shapely.simplify(outlines.geometry.to_numpy(), _TOLERANCE)
    shared = shapely.area(shapely.intersection(areas[tract], shapes[district]))
    pairs = pd.DataFrame(
        {
            "tract": tract,
            "name": outlines["name"].to_numpy()[district],
            "part": shared / shapely.area(areas[tract]),
        }
    )
    most = pairs[pairs["part"] >= _LEAST_PART].sort_values("part")
    names = most.drop_duplicates("tract", keep="last").set_index("tract")["name"]
    return names.reindex(range(len(tracts))).astype("string")
