"""What lies around the tracts comes out of the page as it went in, within its bytes."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from maps.context.areas import find_areas, write_areas
from maps.context.describe import LEAST_BYTES, describe_context
from maps.context.geocoder import read_geocoder
from maps.context.grid import Grid, write_ground, write_lines, write_points
from maps.context.inputs import MapContext
from maps.context.names import MOST_NAMES, list_labels
from maps.context.numbers import write_numbers
from maps.context.streets import index_streets
from maps.run.inputs import MapView
from tests.maps.context.reading import read_lines, read_numbers, read_streets

GRID = Grid((-90.0, 40.0), 5e-5)


def shapes_of(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_numbers_come_back_and_small_ones_take_one_letter() -> None:
    numbers = [0, 1, -1, 15, -16, 16, 1_000_000, -1_000_000, 2**30]
    assert read_numbers(write_numbers(numbers)) == numbers
    assert len(write_numbers([15, -15, 0])) == 3


def test_lines_join_where_they_meet_and_lose_what_nobody_sees() -> None:
    lines = shapes_of(
        shapely.LineString([(-89.99, 40.01), (-89.98, 40.01)]),
        shapely.LineString([(-89.98, 40.01), (-89.97, 40.01)]),
        shapely.LineString([(-89.97, 40.01), (-89.98, 40.01)]),
        shapely.LineString([(-89.95, 40.05), (-89.9499, 40.05)]),
    )
    assert read_lines(write_lines(lines, GRID)) == [[(200, 200), (600, 200)]]
    assert write_lines(shapes_of(), GRID) == ""


def test_water_keeps_its_islands_and_loses_puddles() -> None:
    lake = shapely.box(-89.99, 40.01, -89.95, 40.05)
    island = shapely.box(-89.98, 40.02, -89.97, 40.03)
    puddle = shapely.box(-89.9, 40.01, -89.8999, 40.0101)
    rings = read_lines(write_ground(shapes_of(lake.difference(island), puddle), GRID))
    assert [len(ring) for ring in rings] == [5, 5]
    assert all(ring[0] == ring[-1] for ring in rings)


def test_points_come_back() -> None:
    points = np.array([[-89.99, 40.01], [-89.95, 40.03]])
    assert read_numbers(write_points(points, GRID)) == [200, 200, 800, 400]


def test_streets_come_back_with_their_tracts() -> None:
    geoids = pd.Index(["a", "b", "c"])
    pairs = [("Oak Ave", "a"), ("Oak Ave", "c"), ("Oak St", "b"), ("Élm St", "b"), ("X", "gone")]
    streets = pd.DataFrame(pairs, columns=["name", "geoid"])
    index = index_streets(streets, geoids, 1_000)
    assert read_streets(index) == {"Oak Ave": [0, 2], "Oak St": [1], "Élm St": [1]}
    assert index_streets(streets.head(0), geoids, 1_000) == {"names": "", "tracts": ""}


def test_streets_through_most_tracts_stay_where_room_is_short() -> None:
    geoids = pd.Index([str(number) for number in range(50)])
    pairs = [(f"Street {number}", str(place)) for number in range(50) for place in range(number)]
    streets = pd.DataFrame(pairs, columns=["name", "geoid"])
    index = index_streets(streets, geoids, 600)
    kept = read_streets(index)
    assert sum(map(len, index.values())) <= 600
    assert kept
    assert min(map(len, kept.values())) > 30


def test_the_largest_places_are_named_first_and_areas_are_cut_at_the_map() -> None:
    places = gpd.GeoDataFrame(
        {"name": ["Small", "Large", "Far", ""], "code": ""},
        geometry=[
            shapely.box(-89.99, 40.01, -89.98, 40.02),
            shapely.box(-89.97, 40.01, -89.9, 40.08),
            shapely.box(-89, 40, -88.9, 40.1),
            shapely.box(-89.99, 40.03, -89.98, 40.04),
        ],
        crs="EPSG:4326",
    )
    (labels,) = list_labels({"place": places}, GRID)
    assert labels["names"] == ["Far", "Large", "Small"]
    ground = shapely.box(-90, 40, -89.94, 40.1)
    (areas,) = write_areas(find_areas({"place": places}, ground, shapes_of(ground)), GRID)
    assert areas["names"] == ["Large", "Small"]
    assert read_numbers(areas["corners"])[:4] == [600, 200, 600, 1400]


def test_an_area_has_its_own_border_and_its_parts_of_tracts() -> None:
    # Two ZIPs meet in the middle of the second of three tracts; the second ZIP holds three quarters
    # of the third.
    zips = gpd.GeoDataFrame(
        {"name": ["60601", "60602"], "code": ""},
        geometry=[
            shapely.box(-90, 40, -89.985, 40.01),
            shapely.box(-89.985, 40, -89.9725, 40.01),
        ],
        crs="EPSG:4326",
    )
    tracts = shapes_of(*(shapely.box(-90 + x, 40, -89.99 + x, 40.01) for x in (0, 0.01, 0.02)))
    (kind,) = find_areas({"zcta": zips}, shapely.union_all(tracts), tracts)
    for edge, area in zip(kind.edges, zips.geometry, strict=True):
        own = shapely.union_all(kind.borders[edge])
        assert own.length == pytest.approx(area.length)
        assert shapely.hausdorff_distance(own, area.boundary) < 1e-9
    assert sum(map(len, kind.edges)) == len(kind.borders) + 1  # what both share is there once

    (text,) = write_areas([kind], GRID)
    assert read_numbers(text["parts"]) == [2, 0, 1, 0, 50, 2, 1, 1, 50, 25]
    numbers = read_numbers(text["edges"])
    assert numbers[0] == len(kind.edges[0])
    assert np.cumsum(numbers[1 : 1 + numbers[0]]).tolist() == kind.edges[0].tolist()
    assert len(read_lines(text["lines"])) == len(kind.borders)


def test_a_map_carries_no_more_names_than_it_may() -> None:
    count = MOST_NAMES["parks"] + 5
    parks = gpd.GeoDataFrame(
        {"name": [f"Park {number}" for number in range(count)], "code": "K2180"},
        geometry=shapely.buffer(shapely.points(np.linspace(-89, -88, count), 40.0), 0.001),
        crs="EPSG:4326",
    )
    (labels,) = list_labels({"parks": parks}, GRID)
    assert len(labels["names"]) == MOST_NAMES["parks"]


def test_context_never_takes_more_than_its_bytes(town: MapView) -> None:
    rng = np.random.default_rng(7)
    walks = np.cumsum(rng.normal(0, 3e-4, (120, 400, 2)), axis=1) + np.array([-89.97, 40.03])
    roads = gpd.GeoDataFrame(
        {"name": ["Way"] * 120, "code": "S1200"},
        geometry=[shapely.LineString(walk) for walk in walks],
        crs="EPSG:4326",
    )
    context = describe_context(MapContext(shapes={"roads": roads}), town.tracts)
    assert context is not None
    assert context["step"] > 5e-5
    assert len(json.dumps(context, ensure_ascii=False).encode()) <= LEAST_BYTES


def test_nothing_around_the_tracts_is_nothing_on_the_map(town: MapView) -> None:
    assert describe_context(MapContext(), town.tracts) is None


@pytest.mark.parametrize(("year", "vintage"), [(2020, "Census2020"), (2030, "Census2030")])
def test_addresses_are_looked_up_on_the_tracts_of_the_census(year: int, vintage: str) -> None:
    address = read_geocoder(year)
    assert address.startswith("https://geocoding.geo.census.gov/")
    assert f"vintage={vintage}_Current" in address
    assert address.endswith("&address=")
