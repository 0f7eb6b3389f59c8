"""Describe district outlines for the page, and how much of each tract lies in which."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from maps.topology import encode_topology
from outreach.tables import DistrictShapes, GeoDataFrame, Tracts

#: A tract is named for a district from this share of it on; less is a border drawn twice.
_LEAST_PART = 0.1
#: Districts are simplified to about this, in degrees (about 20 m); they are drawn as outlines only.
_TOLERANCE = 2e-4
#: Shares of tracts are written in steps of 1 in this many.
_WEIGHT_STEPS = 10_000


def describe_districts(
    districts: GeoDataFrame[DistrictShapes],
    tracts: GeoDataFrame[Tracts],
    parts: pd.DataFrame | None = None,
    pages: dict[str, dict[str, str]] | None = None,
) -> list[dict[str, Any]]:
    """Describe the outlines of districts and their parts of tracts, kind by kind.

    Parameters
    ----------
    districts
        ``name``, ``kind``, and geometry, EPSG:4326.
    tracts
        The tracts of the map, EPSG:4326.
    parts
        As :attr:`maps.run.inputs.MapView.parts`; without them, area divides the tracts.
    pages
        By kind and name: the address of a district's page.

    Returns
    -------
    list of dict
        ``kind``, ``names``, ``pages``, ``topology``, ``parts`` (``tracts`` and ``places`` are
        positions, ``weights`` shares of the tract in steps of 1/10,000), ``unit`` (what the weights
        count), and ``homes``: the name of each tract's main district.
    """
    descriptions = []
    for kind, part in districts.groupby("kind", sort=False):
        outlines = part.assign(geometry=part.geometry.make_valid()).dissolve("name", as_index=False)
        names = pd.Index(outlines["name"].astype(str))
        if parts is None:
            shares, unit = _overlay_districts(tracts, outlines), "area"
        else:
            own = parts[parts["kind"] == kind]
            shares = own.assign(tract=tracts.index.get_indexer(pd.Index(own["geoid"])))
            unit = str(own["unit"].mode().iloc[0]) if len(own) else "area"
        descriptions.append(
            {
                "kind": str(kind),
                "names": names.tolist(),
                "pages": [(pages or {}).get(str(kind), {}).get(name, "") for name in names],
                "topology": encode_topology(outlines.geometry, _TOLERANCE),
                "parts": _encode_parts(shares, names),
                "unit": unit,
                "homes": _find_districts(shares, len(tracts)),
            }
        )
    return descriptions


def _overlay_districts(tracts: GeoDataFrame[Tracts], outlines: gpd.GeoDataFrame) -> pd.DataFrame:
    """Measure by area how much of each tract (``tract``, a position) lies in each district."""
    areas = shapely.simplify(tracts.geometry.to_numpy(), _TOLERANCE)
    tract, district = outlines.sindex.query(areas, predicate="intersects")
    shapes = shapely.simplify(outlines.geometry.to_numpy(), _TOLERANCE)
    shared = shapely.area(shapely.intersection(areas[tract], shapes[district]))
    return pd.DataFrame(
        {
            "tract": tract,
            "name": outlines["name"].to_numpy()[district],
            "weight": shared / shapely.area(areas[tract]),
        }
    )


def _encode_parts(shares: pd.DataFrame, names: "pd.Index[str]") -> dict[str, list[int]]:
    """Encode which share of which tract lies in which district, in the order of the districts."""
    known = shares.assign(
        place=names.get_indexer(pd.Index(shares["name"].astype(str))),
        steps=(shares["weight"] * _WEIGHT_STEPS).round().astype(int),
    )
    known = known[(known["tract"] >= 0) & (known["place"] >= 0) & (known["steps"] > 0)]
    known = known.sort_values(["place", "tract"], kind="stable")
    return {
        "tracts": known["tract"].tolist(),
        "places": known["place"].tolist(),
        "weights": known["steps"].tolist(),
    }


def _find_districts(shares: pd.DataFrame, count: int) -> "pd.Series[str]":
    """Find the district with most of each tract; missing under a tenth of it."""
    most = shares[(shares["tract"] >= 0) & (shares["weight"] >= _LEAST_PART)]
    most = most.sort_values("weight", kind="stable")
    names = most.drop_duplicates("tract", keep="last").set_index("tract")["name"]
    return names.reindex(range(count)).astype("string")
