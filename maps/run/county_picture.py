"""Draw the counties of a divided map, colored by rate, as a small picture."""

from collections.abc import Mapping
from html import escape

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from maps.layer import FigureUnit
from maps.legend import label_classes
from maps.topology import join_dateline
from outreach.arrays import Floats
from outreach.catalog import Words
from outreach.counties import name_area
from outreach.palette import MISSING_COLOR, RATE_CLASSES, find_classes
from outreach.spatial import simplify_coverage
from outreach.tables import GeoDataFrame, Tracts
from outreach.units import TractStatus

_COUNTY_DIGITS = 5
#: Width of the picture in its own units, and the greatest height.
_WIDTH, _HEIGHT = 680.0, 520.0


def draw_counties(
    shapes: gpd.GeoSeries,
    rates: "pd.Series[float]",
    links: Mapping[str, str],
    words: Words,
) -> str:
    """Draw counties in the color of their rate, each a link to its map.

    The table of the page has the same links for keyboards and screen readers.

    Parameters
    ----------
    shapes
        From :func:`unite_counties`.
    rates
        By five-digit county code, 0-1.
    links
        By county code: the address of its map.
    words
        The language of the titles.

    Returns
    -------
    str
        An SVG; empty if no county has a polygon.
    """
    if shapes.empty:
        return ""
    places, height = _place_on_picture(shapes)
    paths = [
        _draw_county(str(code), shape, float(rates.get(code, np.nan)), links, words)
        for code, shape in places.items()
    ]
    return (
        f'<svg class="counties-picture" viewBox="0 0 {_WIDTH:.0f} {height:.0f}"'
        f' aria-hidden="true">{"".join(paths)}</svg>'
    )


def list_classes(words: Words) -> list[tuple[str, str]]:
    """List color and words of each class of the rate, the highest first."""
    edges = list(RATE_CLASSES.edges)
    labels = label_classes(edges, FigureUnit.SHARE, pd.Series(dtype=float), words, fixed=True)
    return list(zip(RATE_CLASSES.colors, labels, strict=True))[::-1]


def _draw_county(
    code: str, shape: shapely.Geometry, rate: float, links: Mapping[str, str], words: Words
) -> str:
    """Draw one county; one without a rate is gray and has no map to lead to."""
    name, path = name_area(code[:2], code[2:]), _write_path(shape)
    if np.isnan(rate):
        title = escape(f"{name}: {words.say('map.missing.rateless')}")
        return f'<path d="{path}" fill="{MISSING_COLOR}"><title>{title}</title></path>'
    place = int(find_classes(np.array([rate]), RATE_CLASSES.edges)[0])
    title = escape(f"{name}: {words.share(rate)}")
    return (
        f'<a href="{escape(links[code])}" tabindex="-1"><path d="{path}"'
        f' fill="{RATE_CLASSES.colors[place]}"><title>{title}</title></path></a>'
    )


def unite_counties(tracts: GeoDataFrame[Tracts]) -> gpd.GeoSeries:
    """Unite the land tracts of each county, simplified to the size of the picture.

    Parameters
    ----------
    tracts
        Every tract, EPSG:4326.

    Returns
    -------
    GeoSeries
        By five-digit county code, EPSG:4326. A county of water alone is not in it.
    """
    dry = tracts[(tracts["status"] != TractStatus.WATER) & tracts.geometry.notna()]
    united = {
        code: shapely.union_all(shapely.make_valid(own.geometry.to_numpy()))
        for code, own in dry.groupby(dry.index.str[:_COUNTY_DIGITS])
    }
    if not united:
        return gpd.GeoSeries([], crs=tracts.crs)
    shapes = join_dateline(gpd.GeoSeries(united, crs=tracts.crs))
    west, south, east, north = shapes.total_bounds
    return simplify_coverage(shapes, max(east - west, north - south) / _WIDTH / 2)


def _place_on_picture(shapes: gpd.GeoSeries) -> tuple[gpd.GeoSeries, float]:
    """Move shapes into the picture, a degree of longitude as long as it is on the ground."""
    west, south, east, north = shapes.total_bounds
    squeeze = np.cos(np.radians((south + north) / 2))
    scale = min(_WIDTH / ((east - west) * squeeze), _HEIGHT / (north - south))
    # Narrow states stand in the middle.
    margin = (_WIDTH - (east - west) * squeeze * scale) / 2

    def place(points: Floats) -> Floats:
        x = (points[:, 0] - west) * squeeze * scale + margin
        return np.column_stack([x, (north - points[:, 1]) * scale])

    moved = shapely.transform(shapes.to_numpy(), place)
    return gpd.GeoSeries(moved, index=shapes.index), float((north - south) * scale)


def _write_path(shape: shapely.Geometry) -> str:
    """Write the rings of polygons as a path with a tenth of a unit."""
    rings = [shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(shape))]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring) + "Z" for ring in rings)
