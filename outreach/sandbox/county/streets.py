"""The straight plan of the invented county: shore, river, roads and rails, cut into tracts and blocks, then twirled into place.

Streets run along kilometre roads, diagonals and a river with two arms. The plan is then twirled: a
twirl keeps areas, so that old quarters lie askew as in a grown city and no two edges part. All
lengths are metres on the plan.
"""

import numpy as np
import shapely
from numpy.typing import NDArray

from outreach.arrays import Floats, Ints

Words = NDArray[np.str_]
Shapes = NDArray[np.object_]

_WEST, _SOUTH, _NORTH, _LAKE_EAST = -25_500.0, -22_000.0, 21_000.0, 17_000.0
_TWIRLS = (  # centre (m), reach (m), turn (degrees)
    (300, 300, 2_600, 24),
    (-7_500, 8_500, 6_000, -27),
    (-6_500, -9_500, 5_500, 24),
    (-18_500, -2_000, 6_500, 17),
    (-17_000, 15_000, 5_000, 21),
    (-16_000, -16_500, 5_500, -23),
    (900, -15_500, 3_500, -14),
    (1_000, 13_500, 3_500, 13),
)
_HOUSES_IN_A_TRACT = 1_330
_ROADS = (1600.0, 800.0, 400.0, 200.0, 100.0, 50.0)


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


