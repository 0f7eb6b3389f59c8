"""Cover target tracts with polygons, for platforms that accept them."""

import geopandas as gpd
import pandas as pd
import shapely

from geo.cover.covering import Covering, Households, count_places
from geo.crosswalk.table import make_crosswalk
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame, GeoDataFrame, Tracts
from outreach.units import UnitKind, name_unit


def cover_with_polygons(households: Households, tracts: GeoDataFrame[Tracts]) -> Covering:
    """Dissolve neighboring target tracts into polygons, most target households first.

    Coverage and purity are those of the tracts: 100% if tracts are target as a whole.

    Parameters
    ----------
    households
        From :func:`geo.cover.covering.count_households`.
    tracts
        Polygons in EPSG:4326 by ``geoid``, not only of target tracts.

    Raises
    ------
    GeographyError
        No target tract has a polygon.
    """
    target = households.table["target_households_count"]
    members = tracts.loc[tracts.index.isin(target.index[target > 0])]
    members = members[members.geometry.notna() & ~members.geometry.is_empty]
    if members.empty:
        raise GeographyError("No target tract has a polygon.", "Give boundaries, or use ZIPs.")

    # Dissolve the tracts, and count the households of each part.
    whole = shapely.make_valid(shapely.union_all(members.geometry.to_numpy()))
    parts = shapely.get_parts(whole, return_index=False)
    shapes = [part for part in parts if isinstance(part, shapely.Polygon)]
    polygons = gpd.GeoDataFrame(geometry=shapes, crs=tracts.crs)
    polygons.index = polygons.index.astype("str")
    crosswalk = _join_members(members, polygons)
    counts, unreached = count_places(households, crosswalk)

    places = gpd.GeoDataFrame(
        counts.reindex(polygons.index).fillna(0.0), geometry=polygons.geometry, crs=tracts.crs
    )
    places.insert(0, "label", _label_polygons(crosswalk, places.index))
    places = places.sort_values("target_households_count", ascending=False, kind="stable")
    names = [name_unit(UnitKind.POLYGON, f"{number:03d}") for number in range(1, len(places) + 1)]
    places.index = pd.Index(names, name="place")
    return Covering(
        kind=UnitKind.POLYGON,
        name="polygons",
        places=places,
        target_count=households.target_count,
        bound=float(places["households_count"].sum()),
        gap_share=0.0,
        unreached=unreached,
    )


def _join_members(members: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame) -> DataFrame[Crosswalk]:
    """Return which tract went into which polygon; a tract of several parts is split by area."""
    shapes, ground = members.geometry.to_numpy(), polygons.geometry.to_numpy()
    tract, polygon = polygons.sindex.query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[tract], ground[polygon]))
    pairs = pd.DataFrame(
        {"source": members.index[tract], "target": polygons.index[polygon], "weight": shared}
    )
    pairs = pairs[pairs["weight"] > 0]
    return make_crosswalk(pairs, "area", "overlay", ("tract", "polygon"), "the dissolved tracts")


def _label_polygons(crosswalk: DataFrame[Crosswalk], polygons: pd.Index) -> list[str]:
    """Label each polygon by its tracts."""
    inside = crosswalk[crosswalk["weight"] > 0]
    tracts = inside.groupby("target")["source"].agg(["size", "first"]).reindex(polygons)
    return [
        f"tract {first}" if count == 1 else f"{count:.0f} tracts around {first}"
        for count, first in zip(tracts["size"].fillna(0), tracts["first"].fillna(""), strict=True)
    ]
