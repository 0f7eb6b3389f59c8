"""Zipped shapefiles as the Census Bureau publishes them: NAD83, its column names and its column order (census reference 4.2)."""

import io
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

#: The Bureau's files are in NAD83 longitude and latitude.
FILE_CRS = "EPSG:4269"

_INTERNAL_POINT = ("INTPTLAT", "INTPTLON")
_LAYOUTS: dict[str, tuple[str, ...]] = {
    "cb_tract": (
        *(
            "STATEFP",
            "COUNTYFP",
            "TRACTCE",
            "AFFGEOID",
            "GEOID",
            "NAME",
            "NAMELSAD",
            "STUSPS",
            "NAMELSADCO",
        ),
        *("STATE_NAME", "LSAD", "ALAND", "AWATER"),
    ),
    "cb_tract_2019": (
        "STATEFP",
        "COUNTYFP",
        "TRACTCE",
        "AFFGEOID",
        "GEOID",
        "NAME",
        "LSAD",
        "ALAND",
        "AWATER",
    ),
    "tl_tract": (
        *(
            "STATEFP",
            "COUNTYFP",
            "TRACTCE",
            "GEOID",
            "NAME",
            "NAMELSAD",
            "MTFCC",
            "FUNCSTAT",
            "ALAND",
            "AWATER",
        ),
        *_INTERNAL_POINT,
    ),
    "cb_county": (
        *(
            "STATEFP",
            "COUNTYFP",
            "COUNTYNS",
            "AFFGEOID",
            "GEOID",
            "NAME",
            "NAMELSAD",
            "STUSPS",
            "STATE_NAME",
        ),
        *("LSAD", "ALAND", "AWATER"),
    ),
    "tl_county": (
        *(
            "STATEFP",
            "COUNTYFP",
            "COUNTYNS",
            "GEOID",
            "NAME",
            "NAMELSAD",
            "LSAD",
            "CLASSFP",
            "MTFCC",
            "CSAFP",
        ),
        *("CBSAFP", "METDIVFP", "FUNCSTAT", "ALAND", "AWATER"),
        *_INTERNAL_POINT,
    ),
    "cb_place": (
        *(
            "STATEFP",
            "PLACEFP",
            "PLACENS",
            "AFFGEOID",
            "GEOID",
            "NAME",
            "NAMELSAD",
            "STUSPS",
            "STATE_NAME",
            "LSAD",
        ),
        *("ALAND", "AWATER"),
    ),
    "tl_place": (
        *(
            "STATEFP",
            "PLACEFP",
            "PLACENS",
            "GEOID",
            "NAME",
            "NAMELSAD",
            "LSAD",
            "CLASSFP",
            "PCICBSA",
            "MTFCC",
        ),
        *("FUNCSTAT", "ALAND", "AWATER"),
        *_INTERNAL_POINT,
    ),
    "cb_zcta520": ("ZCTA5CE20", "AFFGEOID20", "GEOID20", "NAME20", "LSAD20", "ALAND20", "AWATER20"),
    "tl_zcta520": (
        *("ZCTA5CE20", "GEOID20", "CLASSFP20", "MTFCC20", "FUNCSTAT20", "ALAND20", "AWATER20"),
        *("INTPTLAT20", "INTPTLON20"),
    ),
    "tl_tabblock20": (
        *(
            "STATEFP20",
            "COUNTYFP20",
            "TRACTCE20",
            "BLOCKCE20",
            "GEOID20",
            "NAME20",
            "MTFCC20",
            "UR20",
            "UACE20",
        ),
        *("FUNCSTAT20", "ALAND20", "AWATER20", "INTPTLAT20", "INTPTLON20", "HOUSING20", "POP20"),
    ),
}
#: What is the same in every row, by layer.
_CONSTANTS = {
    "tract": {"LSAD": "CT", "MTFCC": "G5020", "FUNCSTAT": "S"},
    "county": {"LSAD": "06", "CLASSFP": "H1", "MTFCC": "G4020", "FUNCSTAT": "A"},
    "place": {"LSAD": "25", "CLASSFP": "C1", "PCICBSA": "Y", "MTFCC": "G4110", "FUNCSTAT": "A"},
    "zcta520": {"LSAD": "Z5", "CLASSFP": "B5", "MTFCC": "G6350", "FUNCSTAT": "S"},
    "tabblock20": {"MTFCC": "G5040", "FUNCSTAT": "S", "UR": "U"},
}
_AFFIXES = {
    "tract": "1400000US",
    "county": "0500000US",
    "place": "1600000US",
    "zcta520": "860Z200US",
}
_COORDINATE_DIGITS = 7
_GEOIDFQ_SINCE = 2023


def tract_label(tractce: str) -> str:
    """Return the label of a tract code: ``"300500"`` is ``"3005"``, ``"836902"`` is ``"8369.02"``."""
    return f"{int(tractce[:4])}" + (f".{tractce[4:]}" if tractce[4:] != "00" else "")


