"""Build crosswalks from geometry: census blocks, or an overlay of polygons."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crosswalk.table import make_crosswalk, weigh_by_first
from outreach.arrays import Floats
from outreach.errors import GeographyError
from outreach.spatial import center_projection
from outreach.tables import Crosswalk, DataFrame, GeoDataFrame, Targets

#: A smaller part of an area is a border drawn twice, not ground.
_SLIVER = 1e-6
_M2_PER_KM2 = 1e6


def weigh_blocks(
    blocks: pd.DataFrame,
    targets: "pd.Series[str]",
    target_kind: str,
    count: str = "housing_units_count",
) -> DataFrame[Crosswalk]:
    """Add up blocks: the crosswalk from 2020 tracts to whatever each block was assigned to.

    A tract whose blocks hold no units is weighed by the blocks' land, and by their number if there
    is no land.

    Parameters
    ----------
    blocks
        Indexed by 15-digit block code, whose first 11 digits are the tract; columns ``count`` and
        ``land_km2``.
    targets
        The target of each block, empty for none, from :func:`place_blocks` or a block relationship
        file.
    target_kind
        What the targets are.
    count
        The column to add up: ``housing_units_count`` or ``population_count``.
    """
    parts = pd.DataFrame(
        {
            "source": blocks.index.str[:11],
            "target": targets.reindex(blocks.index).fillna("").to_numpy(),
            "count": blocks[count].to_numpy(),
            "land": blocks["land_km2"].to_numpy(),
            "blocks": 1.0,
        }
    )
    pairs = parts.groupby(["source", "target"], as_index=False).sum()

    units = (count.removesuffix("_count"), "land_area", "blocks")
    measures = [pairs["count"], pairs["land"], pairs["blocks"]]
    pairs["weight"], unit = weigh_by_first(pairs["source"], measures, units)
    return make_crosswalk(pairs, unit, "blocks", ("tract2020", target_kind), "the blocks")


def place_blocks(blocks: gpd.GeoDataFrame, targets: GeoDataFrame[Targets]) -> "pd.Series[str]":
    """Find the target in which each block's representative point lies.

    Parameters
    ----------
    blocks, targets
        Polygons in EPSG:4326, indexed by code.

    Returns
    -------
    Series
        The target's code by block: the first of several, empty for none.
    """
    points = blocks.geometry.representative_point().to_numpy()
    block, target = targets.sindex.query(points, predicate="intersects")
    codes = pd.Series(targets.index.to_numpy()[target], index=blocks.index[block]).sort_values()
    return codes[~codes.index.duplicated()].reindex(blocks.index).fillna("").astype("str")


def overlay_areas(
    sources: gpd.GeoDataFrame, targets: GeoDataFrame[Targets], kinds: tuple[str, str]
) -> DataFrame[Crosswalk]:
    """Overlay two layers of polygons: the crosswalk by area, if nothing better exists.

    Polygons are cut in degrees, where a border drawn twice is the same line. The pieces are
    measured in a Lambert azimuthal equal-area projection centered on the sources. Sources with
    ``land_km2`` are weighed by land (see :func:`_measure_inside`), others by their whole area.
    Parts under a millionth of a source are drawing differences and are left out.

    Parameters
    ----------
    sources, targets
        Valid polygons in EPSG:4326, indexed by code. Sources without a geometry are not in the
        result.
    kinds
        What they are.

    Raises
    ------
    GeographyError
        No source has a polygon.
    """
    shapes = sources[sources.geometry.notna() & ~sources.geometry.is_empty]
    if shapes.empty:
        raise GeographyError(
            f"No {kinds[0]} has a polygon to overlay with the {kinds[1]} polygons.",
            "Check the areas.",
        )

    # Cut every source with every target it meets, and measure the pieces.
    crs = center_projection(shapes)
    ground, over = shapes.geometry.to_numpy(), targets.geometry.to_numpy()
    source, target = targets.sindex.query(ground, predicate="intersects")
    pieces = gpd.GeoSeries(shapely.intersection(ground[source], over[target]), crs=shapes.crs)
    shared = pieces.to_crs(crs).area.to_numpy()
    area = shapes.geometry.to_crs(crs).area.to_numpy()
    real = shared > _SLIVER * area[source]
    source, target, shared = source[real], target[real], shared[real]

    # Split the part of each source that lies inside; the rest has no target.
    covered = np.bincount(source, weights=shared, minlength=len(shapes)).astype(float)
    land = np.zeros(len(shapes))
    if "land_km2" in shapes:
        land = shapes["land_km2"].fillna(0.0).to_numpy() * _M2_PER_KM2
    inside = _measure_inside(area, covered, land)
    outside = np.flatnonzero(1.0 - inside > _SLIVER)
    row = np.concatenate([source, outside])
    weight = np.concatenate([shared / covered[source] * inside[source], 1.0 - inside[outside]])

    pairs = pd.DataFrame(
        {
            "source": shapes.index[row],
            "target": [*targets.index[target], *[""] * len(outside)],
            "weight": weight,
        }
    )
    unit = pd.Series(np.where(land[row] > 0, "land_area", "area"))
    return make_crosswalk(pairs, unit, "overlay", kinds, "the overlay")


def _measure_inside(area: Floats, covered: Floats, land: Floats) -> Floats:
    """Return the share of each source that lies in any target.

    Tracts extend far into a lake, districts mostly end at the shore, and no file says which part
    of a polygon is water. So land is assumed to lie in the targets first: the share is
    min(covered, land) / land. Without land it is min(covered, area) / area. Targets that end in a
    river instead of at a shore get too much of a tract that reaches across.
    """
    whole = np.where(land > 0, land, area)
    return np.minimum(covered, whole) / whole
