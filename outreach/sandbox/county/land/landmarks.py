"""Make the invented county's roads, rails, water, parks, towns, and legislative districts.

They have the Bureau's paths, columns, and classes (MTFCC). No name in them is of a real place.
"""

import re
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outreach.sandbox.county.land.codes import STATE, partition
from outreach.sandbox.county.land.ground import COUNTY, PLAN_CRS, CountyGround
from outreach.sandbox.county.land.streets import draw_landmarks
from outreach.sandbox.county.land.twirl import twirl
from outreach.sandbox.county.tables import COUNTY_NAME, STATE_NAME
from outreach.sandbox.shapefile import FILE_CRS, lay_out, zip_shapefile

_LINES = re.compile(
    rf"/geo/tiger/TIGER(?P<year>20(?:1[3-9]|2[0-4]))/(?P<folder>[A-Z]+)/"
    rf"(?P<name>tl_(?P=year)_(?P<where>{STATE}{COUNTY}|{STATE}|us)_(?P<layer>[a-z]+))\.zip"
)
_AREAS = re.compile(
    rf"/geo/tiger/GENZ(?P<year>20(?:1[4-9]|2[0-4]))/shp/"
    rf"(?P<name>cb_(?P=year)_{STATE}_(?P<layer>cousub|sldu|sldl)_500k)\.zip"
)
_HIGHWAYS = ("I- 990", "I- 994", "State Hwy 7", "Shore Pkwy", "US Hwy 912", "I- 999")
_PRIMARY = {"I- 990", "I- 994", "I- 999"}
_RAILS = ("Tollbar and Western RR", "Dray Valley RR")
_TREES = (
    *("Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Gorse", "Hazel", "Ivy", "Juniper"),
    *("Katsura", "Larch", "Maple", "Nettle", "Oak", "Pine", "Quince", "Rowan", "Spruce", "Thorn"),
)
_ENDINGS = ("Ave", "Blvd", "Ct", "Pl", "Ter", "Rd")
_WATER = (("Lake Motherwell", "H2030"), ("Quillmarsh Res", "H2040"), ("Dray Riv", "H3010"))
_PARKS = (("Saltersfield Park", "K2180"), ("Wickenhay Forest Preserve", "K2186"))
_SITES = (("Tollbar Airport", "K2451"),)
_TOWNS = ("Eastmole", "Harrowgate", "Lanternside", "Ninebridges", "Tollbar", "Wickenhay")
_SENATE, _HOUSE = 3, 6
_SEGMENT_M = 150.0


def make_landmarks(ground: CountyGround, path: str) -> bytes | None:
    """Return the file at a path of the file server, or ``None`` if it is none of these."""
    lines = _LINES.fullmatch(path)
    if lines:
        makers: dict[tuple[str, str, str], Callable[[], gpd.GeoDataFrame]] = {
            ("PRISECROADS", STATE, "prisecroads"): _list_highways,
            ("ROADS", STATE + COUNTY, "roads"): _list_roads,
            ("RAILS", "us", "rails"): _list_rails,
            ("AREAWATER", STATE + COUNTY, "areawater"): lambda: _list_ground("water", _WATER),
            ("AREALM", STATE, "arealm"): _list_landmarks,
        }
        maker = makers.get((lines["folder"], lines["where"], lines["layer"]))
        if maker is None:
            return None
        layer = "roads" if lines["layer"] == "prisecroads" else lines["layer"]
        return zip_shapefile(_arrange(maker(), layer), lines["name"])

    areas = _AREAS.fullmatch(path)
    if areas is None:
        return None
    table = _list_towns(ground) if areas["layer"] == "cousub" else _seat(ground, areas["layer"])
    named = table.assign(STUSPS="ZZ", STATE_NAME=STATE_NAME, NAMELSADCO=COUNTY_NAME)
    layer = f"cb_{areas['layer']}"
    return zip_shapefile(lay_out(named, layer, int(areas["year"])), areas["name"])


