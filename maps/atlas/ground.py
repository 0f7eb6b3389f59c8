"""Encode the polygons of an atlas page, as fine as its map needs."""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from maps.topology import encode_topology

#: The letters of Base64, and the largest number that fits into one letter with none to follow.
VLQ_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VLQ_LAST = 31

#: Borders are simplified to the size of the map divided by this: less than a pixel at first.
_DETAIL = 2300
_GRID_OF_TOLERANCE = 0.25
#: Islands smaller than the square of this many tolerances are left out, unless there is nothing
#: else.
_ISLAND = 2


def encode_ground(shapes: gpd.GeoSeries) -> dict[str, Any]:
    """Encode polygons for the page, one per row of its table; missing ones are empty."""
    west, south, east, north = shapes.total_bounds
    tolerance = float(max(east - west, north - south)) / _DETAIL
    solid = _drop_islands(shapes, (_ISLAND * tolerance) ** 2)
    encoded = encode_topology(solid, tolerance, tolerance * _GRID_OF_TOLERANCE)
    texts = {name: encode_numbers(encoded[name]) for name in ("lengths", "points")}
    return {name: encoded[name] for name in ("scale", "origin", "shapes")} | texts


def encode_numbers(numbers: Iterable[int]) -> str:
    """Write whole numbers as text, small ones in one letter each.

    The code is Base64 VLQ as in source maps: sign in the lowest bit, five bits per letter.
    """
    letters = []
    for number in numbers:
        rest = (-number << 1) | 1 if number < 0 else number << 1
        while rest > _VLQ_LAST:
            letters.append(VLQ_LETTERS[(rest & _VLQ_LAST) | (_VLQ_LAST + 1)])
            rest >>= 5
        letters.append(VLQ_LETTERS[rest])
    return "".join(letters)


def _drop_islands(shapes: gpd.GeoSeries, least: float) -> gpd.GeoSeries:
    """Leave out parts smaller than ``least``, but never the largest part of a shape."""
    parts, places = shapely.get_parts(shapes.to_numpy(), return_index=True)
    areas = shapely.area(parts)
    largest = np.zeros(len(shapes))
    np.maximum.at(largest, places, areas)
    large = (areas >= least) | (areas == largest[places])
    solid = np.full(len(shapes), None, dtype=object)
    numbers, starts = np.unique(places[large], return_index=True)
    for place, group in zip(numbers, np.split(parts[large], starts[1:]), strict=True):
        solid[place] = group[0] if len(group) == 1 else shapely.multipolygons(group)
    return gpd.GeoSeries(solid, index=shapes.index)
