"""Make the invented county's files under the Bureau's paths.

There are boundaries, blocks, the tract relationship file, centers of population, the county's own
wards, and what :mod:`outreach.sandbox.county.land.landmarks` adds.
"""

import io
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from outreach.sandbox.county.land.blocks import PEOPLE_PER_HOME
from outreach.sandbox.county.land.codes import STATE
from outreach.sandbox.county.land.ground import COUNTY, PLACE, PLAN_CRS, CountyGround
from outreach.sandbox.county.land.landmarks import make_landmarks
from outreach.sandbox.county.tables import COUNTY_NAME, PLACE_NAME, STATE_NAME
from outreach.sandbox.shapefile import (
    FILE_CRS,
    format_tracts,
    lay_out,
    tract_label,
    zip_files,
    zip_shapefile,
)

_STATE_USPS = "ZZ"
_SIMPLIFY_M = 25.0
_WARD_NAMES = (
    *("Harrowgate", "Eastmole", "Tollbar", "Quillmarsh", "Saltersfield", "Ninebridges"),
    *("Old Foundry", "Wickenhay", "Lanternside", "Brackwater", "Upper Dray", "Motherwell's Rest"),
)
_BOUNDARY = re.compile(
    r"/geo/tiger/(?:GENZ(?P<genz>\d{4})(?P<shp>/shp)?|TIGER(?P<tiger>\d{4})/[A-Z0-9]+)/"
    rf"(?P<name>(?P<kind>cb|tl)_(?P<year>\d{{4}})_(?P<where>{STATE}|us)_"
    r"(?P<layer>tract|county|place|zcta520|tabblock20)(?:_500k)?)\.zip"
)
_NATIONAL = {"county", "zcta520"}
_FIRST_TIGER, _FIRST_IN_SHP, _TRACTS_2020, _NEWEST = 2013, 2014, 2020, 2024


def make_file(ground: CountyGround, path: str) -> bytes | None:
    """Return the file at a path of the file server, or ``None`` if there is none."""
    boundary = _BOUNDARY.fullmatch(path)
    if boundary:
        return _make_boundary(ground, boundary) if _exists(boundary) else None
    landmarks = make_landmarks(ground, path)
    if landmarks is not None:
        return landmarks
    makers: dict[str, Callable[[CountyGround], bytes]] = {
        "/geo/maps/DC2020/SR20/rr_tract_rel.zip": _make_relationship,
        f"/geo/docs/reference/cenpop2020/tract/CenPop2020_Mean_TR{STATE}.txt": _make_centers,
        "/geo/docs/maps-data/data/rel2020/zcta520/tab20_zcta520_tract20_natl.txt": (
            _make_zcta_relationship
        ),
        "/geo/docs/reference/codes2020/national_place_by_county2020.txt": _list_places,
        "/districts/wards.geojson": _make_wards,
    }
    maker = makers.get(path)
    return maker(ground) if maker else None


def _exists(boundary: re.Match[str]) -> bool:
    """Return whether name, folder, and year of a boundary file belong together."""
    year, layer, is_cartographic = (
        int(boundary["year"]),
        boundary["layer"],
        boundary["kind"] == "cb",
    )
    folder = boundary["genz"] if is_cartographic else boundary["tiger"]
    is_national = boundary["where"] == "us"
    if layer == "tabblock20" and is_cartographic:
        return False
    if layer in {"zcta520", "tabblock20"} and year < _TRACTS_2020:
        return False
    if is_cartographic and layer == "zcta520" and year != _TRACTS_2020:
        return False
    if is_cartographic and (boundary["shp"] is None) != (year < _FIRST_IN_SHP):
        return False
    return (
        folder == boundary["year"]
        and _FIRST_TIGER <= year <= _NEWEST
        and is_national == (layer in _NATIONAL)
        and is_cartographic == ("_500k" in boundary["name"])
    )