def _arrange(table: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Give lines or landmarks their numbers and the Bureau's columns."""
    numbers = [f"11{number:011d}" for number in range(1, len(table) + 1)]
    table = table.assign(
        LINEARID=numbers, HYDROID=numbers, AREAID=numbers, ANSICODE="", STATEFP=STATE
    )
    return lay_out(table.set_index(pd.Index(numbers)), f"tl_{layer}")


def _place(shapes: list[shapely.Geometry], names: list[str], codes: list[str]) -> gpd.GeoDataFrame:
    """Move shapes from the straight plan to the ground, with names and classes."""
    moved = shapely.transform(shapely.segmentize(shapes, _SEGMENT_M), twirl)
    table = gpd.GeoDataFrame(
        {"FULLNAME": names, "MTFCC": codes}, geometry=shapely.make_valid(moved), crs=PLAN_CRS
    )
    return table.to_crs(FILE_CRS)


def _list_highways() -> gpd.GeoDataFrame:
    """List primary and secondary roads."""
    codes = ["S1100" if name in _PRIMARY else "S1200" for name in _HIGHWAYS]
    table = _place(draw_landmarks()["highways"], list(_HIGHWAYS), codes)
    return table.assign(RTTYP=[{"I": "I", "U": "U"}.get(name[0], "S") for name in _HIGHWAYS])


def _list_roads() -> gpd.GeoDataFrame:
    """List every road: highways and the streets between them."""
    streets = draw_landmarks()["streets"]
    names = name_streets(len(streets))
    local = _place(streets, names, ["S1400"] * len(names)).assign(RTTYP="M")
    return gpd.GeoDataFrame(pd.concat([_list_highways(), local], ignore_index=True), crs=FILE_CRS)


def name_streets(count: int) -> list[str]:
    """Name so many streets: trees and endings, each pair once, then numbers."""
    trees = [f"{tree} {ending}" for ending in _ENDINGS for tree in _TREES]
    return [*trees, *(f"Street {number}" for number in range(len(trees), count))][:count]


def _list_rails() -> gpd.GeoDataFrame:
    """List the rail lines."""
    return _place(draw_landmarks()["rails"], list(_RAILS), ["R1011"] * len(_RAILS))


def _list_landmarks() -> gpd.GeoDataFrame:
    """List parks, and an airport."""
    parts = [_list_ground("parks", _PARKS), _list_ground("sites", _SITES)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=FILE_CRS)


def _list_ground(kind: str, named: tuple[tuple[str, str], ...]) -> gpd.GeoDataFrame:
    """List water, parks, or sites with their areas in square meters."""
    names, codes = ([each[part] for each in named] for part in range(2))
    table = _place(draw_landmarks()[kind], names, codes)
    area = table.to_crs(PLAN_CRS).area.round().astype("int64")
    water, land = (area, 0) if kind == "water" else (0, area)
    return table.assign(AWATER=water, ALAND=land)


def _list_towns(ground: CountyGround) -> gpd.GeoDataFrame:
    """Divide the land outside the city into six towns."""
    blocks = ground.blocks
    outer = ((blocks["place"] == "") & (blocks["ALAND"] > 0)).to_numpy()
    x, y = (blocks[name].to_numpy()[outer] for name in ("x", "y"))
    numbers = np.full(len(blocks), -1)
    numbers[outer] = partition(x, y, np.ones(len(x)), len(_TOWNS))
    towns = _unite(ground, pd.Series(numbers, blocks.index))
    codes = [f"{STATE}{COUNTY}{90_000 + number}" for number in towns.index]
    labels = [f"{_TOWNS[number]} township" for number in towns.index]
    return towns.assign(NAME=list(_TOWNS), NAMELSAD=labels).set_axis(pd.Index(codes))


def _seat(ground: CountyGround, layer: str) -> gpd.GeoDataFrame:
    """Divide the land into legislative districts with about as many homes each."""
    words, count = ("Senate", _SENATE) if layer == "sldu" else ("House", _HOUSE)
    blocks = ground.blocks
    land = (blocks["ALAND"] > 0).to_numpy()
    x, y, weight = (blocks[name].to_numpy()[land] for name in ("x", "y", "housing"))
    numbers = np.full(len(blocks), -1)
    numbers[land] = partition(x, y, weight + 0.1, count)
    seats = _unite(ground, pd.Series(numbers, blocks.index))
    labels = [f"State {words} District {number + 1}" for number in seats.index]
    codes = [f"{STATE}{number + 1:03d}" for number in seats.index]
    names = [str(number + 1) for number in seats.index]
    return seats.assign(NAME=names, NAMELSAD=labels).set_axis(pd.Index(codes))


def _unite(ground: CountyGround, numbers: "pd.Series[int]") -> gpd.GeoDataFrame:
    """Unite the blocks of each number from 0 on."""
    blocks = ground.polygons.assign(number=numbers)
    groups = blocks[blocks["number"] >= 0].groupby("number")
    shapes = [shapely.coverage_union_all(part.to_numpy()) for _, part in groups["geometry"]]
    areas = gpd.GeoDataFrame(groups[["ALAND", "AWATER"]].sum(), geometry=shapes, crs=PLAN_CRS)
    return areas.to_crs(FILE_CRS)
