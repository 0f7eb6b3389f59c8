"""Lay out the ground of the invented county as numbered blocks.

Tracts, ZIPs, wards, and the city are unions of blocks. Nothing here is a real place. The county is
in the open Atlantic (41.6 N, 40 W), under a state code that no state ever had.
"""

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.arrays import Floats, Ints
from outreach.sandbox.county.land.codes import STATE, TractCodes, code_tracts, partition
from outreach.sandbox.county.land.cuts import cut_blocks, cut_tracts
from outreach.sandbox.county.land.streets import Shapes, Words, density, draw_quarters, river
from outreach.sandbox.county.land.twirl import twirl, twirl_blocks

COUNTY, PLACE = "001", "9930000"
#: Meters, equal area, centered on the middle of the town.
PLAN_CRS = "+proj=laea +lat_0=41.6 +lon_0=-40 +datum=NAD83 +units=m"

_ZIPS, _WARDS, _FIRST_ZIP = 40, 12, 201


@dataclass(frozen=True)
class CountyGround:
    """The county on the ground.

    Parameters
    ----------
    blocks
        Index ``geoid`` (15 digits); ``tract20``, ``tract10`` (11 digits), ``zip`` and ``ward``
        (empty where there is none), ``place`` (the city's code or empty), ``county``, ``housing``
        (units), ``ALAND``, ``AWATER`` (m2), ``x``, ``y`` (meters east and north of the middle).
    pieces
        The block's polygon on the straight plan, before the twirl.
    rateless
        2020 tracts of land without a rate. Water tracts are not among them.
    """

    blocks: pd.DataFrame
    pieces: Shapes
    rateless: tuple[str, ...]

    @cached_property
    def polygons(self) -> gpd.GeoDataFrame:
        """The blocks with polygons in :data:`PLAN_CRS` that share every edge."""
        shapes = twirl_blocks(self.pieces)
        blocks = gpd.GeoDataFrame(self.blocks, geometry=shapes, crs=PLAN_CRS)
        return blocks[~blocks.is_empty]

    def dissolve(self, column: str, simplify_m: float = 0.0) -> gpd.GeoDataFrame:
        """Unite blocks by a column, with sums of ``housing``, ``ALAND``, and ``AWATER``.

        Parameters
        ----------
        column
            Blocks with an empty value are left out.
        simplify_m
            Straighten edges by about this many meters, the same for both neighbors, as the Bureau
            does in its cartographic files.
        """
        groups = self.polygons[self.polygons[column] != ""].groupby(column, sort=True)
        sums = groups[["housing", "ALAND", "AWATER"]].sum()
        shapes = [shapely.coverage_union_all(part.to_numpy()) for _, part in groups["geometry"]]
        if simplify_m:
            shapes = list(shapely.coverage_simplify(np.array(shapes), simplify_m))
        return gpd.GeoDataFrame(sums, geometry=shapes, crs=PLAN_CRS)


def draw_ground(rng: np.random.Generator) -> CountyGround:
    """Draw the county: streets, blocks, tracts of two vintages, ZIPs, wards, and the city.

    The order of the draws fixes the county; keep it.
    """
    faces, kinds = draw_quarters(rng)
    tracts, kinds = cut_tracts(faces, kinds, rng)
    pieces, owner = cut_blocks(tracts, kinds, rng)
    kinds = kinds[owner]
    area = shapely.area(pieces)
    in_river = shapely.area(shapely.intersection(pieces, river().buffer(35)))
    water = np.where(kinds == "water", area, in_river)
    center = twirl(shapely.get_coordinates(shapely.point_on_surface(pieces)))
    blocks = pd.DataFrame(
        {
            "tract": owner,
            "kind": kinds,
            "housing": _draw_housing(center, area, kinds, rng),
            "ALAND": (area - water).round().astype(np.int64),
            "AWATER": water.round().astype(np.int64),
            "x": center[:, 0],
            "y": center[:, 1],
        }
    )
    blocks["county"] = STATE + COUNTY
    blocks["place"] = np.where(_is_in_city(blocks), PLACE, "")
    blocks = _add_districts(blocks)
    return _number_blocks(blocks, pieces, code_tracts(blocks, rng))


def _draw_housing(center: Floats, area: Floats, kinds: Words, rng: np.random.Generator) -> Ints:
    """Return the housing units of each block."""
    homes = density(center[:, 0], center[:, 1]) * rng.gamma(6, 1 / 6, len(center))
    units = np.where(kinds == "homes", homes * area / 1e6, 0) * rng.binomial(1, 0.96, len(center))
    return units.round().astype(np.int64)


def _is_in_city(blocks: pd.DataFrame) -> Words:
    """Return which blocks are in the city: whole tracts near the old town."""
    middle = blocks.groupby("tract")[["x", "y"]].transform("mean")
    angle = np.arctan2(middle["y"], middle["x"])
    limit = 10_300 + 1_900 * np.sin(3 * angle + 0.5) + 1_100 * np.cos(5 * angle)
    inside = (np.hypot(middle["x"], middle["y"]) < limit) & (blocks["kind"] != "water")
    return np.asarray(inside)


def _add_districts(blocks: pd.DataFrame) -> pd.DataFrame:
    """Add the ZIP of each block with homes, and the ward of each in the city."""
    blocks = blocks.assign(zip="", ward="")
    x, y = blocks["x"].to_numpy(), blocks["y"].to_numpy()
    weight = blocks["housing"].to_numpy() + 1.0
    homes = blocks["kind"] == "homes"
    inner = (homes & (blocks["place"] != "")).to_numpy()
    zips = partition(x[homes], y[homes], weight[homes] ** 0.8, _ZIPS)
    wards = partition(x[inner], y[inner], weight[inner], _WARDS, turn=-0.5)
    blocks.loc[homes, "zip"] = [f"{_FIRST_ZIP + number:05d}" for number in zips]
    blocks.loc[inner, "ward"] = [str(number + 1) for number in wards]
    return blocks


def _number_blocks(blocks: pd.DataFrame, pieces: Shapes, codes: TractCodes) -> CountyGround:
    """Give tracts and blocks their codes, and sort the blocks by them."""
    prefix = STATE + COUNTY
    blocks["tract20"] = [prefix + codes.current[tract] for tract in blocks["tract"]]
    blocks["tract10"] = [prefix + code for code in codes.former]
    blocks = blocks.sort_values(["tract20", "y", "x"], kind="stable")
    pieces = pieces[blocks.index]

    serial = blocks.groupby("tract20").cumcount()
    number = 1_000 + 1_000 * (serial // 20) + serial % 20
    blocks.index = pd.Index(
        [tract + str(last) for tract, last in zip(blocks["tract20"], number, strict=True)],
        name="geoid",
    )
    rateless = tuple(prefix + code for code in codes.rateless)
    return CountyGround(blocks.drop(columns=["tract", "kind"]), pieces, rateless)
