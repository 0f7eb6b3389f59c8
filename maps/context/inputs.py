"""Hold the roads, water, and names that a map shows around its tracts."""

from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd

#: Kinds of areas that are found by name and outlined.
AREAS = ("place", "town", "zcta", "senate", "house")


@dataclass(frozen=True, slots=True, kw_only=True)
class MapContext:
    """What lies around and between the tracts of a map.

    Parameters
    ----------
    shapes
        By kind: ``roads``, ``rails`` (lines), ``water``, ``parks`` (polygons), and those of
        :data:`AREAS` (polygons). Columns ``name`` and ``code`` (the Bureau's MTFCC, may be empty),
        EPSG:4326. Kinds may be missing.
    streets
        ``name`` and ``geoid``: the tracts that each named street runs through.
    """

    shapes: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    streets: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["name", "geoid"]))
