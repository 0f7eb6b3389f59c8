"""The invented county's files under the Bureau's paths: boundaries, blocks, the tract relationship file, centres; and its own wards."""

import io
import re
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from outreach.sandbox.county.ground import PLAN_CRS, STATE, Plan
from outreach.sandbox.county.tables import COUNTY_NAME, PLACE_NAME, STATE_NAME
from outreach.sandbox.shapefile import dress, tract_columns, tract_label, zip_members, zip_shapefile

_STATE_USPS = "ZZ"
_SIMPLIFY_M = 25.0
_WARD_NAMES = (
    *("Harrowgate", "Eastmole", "Tollbar", "Quillmarsh", "Saltersfield", "Ninebridges"),
    *("Old Foundry", "Wickenhay", "Lanternside", "Brackwater", "Upper Dray", "Motherwell's Rest"),
)
_BOUNDARY = re.compile(
    r"/geo/tiger/(?:GENZ(?P<genz>\d{4})/shp|TIGER(?P<tiger>\d{4})/[A-Z0-9]+)/"
    rf"(?P<name>(?P<kind>cb|tl)_(?P<year>\d{{4}})_(?P<where>{STATE}|us)_(?P<layer>tract|county|place|zcta520|tabblock20)(?:_500k)?)\.zip"
)
_NATIONAL = {"county", "zcta520"}
_FIRST_TIGER, _TRACTS_2020 = 2013, 2020


def make_file(plan: Plan, path: str) -> bytes | None:
    """Return the file at a path of the file server, or ``None`` where there is none."""
    boundary = _BOUNDARY.fullmatch(path)
    if boundary:
        return _make_boundary(plan, boundary)
    makers: dict[str, Callable[[Plan], bytes]] = {
        "/geo/maps/DC2020/SR20/rr_tract_rel.zip": _make_relationship,
        f"/geo/docs/reference/cenpop2020/tract/CenPop2020_Mean_TR{STATE}.txt": _make_centres,
        "/geo/docs/maps-data/data/rel2020/zcta520/tab20_zcta520_tract20_natl.txt": _make_zcta_relationship,
        "/districts/wards.geojson": _make_wards,
    }
    maker = makers.get(path)
    return maker(plan) if maker else None


def _make_boundary(plan: Plan, asked: re.Match[str]) -> bytes | None:
    """Draw one of the Bureau's boundary files; a name, folder and year that do not belong together give nothing."""
    year, layer, cartographic = int(asked["year"]), asked["layer"], asked["kind"] == "cb"
    folder = asked["genz"] if cartographic else asked["tiger"]
    national = asked["where"] == "us"
    wrong_scope = national != (layer in _NATIONAL)
    decade_only = layer in {"zcta520", "tabblock20"} and (
        year < _TRACTS_2020 or (cartographic and layer == "tabblock20")
    )
    if (
        folder != asked["year"]
        or year < _FIRST_TIGER
        or wrong_scope
        or decade_only
        or cartographic != ("_500k" in asked["name"])
    ):
        return None
    simplify = _SIMPLIFY_M if cartographic else 0.0
    if layer == "tract":
        areas = plan.dissolve("tract20" if year >= _TRACTS_2020 else "tract10", simplify)
        names = {"state_usps": _STATE_USPS, "state_name": STATE_NAME, "county_name": COUNTY_NAME}
        return zip_shapefile(
            tract_columns(_to_degrees(areas), year, cartographic=cartographic, **names),
            asked["name"],
        )
    if layer == "tabblock20":
        residents = (plan.ground["housing"] * 2.3).round().astype(int)
        labels = "Block " + plan.ground.index.str[11:]
        areas = plan.ground.assign(HOUSING=plan.ground["housing"], POP=residents, NAME=labels)
    elif layer == "zcta520":
        areas = plan.dissolve("zip", simplify)
    elif layer == "place":
        areas = plan.dissolve("place", simplify).assign(
            NAME=PLACE_NAME.removesuffix(" city"), NAMELSAD=PLACE_NAME
        )
    else:
        whole = plan.dissolve("county", simplify)
        areas = whole.assign(NAME=COUNTY_NAME.removesuffix(" County"), NAMELSAD=COUNTY_NAME)
    areas = areas.assign(STUSPS=_STATE_USPS, STATE_NAME=STATE_NAME)
    return zip_shapefile(dress(_to_degrees(areas), f"{asked['kind']}_{layer}", year), asked["name"])


