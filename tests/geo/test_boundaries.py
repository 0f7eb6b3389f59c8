"""Boundaries are valid polygons in EPSG:4326, and every repair is reported by name."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.boundaries import fetch_boundaries, read_boundaries
from geo.boundary_layers import LAYERS
from geo.polygons import repair_polygons
from outreach.errors import AnswerMalformed, GeographyError
from outreach.transport import Transport

Pack = Callable[[gpd.GeoDataFrame, str], bytes]

CODES = ["99001000100", "99001000201", "99001990000"]
BOX = shapely.box(-88, 41, -87.99, 41.01)
BOW_TIE = shapely.Polygon([(-87, 41), (-86.98, 41.02), (-86.98, 41), (-87, 41.02)])
TRACT_PATH = "/geo/tiger/GENZ2020/shp/cb_2020_99_tract_500k.zip"


def tract_layer(**changes: Any) -> gpd.GeoDataFrame:
    columns = {
        "GEOID": CODES,
        "NAME": ["1", "2.01", "9900"],
        "ALAND": [1_500_000, 2_000_000, 0],
        "AWATER": [0, 500_000, 9_000_000],
    } | changes
    geometry = columns.pop("geometry", [BOX, BOW_TIE, shapely.box(-87, 42, -86.9, 42.1)])
    return gpd.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4269")


def test_tracts_come_in_wgs84_with_km2_and_a_repaired_one_is_named(
    file_server: Any, transport: Transport, zip_shapes: Pack, tmp_path: Path
) -> None:
    file_server.files[TRACT_PATH] = zip_shapes(tract_layer(), "cb_2020_99_tract_500k")
    areas, report = fetch_boundaries(transport, 2020, "99", tmp_path / "cache")
    assert list(areas.index) == CODES
    assert areas.index.name == "geoid"
    assert list(areas["name"]) == ["1", "2.01", "9900"]
    assert list(areas["land_km2"]) == [1.5, 2.0, 0.0]
    assert list(areas["water_km2"]) == [0.0, 0.5, 9.0]
    assert areas.crs.to_epsg() == 4326
    assert areas.geometry.is_valid.all()
    assert report.repaired == (CODES[1],)
    assert (report.rows, report.without_polygon, report.from_cache) == (3, (), False)
    assert any(CODES[1] in line and line.startswith("Repaired") for line in report.lines())
    _, again = fetch_boundaries(transport, 2020, "99", tmp_path / "cache")
    assert again.from_cache
    assert again.sha256 == report.sha256


def test_both_wings_of_a_bow_tie_survive_the_repair() -> None:
    areas = gpd.GeoDataFrame(index=["a"], geometry=[BOW_TIE], crs="EPSG:4326")
    valid, repaired, empty = repair_polygons(areas)
    assert valid.geometry["a"].area == pytest.approx(0.02 * 0.02 / 2)
    assert (repaired, empty) == (("a",), ())


def test_only_polygonal_parts_are_kept_and_areas_without_one_are_named() -> None:
    spike = shapely.Polygon([(0, 0), (1, 0), (1, 1), (1, 3), (1, 1), (0, 1)])
    flat = shapely.Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])
    areas = gpd.GeoDataFrame(
        index=["spike", "flat", "none", "empty", "line", "good"],
        geometry=[
            spike,
            flat,
            None,
            shapely.Polygon(),
            shapely.LineString([(0, 0), (1, 1)]),
            shapely.box(0, 0, 1, 1),
        ],
        crs="EPSG:4326",
    )
    valid, repaired, empty = repair_polygons(areas)
    assert list(valid.index) == ["spike", "good"]
    assert valid.geometry["spike"].equals(shapely.box(0, 0, 1, 1))
    assert repaired == ("spike",)
    assert empty == ("flat", "none", "empty", "line")


def test_a_missing_column_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "tracts.gpkg"
    tract_layer().drop(columns="ALAND").to_file(path)
    with pytest.raises(GeographyError, match=r"tracts\.gpkg has no column ALAND .*it has GEOID"):
        read_boundaries(path, "tract", str(path))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"GEOID": [CODES[0], CODES[0], CODES[2]]}, f"{CODES[0]} appears twice"),
        ({"GEOID": ["1001000100", *CODES[1:]]}, "'1001000100', not 11 digits"),
        ({"ALAND": ["1", "many", "0"]}, "ALAND has 'many'"),
    ],
)
def test_wrong_rows_are_refused_with_their_value(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "tracts.gpkg"
    tract_layer(**changes).to_file(path)
    with pytest.raises(GeographyError, match=message):
        read_boundaries(path, "tract", str(path))


def test_areas_written_as_text_are_read_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "tracts.gpkg"
    tract_layer(ALAND=["1500000", "2000000", "0"]).to_file(path)
    areas, _, _ = read_boundaries(path, "tract", str(path))
    assert list(areas["land_km2"]) == [1.5, 2.0, 0.0]


def test_a_file_without_a_coordinate_system_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tracts.parquet"
    tract_layer().set_crs(None, allow_override=True).to_parquet(path)
    with pytest.raises(GeographyError, match="does not say its coordinate system"):
        read_boundaries(path, "tract", str(path))


@pytest.mark.parametrize(
    "name", ["broken.zip", "broken.parquet", "absent.shp", "broken.geojson", "stray.zip"]
)
def test_a_file_that_is_not_a_map_layer_is_refused_by_name(tmp_path: Path, name: str) -> None:
    if name.startswith("broken"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 not really")
    elif name.startswith("stray"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("readme.txt", "no shapes in here")
    with pytest.raises(
        GeographyError,
        match=rf"{name}( cannot be read as a map| is a| holds no map|: there is no such file)",
    ):
        read_boundaries(tmp_path / name, "tract", name)


def test_an_html_page_instead_of_a_zip_is_reported_as_one(
    file_server: Any, transport: Transport, tmp_path: Path
) -> None:
    file_server.files[TRACT_PATH] = b"<html><body>Site under maintenance</body></html>"
    with pytest.raises(AnswerMalformed, match="is an HTML page, not the file"):
        fetch_boundaries(transport, 2020, "99", tmp_path / "cache")


def test_blocks_come_with_housing_and_population(
    file_server: Any, transport: Transport, zip_shapes: Pack, tmp_path: Path
) -> None:
    layer = gpd.GeoDataFrame(
        {
            "GEOID20": ["990010001001000", "990010001001001"],
            "NAME20": ["Block 1000", "Block 1001"],
            "ALAND20": [1000, 2000],
            "AWATER20": [0, 0],
            "HOUSING20": [12, 0],
            "POP20": [30, 0],
        },
        geometry=[BOX, shapely.box(-87.99, 41, -87.98, 41.01)],
        crs="EPSG:4269",
    )
    file_server.files["/geo/tiger/TIGER2020/TABBLOCK20/tl_2020_99_tabblock20.zip"] = zip_shapes(
        layer, "tl_2020_99_tabblock20"
    )
    blocks, _ = fetch_boundaries(
        transport, 2020, "99", tmp_path / "cache", layer="block", edition="tiger"
    )
    assert list(blocks["housing_units_count"]) == [12.0, 0.0]
    assert list(blocks["population_count"]) == [30.0, 0.0]


def test_zctas_are_read_from_a_file_without_geoid(tmp_path: Path) -> None:
    path = tmp_path / "zcta.gpkg"
    layer = gpd.GeoDataFrame(
        {"ZCTA5CE20": ["01001"], "ALAND20": [1], "AWATER20": [0]}, geometry=[BOX], crs="EPSG:4269"
    )
    layer.to_file(path)
    areas, _, _ = read_boundaries(path, "zcta", str(path))
    assert list(areas.index) == ["01001"]


@pytest.mark.parametrize(
    ("layer", "year", "edition", "path"),
    [
        ("tract", 2020, "cartographic", "GENZ2020/shp/cb_2020_17_tract_500k.zip"),
        ("tract", 2013, "cartographic", "GENZ2013/cb_2013_17_tract_500k.zip"),
        ("tract", 2020, "tiger", "TIGER2020/TRACT/tl_2020_17_tract.zip"),
        ("place", 2020, "cartographic", "GENZ2020/shp/cb_2020_17_place_500k.zip"),
        ("county", 2020, "cartographic", "GENZ2020/shp/cb_2020_us_county_500k.zip"),
        ("zcta", 2020, "cartographic", "GENZ2020/shp/cb_2020_us_zcta520_500k.zip"),
        ("zcta", 2024, "cartographic", "GENZ2020/shp/cb_2020_us_zcta520_500k.zip"),
        ("block", 2020, "tiger", "TIGER2020/TABBLOCK20/tl_2020_17_tabblock20.zip"),
    ],
)
def test_addresses_match_the_bureaus(layer: str, year: int, edition: Any, path: str) -> None:
    assert LAYERS[layer].address(year, "17", edition) == f"https://www2.census.gov/geo/tiger/{path}"


def test_blocks_have_no_cartographic_file() -> None:
    with pytest.raises(GeographyError, match="no cartographic file"):
        LAYERS["block"].address(2020, "17", "cartographic")


def test_a_year_without_files_is_refused() -> None:
    with pytest.raises(GeographyError, match=r"no boundary files of 2012.* 2013 or later"):
        LAYERS["tract"].address(2012, "17", "cartographic")


def test_the_unclipped_file_is_used_where_there_is_no_clipped_one(
    file_server: Any, transport: Transport, zip_shapes: Pack, tmp_path: Path
) -> None:
    path = "/geo/tiger/TIGER2021/TRACT/tl_2021_99_tract.zip"
    file_server.files[path] = zip_shapes(tract_layer(), "tl_2021_99_tract")
    areas, report = fetch_boundaries(transport, 2021, "99", tmp_path / "cache")
    assert list(areas.index) == CODES
    assert report.file.endswith(path)
    assert report.note == (
        "There is no file cb_2021_99_tract_500k.zip. The TIGER/Line file was used, whose areas are"
        " not clipped to the shore."
    )
