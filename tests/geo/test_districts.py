"""Districts are read whole, one row each, and every tract finds its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.crosswalk.table import find_main_targets
from geo.districts import assign_districts, find_tracts_in_place, read_districts
from outreach.errors import GeographyError, InputError
from outreach.tables import DistrictShapes, check_geo
from outreach.transport import Transport

LEFT, RIGHT = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
BOW_TIE = shapely.Polygon([(3, 0), (4, 1), (4, 0), (3, 1)])


def save(tmp_path: Path, **columns: Any) -> str:
    path = tmp_path / "wards.geojson"
    gpd.GeoDataFrame(columns, geometry=[LEFT, RIGHT, BOW_TIE], crs="EPSG:4326").to_file(path)
    return str(path)


def test_repeated_ids_are_merged_and_repaired_districts_are_named(tmp_path: Path) -> None:
    file = save(tmp_path, zip=["60643", "60643", "60707"], town=["East", "West", "North"])
    districts, report = read_districts("ZIPs", file, "zip", "town")
    assert list(districts.index) == ["60643", "60707"]
    check_geo(districts, DistrictShapes, file)
    assert list(districts["name"]) == ["East, West", "North"]
    assert districts.geometry["60643"].area == pytest.approx(2)
    assert districts.geometry.is_valid.all()
    assert (report.rows, report.dissolved, report.repaired) == (3, ("60643",), ("60707",))
    assert any("60643" in line and "several rows" in line for line in report.lines())


@pytest.mark.parametrize("ids", [[7, 8, 9], [7.0, 8.0, 9.0], ["7", " 8", "9"]])
def test_ids_are_text_without_decimals(tmp_path: Path, ids: list[Any]) -> None:
    districts, _ = read_districts("Wards", save(tmp_path, ward=ids), "ward")
    assert list(districts.index) == ["7", "8", "9"]
    assert list(districts["name"]) == ["7", "8", "9"]


def test_rows_that_name_no_district_are_counted(tmp_path: Path) -> None:
    file = save(tmp_path, ward=[7, None, 9])
    districts, report = read_districts("Wards", file, "ward")
    assert list(districts.index) == ["7", "9"]
    assert report.without_id == 1


def test_a_wrong_column_is_named_next_to_the_existing_ones(tmp_path: Path) -> None:
    file = save(tmp_path, ward=[7, 8, 9], alderman=["a", "b", "c"])
    with pytest.raises(
        GeographyError, match="no column 'Ward' for the districts 'Wards'; it has ward, alderman"
    ):
        read_districts("Wards", file, "Ward")


def test_points_are_refused_as_districts(tmp_path: Path) -> None:
    path = tmp_path / "points.geojson"
    gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326").to_file(path)
    with pytest.raises(GeographyError, match="holds no polygons but Point"):
        read_districts("Points", str(path), "id")


def save_wards(path: Path, shapes: list[Any], layer: str | None = None) -> str:
    """Save wards 1, 2, 3 and so on, a shape for each."""
    wards = gpd.GeoDataFrame(
        {"ward": [str(place + 1) for place in range(len(shapes))]}, geometry=shapes, crs="EPSG:4326"
    )
    wards.to_file(path, layer=layer)
    return str(path)


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        ([LEFT, RIGHT, shapely.box(0, 0, 2, 1)], "1 and 3 share 100%, 2 and 3 share 100% of the"),
        ([LEFT, LEFT], "1 and 2 share 100% of the smaller one"),
        ([LEFT, shapely.box(0.9, 0, 2, 1)], "1 and 2 share 10(.00)?% of the smaller one"),
        ([shapely.box(0, 0, 9, 9), RIGHT], "1 and 2 share 100% of the smaller one"),
        ([LEFT, shapely.box(0.985, 0, 2, 1)], "1 and 2 share 1.50% of the smaller one"),
    ],
)
def test_districts_that_share_ground_are_refused(
    tmp_path: Path, shapes: list[Any], sentence: str
) -> None:
    file = save_wards(tmp_path / "wards.geojson", shapes)
    with pytest.raises(InputError, match=rf"wards\.geojson: districts overlap: {sentence}"):
        read_districts("Wards", file, "ward")


@pytest.mark.parametrize(
    ("edge", "lines"),
    [
        (0.995, ["Districts overlap: 1 and 2 share 0.50% of the smaller one."]),
        (0.99999, []),
        (1.0, []),
    ],
)
def test_a_border_that_crosses_a_bit_is_told_and_one_that_was_rounded_is_not(
    tmp_path: Path, edge: float, lines: list[str]
) -> None:
    file = save_wards(tmp_path / "wards.geojson", [LEFT, shapely.box(edge, 0, 2, 1)])
    districts, report = read_districts("Wards", file, "ward")
    assert list(districts.index) == ["1", "2"]
    assert [line for line in report.lines() if "overlap" in line] == lines


def test_a_collection_gives_its_polygons_and_a_district_without_one_is_named(
    tmp_path: Path,
) -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    shapes = [shapely.GeometryCollection([LEFT, line]), RIGHT, line, None]
    districts, report = read_districts("Wards", save_wards(tmp_path / "w.geojson", shapes), "ward")
    assert list(districts.index) == ["1", "2"]
    assert districts.geometry["1"].equals(LEFT)
    assert "Left out for lack of a polygon: 2 districts: 3, 4." in report.lines()


def test_a_layer_is_asked_for_where_there_are_several(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    save_wards(path, [shapely.box(0, 0, 0.5, 0.5)], "precincts")
    file = save_wards(path, [LEFT, RIGHT], "wards")
    with pytest.raises(GeographyError, match=r"has 2 layers: precincts, wards\. .*key 'layer'"):
        read_districts("Wards", file, "ward")
    districts, _ = read_districts("Wards", file, "ward", layer="wards")
    assert districts.geometry["1"].equals(LEFT)
    with pytest.raises(GeographyError, match="has no layer 'Wards'; it has precincts, wards"):
        read_districts("Wards", file, "ward", layer="Wards")


def test_districts_are_fetched_from_the_file_server(
    file_server: Any,
    transport: Transport,
    zip_shapes: Callable[[gpd.GeoDataFrame, str], bytes],
    tmp_path: Path,
) -> None:
    layer = gpd.GeoDataFrame({"ward": ["1", "2"]}, geometry=[LEFT, RIGHT], crs="EPSG:4326")
    file_server.files["/wards.zip"] = zip_shapes(layer, "wards")
    request = ("Wards", "https://www2.census.gov/wards.zip", "ward")
    districts, _ = read_districts(*request, transport=transport, cache_folder=tmp_path / "cache")
    assert list(districts.index) == ["1", "2"]
    with pytest.raises(GeographyError, match="Give a transport"):
        read_districts(*request)


def test_a_tract_belongs_to_a_place_with_most_of_its_land() -> None:
    """Little of the third tract's area but most of its land lies in the place."""
    shapes = [
        shapely.box(0, 0, 0.1, 0.1),
        shapely.box(0.1, 0, 0.2, 0.1),
        shapely.box(0, 0.1, 0.1, 0.2),
    ]
    cell = 123.09
    tracts = gpd.GeoDataFrame(
        {"land_km2": [cell, cell, cell * 0.3]},
        index=["in", "out", "shore"],
        geometry=shapes,
        crs="EPSG:4326",
    )
    place = gpd.GeoDataFrame(
        geometry=[shapely.box(-1, 0, 0.14, 0.1), shapely.box(-1, 0.1, 0.02, 0.2)], crs="EPSG:4326"
    )
    assert list(find_tracts_in_place(tracts, place)) == ["in", "shore"]


