"""The polygons of a set of reports, ready to draw: projected, simplified without gaps between neighbours, classed once for all pages.

Colours: ColorBrewer 2.0 YlGnBu, https://colorbrewer2.org, as on the map page, so that a colour
means the same on both.
"""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.palette import RATE_CLASSES
from outreach.spatial import simplify_coverage

#: Lines are simplified to this share of the area's size.
_TOLERANCE = 0.0006


@dataclass(frozen=True)
class Ground:
    """Polygons in kilometres east and south of the area's north-west corner, y pointing down as on a page."""

    tracts: "gpd.GeoSeries"
    districts: "gpd.GeoSeries"


@dataclass(frozen=True, slots=True)
class Shape:
    """One polygon as an SVG path, with its colour (empty: no rate) and code."""

    code: str
    path: str
    colour: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A small map: its size, the shapes around and inside, the outline on top."""

    width: int
    height: int
    around: list[Shape]
    inside: list[Shape]
    outline: str


def survey_ground(tracts: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> Ground:
    """Project and simplify the polygons of a set of reports; tracts that touch no district are left out.

    Parameters
    ----------
    tracts, districts
        EPSG:4326; those without a polygon are not drawn.
    """
    drawn = tracts.geometry[tracts.geometry.notna() & ~tracts.geometry.is_empty]
    outlines = districts.geometry[districts.geometry.notna() & ~districts.geometry.is_empty]
    west, south, east, north = (outlines if len(outlines) else drawn).total_bounds
    near = drawn[drawn.intersects(shapely.box(west, south, east, north))]
    tolerance = max(east - west, north - south) * _TOLERANCE
    near, outlines = (
        _project(simplify_coverage(part, tolerance, alone=tolerance / 2), west, north)
        for part in (near, outlines)
    )
    return Ground(near, outlines)


def _project(shapes: "gpd.GeoSeries", west: float, north: float) -> "gpd.GeoSeries":
    """Bring degrees to kilometres from a corner; true enough over a county, where one latitude sets the scale."""
    per_degree = 111.32
    stretch = per_degree * np.cos(np.radians(north))
    moved = shapely.transform(
        shapes.to_numpy(),
        lambda at: np.column_stack([(at[:, 0] - west) * stretch, (north - at[:, 1]) * per_degree]),
    )
    return gpd.GeoSeries(moved, index=shapes.index)


def draw_district(
    ground: Ground, district: str, rates: "pd.Series[float]", width: int = 380, height: int = 330
) -> Plan | None:
    """Draw the tracts in and around one district; ``None`` where it has no polygon."""
    if district not in ground.districts.index:
        return None
    outline = ground.districts[district]
    frame = _Frame(outline.bounds, width, height, margin=14)
    seen = ground.tracts[ground.tracts.intersects(frame.window)]
    shapes = [
        Shape(code, frame.draw(shape), RATE_CLASSES.color(rates.get(code, np.nan)))
        for code, shape in seen.items()
    ]
    own = set(seen.index[seen.intersects(outline)])
    return Plan(
        width, height, shapes, [shape for shape in shapes if shape.code in own], frame.draw(outline)
    )


def draw_districts(
    ground: Ground, rates: "pd.Series[float]", width: int = 520, height: int = 560
) -> Plan | None:
    """Draw all districts by rate; ``None`` where none has a polygon."""
    if ground.districts.empty:
        return None
    frame = _Frame(tuple(ground.districts.total_bounds), width, height, margin=6, fit=True)
    shapes = [
        Shape(code, frame.draw(shape), RATE_CLASSES.color(rates[code]))
        for code, shape in ground.districts.items()
    ]
    return Plan(frame.width, frame.height, [], shapes, "")


class _Frame:
    """The part of the ground that a picture shows, and how it lies on the page."""

    def __init__(
        self, bounds: tuple[float, ...], width: int, height: int, margin: int, *, fit: bool = False
    ) -> None:
        west, north, east, south = bounds
        across, down = max(east - west, 1e-6), max(south - north, 1e-6)
        self._scale = min((width - 2 * margin) / across, (height - 2 * margin) / down)
        self.width = round(across * self._scale + 2 * margin) if fit else width
        self.height = round(down * self._scale + 2 * margin) if fit else height
        self._west = (west + east) / 2 - self.width / 2 / self._scale
        self._north = (north + south) / 2 - self.height / 2 / self._scale
        self.window = shapely.box(
            self._west,
            self._north,
            self._west + self.width / self._scale,
            self._north + self.height / self._scale,
        )

    def draw(self, shape: shapely.Geometry) -> str:
        """Return a shape as an SVG path in tenths of a pixel, cut to the window."""
        cut = shapely.clip_by_rect(shape, *(shapely.buffer(self.window, 4 / self._scale).bounds))
        rings = []
        for polygon in getattr(cut, "geoms", [cut]):
            if polygon.geom_type == "Polygon" and not polygon.is_empty:
                rings += [polygon.exterior, *polygon.interiors]
        return "".join(self._trace(ring) for ring in rings)

    def _trace(self, ring: shapely.LinearRing) -> str:
        at = (shapely.get_coordinates(ring)[:-1] - (self._west, self._north)) * self._scale
        points = [f"{x:.1f} {y:.1f}" for x, y in at]
        return f"M{'L'.join(dict.fromkeys(points))}Z"
