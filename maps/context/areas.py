"""Describe ZIPs, towns, and places that can be found by name: outlines and tracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from maps.context.grid import Grid, write_borders, write_points
from maps.context.inputs import AREAS
from maps.context.numbers import write_numbers
from outreach.arrays import Floats, Ints

#: An area counts from this share of it on; less is a border drawn twice.
_LEAST_PART = 0.02
#: Parts of tracts are written in steps of 1 in this many.
_STEPS = 100
#: A piece of border belongs to the areas whose edge is so near, in degrees (about 10 cm).
_NEAR = 1e-6
#: Where a piece of border is compared with the edges of areas, as parts of its length.
_PROBES = (0.23, 0.5, 0.77)


@dataclass(frozen=True, slots=True)
class AreaKind:
    """The areas of one kind on a map.

    Parameters
    ----------
    kind
        One of :data:`maps.context.inputs.AREAS`.
    names
        In alphabetical order.
    corners
        Southwest and northeast corner of each, EPSG:4326; shape (2 x areas, 2).
    borders
        Lines between areas; neighbors share theirs, so that each is there once.
    edges
        For each area the places of its lines in ``borders``.
    parts
        For each area the places of its tracts, and the part of each tract's area inside it (0-1).
    """

    kind: str
    names: list[str]
    corners: Floats
    borders: NDArray[np.object_]
    edges: list[Ints]
    parts: list[tuple[Ints, Floats]]


def find_areas(
    shapes: dict[str, gpd.GeoDataFrame], ground: shapely.Geometry, tracts: NDArray[np.object_]
) -> list[AreaKind]:
    """Find the areas on a map, kind by kind.

    Parameters
    ----------
    shapes
        By kind, EPSG:4326.
    ground
        The union of the tracts; areas that it hardly touches are left out, others are cut.
    tracts
        Valid polygons of the tracts, EPSG:4326.
    """
    found = []
    for kind in AREAS:
        if kind not in shapes:
            continue
        named = shapes[kind][shapes[kind]["name"] != ""]
        named = named.dissolve("name") if len(named) else named.set_index("name")
        inside = shapely.intersection(named.geometry.to_numpy(), ground)
        whole = shapely.area(named.geometry.to_numpy())
        kept = (shapely.area(inside) >= _LEAST_PART * whole) & (whole > 0)
        if not kept.any():
            continue
        inside = inside[kept]
        borders, edges = _divide_borders(inside)
        found.append(
            AreaKind(
                kind=kind,
                names=pd.Index(named.index[kept]).tolist(),
                corners=shapely.bounds(inside).reshape(-1, 2),
                borders=borders,
                edges=edges,
                parts=_measure_parts(inside, tracts),
            )
        )
    return found


def _divide_borders(areas: NDArray[np.object_]) -> tuple[NDArray[np.object_], list[Ints]]:
    """Cut the edges of areas where they meet, and list which pieces each area has."""
    edges = shapely.boundary(areas)
    borders = shapely.get_parts(shapely.line_merge(shapely.union_all(edges)))
    tree = shapely.STRtree(edges)
    touches = np.ones((len(areas), len(borders)), dtype=bool)
    for probe in _PROBES:
        points = shapely.line_interpolate_point(borders, probe, normalized=True)
        piece, area = tree.query(points, predicate="dwithin", distance=_NEAR)
        near = np.zeros_like(touches)
        near[area, piece] = True
        touches &= near
    return borders, [np.flatnonzero(row) for row in touches]


def _measure_parts(
    areas: NDArray[np.object_], tracts: NDArray[np.object_]
) -> list[tuple[Ints, Floats]]:
    """Measure by area which part of which tract lies in each area."""
    area, tract = shapely.STRtree(tracts).query(areas, predicate="intersects")
    # Most tracts lie wholly inside, which is quicker to see than to measure.
    shapely.prepare(areas)
    part = shapely.covers(areas[area], tracts[tract]).astype(float)
    cut = part == 0
    shared = shapely.intersection(areas[area[cut]], tracts[tract[cut]])
    whole = shapely.area(tracts[tract[cut]])
    part[cut] = np.divide(shapely.area(shared), whole, out=np.zeros(len(whole)), where=whole > 0)
    counts = np.rint(part * _STEPS) >= 1
    return [
        (np.sort(tract[own]), part[own][np.argsort(tract[own])])
        for own in (counts & (area == place) for place in range(len(areas)))
    ]


def write_areas(areas: list[AreaKind], grid: Grid) -> list[dict[str, Any]]:
    """Write areas for the page.

    Returns
    -------
    list of dict
        ``kind``, ``names``, and ``corners``; ``lines``, the borders; ``edges``, for each area the
        number of its lines and their places as differences; ``parts``, for each area the number of
        its tracts, their places as differences, and the hundredths of each that lie outside.
    """
    return [
        {
            "kind": each.kind,
            "names": each.names,
            "corners": write_points(each.corners, grid),
            "lines": write_borders(each.borders, grid),
            "edges": write_numbers(_list_places(each.edges)),
            "parts": write_numbers(_list_parts(each.parts)),
        }
        for each in areas
    ]


def _list_places(edges: list[Ints]) -> Iterator[int]:
    """Yield for each area the number of its lines, then their places as differences."""
    for own in edges:
        yield len(own)
        yield from np.diff(own, prepend=0).tolist()


def _list_parts(parts: list[tuple[Ints, Floats]]) -> Iterator[int]:
    """Yield for each area the number of its tracts, their places, and the hundredths outside."""
    for tracts, inside in parts:
        yield len(tracts)
        yield from np.diff(tracts, prepend=0).tolist()
        yield from (_STEPS - np.rint(inside * _STEPS).astype(int)).tolist()
