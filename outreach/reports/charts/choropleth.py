"""Draw small maps of tracts and districts, colored by response rate."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.palette import RATE_CLASSES
from outreach.spatial import center_projection, simplify_coverage
from outreach.tables import DistrictShapes, GeoDataFrame, Tracts

#: Outlines are simplified to this share of the area's size.
_TOLERANCE = 0.0006


@dataclass(frozen=True)
class Ground:
    """The polygons of a set of reports, ready to draw.

    Parameters
    ----------
    tracts, districts
        Kilometers in a local equal-area projection, y pointing down as on a page.
    """

    tracts: "gpd.GeoSeries"
    districts: "gpd.GeoSeries"


@dataclass(frozen=True, slots=True)
class MapShape:
    """One polygon as an SVG path, with its color (empty for no rate) and code."""

    code: str
    path: str
    color: str


@dataclass(frozen=True, slots=True)
class SmallMap:
    """A small map: its size in pixels, the shapes around and inside, and the outline on top."""

    width: int
    height: int
    around: list[MapShape]
    inside: list[MapShape]
    outline: str


def prepare_ground(tracts: GeoDataFrame[Tracts], districts: GeoDataFrame[DistrictShapes]) -> Ground:
    """Project and simplify the polygons of a set of reports.

    Tracts outside the bounding box of the districts are left out.

    Parameters
    ----------
    tracts, districts
        EPSG:4326; those without a polygon are not drawn.
    """
    polygons = _select_polygons(tracts.geometry)
    outlines = _select_polygons(districts.geometry)
    frame = outlines if len(outlines) else polygons
    near = polygons[polygons.intersects(shapely.box(*frame.total_bounds))]
    projection = center_projection(frame)
    near, outlines = _project(near, projection), _project(outlines, projection)

    # Neighbors are simplified together, so that no gap opens between them.
    west, north, east, south = (outlines if len(outlines) else near).total_bounds
    tolerance = max(east - west, south - north) * _TOLERANCE
    return Ground(
        simplify_coverage(near, tolerance, alone=tolerance / 2),
        simplify_coverage(outlines, tolerance, alone=tolerance / 2),
    )


def draw_district(
    ground: Ground, district: str, rates: "pd.Series[float]", width: int = 380, height: int = 330
) -> SmallMap | None:
    """Draw the tracts in and around one district; ``None`` where it has no polygon."""
    if district not in ground.districts.index:
        return None
    outline = ground.districts[district]
    frame = _Frame(outline.bounds, width, height, margin=14)
    nearby = ground.tracts[ground.tracts.intersects(frame.window)]
    shapes = [
        MapShape(code, frame.draw(shape), RATE_CLASSES.color(rates.get(code, np.nan)))
        for code, shape in nearby.items()
    ]
    own = set(nearby.index[nearby.intersects(outline)])
    inside = [shape for shape in shapes if shape.code in own]
    return SmallMap(width, height, shapes, inside, frame.draw(outline))


def draw_districts(
    ground: Ground, rates: "pd.Series[float]", width: int = 520, height: int = 560
) -> SmallMap | None:
    """Draw all districts by rate; ``None`` where none has a polygon."""
    if ground.districts.empty:
        return None
    frame = _Frame(tuple(ground.districts.total_bounds), width, height, margin=6, fit=True)
    shapes = [
        MapShape(code, frame.draw(shape), RATE_CLASSES.color(rates[code]))
        for code, shape in ground.districts.items()
    ]
    return SmallMap(frame.width, frame.height, [], shapes, "")


def _select_polygons(shapes: "gpd.GeoSeries") -> "gpd.GeoSeries":
    return shapes[shapes.notna() & ~shapes.is_empty]


def _project(shapes: "gpd.GeoSeries", projection: str) -> "gpd.GeoSeries":
    """Project to kilometers with y pointing down."""
    meters = shapes.to_crs(projection)
    flipped = shapely.transform(meters.to_numpy(), lambda points: points * (0.001, -0.001))
    return gpd.GeoSeries(flipped, index=shapes.index)


class _Frame:
    """The part of the ground that a map shows, and its place on the page."""

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
        """Return a ring as an SVG path, without points that repeat after rounding."""
        corners = shapely.get_coordinates(ring)[:-1] - (self._west, self._north)
        points = [f"{x:.1f} {y:.1f}" for x, y in corners * self._scale]
        return f"M{'L'.join(dict.fromkeys(points))}Z"
