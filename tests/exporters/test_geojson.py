"""GeoJSON, points, and polygons follow RFC 7946 and lose no unit and no zero."""

import csv
import io
import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.exporters.geojson import write_geojson

#: Clockwise on purpose: RFC 7946 wants exterior rings counterclockwise.
SQUARE = shapely.Polygon(
    [(-87.7, 41.8), (-87.7, 41.9), (-87.6, 41.9), (-87.6, 41.8)],
    [[(-87.66, 41.84), (-87.64, 41.84), (-87.64, 41.86)]],
)


def test_polygons_of_tracts_are_turned_and_read_back_the_same(bench: Any) -> None:
    shapes = pd.Series({"17031010100": SQUARE, "17031010200": shapely.MultiPolygon([SQUARE])})
    targets = bench.targets(tracts=["17031010100", "17031010200", "01001000300"])
    features, points, polygons = write_geojson(targets, bench.context(shapes=shapes))
    spec = json.loads(features.content)
    assert spec["type"] == "FeatureCollection"
    assert "crs" not in spec
    assert [feature["properties"]["place"] for feature in spec["features"]] == list(
        targets["place"]
    )
    for feature in spec["features"][:2]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.equals_exact(SQUARE, 1e-9) or shape.normalize().equals(SQUARE)
        for part in shapely.get_parts(shape):
            assert part.exterior.is_ccw
            assert not any(hole.is_ccw for hole in part.interiors)
    assert spec["features"][2]["geometry"] == {"type": "Point", "coordinates": [-87.5, 41.5]}
    rows = list(csv.DictReader(io.StringIO(polygons.content.decode(), newline="")))
    assert [shapely.from_wkt(row["wkt"]).normalize().equals(SQUARE) for row in rows] == [True, True]
    assert polygons.content.startswith(b"name,wkt\r\n")
    assert points.content.startswith(b"latitude,longitude,radius_miles,radius_km,radius_m,name\r\n")


def test_geometry_in_the_targets_wins(bench: Any) -> None:
    targets = gpd.GeoDataFrame(bench.targets(zips=["00501"]), geometry=[SQUARE], crs=4326)
    features, polygons = write_geojson(targets, bench.context())
    assert json.loads(features.content)["features"][0]["geometry"]["type"] == "Polygon"
    assert polygons.name == "polygons_wkt.csv"


def test_points_have_the_radius_in_three_units(bench: Any) -> None:
    _, points = write_geojson(bench.targets(pins=[(41.0, -87.5, 1.609344)]), bench.context())
    (row,) = csv.DictReader(io.StringIO(points.content.decode(), newline=""))
    assert [
        row[name] for name in ("latitude", "longitude", "radius_miles", "radius_km", "radius_m")
    ] == [
        "41.000000",
        "-87.500000",
        "1",
        "1.609344",
        "1609.344",
    ]


def test_a_unit_without_a_point_stays_without_geometry(bench: Any) -> None:
    (features,) = write_geojson(bench.targets(zips=["00501"]), bench.context())
    (feature,) = json.loads(features.content)["features"]
    assert feature["geometry"] is None
    assert feature["properties"]["place"] == "00501"
    assert feature["properties"]["radius_km"] is None


def test_pins_are_points_even_if_tract_shapes_exist(bench: Any) -> None:
    shapes = pd.Series({"17031010100": SQUARE})
    features, points = write_geojson(
        bench.targets(pins=[(41.0, -87.5, 1.0)]), bench.context(shapes=shapes)
    )
    (feature,) = json.loads(features.content)["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [-87.5, 41.0]}
    assert points.name == "points.csv"


def test_a_polygon_too_small_for_the_grid_becomes_its_point(bench: Any) -> None:
    shapes = pd.Series({"17031010100": shapely.box(-87.5, 41.5, -87.5 + 1e-8, 41.5 + 1e-8)})
    features, _ = write_geojson(bench.targets(tracts=["17031010100"]), bench.context(shapes=shapes))
    assert json.loads(features.content)["features"][0]["geometry"]["type"] == "Point"


def test_the_collection_says_where_it_comes_from(bench: Any) -> None:
    context = bench.context(approved_by="Ada", version="f" * 64)
    spec = json.loads(write_geojson(bench.targets(zips=["00501"]), context)[0].content)
    assert (spec["run"], spec["version"], spec["approval"]) == (
        bench.run,
        "f" * 64,
        "approved by Ada",
    )
    assert spec["data_date"] == "2020-05-28"
    assert spec["features"][0]["properties"]["arm"] == "treat"


def test_the_files_contain_only_json_numbers(bench: Any) -> None:
    targets = bench.targets(pins=[(41.0, -87.5, 1.0)], households_count=float("nan"))
    content = write_geojson(targets, bench.context())[0].content
    assert b"NaN" not in content
    json.loads(content, parse_constant=pytest.fail)


@settings(max_examples=30)
@given(
    geoids=st.sets(st.from_regex(r"[0-9]{11}", fullmatch=True), min_size=1, max_size=20),
    label=st.text(max_size=30),
)
def test_no_geoid_loses_a_zero_and_no_label_runs(bench: Any, geoids: set[str], label: str) -> None:
    features, points = write_geojson(
        bench.targets(tracts=sorted(geoids), label=label), bench.context()
    )
    assert [
        feature["properties"]["place"] for feature in json.loads(features.content)["features"]
    ] == sorted(geoids)
    rows = list(csv.DictReader(io.StringIO(points.content.decode(), newline="")))
    assert [row["name"][-12:-1] for row in rows] == sorted(geoids)
    assert not any(row["name"].startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for row in rows)