def _make_boundary(ground: CountyGround, boundary: re.Match[str]) -> bytes:
    """Make one of the Bureau's boundary files."""
    year, layer, is_cartographic = (
        int(boundary["year"]),
        boundary["layer"],
        boundary["kind"] == "cb",
    )
    simplify_m = _SIMPLIFY_M if is_cartographic else 0.0
    if layer == "tract":
        areas = ground.dissolve("tract20" if year >= _TRACTS_2020 else "tract10", simplify_m)
        names = {"state_usps": _STATE_USPS, "state_name": STATE_NAME, "county_name": COUNTY_NAME}
        tracts = format_tracts(_to_degrees(areas), year, cartographic=is_cartographic, **names)
        return zip_shapefile(tracts, boundary["name"])

    if layer == "tabblock20":
        blocks = ground.polygons
        people = (blocks["housing"] * PEOPLE_PER_HOME).round().astype(int)
        labels = "Block " + blocks.index.str[11:]
        areas = blocks.assign(HOUSING=blocks["housing"], POP=people, NAME=labels)
    elif layer == "zcta520":
        areas = ground.dissolve("zip", simplify_m)
    elif layer == "place":
        name = PLACE_NAME.removesuffix(" city")
        areas = ground.dissolve("place", simplify_m).assign(NAME=name, NAMELSAD=PLACE_NAME)
    else:
        name = COUNTY_NAME.removesuffix(" County")
        areas = ground.dissolve("county", simplify_m).assign(NAME=name, NAMELSAD=COUNTY_NAME)
    areas = areas.assign(STUSPS=_STATE_USPS, STATE_NAME=STATE_NAME)
    table = lay_out(_to_degrees(areas), f"{boundary['kind']}_{layer}", year)
    return zip_shapefile(table, boundary["name"])


