"""Find which tract each place of help lies in, and which place is nearest to each tract."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.arrays import Ints
from outreach.spatial import center_projection
from outreach.tables import (
    DataFrame,
    DistrictShapes,
    GeoDataFrame,
    SiteDistances,
    Sites,
    Tracts,
    as_table,
)

M_PER_MILE = 1609.344
_WGS84 = "EPSG:4326"


def find_tracts(sites: pd.DataFrame, tracts: GeoDataFrame[Tracts]) -> "pd.Series[str]":
    """Return the tract that each place lies in, empty for none.

    Parameters
    ----------
    sites
        ``latitude`` and ``longitude``, degrees, WGS 84.
    tracts
        EPSG:4326. A place on a border is in the first of its tracts.
    """
    found = _locate(sites, tracts.geometry.to_numpy())
    codes = np.append(tracts.index.to_numpy(dtype=object), "")
    return pd.Series(codes[found], index=sites.index, dtype=object)


def measure_distances(
    sites: DataFrame[Sites], tracts: GeoDataFrame[Tracts], far_miles: Mapping[str, float]
) -> DataFrame[SiteDistances]:
    """Find for each tract the nearest place of each layer, in a straight line.

    Distances are from a point inside the tract, in an equal-area projection around the middle of
    all tracts (:func:`outreach.spatial.center_projection`).

    Parameters
    ----------
    sites
        The places.
    tracts
        EPSG:4326; those without a polygon have no row.
    far_miles
        By layer, the distance above which a place counts as far.
    """
    drawn = tracts[~(tracts.geometry.isna() | tracts.geometry.is_empty)]
    projection = center_projection(drawn.geometry)
    middles = gpd.GeoSeries(shapely.point_on_surface(drawn.geometry.to_numpy()), crs=_WGS84)
    origins = middles.to_crs(projection).to_numpy()

    parts = []
    for layer, own in sites.groupby("layer", sort=False):
        points = _make_points(own).to_crs(projection).to_numpy()
        (near, place), meters = shapely.STRtree(points).query_nearest(
            origins, all_matches=False, return_distance=True
        )
        miles = meters / M_PER_MILE
        parts.append(
            pd.DataFrame(
                {
                    "geoid": drawn.index.to_numpy()[near],
                    "layer": str(layer),
                    "site": own.index.to_numpy()[place],
                    "distance_m": meters,
                    "distance_miles": miles,
                    "is_far": miles > far_miles[str(layer)],
                }
            )
        )
    columns = list(SiteDistances.to_schema().columns)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return as_table(table, SiteDistances)


def find_districts(
    sites: DataFrame[Sites], districts: GeoDataFrame[DistrictShapes]
) -> "pd.Series[Any]":
    """Return the district that each place lies in, as the index of districts has it.

    A place in no district is missing; one on a border is in the first of its districts.
    """
    found = _locate(sites, districts.geometry.to_numpy())
    ids = pd.Series(districts.index.to_numpy(dtype=object))
    return pd.Series(ids.reindex(found).to_numpy(dtype=object), index=sites.index, dtype=object)


def _locate(sites: pd.DataFrame, shapes: "np.ndarray[Any, np.dtype[Any]]") -> Ints:
    """Return the position of the first polygon around each place, -1 for none."""
    site, shape = shapely.STRtree(shapes).query(
        _make_points(sites).to_numpy(), predicate="intersects"
    )
    order = np.lexsort((shape, site))[::-1]
    found: Ints = np.full(len(sites), -1, dtype=np.int64)
    found[site[order]] = shape[order]
    return found


def _make_points(sites: pd.DataFrame) -> gpd.GeoSeries:
    """Return places as points."""
    return gpd.GeoSeries.from_xy(sites["longitude"], sites["latitude"], crs=_WGS84)