def tract_columns(
    tracts: gpd.GeoDataFrame,
    year: int = 2020,
    *,
    cartographic: bool = True,
    state_usps: str = "",
    state_name: str = "",
    county_name: str = "",
) -> gpd.GeoDataFrame:
    """Dress tracts in the columns of ``cb_{year}_ss_tract_500k`` (``cartographic``) or ``tl_{year}_ss_tract``.

    Parameters
    ----------
    tracts
        Indexed by ``geoid`` (11 digits), any CRS, with ``ALAND`` and ``AWATER`` in square metres
        where known (else the whole polygon is land).
    year
        Vintage; the cartographic files have fewer columns up to 2019, and ``GEOIDFQ`` from 2023.
    cartographic
        The generalised file, or else the detailed one with internal points.
    state_usps, state_name, county_name
        ``"IL"``, ``"Illinois"``, ``"Cook County"``, for the files that name them.
    """
    layer = "tl_tract" if not cartographic else "cb_tract" if year >= 2020 else "cb_tract_2019"  # noqa: PLR2004  a vintage
    names = {"STUSPS": state_usps, "STATE_NAME": state_name, "NAMELSADCO": county_name}
    labels = [tract_label(geoid[5:]) for geoid in tracts.index]
    named = tracts.assign(
        **names, NAME=labels, NAMELSAD=[f"Census Tract {label}" for label in labels]
    )
    return dress(named, layer, year)


def dress(areas: gpd.GeoDataFrame, layer: str, year: int = 2020) -> gpd.GeoDataFrame:
    """Give areas the columns of one of the Bureau's files, in its order and in NAD83.

    What can be told from code and polygon is filled in (FIPS parts, full identifiers, internal
    point, fixed codes); anything else is taken from a column of ``areas`` named as in the file
    without its year ending (``NAME``, ``HOUSING``), or left empty.

    Parameters
    ----------
    areas
        Indexed by the area's GEOID (text), any CRS.
    layer
        ``cb_`` or ``tl_`` and ``tract``, ``county``, ``place``, ``zcta520`` or ``tabblock20`` (only
        ``tl_``).
    year
        Vintage; from 2023 ``GEOIDFQ`` takes the place of ``AFFGEOID``, and joins the detailed
        files.
    """
    kind = layer.split("_")[1]
    areas = areas.to_crs(FILE_CRS)
    geoid = areas.index.to_series().astype(str)
    point = areas.geometry.representative_point()
    known: dict[str, object] = {
        **_CONSTANTS[kind],
        "GEOID": geoid,
        "ZCTA5CE": geoid,
        "AFFGEOID": _AFFIXES.get(kind, "") + geoid,
        "GEOIDFQ": _AFFIXES.get(kind, "") + geoid,
        "STATEFP": geoid.str[:2],
        "COUNTYFP": geoid.str[2:5],
        "PLACEFP": geoid.str[2:],
        "TRACTCE": geoid.str[5:11],
        "BLOCKCE": geoid.str[11:],
        "INTPTLAT": [f"{value:+.{_COORDINATE_DIGITS}f}" for value in point.y],
        "INTPTLON": [
            f"{value:+0{_COORDINATE_DIGITS + 5}.{_COORDINATE_DIGITS}f}" for value in point.x
        ],
        "AWATER": 0,
    }
    if "ALAND" not in areas:
        known["ALAND"] = areas.to_crs("EPSG:6933").area.round().astype("int64")
    columns = list(_LAYOUTS[layer])
    if year >= _GEOIDFQ_SINCE and kind in {"tract", "county", "place"}:
        if "AFFGEOID" in columns:
            columns[columns.index("AFFGEOID")] = "GEOIDFQ"
        else:
            columns.insert(columns.index("GEOID") + 1, "GEOIDFQ")
    given = {column: areas[column] for column in areas.columns if column != areas.geometry.name}
    values = {
        column: {"": "", **known, **given}.get(column.removesuffix("20"), "") for column in columns
    }
    table = pd.DataFrame(values, index=areas.index).reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=areas.geometry.to_numpy(), crs=FILE_CRS)


def zip_shapefile(frame: gpd.GeoDataFrame, name: str) -> bytes:
    """Return ``frame`` as ``name``.shp, .shx, .dbf, .prj and .cpg in one zip, in NAD83; equal frames give equal bytes."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{name}.shp"
        frame.to_crs(FILE_CRS).to_file(
            target,
            driver="ESRI Shapefile",
            engine="pyogrio",
            index=False,
            DBF_DATE_LAST_UPDATE="2020-10-01",
        )
        return zip_members(
            {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
        )


def zip_members(members: dict[str, bytes]) -> bytes:
    """Return a zip of files by name, with fixed time stamps so that equal members give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(
                zipfile.ZipInfo(name, (2020, 10, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()
