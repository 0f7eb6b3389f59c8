"""Lay roads, water, parks, areas, and streets around Cook County, as many as a map may carry.

The files of the Bureau are not in the data folder, so lines and names are invented. They are so
many that the map's limit on context binds, as it does for a large county.
"""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.context.inputs import MapContext
from outreach.tables import GeoDataFrame, Tracts

#: Streets of a county of this size, and the tracts that one runs through.
_STREETS, _STREET_TRACTS = 6000, 9


def lay_context(data: Path, tracts: GeoDataFrame[Tracts]) -> MapContext:
    """Return the City's ZIPs and community areas, and invented roads, rails, water, and streets."""
    rng = np.random.default_rng(2020)
    zips = gpd.read_parquet(data / "boundaries" / "chicago_zips.parquet").to_crs(4326)
    areas = gpd.read_parquet(data / "boundaries" / "chicago_community_areas.parquet").to_crs(4326)
    box = tracts.total_bounds
    shapes = {
        "roads": _draw_lines(rng, box, 700, "I- ", "S1100"),
        "rails": _draw_lines(rng, box, 250, "Line ", "R1011"),
        "water": _draw_ponds(rng, box, 250, "Lake ", "H2030"),
        "parks": _draw_ponds(rng, box, 350, "Park ", "K2180"),
        "zcta": _name(zips["zip"].tolist(), "", zips.geometry),
        "place": _name(areas["community"].str.title().tolist(), "", areas.geometry),
    }
    return MapContext(shapes=shapes, streets=_name_streets(rng, tracts))


def _draw_lines(
    rng: np.random.Generator, box: "np.ndarray", count: int, word: str, code: str
) -> gpd.GeoDataFrame:
    """Draw winding lines of about ten miles."""
    west, south, east, north = box
    starts = rng.uniform((west, south), (east, north), (count, 2))
    turns = np.cumsum(rng.normal(0, 0.2, (count, 40)), axis=1) + rng.uniform(0, 6.3, (count, 1))
    steps = 0.004 * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    paths = starts[:, None, :] + np.cumsum(steps, axis=1)
    names = [f"{word}{number % 90}" for number in range(count)]
    return _name(names, code, shapely.linestrings(paths))


def _draw_ponds(
    rng: np.random.Generator, box: "np.ndarray", count: int, word: str, code: str
) -> gpd.GeoDataFrame:
    """Draw rounded areas of up to a mile."""
    west, south, east, north = box
    places = shapely.points(rng.uniform((west, south), (east, north), (count, 2)))
    names = [f"{word}{number}" for number in range(count)]
    return _name(names, code, shapely.buffer(places, rng.uniform(0.001, 0.007, count)))


def _name(names: list[str], code: str, shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": names, "code": code}, geometry=np.asarray(shapes), crs=4326)


def _name_streets(rng: np.random.Generator, tracts: GeoDataFrame[Tracts]) -> pd.DataFrame:
    """Name streets that run through neighboring tracts."""
    first = rng.integers(0, len(tracts) - _STREET_TRACTS, _STREETS)
    lengths = rng.integers(1, _STREET_TRACTS, _STREETS)
    names = [f"{number} Street {number % 97}" for number in range(_STREETS)]
    places = np.concatenate(
        [np.arange(at, at + run) for at, run in zip(first, lengths, strict=True)]
    )
    return pd.DataFrame({"name": np.repeat(names, lengths), "geoid": tracts.index[places]})
