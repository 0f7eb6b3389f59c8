"""Units: the ZIPs, pins and polygons that were chosen, with shape, arm and budget, for the layer that shows what is bought."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.topology import encode_topology
from outreach.units import UnitKind

_WORDS = {"zip": "ZIPs", "pin": "Pins", "polygon": "Polygons"}
_KM_PER_DEGREE = 111.195  # on a sphere of 6,371 km
#: A tract belongs to the unit that holds more than this share of its area.
_MOST = 0.5


@dataclass(frozen=True)
class Units:
    """Units that are no tracts.

    Parameters
    ----------
    table
        Rows of :class:`outreach.tables.Targets`, first by rank.
    shapes
        A polygon for each, EPSG:4326, circles as many-cornered ones; missing where none is known.
    arms
        By tract: the arm of the unit that holds most of it, missing where none does.
    """

    table: pd.DataFrame
    shapes: gpd.GeoSeries
    arms: "pd.Series[str]"


def gather_units(targets: pd.DataFrame | None, tracts: gpd.GeoDataFrame) -> Units | None:
    """Gather the units of a campaign that are no tracts; ``None`` without any.

    Parameters
    ----------
    targets
        :class:`outreach.tables.Targets`; ZIPs and polygons are drawn where a column ``wkt`` holds
        their outline.
    tracts
        :class:`outreach.tables.Tracts`, EPSG:4326.
    """
    if targets is None or (targets["kind"] == UnitKind.TRACT).all():
        return None
    table = targets[targets["kind"] != UnitKind.TRACT].sort_values("rank", kind="stable")
    spelt = (
        table["wkt"].astype(object)
        if "wkt" in table
        else pd.Series(None, index=table.index, dtype=object)
    )
    drawn = shapely.from_wkt(spelt.where(spelt.notna(), None).to_numpy())
    pins = (table["kind"] == UnitKind.PIN).to_numpy()
    drawn[pins] = _draw_circles(table[pins])
    shapes = gpd.GeoSeries(drawn, index=table.index, crs="EPSG:4326")
    return Units(table, shapes, _find_arms(tracts, shapes, table["arm"]))


def describe_units(units: Units) -> dict[str, Any]:
    """Describe units for the page: what each is, and its shape, circles by centre and radius."""
    table = units.table
    outlines = units.shapes.where(table["kind"] != UnitKind.PIN)
    return {
        "title": name_units(units),
        "labelled": bool((table["kind"] == UnitKind.ZIP).all()),
        "names": table["place"].astype(str).tolist(),
        "arms": table["arm"].tolist(),
        "budgets": table["budget_usd"].round(2).tolist(),
        "homes": table["households_count"].round().fillna(0).astype(int).tolist(),
        "topology": encode_topology(outlines) if outlines.notna().any() else None,
        "circles": [
            [latitude, longitude, radius] if kind == UnitKind.PIN else None
            for kind, latitude, longitude, radius in zip(
                table["kind"],
                *(
                    table[name].astype(float).round(5).tolist()
                    for name in ("latitude", "longitude", "radius_km")
                ),
                strict=True,
            )
        ],
    }


def name_units(units: Units) -> str:
    """Return what the units are, in a word."""
    return " and ".join(_WORDS[kind] for kind in units.table["kind"].unique())


def _draw_circles(pins: pd.DataFrame) -> list[shapely.Polygon]:
    """Draw pins as circles on the ground."""
    turns = np.linspace(0, 2 * np.pi, 49)[:-1]
    circles = []
    for latitude, longitude, radius_km in pins[["latitude", "longitude", "radius_km"]].to_numpy(
        dtype=float
    ):
        reach = radius_km / _KM_PER_DEGREE
        wide = reach / np.cos(np.radians(latitude))
        circles.append(
            shapely.Polygon(
                np.c_[longitude + wide * np.cos(turns), latitude + reach * np.sin(turns)]
            )
        )
    return circles


def _find_arms(
    tracts: gpd.GeoDataFrame, shapes: gpd.GeoSeries, arms: "pd.Series[str]"
) -> "pd.Series[str]":
    """Return for each tract the arm of the unit that holds most of its area."""
    areas = tracts.geometry.to_numpy()
    drawn = shapely.make_valid(shapes.to_numpy())
    tract, unit = gpd.GeoSeries(drawn, crs=shapes.crs).sindex.query(areas, predicate="intersects")
    part = shapely.area(shapely.intersection(areas[tract], drawn[unit])) / shapely.area(
        areas[tract]
    )
    pairs = pd.DataFrame({"tract": tracts.index[tract], "arm": arms.to_numpy()[unit], "part": part})
    most = (
        pairs[pairs["part"] > _MOST]
        .sort_values("part")
        .drop_duplicates("tract", keep="last")
        .set_index("tract")
    )
    return most["arm"].reindex(tracts.index)
