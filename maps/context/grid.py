"""Simplify lines and polygons, and write them on a grid as small differences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from maps.context.numbers import write_numbers
from outreach.arrays import Floats, Ints

Shapes = NDArray[np.object_]

#: A line stays if it is at least so many tolerances long, a piece of ground so many wide.
_SHORTEST, _SMALLEST = 6.0, 3.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid over the map.

    Parameters
    ----------
    origin
        Longitude and latitude of its corner.
    step
        Degrees between its points.
    """

    origin: tuple[float, float]
    step: float

    @property
    def tolerance(self) -> float:
        """How far a simplified line may be off, degrees."""
        return 2 * self.step

    def place(self, points: Floats) -> Ints:
        """Return the places of points on the grid; shape (points, 2)."""
        places: Ints = np.rint((points - self.origin) / self.step).astype(np.int64)
        return places


def write_lines(lines: Shapes, grid: Grid) -> str:
    """Simplify lines and write them one after another; what is there twice is written once.

    Returns
    -------
    str
        For each line its number of points, then each point as a difference from the one before it,
        across lines too.
    """
    if not len(lines):
        return ""
    # Roads that share their ground, such as two routes on one road, have equal lines there.
    single = shapely.get_parts(lines)
    _, firsts = np.unique(shapely.to_wkb(shapely.normalize(single)), return_index=True)
    merged = shapely.line_merge(shapely.multilinestrings(single[np.sort(firsts)]))
    parts = shapely.get_parts(shapely.simplify(merged, grid.tolerance))
    parts = parts[shapely.length(parts) >= _SHORTEST * grid.tolerance]
    return write_numbers(_list_steps([grid.place(shapely.get_coordinates(part)) for part in parts]))


def write_borders(borders: Shapes, grid: Grid) -> str:
    """Simplify lines and write all of them in their order, as :func:`write_lines` does."""
    simple = [shapely.get_coordinates(line) for line in shapely.simplify(borders, grid.tolerance)]
    return write_numbers(_list_steps([grid.place(points) for points in simple]))


def write_ground(polygons: Shapes, grid: Grid) -> str:
    """Unite and simplify polygons, and write their rings as :func:`write_lines` does lines.

    A page fills them by the even-odd rule, so islands need no mark of their own.
    """
    if not len(polygons):
        return ""
    united = shapely.simplify(shapely.union_all(polygons), grid.tolerance)
    parts = shapely.get_parts(united)
    parts = parts[shapely.area(parts) >= (_SMALLEST * grid.tolerance) ** 2]
    rings = shapely.get_rings(parts) if len(parts) else np.array([], dtype=object)
    return write_numbers(_list_steps([grid.place(shapely.get_coordinates(ring)) for ring in rings]))


def write_points(points: Floats, grid: Grid) -> str:
    """Write points as differences, each from the one before it."""
    if not len(points):
        return ""
    return write_numbers(_walk(grid.place(points), np.zeros(2, dtype=np.int64)))


def _list_steps(lines: list[Ints]) -> Iterator[int]:
    """Yield the numbers of lines: points of each, then their differences."""
    last: Any = np.zeros(2, dtype=np.int64)
    for line in lines:
        # Points that fell together on the grid are one.
        moves = np.any(np.diff(line, axis=0) != 0, axis=1)
        kept = line[np.concatenate([[True], moves])]
        yield len(kept)
        yield from _walk(kept, last)
        last = kept[-1]


def _walk(places: Ints, start: Ints) -> Iterator[int]:
    """Yield the differences between places, from a start."""
    steps = np.diff(np.vstack([start, places]), axis=0)
    yield from (int(step) for step in steps.ravel())
