"""Write zipped shapefiles as the Census Bureau publishes them.

They are in NAD83, with the Bureau's column names and column order (census reference 4.2).
"""

import io
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from outreach.sandbox.layouts import AFFIXES, CONSTANTS, LAYOUTS

#: The Bureau's files are in NAD83 longitude and latitude.
FILE_CRS = "EPSG:4269"

_COORDINATE_DIGITS = 7
_GEOIDFQ_SINCE, _MORE_COLUMNS_SINCE = 2023, 2020
#: Equal area, to measure land that has no figure.
_AREA_CRS = "EPSG:6933"
_TIMESTAMP = (2020, 10, 1, 0, 0, 0)


def tract_label(tractce: str) -> str:
    """Return a tract's label: ``"300500"`` is ``"3005"``, ``"836902"`` is ``"8369.02"``."""
    return f"{int(tractce[:4])}" + (f".{tractce[4:]}" if tractce[4:] != "00" else "")


def format_tracts(
    tracts: gpd.GeoDataFrame,
    year: int = 2020,
    *,
    cartographic: bool = True,
    state_usps: str = "",
    state_name: str = "",
    county_name: str = "",
) -> gpd.GeoDataFrame:
    """Give tracts the columns of one of the Bureau's tract files.

    Parameters
    ----------
    tracts
        Indexed by ``geoid`` (11 digits), any CRS, with ``ALAND`` and ``AWATER`` in square meters
        where they are known. Otherwise the whole polygon is land.
    year
        Vintage. The cartographic files have fewer columns up to 2019, and ``GEOIDFQ`` from 2023.
    cartographic
        ``cb_{year}_ss_tract_500k``, or else the detailed ``tl_{year}_ss_tract`` with internal
        points.
    state_usps, state_name, county_name
        ``"IL"``, ``"Illinois"``, ``"Cook County"``, for the files that name them.
    """
    layer = "tl_tract"
    if cartographic:
        layer = "cb_tract" if year >= _MORE_COLUMNS_SINCE else "cb_tract_2019"
    labels = [tract_label(geoid[5:]) for geoid in tracts.index]
    areas = tracts.assign(
        STUSPS=state_usps,
        STATE_NAME=state_name,
        NAMELSADCO=county_name,
        NAME=labels,
        NAMELSAD=[f"Census Tract {label}" for label in labels],
    )
    return lay_out(areas, layer, year)


def lay_out(areas: gpd.GeoDataFrame, layer: str, year: int = 2020) -> gpd.GeoDataFrame:
    """Give areas the columns of one of the Bureau's files, in its order and in NAD83.

    What follows from code and polygon is filled in: FIPS parts, full identifiers, internal point,
    fixed codes. Everything else comes from a column of ``areas`` that is named as in the file
    without its year ending (``NAME``, ``HOUSING``), or is empty.

    Parameters
    ----------
    areas
        Indexed by the area's GEOID (text), any CRS.
    layer
        A key of :data:`outreach.sandbox.layouts.LAYOUTS`: ``cb_`` or ``tl_`` and the kind.
    year
        Vintage. From 2023 ``GEOIDFQ`` replaces ``AFFGEOID``, and is also in the detailed files.
    """
    areas = areas.to_crs(FILE_CRS)
    values = {"": "", **_derive_values(areas, layer.split("_")[1])}
    values |= {column: areas[column] for column in areas.columns if column != areas.geometry.name}
    columns = {
        column: values.get(column.removesuffix("20"), "") for column in _list_columns(layer, year)
    }
    table = pd.DataFrame(columns, index=areas.index).reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=areas.geometry.to_numpy(), crs=FILE_CRS)


def _derive_values(areas: gpd.GeoDataFrame, kind: str) -> dict[str, object]:
    """Return the values that follow from the kind of layer, the codes, and the polygons."""
    geoid = areas.index.to_series().astype(str)
    point = areas.geometry.representative_point()
    digits = _COORDINATE_DIGITS
    values: dict[str, object] = {
        **CONSTANTS.get(kind, {}),
        "GEOID": geoid,
        "ZCTA5CE": geoid,
        "AFFGEOID": AFFIXES.get(kind, "") + geoid,
        "GEOIDFQ": AFFIXES.get(kind, "") + geoid,
        "STATEFP": geoid.str[:2],
        "COUNTYFP": geoid.str[2:5],
        "PLACEFP": geoid.str[2:],
        "TRACTCE": geoid.str[5:11],
        "BLOCKCE": geoid.str[11:],
        "COUSUBFP": geoid.str[5:],
        "SLDUST": geoid.str[2:],
        "SLDLST": geoid.str[2:],
        "INTPTLAT": [f"{value:+.{digits}f}" for value in point.y],
        "INTPTLON": [f"{value:+0{digits + 5}.{digits}f}" for value in point.x],
        "AWATER": 0,
    }
    if "ALAND" not in areas and kind not in {"roads", "rails"}:
        values["ALAND"] = areas.to_crs(_AREA_CRS).area.round().astype("int64")
    return values


def _list_columns(layer: str, year: int) -> list[str]:
    """Return the columns of a file of some year."""
    columns = list(LAYOUTS[layer])
    if year >= _GEOIDFQ_SINCE and layer.split("_")[1] in {"tract", "county", "place"}:
        if "AFFGEOID" in columns:
            columns[columns.index("AFFGEOID")] = "GEOIDFQ"
        else:
            columns.insert(columns.index("GEOID") + 1, "GEOIDFQ")
    return columns


def zip_shapefile(frame: gpd.GeoDataFrame, name: str) -> bytes:
    """Return a zipped shapefile in NAD83 (.shp, .shx, .dbf, .prj, .cpg).

    Equal frames give equal bytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        frame.to_crs(FILE_CRS).to_file(
            Path(folder) / f"{name}.shp",
            driver="ESRI Shapefile",
            engine="pyogrio",
            index=False,
            DBF_DATE_LAST_UPDATE="2020-10-01",
        )
        return zip_files({path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())})


def zip_files(files: dict[str, bytes]) -> bytes:
    """Return a ZIP archive with fixed times, so that equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _TIMESTAMP), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
