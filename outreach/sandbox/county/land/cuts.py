"""Cut the invented county's quarters into tracts and blocks along streets."""

import numpy as np
import shapely

from outreach.arrays import Floats, Ints
from outreach.sandbox.county.land.streets import Shapes, Words, density

_HOMES_PER_TRACT = 1_330
#: Spacing of road lines in meters, the most important first.
_ROADS = (1600.0, 800.0, 400.0, 200.0, 100.0, 50.0)
#: Positions across a shape at which a street may turn.
_STEPS = np.array([0.0, 0.3, 0.5, 0.5, 0.75, 1.0])

#: A tract joins a neighbor if it has less than this share of the usual homes, or if it is this
#: thin (1 is a circle) and has less than the second share.
_LEAST_SHARE, _LEAST_ROUNDNESS, _LEAST_THIN_SHARE = 0.33, 0.22, 0.7


def cut_tracts(faces: Shapes, kinds: Words, rng: np.random.Generator) -> tuple[Shapes, Words]:
    """Cut living quarters along streets into tracts with similar numbers of homes.

    Returns
    -------
    tracts, kinds
        Scraps have joined a neighbor. Faces of other kinds come last.
    """
    homes = faces[kinds == "homes"]
    done: list[Shapes] = []
    while len(homes):
        middle = shapely.get_coordinates(shapely.centroid(homes))
        usual = 1e6 * _HOMES_PER_TRACT / density(middle[:, 0], middle[:, 1])
        is_large = shapely.area(homes) > usual * rng.uniform(1.05, 2.0, len(homes))
        done.append(homes[~is_large])
        homes, _ = _cut_shapes(homes[is_large], rng)

    tracts = _join_scraps(np.concatenate(done))
    others = kinds != "homes"
    all_kinds = np.concatenate([np.full(len(tracts), "homes"), kinds[others]])
    return np.concatenate([tracts, faces[others]]), all_kinds


def cut_blocks(tracts: Shapes, kinds: Words, rng: np.random.Generator) -> tuple[Shapes, Ints]:
    """Cut each tract into 8 to 12 blocks, and water and special places into a few.

    Returns
    -------
    blocks, owner
        Polygons, and the position of each one's tract.
    """
    others = np.where(kinds == "water", 1, 4)
    count = np.where(kinds == "homes", rng.uniform(7, 11, len(tracts)), others)
    usual = shapely.area(tracts) / count
    parts, owner = shapely.get_parts(tracts, return_index=True)
    done: list[Shapes] = []
    owners: list[Ints] = []
    while len(parts):
        is_large = shapely.area(parts) > usual[owner] * rng.uniform(1.0, 1.7, len(parts))
        done.append(parts[~is_large])
        owners.append(owner[~is_large])
        parts, source = _cut_shapes(parts[is_large], rng)
        owner = owner[is_large][source]
    return np.concatenate(done), np.concatenate(owners)


def _join_scraps(tracts: Shapes) -> Shapes:
    """Join tracts that are too small or too thin to the neighbor with the longest common edge."""
    middle = shapely.get_coordinates(shapely.centroid(tracts))
    share = shapely.area(tracts) * density(middle[:, 0], middle[:, 1]) / 1e6 / _HOMES_PER_TRACT
    roundness = 4 * np.pi * shapely.area(tracts) / shapely.length(tracts) ** 2
    too_thin = (roundness < _LEAST_ROUNDNESS) & (share < _LEAST_THIN_SHARE)
    scraps = np.flatnonzero((share < _LEAST_SHARE) | too_thin)

    # Join the smallest first; ``group`` is the tract that each one now belongs to.
    tree = shapely.STRtree(tracts)
    group = np.arange(len(tracts))
    for scrap in scraps[np.argsort(share[scraps], kind="stable")]:
        rim = tracts[scrap].buffer(2)
        neighbors = [other for other in np.sort(tree.query(rim)) if group[other] != group[scrap]]
        edges = [tracts[other].intersection(rim).area for other in neighbors]
        if neighbors:
            group[group == group[scrap]] = group[neighbors[int(np.argmax(edges))]]

    joined = []
    for owner in np.unique(group):
        members = list(tracts[group == owner])
        is_whole = len(members) == 1
        joined.append(members[0] if is_whole else shapely.union_all(members, grid_size=1.0))
    return np.array(joined, dtype=object)


def _cut_shapes(shapes: Shapes, rng: np.random.Generator) -> tuple[Shapes, Ints]:
    """Cut each shape in two along a street across its longer side.

    A street follows the most important road line in the middle third. Far from the town it winds
    and jogs.

    Returns
    -------
    parts, source
        Polygons, and the position of the shape that each came from.
    """
    if not len(shapes):
        return shapes, np.empty(0, dtype=np.int64)
    left, low, right, high = shapely.bounds(shapes).T
    upright = (right - left) * rng.uniform(0.8, 1.25, len(shapes)) > (high - low)
    start, end = np.where(upright, left, low), np.where(upright, right, high)
    across_start, across_end = np.where(upright, low, left), np.where(upright, high, right)
    distance = np.hypot((left + right) / 2, (low + high) / 2)

    # Draw the street: positions along the longer side, at six steps across it.
    along = _draw_street(start, end, distance, rng)
    across = across_start - 1 + _STEPS[:, None] * (across_end - across_start + 2)
    back = np.vstack([start - 5, start - 5])
    u = np.vstack([along, back]).T.round()
    v = np.vstack([across, across[-1], across[0]]).T.round()
    ring = np.where(upright[:, None, None], np.stack([u, v], axis=2), np.stack([v, u], axis=2))

    # Everything on one side of the street is one part, the rest is the other.
    half = shapely.polygons(ring)
    halves = np.concatenate([shapely.intersection(shapes, half), shapely.difference(shapes, half)])
    parts, source = shapely.get_parts(halves, return_index=True)
    is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    usable = is_polygon & (shapely.area(parts) > 1)
    return parts[usable], (source % len(shapes))[usable]


def _draw_street(start: Floats, end: Floats, distance: Floats, rng: np.random.Generator) -> Floats:
    """Return the position of each street (column) at each step across its shape (row)."""
    count, length = len(start), end - start
    at = start + length * rng.uniform(0.42, 0.58, count)
    on_road = np.zeros(count, dtype=bool)
    for road in _ROADS:
        line = np.round(at / road) * road
        fits = ~on_road & (line > start + length * 0.33) & (line < end - length * 0.33)
        at, on_road = np.where(fits, line, at), on_road | fits

    winding = np.clip((distance - 6_000) / 14_000, 0, 1) * length * 0.09
    walk = np.cumsum(rng.normal(0, 1, (5, count)), axis=0)
    drift = walk * winding * rng.binomial(1, 0.65, count)
    jog = rng.binomial(1, 0.22, count) * rng.uniform(-0.12, 0.12, count) * length
    along = at + np.vstack(
        [drift[0], drift[1], drift[2], drift[2] + jog, drift[3] + jog, drift[4] + jog]
    )
    return np.asarray(np.clip(along, start + length * 0.2, end - length * 0.2))
