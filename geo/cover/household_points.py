"""Place the households of tracts at points: their census blocks or an even grid."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.cover.covering import COUNTS, Households
from outreach.arrays import Floats
from outreach.errors import GeographyError
from outreach.spatial import center_projection
from outreach.tables import GeoDataFrame, Tracts

_M2_PER_KM2 = 1e6
#: A tract with more water than this share is used only where there is ground.
_WET = 0.05


@dataclass(frozen=True)
class HouseholdPoints:
    """Households at points.

    Parameters
    ----------
    table
        A row is a point: ``geoid``, ``latitude``, ``longitude`` (degrees),
        :data:`geo.cover.covering.COUNTS`. Points without households are left out.
    method
        ``blocks`` or ``grid``.
    target_count
        All target households, at a point or not.
    unreached
        By tract: target households at no point because the tract has none.
    """

    table: pd.DataFrame
    method: str
    target_count: float
    unreached: "pd.Series[float]"


def spread_by_blocks(
    households: Households, blocks: gpd.GeoDataFrame, count: str = "housing_units_count"
) -> HouseholdPoints:
    """Place the households of each tract at its blocks, in proportion to what the blocks hold.

    Parameters
    ----------
    households
        From :func:`geo.cover.covering.count_households`.
    blocks
        Indexed by 15-digit block code; ``count`` and polygons in EPSG:4326.
    count
        The column to split by.
    """
    xy = shapely.get_coordinates(blocks.geometry.representative_point().to_numpy())
    table = pd.DataFrame(
        {
            "geoid": blocks.index.str[:11],
            "latitude": xy[:, 1],
            "longitude": xy[:, 0],
            "weight": blocks[count].to_numpy(float),
        }
    )
    return _split_counts(households, table, "blocks")


def spread_by_grid(
    households: Households,
    tracts: GeoDataFrame[Tracts],
    ground: gpd.GeoDataFrame | None = None,
    points_per_tract: int = 25,
) -> HouseholdPoints:
    """Spread the households of each tract evenly over a grid, for use without blocks.

    Parameters
    ----------
    households
        From :func:`geo.cover.covering.count_households`.
    tracts
        Polygons in EPSG:4326 by ``geoid``. With ``land_km2``, tracts with water are recognized.
    ground
        Polygons that end at the shore (ZIPs, wards). A tract that is partly water and touches them
        is used only inside them, so that nobody lives in the lake. Other tracts keep their whole
        polygon.
    points_per_tract
        Approximate number of points per tract; 25 points are about 170 m apart in a city.

    Raises
    ------
    GeographyError
        No tract has a polygon.
    """
    mapped = tracts[tracts.geometry.notna() & ~tracts.geometry.is_empty]
    if mapped.empty:
        raise GeographyError("No tract has a polygon to place households in.", "Give boundaries.")
    crs = center_projection(mapped)
    flat = mapped.geometry.to_crs(crs)
    shapes = flat.to_numpy().copy()

    # Keep households out of the water.
    if ground is not None and "land_km2" in mapped:
        dry = shapely.union_all(ground.geometry.to_crs(crs).to_numpy())
        water = 1.0 - mapped["land_km2"].to_numpy() * _M2_PER_KM2 / flat.area.to_numpy()
        wet = (water > _WET) & flat.intersects(dry).to_numpy()
        shapes[wet] = shapely.intersection(shapes[wet], dry)

    # Lay a grid over each tract.
    grids = [_lay_grid(shape, points_per_tract) for shape in shapes]
    lengths = [len(grid) for grid in grids]
    points = gpd.GeoSeries.from_xy(*np.concatenate(grids).T, crs=crs).to_crs(tracts.crs)
    table = pd.DataFrame(
        {
            "geoid": np.repeat(mapped.index.to_numpy(), lengths),
            "latitude": points.y.to_numpy(),
            "longitude": points.x.to_numpy(),
            "weight": 1.0,
        }
    )
    return _split_counts(households, table, "grid")


def _lay_grid(shape: shapely.Geometry, count: int) -> Floats:
    """Return about ``count`` points of a square grid inside a polygon (meters), at least one."""
    west, south, east, north = shape.bounds
    step = (shape.area / count) ** 0.5
    if step > 0:
        across = np.arange(west + step / 2, east, step)
        up = np.arange(south + step / 2, north, step)
        grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
        shapely.prepare(shape)
        inside = grid[shapely.contains_xy(shape, grid)]
        if len(inside):
            return np.asarray(inside)
    return np.asarray(shapely.get_coordinates(shape.representative_point()))


def _split_counts(households: Households, table: pd.DataFrame, method: str) -> HouseholdPoints:
    """Split each tract's counts over its points by their weight."""
    total = table.groupby("geoid")["weight"].transform("sum")
    share = (table["weight"] / total).where(total > 0, 0.0)
    counts = households.table.reindex(table["geoid"]).fillna(0.0)
    for name in COUNTS:
        table[name] = counts[name].to_numpy() * share

    # Target households of tracts without points are out of reach.
    target = households.table["target_households_count"]
    placed = table.loc[total > 0, "geoid"].unique()
    unreached = target[~target.index.isin(placed) & (target > 0)]

    inhabited = table[table["households_count"] > 0].drop(columns="weight")
    return HouseholdPoints(
        inhabited.reset_index(drop=True),
        method,
        households.target_count,
        unreached.rename("unreached_households_count"),
    )
