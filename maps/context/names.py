"""List the names to write on a map, the largest first."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from maps.context.grid import Grid, write_ground, write_points
from outreach.spatial import center_projection

#: How many names of each kind a map carries, the largest first.
MOST_NAMES = {"place": 200, "water": 40, "parks": 80, "landmarks": 160, "roads": 60}
#: The Bureau's class of primary roads.
PRIMARY = "S1100"


def list_labels(shapes: dict[str, gpd.GeoDataFrame], grid: Grid) -> list[dict[str, Any]]:
    """List names to write on the map, kind by kind, the largest of each first.

    Returns
    -------
    list of dict
        ``kind``, ``names``, and ``points``, a point inside each.
    """
    labels = []
    for kind, most in MOST_NAMES.items():
        if kind not in shapes:
            continue
        named = shapes[kind][shapes[kind]["name"] != ""]
        if kind == "roads":
            named = named[named["code"] == PRIMARY]
        if named.empty:
            continue
        largest = _order_by_size(named).head(most)
        points = shapely.get_coordinates([_find_middle(each) for each in largest.geometry])
        labels.append(
            {"kind": kind, "names": largest.index.tolist(), "points": write_points(points, grid)}
        )
    return labels


def _order_by_size(named: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Unite what has the same name, and order it by size on the ground, the largest first."""
    united = named[["name", "geometry"]].dissolve("name").geometry
    flat = united.to_crs(center_projection(united))
    size = flat.area.where(flat.area > 0, flat.length)
    return united.loc[size.sort_values(ascending=False, kind="stable").index]


def _find_middle(shape: shapely.Geometry) -> shapely.Point:
    """Return a point inside the largest part, on it for a line."""
    parts = shapely.get_parts(
        shapely.line_merge(shape) if shapely.get_dimensions(shape) == 1 else shape
    )
    if shapely.get_dimensions(shape) == 1:
        longest = parts[np.argmax(shapely.length(parts))]
        return shapely.line_interpolate_point(longest, 0.5, normalized=True)
    return shapely.point_on_surface(parts[np.argmax(shapely.area(parts))])


def write_ground_of(shapes: dict[str, gpd.GeoDataFrame], kind: str, grid: Grid) -> str:
    """Write the ground of one kind, such as water or parks."""
    return write_ground(shapes[kind].geometry.to_numpy(), grid) if kind in shapes else ""