def _to_degrees(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Convert meters to NAD83 degrees, rounded the same for every neighbor."""
    degrees = areas.to_crs(FILE_CRS)
    shapes = shapely.set_precision(degrees.geometry.to_numpy(), 1e-7, mode="pointwise")
    return degrees.set_geometry(shapes, crs=FILE_CRS)


def _make_wards(ground: CountyGround) -> bytes:
    """Make the twelve wards of the city as GeoJSON: ``ward`` and ``name``."""
    wards = ground.dissolve("ward").to_crs("EPSG:4326").reset_index()
    wards["name"] = [_WARD_NAMES[int(ward) - 1] for ward in wards["ward"]]
    wards = wards.iloc[wards["ward"].astype(int).argsort()][["ward", "name", "geometry"]]
    return str(wards.to_json(drop_id=True)).encode()


def _make_relationship(ground: CountyGround) -> bytes:
    """Make the 2010-2020 tract relationship file: areas in m2, percentages 0-100."""
    blocks = ground.blocks.assign(area=ground.blocks["ALAND"] + ground.blocks["AWATER"])
    parts = blocks.groupby(["tract10", "tract20"])[["area", "ALAND", "housing"]].sum().reset_index()
    table: dict[str, object] = {}
    for year in ("10", "20"):
        geoid = parts[f"tract{year}"]
        table |= {
            f"STATEFP{year}": geoid.str[:2],
            f"COUNTYFP{year}": geoid.str[2:5],
            f"TRACTCE{year}": geoid.str[5:],
            f"GEOID{year}": geoid,
            f"AREA{year}": parts.groupby(f"tract{year}")["area"].transform("sum"),
            f"AREALAND{year}": parts.groupby(f"tract{year}")["ALAND"].transform("sum"),
        }
    table |= {"AREAPT": parts["area"], "AREALANDPT": parts["ALAND"]}
    for year in ("10", "20"):
        for name, column in (("AREAPCT", "area"), ("AREALANDPCT", "ALAND")):
            table[f"{name}{year}PT"] = _find_percent(parts, column, f"tract{year}")
    for year in ("10", "20"):
        names = (f"HUCURPCT_T{year}", f"HU10PCT_T{year}")
        table |= dict.fromkeys(names, _find_percent(parts, "housing", f"tract{year}"))
    content = pd.DataFrame(table).to_csv(index=False, lineterminator="\r\n").encode()
    return zip_files({"rr_tract_rel.csv": content})


def _find_percent(parts: pd.DataFrame, column: str, by: str) -> "pd.Series[float]":
    """Return each part as a percentage of the total of ``by``; missing if the total is zero."""
    total = parts.groupby(by)[column].transform("sum")
    return (100 * parts[column] / total.where(total > 0)).round(2)


def _make_centers(ground: CountyGround) -> bytes:
    """Make the centers of population by 2020 tract, as CSV with the Bureau's byte-order mark."""
    blocks = ground.blocks
    weight = blocks["housing"] + 1e-6
    sums = blocks[["x", "y"]].mul(weight, axis=0).groupby(blocks["tract20"]).sum()
    middle = sums.div(weight.groupby(blocks["tract20"]).sum(), axis=0)
    degrees = gpd.GeoSeries.from_xy(middle["x"], middle["y"], crs=PLAN_CRS).to_crs(FILE_CRS)
    housing = blocks["housing"].groupby(blocks["tract20"]).sum()
    people = (PEOPLE_PER_HOME * housing).round().astype(int)
    lines = ["STATEFP,COUNTYFP,TRACTCE,POPULATION,LATITUDE,LONGITUDE"]
    for geoid, count, x, y in zip(middle.index, people, degrees.x, degrees.y, strict=True):
        lines.append(f"{geoid[:2]},{geoid[2:5]},{geoid[5:]},{count},{y:+.6f},{x:+.6f}")
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _list_places(_ground: CountyGround) -> bytes:
    """List the one city with its county, as the Bureau lists places by county."""
    columns = "STATE|STATEFP|COUNTYFP|COUNTYNAME|PLACEFP|PLACENS|PLACENAME|TYPE|CLASSFP|FUNCSTAT"
    row = (
        f"{_STATE_USPS}|{STATE}|{COUNTY}|{COUNTY_NAME}|{PLACE[2:]}|00000001|{PLACE_NAME}"
        "|INCORPORATED PLACE|C1|A"
    )
    return f"{columns}\n{row}\n".encode()


def _make_zcta_relationship(ground: CountyGround) -> bytes:
    """Make the ZCTA-tract relationship file (census reference 5.2).

    Land outside every ZCTA has an empty ZCTA side.
    """
    blocks = ground.blocks
    parts = blocks.groupby(["zip", "tract20"])[["ALAND", "AWATER"]].sum().reset_index()
    zcta_labels = [f"ZCTA5 {code}" for code in parts["zip"]]
    tract_labels = [f"Census Tract {tract_label(code[5:])}" for code in parts["tract20"]]
    table = _describe_side(parts, "zip", zcta_labels, "ZCTA5_20", ("G6350", "B5", "S"))
    table |= _describe_side(parts, "tract20", tract_labels, "TRACT_20", ("G5020", "", "S"))
    table |= {"AREALAND_PART": parts["ALAND"], "AREAWATER_PART": parts["AWATER"]}
    buffer = io.StringIO()
    pd.DataFrame(table).to_csv(buffer, sep="|", index=False)
    return ("\ufeff" + buffer.getvalue()).encode()


def _describe_side(
    parts: pd.DataFrame, column: str, labels: list[str], ending: str, fixed: tuple[str, ...]
) -> dict[str, object]:
    """Return the columns of one side of the ZCTA-tract relationship file."""
    code = parts[column]
    sums = parts.groupby(column)[["ALAND", "AWATER"]].transform("sum").astype(str)
    values: dict[str, Any] = {
        "OID": "20" + code,
        "GEOID": code,
        "NAMELSAD": labels,
        "AREALAND": sums["ALAND"],
        "AREAWATER": sums["AWATER"],
    }
    values |= {
        name: value
        for name, value in zip(("MTFCC", "CLASSFP", "FUNCSTAT"), fixed, strict=True)
        if value
    }
    return {
        f"{name}_{ending}": pd.Series(value, parts.index).where(code != "", "")
        for name, value in values.items()
    }
