"""Encode polygons compactly: simplified together, each shared border stored once."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from topojson.core.topology import Topology

#: Borders are simplified to about this, in degrees: triangles smaller than its square vanish (about
#: 5 m squared).
TOLERANCE_DEGREES = 5e-5

#: Coordinates are rounded to a grid of this step, in degrees (about 1 m).
GRID_DEGREES = 1e-5
_HALF_TURN = 180


def encode_topology(
    shapes: gpd.GeoSeries, tolerance: float = TOLERANCE_DEGREES, grid: float = GRID_DEGREES
) -> dict[str, Any]:
    """Simplify polygons together and encode them as a topology.

    Parameters
    ----------
    shapes
        Polygons or multipolygons, EPSG:4326, that share vertices where they meet. Empty or missing
        ones get no rings. Those on both sides of the date line are drawn beside one another, east
        of 180 degrees.
    tolerance
        Degrees, as in ``shapely.coverage_simplify``.
    grid
        Step of the coordinate grid, degrees.

    Returns
    -------
    dict
        ``scale`` and ``origin`` of the grid (longitude, latitude), ``lengths`` (points of each
        arc), ``points`` (x, y of each arc's first point, then differences), ``shapes`` (for each
        polygon its parts, for each part its rings, for each ring its arcs; ``~i`` is arc ``i``
        reversed, as in TopoJSON), ``centers`` (x and y of a point inside each, ``None`` where
        there is no ring).
    """
    joined = join_dateline(shapes)
    valid = shapely.make_valid(joined.to_numpy(), method="structure", keep_collapsed=False)
    places = np.flatnonzero(shapely.area(valid) > 0)
    simple = shapely.coverage_simplify(valid[places], tolerance)
    solid = gpd.GeoSeries(simple, crs="EPSG:4326")
    west, south, east, north = solid.total_bounds
    steps = int(np.ceil(max(east - west, north - south) / grid)) + 1
    packed = Topology(solid, prequantize=steps, shared_coords=True).output
    scale, origin = packed["transform"]["scale"], packed["transform"]["translate"]
    parts: list[list[Any]] = [[] for _ in shapes]
    for place, geometry in zip(places, packed["objects"]["data"]["geometries"], strict=True):
        parts[place] = (
            geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        )
    centers: list[list[int] | None] = [None for _ in shapes]
    inside = shapely.get_coordinates(shapely.point_on_surface(simple))
    for place, center in zip(
        places, np.rint((inside - origin) / scale).astype(int).tolist(), strict=True
    ):
        centers[place] = center
    return {
        "scale": scale,
        "origin": origin,
        "lengths": [len(arc) for arc in packed["arcs"]],
        "points": [number for arc in packed["arcs"] for point in arc for number in point],
        "shapes": parts,
        "centers": centers,
    }


def join_dateline(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Move shapes across the date line east of 180 degrees if they lie on both sides of it.

    The Aleutian Islands do.
    """
    west, _, east, _ = shapes.total_bounds
    if east - west <= _HALF_TURN:
        return shapes
    moved = shapely.transform(
        shapes.to_numpy(),
        lambda at: np.column_stack([np.where(at[:, 0] < 0, at[:, 0] + 360, at[:, 0]), at[:, 1]]),
    )
    return gpd.GeoSeries(moved, index=shapes.index, crs=shapes.crs)
