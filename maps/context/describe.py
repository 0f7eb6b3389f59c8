"""Describe the context of a map for its page, within a fixed number of bytes."""

import json
from typing import Any

import geopandas as gpd
import shapely

from maps.context.areas import AreaKind, find_areas, write_areas
from maps.context.grid import Grid, write_lines
from maps.context.inputs import MapContext
from maps.context.names import PRIMARY, list_labels, write_ground_of
from maps.context.streets import index_streets
from outreach.tables import GeoDataFrame, Tracts, as_geo_table

#: What context may add to a page: 0.4 MB for the 1,332 tracts of Cook County, and at least this.
BYTES_PER_TRACT, LEAST_BYTES = 300, 60_000
#: How much of that the street names may take.
_STREETS_SHARE = 0.6
_COUNTY_DIGITS = 5
#: Steps of the grid that are tried, in degrees (5 to 80 m), until the context fits.
_STEPS = (5e-5, 1e-4, 2e-4, 4e-4, 8e-4)


def describe_context(context: MapContext, tracts: GeoDataFrame[Tracts]) -> dict[str, Any] | None:
    """Describe roads, rails, water, parks, areas, names, and streets for the page's scripts.

    Parameters
    ----------
    context
        What lies around the tracts.
    tracts
        The tracts of the map, EPSG:4326.

    Returns
    -------
    dict or None
        ``origin`` and ``step`` of the grid; ``lines`` and ``ground`` by kind, ``areas``,
        ``labels``, and ``streets``. ``None`` if there is nothing to show.
    """
    most = max(LEAST_BYTES, BYTES_PER_TRACT * len(tracts))
    streets = index_streets(context.streets, tracts.index, int(most * _STREETS_SHARE))
    valid = shapely.make_valid(tracts.geometry.to_numpy())
    ground = shapely.simplify(shapely.union_all(valid), _STEPS[0])
    areas = find_areas(context.shapes, ground, valid)
    west, south, _, _ = tracts.total_bounds
    shown: dict[str, Any] = {}
    for step in _STEPS:
        grid = Grid((west, south), step)
        shown = _draw(context.shapes, areas, grid) | {"streets": streets}
        if len(json.dumps(shown, ensure_ascii=False).encode()) <= most:
            break
    is_bare = not (shown["lines"] or shown["ground"] or shown["areas"] or streets["names"])
    return None if is_bare else {"origin": [west, south], "step": step, **shown}


def describe_counties(context: MapContext, tracts: GeoDataFrame[Tracts]) -> dict[str, Any]:
    """Describe the context of each county's own map, where one map of all tracts would be slow.

    Parameters
    ----------
    context
        What lies around all the tracts.
    tracts
        All the tracts, EPSG:4326.

    Returns
    -------
    dict
        ``counties``: by state and county code (five digits) what :func:`describe_context` gives for
        its tracts; counties with nothing around them are left out.
    """
    counties = {}
    for code, own in tracts.groupby(tracts.index.str[:_COUNTY_DIGITS]):
        box = shapely.box(*own.total_bounds)
        shapes = {kind: _cut(table, box) for kind, table in context.shapes.items()}
        near = MapContext(shapes=shapes, streets=context.streets)
        found = describe_context(near, as_geo_table(own, Tracts))
        if found is not None:
            counties[str(code)] = found
    return {"counties": counties}


def _cut(table: gpd.GeoDataFrame, box: shapely.Polygon) -> gpd.GeoDataFrame:
    """Cut shapes at a box."""
    near = table.iloc[table.sindex.query(box, predicate="intersects", sort=True)]
    inside = shapely.clip_by_rect(near.geometry.to_numpy(), *box.bounds)
    cut = near.set_geometry(gpd.GeoSeries(inside, index=near.index, crs=table.crs))
    return cut[~cut.geometry.is_empty].reset_index(drop=True)


def _draw(shapes: dict[str, gpd.GeoDataFrame], areas: list[AreaKind], grid: Grid) -> dict[str, Any]:
    """Write everything on one grid; kinds without anything are left out."""
    lines = {}
    if "roads" in shapes:
        roads = shapes["roads"]
        is_primary = roads["code"] == PRIMARY
        lines["primary"] = write_lines(roads.geometry[is_primary].to_numpy(), grid)
        lines["secondary"] = write_lines(roads.geometry[~is_primary].to_numpy(), grid)
    if "rails" in shapes:
        lines["rails"] = write_lines(shapes["rails"].geometry.to_numpy(), grid)
    grounds = {kind: write_ground_of(shapes, kind, grid) for kind in ("water", "parks")}
    return {
        "lines": {kind: text for kind, text in lines.items() if text},
        "ground": {kind: text for kind, text in grounds.items() if text},
        "areas": write_areas(areas, grid),
        "labels": list_labels(shapes, grid),
    }