def _to_degrees(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Bring plan metres to NAD83 degrees, rounded alike for every neighbour."""
    degrees = areas.to_crs("EPSG:4269")
    return degrees.set_geometry(
        shapely.set_precision(degrees.geometry.to_numpy(), 1e-7, mode="pointwise"), crs="EPSG:4269"
    )


def _make_wards(plan: Plan) -> bytes:
    """Draw the twelve wards of the city as GeoJSON: ``ward`` and ``name``."""
    wards = plan.dissolve("ward").to_crs("EPSG:4326").reset_index()
    wards["name"] = [_WARD_NAMES[int(ward) - 1] for ward in wards["ward"]]
    wards = wards.iloc[wards["ward"].astype(int).argsort()][["ward", "name", "geometry"]]
    return str(wards.to_json(drop_id=True)).encode()


def _make_relationship(plan: Plan) -> bytes:
    """Write the 2010-2020 tract relationship file with the columns of the Bureau's, areas in m2, percentages 0-100."""
    blocks = plan.blocks.assign(area=plan.blocks["ALAND"] + plan.blocks["AWATER"])
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
            table[f"{name}{year}PT"] = _percent(parts, column, f"tract{year}")
    for year in ("10", "20"):
        table |= dict.fromkeys(
            (f"HUCURPCT_T{year}", f"HU10PCT_T{year}"), _percent(parts, "housing", f"tract{year}")
        )
    content = pd.DataFrame(table).to_csv(index=False, lineterminator="\r\n").encode()
    return zip_members({"rr_tract_rel.csv": content})


def _percent(parts: pd.DataFrame, column: str, by: str) -> "pd.Series[float]":
    """Return the share of the total of ``by`` in per cent; missing where the total is nil."""
    total = parts.groupby(by)[column].transform("sum")
    return (100 * parts[column] / total.where(total > 0)).round(2)


def _make_centres(plan: Plan) -> bytes:
    """Write the centres of population by 2020 tract: comma separated, with the byte-order mark of the Bureau's file."""
    blocks = plan.blocks
    weight = blocks["housing"] + 1e-6
    sums = blocks[["x", "y"]].mul(weight, axis=0).groupby(blocks["tract20"]).sum()
    middle = sums.div(weight.groupby(blocks["tract20"]).sum(), axis=0)
    degrees = gpd.GeoSeries.from_xy(middle["x"], middle["y"], crs=PLAN_CRS).to_crs("EPSG:4269")
    residents = (2.3 * blocks["housing"].groupby(blocks["tract20"]).sum()).round().astype(int)
    lines = ["STATEFP,COUNTYFP,TRACTCE,POPULATION,LATITUDE,LONGITUDE"]
    for geoid, people, x, y in zip(middle.index, residents, degrees.x, degrees.y, strict=True):
        lines.append(f"{geoid[:2]},{geoid[2:5]},{geoid[5:]},{people},{y:+.6f},{x:+.6f}")
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def _make_zcta_relationship(plan: Plan) -> bytes:
    """Write the ZCTA-tract relationship file (census reference 5.2); land outside every ZCTA has an empty ZCTA side."""
    blocks = plan.blocks
    parts = blocks.groupby(["zip", "tract20"])[["ALAND", "AWATER"]].sum().reset_index()
    table: dict[str, object] = {}
    for name, column, fixed in (
        ("ZCTA5_20", "zip", ("G6350", "B5", "S")),
        ("TRACT_20", "tract20", ("G5020", "", "S")),
    ):
        code = parts[column]
        here = code != ""
        label = [
            f"ZCTA5 {each}" if column == "zip" else f"Census Tract {tract_label(each[5:])}"
            for each in code
        ]
        sums = parts.groupby(column)[["ALAND", "AWATER"]].transform("sum").astype(str)
        values: dict[str, Any] = {
            "OID": "20" + code,
            "GEOID": code,
            "NAMELSAD": label,
            "AREALAND": sums["ALAND"],
            "AREAWATER": sums["AWATER"],
        }
        values |= {
            name: value
            for name, value in zip(("MTFCC", "CLASSFP", "FUNCSTAT"), fixed, strict=True)
            if value
        }
        table |= {
            f"{key}_{name}": pd.Series(value, parts.index).where(here, "")
            for key, value in values.items()
        }
    table |= {"AREALAND_PART": parts["ALAND"], "AREAWATER_PART": parts["AWATER"]}
    buffer = io.StringIO()
    pd.DataFrame(table).to_csv(buffer, sep="|", index=False)
    return ("\ufeff" + buffer.getvalue()).encode()
