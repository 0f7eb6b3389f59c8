"""The polygons of a set of reports, ready to draw: projected, simplified without gaps between neighbours, classed once for all pages.

Colours: ColorBrewer 2.0 YlGnBu, https://colorbrewer2.org, as on the map page, so that a colour
means the same on both.
"""

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: Low to high; the palest steps are left out, they cannot be told from paper.
COLOURS = ("#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58")
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
#: Classes span the rates between these quantiles; the few beyond fall into the first and the last.
_LOW, _HIGH = 0.02, 0.98
#: Lines are simplified to this share of the area's size.
_TOLERANCE = 0.0006


@dataclass(frozen=True, slots=True)
class Scale:
    """Classes of a rate: rising lower edges of all but the first class, and a colour for each class."""

    edges: tuple[float, ...]
    colours: tuple[str, ...]

    def colour(self, share: float) -> str:
        """Return the colour of a rate; empty where it is missing."""
        return (
            ""
            if pd.isna(share)
            else self.colours[int(np.searchsorted(self.edges, share, side="right"))]
        )

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Return the bounds of each class, the first and the last open."""
        return list(pairwise([None, *self.edges, None]))


def choose_scale(rates: "pd.Series[float]") -> Scale:
    """Choose round classes, no more than there are colours."""
    known = rates.dropna()
    low, high = known.quantile([_LOW, _HIGH])
    for step in _STEPS:
        edges = np.arange(np.floor(low / step) + 1, np.ceil(high / step)) * step
        if len(edges) < len(COLOURS):
            break
    places = np.rint(np.linspace(0, len(COLOURS) - 1, len(edges) + 1)).astype(int)
    return Scale(tuple(np.round(edges, 6).tolist()), tuple(COLOURS[place] for place in places))


@dataclass(frozen=True)
class Ground:
    """Polygons in kilometres east and south of the area's north-west corner, y pointing down as on a page."""

    tracts: "gpd.GeoSeries"
    districts: "gpd.GeoSeries"
    scale: Scale
    district_scale: Scale


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


def survey_ground(
    tracts: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    rates: "pd.Series[float]",
    district_rates: "pd.Series[float]",
) -> Ground:
    """Project and simplify the polygons of a set of reports; tracts that touch no district are left out.

    Parameters
    ----------
    tracts, districts
        EPSG:4326; those without a polygon are not drawn.
    rates, district_rates
        Rates of the tracts and of the districts shown, for the classes.
    """
    drawn = tracts.geometry[tracts.geometry.notna() & ~tracts.geometry.is_empty]
    outlines = districts.geometry[districts.geometry.notna() & ~districts.geometry.is_empty]
    west, south, east, north = (outlines if len(outlines) else drawn).total_bounds
    near = drawn[drawn.intersects(shapely.box(west, south, east, north))]
    size = max(east - west, north - south)
    near, outlines = (
        _project(_simplify(part, size * _TOLERANCE), west, north) for part in (near, outlines)
    )
    return Ground(near, outlines, choose_scale(rates), choose_scale(district_rates))


def _simplify(shapes: "gpd.GeoSeries", tolerance: float) -> "gpd.GeoSeries":
    """Simplify neighbours alike, so that no gap opens; polygons that overlap are simplified each alone."""
    plain = shapes.to_numpy()
    whole = len(plain) and shapely.coverage_is_valid(plain)
    made = (
        shapely.coverage_simplify(plain, tolerance)
        if whole
        else shapely.simplify(plain, tolerance / 2)
    )
    return gpd.GeoSeries(made, index=shapes.index)


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
        Shape(code, frame.draw(shape), ground.scale.colour(rates.get(code, np.nan)))
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
        Shape(code, frame.draw(shape), ground.district_scale.colour(rates[code]))
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
