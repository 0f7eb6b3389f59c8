"""The ground of the invented county: shore, river and streets, cut into blocks; tracts, ZIPs, wards and city are unions of blocks.

Nothing here is a real place. The county lies in the open Atlantic (41.6 N, 40 W) under a state code
that was never given to a state. Streets are drawn on a straight plan (kilometre roads, diagonals, a
river with two arms, a lake shore) which is then twirled: a twirl keeps areas, so that old quarters
lie askew as in a grown city and no two edges part.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.arrays import Floats, Ints
from outreach.sandbox.county.streets import (
    Shapes,
    Words,
    cut_blocks,
    cut_tracts,
    density,
    draw_quarters,
    river,
    twirl,
    twirl_blocks,
)

STATE, COUNTY, PLACE = "99", "001", "9930000"
#: Metres, equal area, centred on the middle of the town.
PLAN_CRS = "+proj=laea +lat_0=41.6 +lon_0=-40 +datum=NAD83 +units=m"

WATER_CODES = ("990000", "990100", "990200")
#: Park, airport, forest preserve, prison, harbour yards: places of their own without a rate.
SPECIAL_CODES = ("980000", "980100", "980200", "980300", "980400")


@dataclass(frozen=True)
class Plan:
    """The county on the ground.

    Parameters
    ----------
    blocks
        Index ``geoid`` (15 digits); ``tract20``, ``tract10`` (11 digits), ``zip`` and ``ward``
        (empty where there is none), ``place`` (the city's code or empty), ``county``, ``housing``
        (units), ``ALAND``, ``AWATER`` (m2), ``x``, ``y`` (metres east and north of the middle).
    pieces
        The block's polygon on the straight plan, before the twirl.
    rateless
        2020 tracts without a rate that are land; water tracts apart.
    """

    blocks: pd.DataFrame
    pieces: Shapes
    rateless: tuple[str, ...]

    @cached_property
    def ground(self) -> gpd.GeoDataFrame:
        """The blocks with polygons in :data:`PLAN_CRS` that share every edge; drawn when first asked for."""
        polygons = twirl_blocks(self.pieces)
        drawn = gpd.GeoDataFrame(self.blocks, geometry=polygons, crs=PLAN_CRS)
        return drawn[~drawn.is_empty]

    def dissolve(self, column: str, simplify_m: float = 0.0) -> gpd.GeoDataFrame:
        """Unite blocks by ``column`` (empty values are left out), with sums of ``housing``, ``ALAND`` and ``AWATER``.

        ``simplify_m`` straightens edges by about so many metres, neighbours alike, as the Bureau
        does for its cartographic files.
        """
        groups = self.ground[self.ground[column] != ""].groupby(column, sort=True)
        sums = groups[["housing", "ALAND", "AWATER"]].sum()
        polygons = [shapely.coverage_union_all(part.to_numpy()) for _, part in groups["geometry"]]
        if simplify_m:
            polygons = list(shapely.coverage_simplify(np.array(polygons), simplify_m))
        return gpd.GeoDataFrame(sums, geometry=polygons, crs=PLAN_CRS)


def draw_plan(rng: np.random.Generator) -> Plan:
    """Draw the county: cut streets, gather blocks into tracts of two vintages, ZIPs, wards and the city, and number them."""
    faces, kinds = draw_quarters(rng)
    tracts, kinds = cut_tracts(faces, kinds, rng)
    pieces, owner = cut_blocks(tracts, kinds, rng)
    kinds = kinds[owner]
    area = shapely.area(pieces)
    water = np.where(
        kinds == "water", area, shapely.area(shapely.intersection(pieces, river().buffer(35)))
    )
    centre = twirl(shapely.get_coordinates(shapely.point_on_surface(pieces)))
    blocks = pd.DataFrame(
        {
            "tract": owner,
            "kind": kinds,
            "housing": _settle(centre, area, kinds, rng),
            "ALAND": (area - water).round().astype(np.int64),
            "AWATER": water.round().astype(np.int64),
            "x": centre[:, 0],
            "y": centre[:, 1],
        }
    )
    blocks["county"] = STATE + COUNTY
    blocks["place"] = np.where(_lie_in_city(blocks), PLACE, "")
    return _number(blocks, pieces, rng)


def _settle(centre: Floats, area: Floats, kinds: Words, rng: np.random.Generator) -> Ints:
    """Return the housing units of each block."""
    homes = density(centre[:, 0], centre[:, 1]) * rng.gamma(6, 1 / 6, len(centre))
    units = np.where(kinds == "homes", homes * area / 1e6, 0) * rng.binomial(1, 0.96, len(centre))
    return units.round().astype(np.int64)


def _lie_in_city(blocks: pd.DataFrame) -> Words:
    """Say which blocks lie in the city: whole tracts within a lobed distance of the old town."""
    middle = blocks.groupby("tract")[["x", "y"]].transform("mean")
    angle = np.arctan2(middle["y"], middle["x"])
    reach = 10_300 + 1_900 * np.sin(3 * angle + 0.5) + 1_100 * np.cos(5 * angle)
    inside = (np.hypot(middle["x"], middle["y"]) < reach) & (blocks["kind"] != "water")
    return np.asarray(inside)


def _partition(x: Floats, y: Floats, weight: Floats, parts: int, turn: float = 0.35) -> Ints:
    """Halve the points again and again by weight, across their longer side, into ``parts`` districts of a like weight."""
    label = np.zeros(len(x), dtype=np.int64)
    todo = [(np.arange(len(x)), parts, 0)]
    while todo:
        rows, count, first = todo.pop()
        if count == 1:
            label[rows] = first
            continue
        angle = turn * (1 if count % 3 else -1)
        u = x[rows] * np.cos(angle) + y[rows] * np.sin(angle)
        v = y[rows] * np.cos(angle) - x[rows] * np.sin(angle)
        key = -v if np.ptp(v) > np.ptp(u) else u
        order = np.argsort(key, kind="stable")
        filled = np.cumsum(weight[rows][order]) / weight[rows].sum()
        split = int(np.searchsorted(filled, (count // 2) / count))
        todo.append((rows[order[:split]], count // 2, first))
        todo.append((rows[order[split:]], count - count // 2, first + count // 2))
    return label


def _number(blocks: pd.DataFrame, pieces: Shapes, rng: np.random.Generator) -> Plan:
    """Give tracts of both vintages, blocks, ZIPs and wards their codes."""
    homes = blocks["kind"] == "homes"
    weight = blocks["housing"].to_numpy() + 1.0
    blocks = blocks.assign(zip="", ward="")
    inner = (homes & (blocks["place"] != "")).to_numpy()
    x, y = blocks["x"].to_numpy(), blocks["y"].to_numpy()
    blocks.loc[homes, "zip"] = [
        f"{201 + n:05d}" for n in _partition(x[homes], y[homes], weight[homes] ** 0.8, 40)
    ]
    blocks.loc[inner, "ward"] = [
        str(n + 1) for n in _partition(x[inner], y[inner], weight[inner], 12, turn=-0.5)
    ]
    codes, former, rateless = _code_tracts(blocks, rng)
    prefix = STATE + COUNTY
    blocks["tract20"] = [prefix + codes[tract] for tract in blocks["tract"]]
    blocks["tract10"] = [prefix + code for code in former]
    blocks = blocks.sort_values(["tract20", "y", "x"], kind="stable")
    pieces = pieces[blocks.index]
    serial = blocks.groupby("tract20").cumcount()
    number = 1_000 + 1_000 * (serial // 20) + serial % 20
    blocks.index = pd.Index(
        [tract + str(last) for tract, last in zip(blocks["tract20"], number, strict=True)],
        name="geoid",
    )
    return Plan(
        blocks.drop(columns=["tract", "kind"]), pieces, tuple(prefix + code for code in rateless)
    )


def _code_tracts(
    blocks: pd.DataFrame, rng: np.random.Generator
) -> tuple[dict[int, str], list[str], list[str]]:
    """Return the 2020 code by tract, the 2010 code by block, and the codes of land without a rate.

    Since 2010 eight tracts were divided in two, eight joined to four, and two blocks changed hands:
    about 3 % of tracts differ.
    """
    tracts = blocks.groupby("tract").agg(
        x=("x", "mean"),
        y=("y", "mean"),
        housing=("housing", "sum"),
        kind=("kind", "first"),
        city=("place", "first"),
    )
    codes: dict[int, str] = {}
    for city, first, parts in ((True, 1, 48), (False, 80, 16)):
        rows = tracts[(tracts["kind"] == "homes") & ((tracts["city"] != "") == city)]
        quarter = _partition(rows["x"].to_numpy(), rows["y"].to_numpy(), np.ones(len(rows)), parts)
        for number in range(parts):
            members = rows[quarter == number].sort_values(["y", "x"], ascending=[False, True]).index
            codes |= {
                tract: f"{first + number:02d}{place + 1:02d}00"
                for place, tract in enumerate(members)
            }
    for kind, names in (("special", SPECIAL_CODES), ("water", WATER_CODES)):
        members = tracts[tracts["kind"] == kind].sort_values(["y", "x"]).index
        codes |= dict(zip(members, names, strict=True))
    former = dict(codes)
    ordinary = [tract for tract in codes if codes[tract][:2] < "98"]
    changed = rng.choice(np.array(ordinary), 40, replace=False)
    free = iter(changed)
    before = pd.Series([former[tract] for tract in blocks["tract"]], index=blocks.index)
    for _ in range(4):
        tract = next(free)
        south = (blocks["tract"] == tract) & (blocks["y"] < tracts.loc[tract, "y"])
        before[south] = codes[tract][:4] + "02"
        before[(blocks["tract"] == tract) & ~south] = codes[tract][:4] + "01"
    del former
    taken = set(changed[:4])
    pairs = 0
    for tract in free:
        other = _nearest(tracts, tract, [t for t in ordinary if t not in taken and t != tract])
        if tract in taken or codes[tract][:2] != codes[other][:2]:
            continue
        taken |= {tract, other}
        if pairs < 8:  # noqa: PLR2004  divided since 2010
            base = codes[tract][:4]
            before[blocks["tract"].isin([tract, other])] = base + "00"
            codes[tract], codes[other] = base + "01", base + "02"
        else:
            mine = blocks[blocks["tract"] == tract]
            gap = np.hypot(mine["x"] - tracts.loc[other, "x"], mine["y"] - tracts.loc[other, "y"])
            before[gap.idxmin()] = codes[other]
        pairs += 1
        if pairs == 10:  # noqa: PLR2004  eight divided, two that gave a block away
            break
    empty = rng.choice(
        np.array([tract for tract in ordinary if tract not in taken]), 4, replace=False
    )
    rateless = sorted([*SPECIAL_CODES, *(codes[tract] for tract in empty)])
    return codes, list(before), rateless


def _nearest(tracts: pd.DataFrame, tract: int, among: list[int]) -> int:
    """Return the tract of ``among`` whose middle is nearest."""
    gap = np.hypot(tracts["x"][among] - tracts["x"][tract], tracts["y"][among] - tracts["y"][tract])
    return int(gap.idxmin())
