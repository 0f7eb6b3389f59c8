"""Describe the chosen ZIPs, pins, and polygons for the layer that shows them."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.topology import encode_topology
from outreach.catalog import Words
from outreach.tables import DataFrame, GeoDataFrame, Targets, Tracts
from outreach.units import UnitKind

_KM_PER_DEGREE = 111.195  # on a sphere of 6,371 km
#: A tract belongs to the unit that holds more than this share of its area.
_MOST = 0.5


@dataclass(frozen=True)
class MapUnits:
    """Units other than tracts.

    Parameters
    ----------
    table
        Rows of :class:`outreach.tables.Targets`, in order of rank.
    shapes
        A polygon for each, EPSG:4326; circles as polygons with many corners. Missing if the shape
        is not known.
    arms
        By tract: the arm of the unit that holds most of it; missing if none does.
    """

    table: pd.DataFrame
    shapes: gpd.GeoSeries
    arms: "pd.Series[str]"


def gather_units(
    targets: DataFrame[Targets] | None, tracts: GeoDataFrame[Tracts]
) -> MapUnits | None:
    """Gather the units other than tracts; ``None`` if there are none.

    Parameters
    ----------
    targets
        ZIPs and polygons are drawn if a column ``wkt`` has their outline.
    tracts
        The tracts of the map, EPSG:4326.
    """
    if targets is None or (targets["kind"] == UnitKind.TRACT).all():
        return None
    table = targets[targets["kind"] != UnitKind.TRACT].sort_values("rank", kind="stable")
    outlines = (
        table["wkt"].astype(object)
        if "wkt" in table
        else pd.Series(None, index=table.index, dtype=object)
    )
    polygons = shapely.from_wkt(outlines.where(outlines.notna(), None).to_numpy())
    pins = (table["kind"] == UnitKind.PIN).to_numpy()
    polygons[pins] = _draw_circles(table[pins])
    shapes = gpd.GeoSeries(polygons, index=table.index, crs="EPSG:4326")
    return MapUnits(table, shapes, _find_arms(tracts, shapes, table["arm"]))


def describe_units(units: MapUnits) -> dict[str, Any]:
    """Describe units for the page: name, arm, budget, and shape, circles by center and radius."""
    table = units.table
    outlines = units.shapes.where(table["kind"] != UnitKind.PIN)
    return {
        "labelled": bool((table["kind"] == UnitKind.ZIP).all()),
        "names": table["place"].astype(str).tolist(),
        "arms": table["arm"].tolist(),
        "budgets": table["budget_usd"].round(2).tolist(),
        "homes": table["households_count"].round().fillna(0).astype(int).tolist(),
        "topology": encode_topology(outlines) if outlines.notna().any() else None,
        "circles": _list_circles(table),
    }


def name_units(units: MapUnits, words: Words) -> str:
    """Name what the units are."""
    return words.join([words.say(f"map.units.{kind}") for kind in units.table["kind"].unique()])


def _list_circles(table: pd.DataFrame) -> list[list[float] | None]:
    """Return latitude, longitude, and radius (km) of each pin; ``None`` for other units."""
    figures = table[["latitude", "longitude", "radius_km"]].astype(float).round(5)
    pins = (table["kind"] == UnitKind.PIN).tolist()
    return [
        circle if is_pin else None
        for is_pin, circle in zip(pins, figures.to_numpy().tolist(), strict=True)
    ]


def _draw_circles(pins: pd.DataFrame) -> list[shapely.Polygon]:
    """Draw pins as circles."""
    turns = np.linspace(0, 2 * np.pi, 49)[:-1]
    circles = []
    for latitude, longitude, radius_km in pins[["latitude", "longitude", "radius_km"]].to_numpy(
        dtype=float
    ):
        height = radius_km / _KM_PER_DEGREE
        width = height / np.cos(np.radians(latitude))
        ring = np.c_[longitude + width * np.cos(turns), latitude + height * np.sin(turns)]
        circles.append(shapely.Polygon(ring))
    return circles


def _find_arms(
    tracts: GeoDataFrame[Tracts], shapes: gpd.GeoSeries, arms: "pd.Series[str]"
) -> "pd.Series[str]":
    """Find for each tract the arm of the unit that holds most of its area."""
    areas = tracts.geometry.to_numpy()
    ground = shapely.make_valid(shapes.to_numpy())
    tract, unit = gpd.GeoSeries(ground, crs=shapes.crs).sindex.query(areas, predicate="intersects")
    shared = shapely.area(shapely.intersection(areas[tract], ground[unit]))
    part = shared / shapely.area(areas[tract])
    pairs = pd.DataFrame({"tract": tracts.index[tract], "arm": arms.to_numpy()[unit], "part": part})
    most = pairs[pairs["part"] > _MOST].sort_values("part").drop_duplicates("tract", keep="last")
    return most.set_index("tract")["arm"].reindex(tracts.index)