@pytest.mark.real
def test_chicago_is_its_791_tracts_of_which_789_have_rates(real_cook: Any) -> None:
    city = real_cook.boundaries[real_cook.boundaries["community"].notna()]
    place = gpd.GeoDataFrame(geometry=[city.geometry.union_all()], crs=city.crs)
    inside = find_tracts_in_place(real_cook.boundaries, place)
    assert set(inside) == set(city.index)
    assert len(inside) == 791
    assert len(inside.intersection(real_cook.rates.index)) == 789


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "column", "rows"),
    [("wards", "ward", 50), ("community_areas", "area_numbe", 77), ("zips", "zip", 59)],
)
def test_chicagos_districts_are_whole(real_data: Path, file: str, column: str, rows: int) -> None:
    path = real_data / "boundaries" / f"chicago_{file}.parquet"
    districts, report = read_districts(file, str(path), column)
    assert len(districts) == rows
    assert report.dissolved == (("60643", "60707") if file == "zips" else ())


@pytest.mark.real
def test_tracts_find_the_wards_the_city_lists_for_them(real_cook: Any, real_data: Path) -> None:
    path = real_data / "boundaries" / "chicago_wards.parquet"
    districts, _ = read_districts("Wards", str(path), "ward")
    crosswalk = assign_districts(real_cook.boundaries, districts, "ward")
    main = find_main_targets(crosswalk)["target"]
    city = real_cook.boundaries["ward"].dropna()
    agree = (main.reindex(city.index) == city.astype(float).astype(int).astype(str)).mean()
    print(
        f"main ward by land agrees with the City's by people for {agree:.1%} of {len(city)} tracts"
    )
    assert agree > 0.9
    lakefront = real_cook.boundaries["water_km2"] > 0.5
    assert (main.reindex(city.index[lakefront.reindex(city.index)]) != "").all()
    assert pd.Series(crosswalk["target"].unique()).nunique() == 51
