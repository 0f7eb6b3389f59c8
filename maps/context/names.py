"""List the names on a map, and the areas that can be found by name."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.context.grid import Grid, write_ground, write_lines, write_points
from maps.context.inputs import AREAS
from outreach.spatial import center_projection

#: How many names of each kind a map carries, the largest first.
MOST_NAMES = {"place": 200, "water": 40, "parks": 80, "roads": 60}
#: An area counts from this share of it on; less is a border drawn twice.
_LEAST_PART = 0.02
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


def list_areas(
    shapes: dict[str, gpd.GeoDataFrame], ground: shapely.Geometry, grid: Grid
) -> list[dict[str, Any]]:
    """List the areas that can be found by name, kind by kind.

    Parameters
    ----------
    shapes
        By kind.
    ground
        The union of the tracts; areas that it hardly touches are left out, others are cut.
    grid
        Where points lie.

    Returns
    -------
    list of dict
        ``kind``, ``names``, ``corners`` (southwest and northeast corner of each), and ``lines``,
        their outlines.
    """
    areas = []
    for kind in AREAS:
        if kind not in shapes:
            continue
        named = shapes[kind][shapes[kind]["name"] != ""]
        named = named.dissolve("name") if len(named) else named.set_index("name")
        inside = shapely.intersection(named.geometry.to_numpy(), ground)
        whole = shapely.area(named.geometry.to_numpy())
        kept = shapely.area(inside) >= _LEAST_PART * whole
        kept &= whole > 0
        if not kept.any():
            continue
        names = pd.Index(named.index[kept])
        corners = shapely.bounds(inside[kept]).reshape(-1, 2)
        areas.append(
            {
                "kind": kind,
                "names": names.tolist(),
                "corners": write_points(corners, grid),
                # Neighbors share their border; united, it is drawn once.
                "lines": write_lines(
                    shapely.get_parts([shapely.union_all(shapely.boundary(inside[kept]))]), grid
                ),
            }
        )
    return areas


def write_ground_of(shapes: dict[str, gpd.GeoDataFrame], kind: str, grid: Grid) -> str:
    """Write the ground of one kind, such as water or parks."""
    return write_ground(shapes[kind].geometry.to_numpy(), grid) if kind in shapes else ""
