"""Assign points to census blocks, with the chance that each lies across a border."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.stats import norm

from outreach.arrays import Flags, Floats, Ints
from outreach.errors import InputError
from outreach.phrasing import write_count, write_percent
from outreach.spatial import center_projection

#: A border farther away than so many standard deviations is not crossed.
_REACH = 2.5
#: A file with fewer of its places inside than this is of another area.
_LEAST_INSIDE = 0.01
_WGS84 = "EPSG:4326"


@dataclass(frozen=True)
class PlacedHomes:
    """Homes by block.

    Attributes
    ----------
    table
        Index: the block's code. ``points_count``, homes at points in the block; ``homes_count``,
        expected from the chances that points lie across borders; ``place_variance`` of that count
        if points err alone, and ``place_spread_count``, its standard deviation if they err
        together.
    inside
        For each place, whether it lies in a block.
    """

    table: pd.DataFrame
    inside: Flags


def place_homes(
    longitude: Floats,
    latitude: Floats,
    homes: Floats,
    blocks: gpd.GeoDataFrame,
    location_error_m: float,
    origin: str,
) -> PlacedHomes:
    """Count homes by block.

    A point near a border lies in its own block with the chance that its error does not carry it
    over the border, and in the blocks across it with the rest. Errors are normal, alike in all
    directions.

    Parameters
    ----------
    longitude, latitude
        Degrees, WGS 84; shape (places,).
    homes
        Homes at each place.
    blocks
        Polygons by block code, EPSG:4326.
    location_error_m
        One standard deviation of a point's error, meters; above 0.
    origin
        The file, for messages.

    Raises
    ------
    InputError
        No place lies in the blocks; the sentence says so where longitude and latitude were swapped
        or a sign is missing.
    """
    projection = center_projection(blocks.geometry)
    ground = blocks.geometry.to_crs(projection).to_numpy()
    _refuse_elsewhere(longitude, latitude, blocks, origin)
    points = gpd.GeoSeries.from_xy(longitude, latitude, crs=_WGS84).to_crs(projection).to_numpy()

    # Blocks look for their points: a prepared polygon does that many times faster than a point.
    tree = shapely.STRtree(points)
    own = np.full(len(points), -1)
    block, place = tree.query(ground, predicate="intersects")
    own[place[::-1]] = block[::-1]  # a point on a border goes to the first block
    inside = own >= 0
    if inside.mean() < _LEAST_INSIDE:
        raise InputError(
            f"{origin}: {write_count(int(inside.sum()), 'place')} of {len(points):,}"
            f" ({write_percent(float(inside.mean()), 1)}) lie in the county.",
            "Name the county of the addresses.",
        )

    # Only points with another block in reach can lie across a border.
    reach = _REACH * location_error_m
    block, place = tree.query(ground, predicate="dwithin", distance=reach)
    other = inside[place] & (block != own[place])
    place, block = place[other], block[other]
    return _sum_homes(points, ground, own, homes, (place, block), location_error_m, blocks.index)


def _sum_homes(
    points: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    ground: "np.ndarray[tuple[int], np.dtype[np.object_]]",
    own: Ints,
    homes: Floats,
    pairs: tuple[Ints, Ints],
    error_m: float,
    codes: pd.Index,
) -> PlacedHomes:
    """Sum homes over blocks by the chances of each pair of a point and a block."""
    place, block = pairs
    near = np.unique(place)
    edge = shapely.boundary(ground)

    # The chance of staying, and how the rest is divided among the blocks across.
    stays = np.ones(len(points))
    to_edge = shapely.distance(points[near], edge[own[near]])
    stays[near] = norm.cdf(to_edge / error_m)
    pull = norm.sf(shapely.distance(points[place], ground[block]) / error_m)
    total = np.bincount(place, weights=pull, minlength=len(points))
    crosses = (1 - stays[place]) * pull / np.where(total[place] > 0, total[place], 1)

    inside = own >= 0
    rows = np.concatenate([own[inside], block])
    chance = np.concatenate([stays[inside], crosses])
    weight = np.concatenate([homes[inside], homes[place]])
    spread = np.sqrt(chance * (1 - chance))
    size = len(codes)
    table = pd.DataFrame(
        {
            "points_count": np.bincount(own[inside], weights=homes[inside], minlength=size),
            "homes_count": np.bincount(rows, weights=weight * chance, minlength=size),
            "place_variance": np.bincount(rows, weights=(weight * spread) ** 2, minlength=size),
            "place_spread_count": np.bincount(rows, weights=weight * spread, minlength=size),
        },
        index=codes,
    )
    return PlacedHomes(table, inside)


def _refuse_elsewhere(
    longitude: Floats, latitude: Floats, blocks: gpd.GeoDataFrame, origin: str
) -> None:
    """Refuse places that are all outside the county, and say what would bring them in."""
    west, south, east, north = blocks.total_bounds

    def count_inside(x: Floats, y: Floats) -> int:
        return int(((x >= west) & (x <= east) & (y >= south) & (y <= north)).sum())

    if count_inside(longitude, latitude) >= _LEAST_INSIDE * len(longitude):
        return
    # Tenths of a degree say what is wrong, and nobody's home.
    example = f"the first is near {longitude[0]:.1f}, {latitude[0]:.1f}"
    if count_inside(latitude, longitude) > len(longitude) / 2:
        raise InputError(
            f"{origin}: longitude and latitude are swapped ({example}).",
            "Exchange the two columns, or name them with --longitude and --latitude.",
        )
    if count_inside(-longitude, latitude) > len(longitude) / 2:
        raise InputError(
            f"{origin}: longitudes have lost their sign ({example}).",
            "Longitudes west of Greenwich are negative: correct the file.",
        )
    raise InputError(
        f"{origin}: no place is near the county, which reaches from {west:.2f} to {east:.2f} and"
        f" from {south:.2f} to {north:.2f}; {example}.",
        "Name the county of the addresses with --county, or correct the coordinates.",
    )
