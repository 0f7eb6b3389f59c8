"""Make boundary and relationship files from real 2020 data, as on ``www2.census.gov``.

Tract polygons are from the Bureau's self-response map (``tract_bas20_sr_detailed``, March 2020).
They are not clipped to the shore. Land and water are from the Bureau's relationship file. What the
Bureau never published in this form is derived, and differs from its files:

- counties are the unions of their tracts;
- the only place is Chicago, the union of the tracts that the City counts as its own;
- the ZIP code areas are the City's ZIP map, not the Bureau's tabulation areas, and do not separate
  water from land;
- ``/districts/wards.zip`` and ``/districts/community_areas.zip`` are the City's, at addresses of
  our own.
"""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from outreach.sandbox.replay.gazetteer import COUNTIES, STATES
from outreach.sandbox.shapefile import lay_out, tract_label, zip_files, zip_shapefile

_BOUNDARIES = re.compile(
    r"/geo/tiger/GENZ2020/shp/(cb_2020_(\w\w)_(tract|county|place|zcta520)_500k)\.zip"
)
_CHICAGO = "1714000"
_M2_PER_FT2 = 0.3048**2


def build_file(data: Path, path: str) -> bytes | None:
    """Return the file at a path of the server, or ``None`` if the data has no source for it.

    Parameters
    ----------
    data
        Folder of real 2020 data.
    path
        Such as ``/geo/tiger/GENZ2020/shp/cb_2020_17_tract_500k.zip``.
    """
    makers: dict[str, Callable[[Path], bytes]] = {
        "/geo/maps/DC2020/SR20/rr_tract_rel.zip": _zip_relationship,
        "/districts/wards.zip": _zip_wards,
        "/districts/community_areas.zip": _zip_community_areas,
    }
    boundary = _BOUNDARIES.fullmatch(path)
    try:
        if path in makers:
            return makers[path](data)
        if boundary is not None:
            return _zip_boundaries(data, *boundary.groups())
    except FileNotFoundError:
        return None
    return None


def _zip_boundaries(data: Path, name: str, where: str, layer: str) -> bytes | None:
    """Make one of the Bureau's boundary files."""
    match (layer, where):
        case ("tract", state) if state in STATES:
            areas = read_tracts(data, state)
        case ("county", "us"):
            areas = _unite_counties(data)
        case ("place", "17"):
            areas = _unite_chicago(data)
        case ("zcta520", "us"):
            areas = _dissolve_zips(data)
        case _:
            return None
    return zip_shapefile(lay_out(areas, f"cb_{layer}"), name)


def read_tracts(data: Path, state: str) -> gpd.GeoDataFrame:
    """Read the 2020 tracts of a state with land and water; of Illinois only Cook County.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``geoid``, EPSG:4326, with ``ALAND`` and ``AWATER`` (m2), names as in the
        Bureau's file, and ``ward`` if the source has it.
    """
    source = data / "tracts" / ("cook_2020.parquet" if state == "17" else f"{state}_2020.parquet")
    tracts = gpd.read_parquet(source)
    tracts = tracts.set_axis(pd.Index(tracts["GEO_ID"].str[-11:], name="geoid"))
    records = pd.read_parquet(
        data / "relationship" / "rr_tract_rel.parquet",
        columns=["GEOID20", "AREA20", "AREALAND20"],
        filters=[("STATEFP20", "==", state)],
    )
    areas = records.drop_duplicates().set_index("GEOID20").loc[tracts.index]
    postal, name = STATES[state]
    labels = tracts["TRACT"].map(tract_label)
    return tracts.assign(
        NAME=labels,
        NAMELSAD="Census Tract " + labels,
        ALAND=areas["AREALAND20"],
        AWATER=areas["AREA20"] - areas["AREALAND20"],
        STUSPS=postal,
        STATE_NAME=name,
        NAMELSADCO=tracts.index.str[:5].map(COUNTIES),
    )


def _unite(tracts: gpd.GeoDataFrame, code: pd.Index) -> gpd.GeoDataFrame:
    """Unite tracts that share a code, and add up land and water."""
    united = tracts[["ALAND", "AWATER", "STUSPS", "STATE_NAME", tracts.geometry.name]]
    return united.dissolve(
        by=code, aggfunc={"ALAND": "sum", "AWATER": "sum", "STUSPS": "first", "STATE_NAME": "first"}
    )


def _unite_counties(data: Path) -> gpd.GeoDataFrame:
    """Make the counties of the real tracts."""
    tracts = pd.concat([read_tracts(data, state) for state in STATES])
    counties = _unite(tracts, tracts.index.str[:5])
    names = counties.index.map(COUNTIES)
    return counties.assign(NAME=names.str.removesuffix(" County"), NAMELSAD=names)


def _unite_chicago(data: Path) -> gpd.GeoDataFrame:
    """Make the city of Chicago."""
    tracts = read_tracts(data, "17")
    inside = tracts[tracts["ward"].notna()]
    city = _unite(inside, pd.Index([_CHICAGO] * len(inside)))
    return city.assign(NAME="Chicago", NAMELSAD="Chicago city")


def _dissolve_zips(data: Path) -> gpd.GeoDataFrame:
    """Make the ZIP code areas of the City's map."""
    zips = gpd.read_parquet(data / "boundaries" / "chicago_zips.parquet")
    land = (zips["shape_area"].astype(float) * _M2_PER_FT2).round().astype("int64")
    united = zips.assign(ALAND=land)[["zip", "ALAND", zips.geometry.name]].dissolve(
        by="zip", aggfunc="sum"
    )
    return united.assign(NAME=united.index)


def _zip_wards(data: Path) -> bytes:
    """Zip the City's wards."""
    wards = gpd.read_parquet(data / "boundaries" / "chicago_wards.parquet")
    return zip_shapefile(wards[["ward", "geometry"]].assign(name="Ward " + wards["ward"]), "wards")


def _zip_community_areas(data: Path) -> bytes:
    """Zip the City's community areas."""
    areas = gpd.read_parquet(data / "boundaries" / "chicago_community_areas.parquet")
    names = areas["community"].str.title()
    return zip_shapefile(
        areas[["area_numbe", "community", "geometry"]].assign(name=names), "community_areas"
    )


def _zip_relationship(data: Path) -> bytes:
    """Zip the national relationship file as the CSV text that the Bureau published."""
    records = pq.read_table(data / "relationship" / "rr_tract_rel.parquet")
    text = pa.BufferOutputStream()
    text.write((",".join(records.column_names) + "\n").encode())
    pacsv.write_csv(records, text, pacsv.WriteOptions(include_header=False, quoting_style="none"))
    return zip_files({"rr_tract_rel.txt": text.getvalue().to_pybytes()})
