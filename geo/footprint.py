"""Draw the footprints of units and find their tracts, neighbors, and groups.

The footprint of a unit is the ground where its ads show.
"""

from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crosswalk.overlay import overlay_areas
from outreach.rates import average_groups
from outreach.spatial import group_points, project_locally
from outreach.tables import Crosswalk, DataFrame, GeoDataFrame, Tracts
from outreach.units import UnitKind

_M_PER_KM = 1000


class Outline(StrEnum):
    """What a footprint was drawn from: the unit's own shape, or the tracts that it shares."""

    OWN = "own"
    TRACTS = "tracts"


def draw_footprints(
    units: pd.DataFrame, tracts: GeoDataFrame[Tracts], members: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """Draw the footprint of each unit: its own shape, a pin's circle, or the tracts of a ZIP.

    A ZIP without an outline is taken for all of every tract that it has a part of. That is more
    than its ground, so it touches each unit that it really touches, and perhaps others.

    Parameters
    ----------
    units
        By ``unit_id``: ``kind`` and ``place``, as in :class:`outreach.tables.Targets`. Pins also
        have ``latitude``, ``longitude``, and ``radius_km``; polygons, and ZIPs where their map was
        at hand, their outline as ``wkt``.
    tracts
        Polygons in EPSG:4326 by ``geoid``.
    members
        ``geoid``, ``unit_id`` and ``weight`` (:func:`weigh_members`), for ZIPs without an outline.

    Returns
    -------
    GeoDataFrame
        By ``unit_id`` (EPSG:4326), with the ``outline`` that it was drawn from
        (:class:`Outline`). ZIPs without an outline and members, and tracts without a polygon, are
        not in it.
    """
    # Tracts have their own polygon.
    drawable = tracts.index[tracts.geometry.notna()]
    whole = units[(units["kind"] == UnitKind.TRACT) & units["place"].isin(drawable)]
    shapes = tracts.geometry.loc[whole["place"]].to_numpy()
    parts = [gpd.GeoSeries(shapes, index=whole.index, crs=tracts.crs)]

    outlined = units["wkt"].notna() if "wkt" in units else pd.Series(data=False, index=units.index)
    polygons = units[outlined & units["kind"].isin([UnitKind.POLYGON, UnitKind.ZIP])]
    if len(polygons):
        shapes = shapely.from_wkt(polygons["wkt"].to_numpy())
        parts.append(gpd.GeoSeries(shapes, index=polygons.index, crs=tracts.crs))

    # Circles are drawn in meters and brought back to degrees.
    pins = units[units["kind"] == UnitKind.PIN]
    if len(pins):
        centers = gpd.GeoSeries.from_xy(
            pins["longitude"], pins["latitude"], index=pins.index, crs=tracts.crs
        )
        local = project_locally(pins["latitude"].mean(), pins["longitude"].mean())
        circles = centers.to_crs(local).buffer(_M_PER_KM * pins["radius_km"].to_numpy())
        parts.append(circles.to_crs(tracts.crs))

    # Other ZIPs are bounded by their tracts.
    bare = units.index[~outlined & (units["kind"] == UnitKind.ZIP)]
    bounds = _unite_tracts(bare, tracts.loc[drawable], members)
    footprints = pd.concat([*parts, bounds])
    order = [unit for unit in units.index if unit in footprints.index]
    drawn = gpd.GeoDataFrame(geometry=footprints.reindex(order))
    is_bound = drawn.index.isin(bounds.index)
    return drawn.assign(outline=np.where(is_bound, Outline.TRACTS.value, Outline.OWN.value))


def _unite_tracts(
    unit_ids: pd.Index, tracts: gpd.GeoDataFrame, members: pd.DataFrame | None
) -> gpd.GeoSeries:
    """Return by unit the ground of all tracts that have a part in it."""
    if members is None or unit_ids.empty:
        return gpd.GeoSeries([], index=unit_ids[:0], crs=tracts.crs)
    parts = members[members["unit_id"].isin(unit_ids) & members["geoid"].isin(tracts.index)]
    parts = parts[parts["weight"] > 0]
    shapes = gpd.GeoSeries(
        tracts.geometry.loc[parts["geoid"]].to_numpy(), index=parts["unit_id"], crs=tracts.crs
    )
    return shapes.groupby(level=0).agg(lambda each: shapely.union_all(each.to_numpy()))


def weigh_members(
    units: pd.DataFrame, tracts: GeoDataFrame[Tracts], crosswalk: DataFrame[Crosswalk] | None = None
) -> pd.DataFrame:
    """Measure how much of each tract lies in each unit.

    Parameters
    ----------
    units, tracts
        As in :func:`draw_footprints`.
    crosswalk
        ``source`` (tract), ``target`` (ZIP), and ``weight``, as in
        :class:`outreach.tables.Crosswalk`; without it ZIPs have no members.

    Returns
    -------
    DataFrame
        ``geoid``, ``unit_id``, ``weight`` (0-1): by land for pins and polygons, 1 for tracts.
    """
    whole = units.loc[units["kind"] == UnitKind.TRACT, ["place"]].rename(columns={"place": "geoid"})
    parts = [whole.rename_axis("unit_id").reset_index().assign(weight=1.0)]

    # A ZIP has the tracts that the crosswalk gives it.
    zips = units[units["kind"] == UnitKind.ZIP]
    if len(zips) and crosswalk is not None:
        unit_ids = pd.Series(zips.index.to_numpy(), index=zips["place"])
        pairs = crosswalk[crosswalk["target"].isin(unit_ids.index)]
        parts.append(
            pd.DataFrame(
                {
                    "geoid": pairs["source"],
                    "unit_id": pairs["target"].map(unit_ids),
                    "weight": pairs["weight"],
                }
            )
        )

    # Pins and polygons are laid over the tracts around them.
    ground = draw_footprints(units[units["kind"].isin([UnitKind.PIN, UnitKind.POLYGON])], tracts)
    if len(ground):
        nearby = tracts[tracts.geometry.notna()]
        touched = nearby.sindex.query(ground.geometry, predicate="intersects")[1]
        overlay = overlay_areas(nearby.iloc[np.unique(touched)], ground, ("tract", "unit"))
        inside = overlay[overlay["target"] != ""]
        inside = inside.rename(columns={"source": "geoid", "target": "unit_id"})
        parts.append(inside[["geoid", "unit_id", "weight"]])
    return pd.concat(parts, ignore_index=True)[["geoid", "unit_id", "weight"]]


def average_members(
    members: pd.DataFrame, values: pd.DataFrame, households: "pd.Series[float]"
) -> pd.DataFrame:
    """Average shares of tracts over units, weighted by the households in each unit.

    Parameters
    ----------
    members
        From :func:`weigh_members`.
    values
        Shares by ``geoid``.
    households
        By ``geoid``; tracts without a number weigh nothing.

    Returns
    -------
    DataFrame
        The columns of ``values`` by ``unit_id``. Each mean is over the tracts that have a value;
        it is missing if no tract of a unit has one.
    """
    weights = members["weight"] * members["geoid"].map(households).fillna(0.0)
    averages, _ = average_groups(values.reindex(members["geoid"]), weights, members["unit_id"])
    return averages


def list_touching(ground: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the pairs of units whose footprints touch or overlap, each pair once."""
    first, second = ground.sindex.query(ground.geometry, predicate="intersects")
    return [
        (str(ground.index[one]), str(ground.index[other]))
        for one, other in zip(first, second, strict=True)
        if one < other
    ]


def group_near(ground: gpd.GeoDataFrame, size: int) -> "pd.Series[int]":
    """Divide units into compact groups of at most ``size`` units, alike in size.

    Units are halved across their longer side, by their centroids, until each group is small
    enough.

    Returns
    -------
    Series
        The number of the group by unit, named ``cluster``.
    """
    centroids = shapely.centroid(ground.geometry.to_numpy())
    position = np.column_stack([shapely.get_x(centroids), shapely.get_y(centroids)])
    # A degree of longitude is shorter than one of latitude.
    if len(position):
        position[:, 0] *= np.cos(np.radians(position[:, 1].mean()))
    return pd.Series(group_points(position, size), index=ground.index, name="cluster")
