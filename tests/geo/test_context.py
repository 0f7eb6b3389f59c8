"""Context is what the Bureau has around the tracts; what is missing costs its kind and a note."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pydantic import SecretStr

from geo.boundaries import fetch_boundaries
from geo.context import FILES, MOST_COUNTIES, fetch_context, find_streets, list_addresses
from outreach.errors import GeographyError
from outreach.sandbox.county.world import InventedCounty
from outreach.sandbox.server import Sandbox
from outreach.settings import read_settings
from outreach.transport import Transport

Pack = Callable[[gpd.GeoDataFrame, str], bytes]

ROADS = "/geo/tiger/TIGER2020/PRISECROADS/tl_2020_99_prisecroads.zip"


def make_tracts() -> gpd.GeoDataFrame:
    """Make two tracts side by side."""
    return gpd.GeoDataFrame(
        index=pd.Index(["99001000100", "99001000200"], name="geoid"),
        geometry=[shapely.box(-90, 40, -89.9, 40.1), shapely.box(-89.9, 40, -89.8, 40.1)],
        crs="EPSG:4326",
    )


def make_roads(**columns: Any) -> gpd.GeoDataFrame:
    """Make a road across both tracts that goes on to the east."""
    line = shapely.LineString([(-89.95, 40.05), (-89.5, 40.05)])
    columns = {"FULLNAME": ["I- 990"], "MTFCC": ["S1100"]} | columns
    return gpd.GeoDataFrame(columns, geometry=[line], crs="EPSG:4269")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(InventedCounty()) as server:
        yield server


def test_the_invented_county_has_every_kind_and_streets_in_the_tracts_they_cross(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = read_settings(api_url=sandbox.url, files_url=sandbox.url)
    with Transport(settings, SecretStr(sandbox.key)) as transport:
        tracts, _ = fetch_boundaries(transport, 2020, "99", tmp_path)
        context = fetch_context(transport, 2020, tracts, tmp_path)
    assert context.note == ""
    assert set(context.shapes) == (set(FILES) | {"landmarks"}) - {"streets"}
    assert len(context.files) == len(FILES)
    box = shapely.box(*tracts.total_bounds).buffer(1e-9)
    for shapes in context.shapes.values():
        assert shapes.crs.to_epsg() == 4326
        assert shapes.within(box).all()
    assert set(context.shapes["roads"]["code"]) == {"S1100", "S1200"}
    assert list(context.shapes["parks"]["code"]) == ["K2180", "K2186"]
    assert list(context.shapes["landmarks"]["name"]) == ["Tollbar Airport"]

    # Every tract of homes has a street, and the lake has none.
    assert set(context.streets["geoid"]) <= set(tracts.index)
    assert context.streets["geoid"].nunique() > 0.95 * len(tracts)
    assert not context.streets.duplicated().any()


def test_a_missing_file_is_one_note_and_the_others_stay(
    file_server: Any, transport: Transport, zip_shapes: Pack, tmp_path: Path
) -> None:
    file_server.files[ROADS] = zip_shapes(make_roads(), "roads")
    context = fetch_context(transport, 2020, make_tracts(), tmp_path / "cache")
    assert list(context.shapes) == ["roads"]
    assert context.note == (
        "The map is without cities and places, water, parks, street names, towns, upper legislative"
        " districts, lower legislative districts, rail lines, ZIPs: The file server has no file"
        " /geo/tiger/GENZ2020/shp/cb_2020_99_place_500k.zip (status 404)."
    )
    (road,) = context.shapes["roads"].geometry
    assert road.equals(shapely.LineString([(-89.95, 40.05), (-89.8, 40.05)]))


def test_a_server_that_fails_is_asked_once(
    file_server: Any, transport: Transport, tmp_path: Path
) -> None:
    file_server.status = 503
    context = fetch_context(transport, 2020, make_tracts(), tmp_path / "cache")
    assert (context.shapes, len(file_server.asked)) == ({}, 1)
    assert "failed at" in context.note
    assert "ZIPs" in context.note


@pytest.mark.parametrize("content", ["no column", "no map"])
def test_a_file_that_cannot_be_read_says_which_in_plain_words(
    content: str, file_server: Any, transport: Transport, zip_shapes: Pack, tmp_path: Path
) -> None:
    bad = make_roads().drop(columns="FULLNAME") if content == "no column" else None
    file_server.files[ROADS] = b"nothing" if bad is None else zip_shapes(bad, "roads")
    context = fetch_context(transport, 2020, make_tracts(), tmp_path / "cache")
    assert context.shapes == {}
    assert "main roads" in context.note
    assert "GDAL" not in context.note


def test_parks_and_what_people_go_by_are_kept_of_the_landmarks(
    file_server: Any, transport: Transport, zip_shapes: Pack, tmp_path: Path
) -> None:
    ground = [shapely.box(-89.99, 40.01, -89.98, 40.02)] * 4
    names = {
        "FULLNAME": ["Park", "Airport", None, "Runway 9"],
        "MTFCC": ["K2180", "K2457", "K2190", "K2459"],
    }
    landmarks = gpd.GeoDataFrame(names, geometry=ground, crs="EPSG:4269")
    path = "/geo/tiger/TIGER2020/AREALM/tl_2020_99_arealm.zip"
    file_server.files[path] = zip_shapes(landmarks, "landmarks")
    shapes = fetch_context(transport, 2020, make_tracts(), tmp_path / "cache").shapes
    assert list(shapes["parks"]["name"]) == ["Park", ""]
    assert list(shapes["landmarks"]["name"]) == ["Airport"]


def test_files_by_county_are_not_fetched_for_a_whole_state() -> None:
    geoids = pd.Index([f"17{county:03d}000100" for county in range(1, 2 * MOST_COUNTIES + 2, 2)])
    with pytest.raises(GeographyError, match="at most 12 counties, and the map has 13"):
        list_addresses("water", 2020, geoids)
    assert len(list_addresses("water", 2020, geoids[:2])) == 2
    assert len(list_addresses("roads", 2020, geoids)) == 1


def test_a_street_is_found_in_every_tract_it_touches() -> None:
    roads = gpd.GeoDataFrame(
        {"name": ["Oak Ave", "Oak Ave", ""], "code": "S1400"},
        geometry=[
            shapely.LineString([(-89.95, 40.01), (-89.85, 40.01)]),
            shapely.LineString([(-89.85, 40.01), (-89.84, 40.01)]),
            shapely.LineString([(-89.85, 40.02), (-89.84, 40.02)]),
        ],
        crs="EPSG:4326",
    )
    pairs = find_streets(roads, make_tracts())
    assert pairs.to_numpy().tolist() == [["Oak Ave", "99001000100"], ["Oak Ave", "99001000200"]]
