"""Draws the target tracts as polygons, for platforms that take them: neighbours dissolved into one, GeoJSON and WKT, no more corners than allowed."""

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.cover.covering import Covering, Households, count_places
from geo.crosswalk.overlay import overlay_areas
from geo.crosswalk.table import make_crosswalk
from outreach.errors import GeographyError
from outreach.units import UnitKind, name_unit

#: Coordinates are written with so many decimals of a degree: 0.1 m.
DECIMALS = 6
_FIRST_TOLERANCE_DEGREES = 1e-5
_DOUBLINGS = 12


def cover_with_polygons(
    households: Households, tracts: gpd.GeoDataFrame, max_vertices: int | None = None
) -> Covering:
    """Dissolve neighbouring target tracts into polygons, one place each, the one with the most target households first.

    As long as no corner has to go, coverage and purity are those of the tracts themselves: 100 %
    where tracts are target as a whole. A polygon with more than ``max_vertices`` corners is
    simplified as little as it takes, and then counted by the land that it shares with the tracts
    around.

    Parameters
    ----------
    households
        From :func:`geo.cover.covering.count_households`.
    tracts
        Polygons in EPSG:4326 by ``geoid``, not only of the target tracts.
    max_vertices
        Most corners of one polygon, holes included and the last corner, which repeats the first,
        counted.

    Raises
    ------
    GeographyError
        No target tract has a polygon, or one cannot be drawn with so few corners.
    """
    target = households.table["target_households_count"]
    wanted = tracts.loc[tracts.index.isin(target.index[target > 0])]
    wanted = wanted[wanted.geometry.notna() & ~wanted.geometry.is_empty]
    if wanted.empty:
        raise GeographyError("No target tract has a polygon.", "Give boundaries, or use ZIPs.")
    whole = shapely.make_valid(shapely.union_all(wanted.geometry.to_numpy()))
    shapes = [
        part
        for part in shapely.get_parts(whole, return_index=False)
        if isinstance(part, shapely.Polygon)
    ]
    drawn = gpd.GeoDataFrame(geometry=shapes, crs=tracts.crs)
    members = _join_members(wanted, drawn)
    counts, unreached = count_places(households, members)
    drawn.index = drawn.index.astype("str")
    simple = drawn.geometry.map(lambda shape: _simplify(shape, max_vertices))
    if not simple.geom_equals(drawn.geometry).all():
        changed = gpd.GeoDataFrame(geometry=simple, crs=tracts.crs)
        near = tracts.iloc[
            sorted(set(tracts.sindex.query(changed.geometry, predicate="intersects")[1]))
        ]
        counts, unreached = count_places(
            households, overlay_areas(near, changed, ("tract", "polygon"))
        )
    parts = members[members["weight"] > 0].groupby("target")["source"].agg(["size", "first"])
    places = gpd.GeoDataFrame(
        counts.reindex(drawn.index).fillna(0.0), geometry=simple, crs=tracts.crs
    )
    number, first = (
        parts["size"].reindex(places.index).fillna(0),
        parts["first"].reindex(places.index).fillna(""),
    )
    places.insert(
        0, "label", [_label(int(n), str(geoid)) for n, geoid in zip(number, first, strict=True)]
    )
    places = places.sort_values("target_households_count", ascending=False, kind="stable")
    places.index = pd.Index(
        [name_unit(UnitKind.POLYGON, f"{n:03d}") for n in range(1, len(places) + 1)], name="place"
    )
    paid = float(places["households_count"].sum())
    return Covering(
        UnitKind.POLYGON, "polygons", places, households.target_count, paid, 0.0, unreached
    )


def to_geojson(covering: Covering) -> dict[str, Any]:
    """Return the polygons as a GeoJSON feature collection (RFC 7946): WGS 84, longitude first, outer rings counter-clockwise."""
    features = [
        {
            "type": "Feature",
            "id": place,
            "properties": {
                "name": place,
                "label": row["label"],
                "households_count": round(row["households_count"]),
            },
            "geometry": shapely.geometry.mapping(_write(row["geometry"])),
        }
        for place, row in covering.places.to_dict(orient="index").items()
    ]
    return {"type": "FeatureCollection", "features": features}


def to_wkt(covering: Covering) -> "pd.Series[str]":
    """Return the polygons as WKT by place, longitude first."""
    return covering.places.geometry.map(
        lambda shape: shapely.to_wkt(_write(shape), rounding_precision=DECIMALS)
    )


def _join_members(wanted: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which tract went into which polygon, as a crosswalk; a tract of several parts is split by area."""
    at, of = drawn.sindex.query(wanted.geometry.to_numpy(), predicate="intersects")
    shared = shapely.area(
        shapely.intersection(wanted.geometry.to_numpy()[at], drawn.geometry.to_numpy()[of])
    )
    pairs = pd.DataFrame(
        {"source": wanted.index[at], "target": drawn.index[of].astype("str"), "weight": shared}
    )
    pairs = pairs[pairs["weight"] > 0]
    return make_crosswalk(pairs, "area", "overlay", ("tract", "polygon"), "the dissolved tracts")


def _simplify(shape: shapely.Polygon, max_vertices: int | None) -> shapely.Polygon:
    """Take corners out of a polygon, no more than it takes."""
    if max_vertices is None or shapely.get_num_coordinates(shape) <= max_vertices:
        return shape
    for doubling in range(_DOUBLINGS):
        simple = shapely.simplify(shape, _FIRST_TOLERANCE_DEGREES * 2**doubling)
        if (
            shapely.get_num_coordinates(simple) <= max_vertices
            and simple.is_valid
            and not simple.is_empty
        ):
            return simple
    raise GeographyError(
        f"A polygon of {shapely.get_num_coordinates(shape):,} corners cannot be drawn with {max_vertices:,}.",
        "Allow more corners, or use pins.",
    )


def _label(count: int, first: str) -> str:
    return f"tract {first}" if count == 1 else f"{count} tracts around {first}"


def _write(shape: shapely.Polygon) -> shapely.Polygon:
    """Return a polygon as it is written: rounded, the outer ring counter-clockwise."""
    return shapely.orient_polygons(shapely.set_precision(shape, 10.0**-DECIMALS))
