"""Where the ads of a unit reach: its ground, the tracts that lie in it, the units that it touches, and groups of units that lie together."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crosswalk.overlay import overlay_areas
from outreach.rates import average_groups


def draw_footprints(units: pd.DataFrame, tracts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the ground of each unit: a tract's or a polygon's own, a pin's circle.

    Parameters
    ----------
    units
        :class:`outreach.tables.Targets` of one kind or several; polygons with ``wkt``.
    tracts
        Polygons in EPSG:4326 by ``geoid``.

    Returns
    -------
    GeoDataFrame
        By ``unit_id`` (EPSG:4326); ZIPs, and tracts without a polygon, are not in it: nobody drew
        their ground.
    """
    parts = []
    known = units[
        (units["kind"] == "tract") & units["place"].isin(tracts.index[tracts.geometry.notna()])
    ]
    parts.append(
        gpd.GeoSeries(
            tracts.geometry.loc[known["place"]].to_numpy(), index=known.index, crs=tracts.crs
        )
    )
    drawn = units[units["kind"] == "polygon"]
    if len(drawn):
        parts.append(
            gpd.GeoSeries(
                shapely.from_wkt(drawn["wkt"].to_numpy()), index=drawn.index, crs=tracts.crs
            )
        )
    pins = units[units["kind"] == "pin"]
    if len(pins):
        centres = gpd.GeoSeries.from_xy(
            pins["longitude"], pins["latitude"], index=pins.index, crs=tracts.crs
        )
        flat = centres.to_crs(_flat(pins["latitude"].mean(), pins["longitude"].mean()))
        parts.append(flat.buffer(1000 * pins["radius_km"].to_numpy()).to_crs(tracts.crs))
    shapes = pd.concat(parts)
    return gpd.GeoDataFrame(
        geometry=shapes.reindex([unit for unit in units.index if unit in shapes.index])
    )


def weigh_members(
    units: pd.DataFrame, tracts: gpd.GeoDataFrame, crosswalk: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return how much of each tract lies in which unit.

    Parameters
    ----------
    units, tracts
        As in :func:`draw_footprints`.
    crosswalk
        From tracts to the places of ZIP units (:class:`outreach.tables.Crosswalk`); ZIPs have no
        members without it.

    Returns
    -------
    DataFrame
        ``geoid``, ``unit_id``, ``weight`` (0-1): by land for pins and polygons, whole for tracts.
    """
    whole = units.loc[units["kind"] == "tract", ["place"]].rename(columns={"place": "geoid"})
    parts = [whole.rename_axis("unit_id").reset_index().assign(weight=1.0)]
    zips = units[units["kind"] == "zip"]
    if len(zips) and crosswalk is not None:
        named = pd.Series(zips.index.to_numpy(), index=zips["place"])
        known = crosswalk[crosswalk["target"].isin(named.index)]
        parts.append(
            pd.DataFrame(
                {
                    "geoid": known["source"],
                    "unit_id": known["target"].map(named),
                    "weight": known["weight"],
                }
            )
        )
    ground = draw_footprints(units[units["kind"].isin(["pin", "polygon"])], tracts)
    if len(ground):
        near = tracts[tracts.geometry.notna()]
        near = near.iloc[np.unique(near.sindex.query(ground.geometry, predicate="intersects")[1])]
        laid = overlay_areas(near, ground, ("tract", "unit"))
        laid = laid[laid["target"] != ""].rename(columns={"source": "geoid", "target": "unit_id"})
        parts.append(laid[["geoid", "unit_id", "weight"]])
    return pd.concat(parts, ignore_index=True)[["geoid", "unit_id", "weight"]]


def average_members(
    members: pd.DataFrame, values: pd.DataFrame, households: "pd.Series[float]"
) -> pd.DataFrame:
    """Bring shares of tracts to units: the mean over a unit's tracts by the households that lie in it, of the tracts that have a value.

    Parameters
    ----------
    members
        From :func:`weigh_members`.
    values
        Shares by ``geoid``.
    households
        By ``geoid``; tracts without any weigh nothing.

    Returns
    -------
    DataFrame
        The columns of ``values`` by ``unit_id``; missing where no tract of a unit has a value.
    """
    weights = members["weight"] * members["geoid"].map(households).fillna(0.0)
    averages, _ = average_groups(values.reindex(members["geoid"]), weights, members["unit_id"])
    return averages


def list_touching(ground: gpd.GeoDataFrame) -> list[tuple[str, str]]:
    """Return the pairs of units whose ground touches or overlaps, each once."""
    one, other = ground.sindex.query(ground.geometry, predicate="intersects")
    return [
        (str(ground.index[a]), str(ground.index[b]))
        for a, b in zip(one, other, strict=True)
        if a < b
    ]


def group_near(ground: gpd.GeoDataFrame, size: int) -> "pd.Series[int]":
    """Return the number of the group of each unit: groups of at most ``size`` units that lie together, and alike in size.

    The units are halved across their wider side, by where their middles lie, until each part is
    small enough.
    """
    middles = shapely.centroid(ground.geometry.to_numpy())
    points = np.column_stack([shapely.get_x(middles), shapely.get_y(middles)])
    points[:, 0] *= np.cos(np.radians(points[:, 1].mean())) if len(points) else 1.0
    group = np.zeros(len(points), dtype=np.intp)
    open_parts, done = [np.arange(len(points))], 0
    while open_parts:
        part = open_parts.pop()
        if len(part) <= max(size, 1):
            group[part], done = done, done + 1
            continue
        axis = int(np.ptp(points[part], axis=0).argmax())
        ordered = part[np.argsort(points[part, axis], kind="stable")]
        open_parts += [ordered[len(ordered) // 2 :], ordered[: len(ordered) // 2]]
    return pd.Series(group, index=ground.index, name="cluster")


def _flat(latitude: float, longitude: float) -> str:
    """Return an equal-area projection in metres around a point."""
    return f"+proj=laea +lat_0={latitude:.4f} +lon_0={longitude:.4f} +datum=WGS84 +units=m"
