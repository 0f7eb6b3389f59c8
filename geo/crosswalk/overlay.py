"""Makes crosswalks from geometry: exactly from census blocks, or by laying polygons over each other as the last resort."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crosswalk.table import make_crosswalk, weigh_by_first
from outreach.arrays import Floats
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame

#: Smaller parts of an area are two drawings of one border, not ground.
_SLIVER = 1e-6
_M2_PER_KM2 = 1e6


def weigh_blocks(
    blocks: pd.DataFrame,
    targets: "pd.Series[str]",
    target_kind: str,
    count: str = "housing_units_count",
) -> DataFrame[Crosswalk]:
    """Add up blocks: the crosswalk from 2020 tracts to whatever each block was assigned to.

    A tract whose blocks hold no units is weighed by the blocks' land, and by their number where
    there is none.

    Parameters
    ----------
    blocks
        Indexed by 15-digit block code, whose first 11 are the tract; columns ``count`` and
        ``land_km2``.
    targets
        The target of each block, empty for none; from :func:`place_blocks` or a block relationship
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
    pairs["weight"], unit = weigh_by_first(
        pairs["source"], [pairs["count"], pairs["land"], pairs["blocks"]], units
    )
    return make_crosswalk(pairs, unit, "blocks", ("tract2020", target_kind), "the blocks")


def place_blocks(blocks: gpd.GeoDataFrame, targets: gpd.GeoDataFrame) -> "pd.Series[str]":
    """Return the target (index value) in which each block's representative point lies, empty for none, the first of several."""
    points = blocks.geometry.representative_point().to_numpy()
    at, inside = targets.sindex.query(points, predicate="intersects")
    found = pd.Series(targets.index.to_numpy()[inside], index=blocks.index[at]).sort_values()
    return found[~found.index.duplicated()].reindex(blocks.index).fillna("").astype("str")


def overlay_areas(
    sources: gpd.GeoDataFrame, targets: gpd.GeoDataFrame, kinds: tuple[str, str]
) -> DataFrame[Crosswalk]:
    """Lay two layers of polygons over each other: the crosswalk by area, when nothing better is there.

    The polygons are cut in degrees, where a border drawn twice is the same line, and the pieces
    measured in a Lambert azimuthal equal-area projection centred on the sources. If the sources
    have ``land_km2``, land is weighed (see :func:`_share_inside`); else the whole area. Parts under
    a millionth of a source are drawing differences and are left out.

    Parameters
    ----------
    sources, targets
        Valid polygons in EPSG:4326, indexed by code; sources without a geometry are not in the
        result.
    kinds
        What they are.

    Raises
    ------
    GeographyError
        Not one source has a polygon.
    """
    drawn = sources[sources.geometry.notna() & ~sources.geometry.is_empty]
    if drawn.empty:
        raise GeographyError(
            f"Not one {kinds[0]} has a polygon to lay over the {kinds[1]} polygons.",
            "Check the areas.",
        )
    west, south, east, north = drawn.total_bounds
    crs = f"+proj=laea +lat_0={(south + north) / 2:.4f} +lon_0={(west + east) / 2:.4f} +datum=WGS84 +units=m"
    ground, cover = drawn.geometry.to_numpy(), targets.geometry.to_numpy()
    at, over = targets.sindex.query(ground, predicate="intersects")
    pieces = gpd.GeoSeries(shapely.intersection(ground[at], cover[over]), crs=drawn.crs)
    shared = pieces.to_crs(crs).area.to_numpy()
    area = drawn.geometry.to_crs(crs).area.to_numpy()
    real = shared > _SLIVER * area[at]
    at, over, shared = at[real], over[real], shared[real]

    covered = np.bincount(at, weights=shared, minlength=len(drawn)).astype(float)
    land = (
        drawn["land_km2"].fillna(0.0).to_numpy() * _M2_PER_KM2
        if "land_km2" in drawn
        else np.zeros(len(drawn))
    )
    inside = _share_inside(area, covered, land)
    outside = np.flatnonzero(1.0 - inside > _SLIVER)
    source = np.concatenate([at, outside])
    pairs = pd.DataFrame(
        {
            "source": drawn.index[source],
            "target": [*targets.index[over], *[""] * len(outside)],
            "weight": np.concatenate([shared / covered[at] * inside[at], 1.0 - inside[outside]]),
        }
    )
    return make_crosswalk(
        pairs,
        pd.Series(np.where(land[source] > 0, "land_area", "area")),
        "overlay",
        kinds,
        "the overlay",
    )


def _share_inside(area: Floats, covered: Floats, land: Floats) -> Floats:
    """Return the share of each source that lies in any target.

    Tracts reach far into a lake, districts mostly end at the shore, and no file says which part of
    a polygon is water. So land is taken to lie in the targets first: the share is min(covered,
    land) / land. Without land it is min(covered, area) / area. Where targets end in a river and not
    at a shore, this gives them too much of a tract that reaches across.
    """
    whole = np.where(land > 0, land, area)
    return np.minimum(covered, whole) / whole