def river() -> shapely.Geometry:
    """Return the river: from the shore to a fork in the old town, then an arm to the north-west and one to the south-west."""
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
    """Return the county's faces between water, rails, diagonals and places of their own, and the kind of each."""
    shore = _shore()
    frame = shapely.Polygon(
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
    coast = np.vstack([[shore[0, 0], _SOUTH - 1_700], shore, [shore[-1, 0], _NORTH + 100]])
    lines = [shapely.LineString(coast), river(), *_ways()]
    lines.append(shapely.LineString([(shore[60, 0], shore[60, 1]), (_LAKE_EAST, shore[60, 1])]))
    places = _places()
    lines = [shapely.difference(line, shapely.union_all(places)) for line in lines]
    network = shapely.union_all(
        [frame.exterior, *(place.exterior for place in places), *lines], grid_size=1.0
    )
    faces = shapely.get_parts(shapely.polygonize([network]))
    faces = faces[shapely.within(shapely.point_on_surface(faces), frame)]
    middle = shapely.point_on_surface(faces)
    lake = shapely.Polygon(
        [*coast, (_LAKE_EAST + 9_000, _NORTH + 100), (_LAKE_EAST + 9_000, _SOUTH - 1_700)]
    )
    kinds = np.full(len(faces), "homes", dtype="<U10")
    kinds[shapely.within(middle, lake)] = "water"
    for place in places:
        kinds[shapely.within(middle, place)] = "special"
    reservoir = places[-1]
    kinds[shapely.within(middle, reservoir)] = "water"
    order = rng.permutation(len(faces))
    return faces[order], kinds[order]


def _ways() -> list[shapely.Geometry]:
    """Return diagonals, rails, a ring road and a creek: what cuts a street plan besides its streets."""
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
    """Return park, airport, forest preserve, prison, harbour yards and a reservoir; the last is water."""
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
    """Return housing units a square kilometre: a dense core, two lesser centres, thinning outward."""
    core = 5_600 * np.exp(-np.hypot(x, y) / 5_600)
    west = 1_500 * np.exp(-((np.hypot(x + 17_500, y + 1_000) / 2_300) ** 2))
    north = 1_400 * np.exp(-((np.hypot(x + 7_000, y - 13_500) / 2_600) ** 2))
    return np.asarray(core + west + north + 230)


def cut_tracts(faces: Shapes, kinds: Words, rng: np.random.Generator) -> tuple[Shapes, Words]:
    """Cut the living quarters along streets into tracts of a like number of homes; scraps join a neighbour."""
    homes = faces[kinds == "homes"]
    done: list[Shapes] = []
    while len(homes):
        middle = shapely.get_coordinates(shapely.centroid(homes))
        want = 1e6 * _HOUSES_IN_A_TRACT / density(middle[:, 0], middle[:, 1])
        large = shapely.area(homes) > want * rng.uniform(1.05, 2.0, len(homes))
        done.append(homes[~large])
        homes, _ = _cut(homes[large], rng)
    whole = _join_scraps(np.concatenate(done))
    others = faces[kinds != "homes"]
    return np.concatenate([whole, others]), np.concatenate(
        [np.full(len(whole), "homes"), kinds[kinds != "homes"]]
    )


def _join_scraps(tracts: Shapes) -> Shapes:
    """Give tracts that came out too small or too thin to the neighbour with the longest common edge."""
    middle = shapely.get_coordinates(shapely.centroid(tracts))
    share = shapely.area(tracts) * density(middle[:, 0], middle[:, 1]) / 1e6 / _HOUSES_IN_A_TRACT
    round_ = 4 * np.pi * shapely.area(tracts) / shapely.length(tracts) ** 2
    scraps = np.flatnonzero((share < 0.33) | ((round_ < 0.22) & (share < 0.7)))  # noqa: PLR2004  shares of a usual tract
    parts = list(tracts)
    tree = shapely.STRtree(tracts)
    home = np.arange(len(tracts))
    for scrap in scraps[np.argsort(share[scraps], kind="stable")]:
        near = [
            other
            for other in np.sort(tree.query(tracts[scrap].buffer(2)))
            if home[other] != home[scrap]
        ]
        edge = [tracts[other].intersection(tracts[scrap].buffer(2)).area for other in near]
        if near:
            home[home == home[scrap]] = home[near[int(np.argmax(edge))]]
    united = []
    for owner in np.unique(home):
        members = [parts[number] for number in np.flatnonzero(home == owner)]
        united.append(
            members[0] if len(members) == 1 else shapely.union_all(members, grid_size=1.0)
        )
    return np.array(united, dtype=object)


def cut_blocks(tracts: Shapes, kinds: Words, rng: np.random.Generator) -> tuple[Shapes, Ints]:
    """Cut each tract into 8 to 12 blocks (water and places of their own into a few); return blocks and the tract of each."""
    share = np.where(
        kinds == "homes", rng.uniform(7, 11, len(tracts)), np.where(kinds == "water", 1, 4)
    )
    want = shapely.area(tracts) / share
    parts, part = shapely.get_parts(tracts, return_index=True)
    owner = part
    done: list[Shapes] = []
    owners: list[Ints] = []
    while len(parts):
        large = shapely.area(parts) > want[owner] * rng.uniform(1.0, 1.7, len(parts))
        done.append(parts[~large])
        owners.append(owner[~large])
        parts, source = _cut(parts[large], rng)
        owner = owner[large][source]
    return np.concatenate(done), np.concatenate(owners)


def _cut(shapes: Shapes, rng: np.random.Generator) -> tuple[Shapes, Ints]:
    """Cut each shape in two along a street across its longer side; return the parts and the number of the shape each came from.

    A street keeps to the largest road line that runs through the middle third. Far from the town it
    winds and jogs.
    """
    if not len(shapes):
        return shapes, np.empty(0, dtype=np.int64)
    left, low, right, high = shapely.bounds(shapes).T
    upright = (right - left) * rng.uniform(0.8, 1.25, len(shapes)) > (high - low)
    start, end = np.where(upright, left, low), np.where(upright, right, high)
    across_start, across_end = np.where(upright, low, left), np.where(upright, high, right)
    length = end - start
    at = start + length * rng.uniform(0.42, 0.58, len(shapes))
    settled = np.zeros(len(shapes), dtype=bool)
    for road in _ROADS:
        line = np.round(at / road) * road
        fits = ~settled & (line > start + length * 0.33) & (line < end - length * 0.33)
        at, settled = np.where(fits, line, at), settled | fits
    distance = np.hypot((left + right) / 2, (low + high) / 2)
    winding = np.clip((distance - 6_000) / 14_000, 0, 1) * length * 0.09
    drift = (
        np.cumsum(rng.normal(0, 1, (5, len(shapes))), axis=0)
        * winding
        * rng.binomial(1, 0.65, len(shapes))
    )
    jog = rng.binomial(1, 0.22, len(shapes)) * rng.uniform(-0.12, 0.12, len(shapes)) * length
    steps = np.array([0.0, 0.3, 0.5, 0.5, 0.75, 1.0])
    along = at + np.vstack(
        [drift[0], drift[1], drift[2], drift[2] + jog, drift[3] + jog, drift[4] + jog]
    )
    along = np.clip(along, start + length * 0.2, end - length * 0.2)
    across = across_start - 1 + steps[:, None] * (across_end - across_start + 2)
    back = np.vstack([start - 5, start - 5])
    u = np.vstack([along, back]).T.round()
    v = np.vstack([across, across[-1], across[0]]).T.round()
    ring = np.where(upright[:, None, None], np.stack([u, v], axis=2), np.stack([v, u], axis=2))
    half = shapely.polygons(ring)
    halves = np.concatenate([shapely.intersection(shapes, half), shapely.difference(shapes, half)])
    parts, source = shapely.get_parts(halves, return_index=True)
    keep = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 1)
    return parts[keep], (source % len(shapes))[keep]


def twirl_blocks(pieces: Shapes) -> Shapes:
    """Bring blocks from the straight plan to the ground so that neighbours share every corner; a scrap of a few m2 may come out empty."""
    ground = shapely.transform(shapely.segmentize(pieces, 200), twirl)
    for number in np.flatnonzero(~shapely.is_valid(ground)):
        parts = shapely.get_parts(shapely.make_valid(ground[number]))
        ground[number] = parts[np.argmax(shapely.area(parts))]
    clean: Shapes = shapely.coverage_clean(ground, gap_width=8, snapping_distance=0.3)
    return clean


def twirl(points: Floats) -> Floats:
    """Turn the plan about each centre, less with distance; every turn is a bijection that keeps areas."""
    points = points.copy()
    for x, y, reach, degrees in _TWIRLS:
        offset = points - (x, y)
        angle = np.radians(degrees) * np.exp(-((offset**2).sum(axis=1)) / (2 * reach**2))
        sine, cosine = np.sin(angle), np.cos(angle)
        points[:, 0] = x + offset[:, 0] * cosine - offset[:, 1] * sine
        points[:, 1] = y + offset[:, 0] * sine + offset[:, 1] * cosine
    return points
