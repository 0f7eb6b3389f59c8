"""Zipped shapefiles have the Bureau's columns, CRS, and types, and are reproducible."""

import io
import zipfile

import geopandas as gpd
import pytest
import shapely

from outreach.sandbox.shapefile import format_tracts, lay_out, tract_label, zip_shapefile


@pytest.fixture
def tracts() -> gpd.GeoDataFrame:
    polygons = [shapely.box(-40.1, 41.5, -40.0, 41.6), shapely.box(-40.0, 41.5, -39.9, 41.6)]
    figures = {"ALAND": [5_000_000_000, 7], "AWATER": [1, 2]}
    return gpd.GeoDataFrame(
        figures, index=["99001030500", "99001836902"], geometry=polygons, crs="EPSG:4326"
    )


def test_a_zipped_shapefile_reads_back_unchanged(tracts: gpd.GeoDataFrame) -> None:
    content = zip_shapefile(format_tracts(tracts), "cb_2020_99_tract_500k")
    frame = gpd.read_file(io.BytesIO(content))
    assert frame.crs == "EPSG:4269"
    assert list(frame["ALAND"]) == [5_000_000_000, 7]
    assert list(frame["TRACTCE"]) == ["030500", "836902"]
    assert list(frame["NAME"]) == ["305", "8369.02"]
    names = {name.rsplit(".")[-1] for name in zipfile.ZipFile(io.BytesIO(content)).namelist()}
    assert names == {"shp", "shx", "dbf", "prj", "cpg"}


def test_equal_frames_give_equal_bytes(tracts: gpd.GeoDataFrame) -> None:
    assert zip_shapefile(format_tracts(tracts), "a") == zip_shapefile(format_tracts(tracts), "a")


@pytest.mark.parametrize(
    ("year", "cartographic", "columns"),
    [
        (2018, True, "STATEFP COUNTYFP TRACTCE AFFGEOID GEOID NAME LSAD ALAND AWATER"),
        (
            2020,
            True,
            (
                "STATEFP COUNTYFP TRACTCE AFFGEOID GEOID NAME NAMELSAD STUSPS NAMELSADCO STATE_NAME"
                " LSAD ALAND AWATER"
            ),
        ),
        (
            2023,
            True,
            (
                "STATEFP COUNTYFP TRACTCE GEOIDFQ GEOID NAME NAMELSAD STUSPS NAMELSADCO STATE_NAME"
                " LSAD ALAND AWATER"
            ),
        ),
        (
            2020,
            False,
            (
                "STATEFP COUNTYFP TRACTCE GEOID NAME NAMELSAD MTFCC FUNCSTAT ALAND AWATER INTPTLAT"
                " INTPTLON"
            ),
        ),
    ],
)
def test_columns_are_those_of_the_vintage(
    tracts: gpd.GeoDataFrame, year: int, *, cartographic: bool, columns: str
) -> None:
    table = format_tracts(tracts, year, cartographic=cartographic)
    assert list(table.columns) == [*columns.split(), "geometry"]


def test_the_internal_point_is_inside(tracts: gpd.GeoDataFrame) -> None:
    row = format_tracts(tracts, cartographic=False).iloc[0]
    assert row["INTPTLAT"].startswith("+41.")
    assert row["INTPTLON"].startswith("-040.")
    assert row.geometry.contains(shapely.Point(float(row["INTPTLON"]), float(row["INTPTLAT"])))


def test_land_area_is_measured_if_it_is_not_given(tracts: gpd.GeoDataFrame) -> None:
    zips = tracts[["geometry"]].set_axis(["00201", "00202"])
    table = lay_out(zips, "cb_zcta520")
    assert table["ALAND20"].iloc[0] == pytest.approx(92.7e6, rel=0.01)
    assert list(table["ZCTA5CE20"]) == ["00201", "00202"]


@pytest.mark.parametrize(
    ("code", "label"),
    [("300500", "3005"), ("836902", "8369.02"), ("010100", "101"), ("980000", "9800")],
)
def test_a_tract_label_is_the_bureaus(code: str, label: str) -> None:
    assert tract_label(code) == label
