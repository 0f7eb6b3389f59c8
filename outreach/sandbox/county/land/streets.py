"""Draw the straight plan of the invented county: shore, river, roads, rails, and quarters.

Streets run along kilometer roads, diagonals, and a river with two arms. All lengths are meters on
the plan.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from outreach.arrays import Floats

Words = NDArray[np.str_]
Shapes = NDArray[np.object_]

#: Edges of the plan.
_WEST, _SOUTH, _NORTH, _LAKE_EAST = -25_500.0, -22_000.0, 21_000.0, 17_000.0
#: Distance between two streets that have names, meters.
_STREET_M = 400.0


def _shore() -> Floats:
    """Return the lake shore from south to north."""
    y = np.linspace(_SOUTH, _NORTH, 130)
    x = (
        3_300
        + 1_500 * np.sin(y / 8_300 + 0.6)
        + 420 * np.sin(y / 2_150)
        + 170 * np.sin(y / 730 + 1)
        + 60 * np.sin(y / 260)
    )
    x -= 1_500 * np.exp(-(((y - 700) / 1_100) ** 2))
    return np.column_stack([x, y])


def _coast() -> Floats:
    """Return the shore, drawn beyond the county at both ends."""
    shore = _shore()
    return np.vstack([[shore[0, 0], _SOUTH - 1_700], shore, [shore[-1, 0], _NORTH + 100]])


def _lake(coast: Floats) -> shapely.Polygon:
    """Return the lake east of a shore."""
    return shapely.Polygon(
        [*coast, (_LAKE_EAST + 9_000, _NORTH + 100), (_LAKE_EAST + 9_000, _SOUTH - 1_700)]
    )


def river() -> shapely.Geometry:
    """Return the river: from the shore to a fork in the old town, then two arms to the west."""
    t = np.linspace(0, 1, 60)
    swing = np.sqrt(t * 6)
    north = np.column_stack(
        [
            -1_300 - 9_500 * t**1.2 + 520 * swing * np.sin(17 * t) / 2,
            650 + 21_000 * t + 300 * np.sin(23 * t),
        ]
    )
    south = np.column_stack(
        [
            -1_300 - 25_500 * t**1.35 - 300 * np.sin(19 * t),
            650 - 14_500 * t**0.9 + 640 * swing * np.sin(15 * t) / 2,
        ]
    )
    stem = np.array(
        [[3_600, 700], [2_100, 640], [1_200, 820], [300, 520], [-500, 760], [-1_300, 650]]
    )
    return shapely.union_all(
        [shapely.LineString(stem), shapely.LineString(north), shapely.LineString(south)]
    )


def draw_quarters(rng: np.random.Generator) -> tuple[Shapes, Words]:
    """Return the county's faces between water, rails, and diagonals.

    Returns
    -------
    faces, kinds
        Polygons in random order, and ``homes``, ``water``, or ``special`` for each.
    """
    shore, frame = _shore(), _frame()
    coast = _coast()
    lines = [shapely.LineString(coast), river(), *_ways()]
    lines.append(shapely.LineString([(shore[60, 0], shore[60, 1]), (_LAKE_EAST, shore[60, 1])]))
    places = _places()

    # Lines end at special places, and everything between lines is a face.
    lines = [shapely.difference(line, shapely.union_all(places)) for line in lines]
    network = shapely.union_all(
        [frame.exterior, *(place.exterior for place in places), *lines], grid_size=1.0
    )
    faces = shapely.get_parts(shapely.polygonize([network]))
    faces = faces[shapely.within(shapely.point_on_surface(faces), frame)]
    kinds = _find_kinds(faces, coast, places)
    order = rng.permutation(len(faces))
    return faces[order], kinds[order]


def _frame() -> shapely.Polygon:
    """Return the outline of the plan."""
    shore = _shore()
    return shapely.Polygon(
        [
            (_WEST, _SOUTH),
            (-9_700, _SOUTH),
            (-9_700, _SOUTH - 1_600),
            (shore[0, 0], _SOUTH - 1_600),
            (_LAKE_EAST, _SOUTH - 1_600),
            (_LAKE_EAST, _NORTH),
            (-12_900, _NORTH),
            (-12_900, _NORTH - 1_600),
            (_WEST - 3_200, _NORTH - 1_600),
            (_WEST - 3_200, 4_800),
            (_WEST, 4_800),
        ]
    )


def _find_kinds(faces: Shapes, coast: Floats, places: list[shapely.Polygon]) -> Words:
    """Return the kind of each face by its middle."""
    middle = shapely.point_on_surface(faces)
    lake = _lake(coast)
    kinds = np.full(len(faces), "homes", dtype="<U10")
    kinds[shapely.within(middle, lake)] = "water"
    for place in places:
        kinds[shapely.within(middle, place)] = "special"
    reservoir = places[-1]
    kinds[shapely.within(middle, reservoir)] = "water"
    return kinds


def draw_landmarks() -> dict[str, list[shapely.Geometry]]:
    """Return what a map shows besides areas, by kind, on the straight plan.

    Returns
    -------
    dict
        ``highways`` (six lines), ``rails`` (two), ``streets`` (from west to east, then from south
        to north), ``water`` (lake, reservoir, river), ``parks`` (park, forest preserve), and
        ``sites`` (airport).
    """
    frame, places, ways = _frame(), _places(), _ways()
    lake = shapely.intersection(_lake(_coast()), frame)
    park, airport, forest, *_, reservoir = places
    land = shapely.difference(frame, shapely.union_all([lake, park, forest, reservoir]))
    west, south, east, north = frame.bounds
    streets = [
        *(shapely.LineString([(x, south), (x, north)]) for x in np.arange(west, east, _STREET_M)),
        *(shapely.LineString([(west, y), (east, y)]) for y in np.arange(south, north, _STREET_M)),
    ]
    return {
        "highways": [shapely.intersection(way, land) for way in ways[:6]],
        "rails": [shapely.intersection(way, land) for way in ways[6:8]],
        "streets": [shapely.intersection(street, land) for street in streets],
        "water": [lake, reservoir, shapely.intersection(river().buffer(35), frame)],
        "parks": [park, forest],
        "sites": [airport],
    }


def _ways() -> list[shapely.Geometry]:
    """Return diagonals, rails, a ring road, and a creek."""
    t = np.linspace(0, 1, 40)
    diagonals = [
        [(300, 1_200), (-8_000, 9_500), (-17_500, 19_500)],
        [(-800, -600), (-8_500, -5_000), (-25_600, -9_700)],
        [(600, -1_800), (-4_500, -12_500), (-9_000, -22_100)],
        [(1_100, 2_200), (-500, 11_000), (-1_900, 21_100)],
        [(-2_200, 900), (-13_000, 3_300), (-28_800, 5_600)],
    ]
    ring = np.column_stack([-400 - 14_200 * np.sin(np.pi * t) ** 0.8, -13_800 + 28_600 * t])
    rail = np.column_stack([2_000 - 27_600 * t, -2_600 - 700 * np.sin(3 * t) - 2_000 * t])
    rail_south = np.column_stack([900 - 500 * np.sin(5 * t), -2_500 - 21_200 * t])
    creek = np.column_stack(
        [-19_500 + 900 * np.sin(9 * t) + 380 * np.sin(31 * t), _SOUTH - 10 + (_NORTH - _SOUTH) * t]
    )
    return [shapely.LineString(line) for line in (*diagonals, ring, rail, rail_south, creek)]


def _places() -> list[shapely.Polygon]:
    """Return park, airport, forest preserve, prison, harbor yards, and last a reservoir."""
    forest = np.column_stack(
        [900 * np.cos(np.linspace(0, 6.1, 24)), 3_400 * np.sin(np.linspace(0, 6.1, 24))]
    )
    forest[:, 0] += 180 * np.sin(np.arange(24) * 2.1)
    lake = np.linspace(0, 6.1, 26)
    radius = 900 + 190 * np.sin(3 * lake) + 110 * np.cos(5 * lake)
    reservoir = np.column_stack([radius * 1.3 * np.cos(lake), radius * np.sin(lake)])
    return [
        shapely.Polygon(
            [(300, 5_200), (1_650, 5_000), (1_800, 7_700), (1_050, 8_300), (450, 7_800)]
        ),
        shapely.Polygon(
            [
                (-15_900, 6_100),
                (-12_100, 6_000),
                (-11_700, 7_900),
                (-12_600, 9_900),
                (-15_200, 9_700),
                (-16_300, 8_000),
            ]
        ),
        shapely.Polygon(forest + np.array([-21_800, -9_500])),
        shapely.Polygon(
            [(-9_800, -17_600), (-8_700, -17_500), (-8_650, -16_700), (-9_700, -16_600)]
        ),
        shapely.Polygon(
            [(-1_200, -6_800), (150, -7_000), (300, -5_600), (-600, -5_300), (-1_300, -5_700)]
        ),
        shapely.Polygon(reservoir + np.array([-20_800, 13_200])),
    ]


def density(x: Floats, y: Floats) -> Floats:
    """Return housing units per square kilometer: a dense core and two smaller centers."""
    core = 5_600 * np.exp(-np.hypot(x, y) / 5_600)
    west = 1_500 * np.exp(-((np.hypot(x + 17_500, y + 1_000) / 2_300) ** 2))
    north = 1_400 * np.exp(-((np.hypot(x + 7_000, y - 13_500) / 2_600) ** 2))
    return np.asarray(core + west + north + 230)
