from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely

from outreach.spatial import (
    EARTH_KM,
    center_projection,
    divide_space,
    group_points,
    place_on_sphere,
    project_locally,
    simplify_coverage,
)


def test_a_local_projection_measures_meters() -> None:
    point = gpd.GeoSeries([shapely.Point(-87.6, 41.85)], crs="EPSG:4326")
    circle = point.to_crs(project_locally(41.9, -87.7)).buffer(1000)
    assert circle.area.iloc[0] == pytest.approx(np.pi * 1e6, rel=0.01)
    width = circle.to_crs("EPSG:4326").bounds.eval("maxx - minx").iloc[0]
    assert width == pytest.approx(2 / (111.3 * np.cos(np.radians(41.85))), rel=0.01)


def test_a_projection_is_centered_on_the_box_around_the_shapes() -> None:
    shapes = gpd.GeoSeries([shapely.box(-88, 41, -87.5, 42)], crs="EPSG:4326")
    assert center_projection(shapes) == project_locally(41.5, -87.75)


@pytest.mark.parametrize("together", [True, False])
def test_ground_across_the_date_line_has_its_true_area(together: bool) -> None:  # noqa: FBT001  a case
    # Two boxes of a degree by half a degree beside the line, as the Bureau cuts the Aleutians.
    boxes = [shapely.box(179, 51.5, 180, 52), shapely.box(-180, 51.5, -179, 52)]
    parts = [shapely.MultiPolygon(boxes)] if together else boxes
    shapes = gpd.GeoSeries(parts, crs="EPSG:4326").segmentize(0.01)
    band = np.sin(np.radians(52)) - np.sin(np.radians(51.5))
    sphere_km2 = np.radians(2) * EARTH_KM**2 * band
    area_km2 = shapes.to_crs(center_projection(shapes)).area.sum() / 1e6
    assert area_km2 == pytest.approx(sphere_km2, rel=0.005)
    assert center_projection(shapes) == project_locally(51.75, 180)


def test_islands_far_to_the_east_of_the_line_move_the_middle_past_it() -> None:
    boxes = [shapely.box(172, 52, 173, 53), shapely.box(-170, 52, -165, 53)]
    shapes = gpd.GeoSeries(boxes, crs="EPSG:4326")
    assert center_projection(shapes) == project_locally(52.5, -176.5)


def test_points_on_the_sphere_are_as_far_apart_as_on_the_ground() -> None:
    points = place_on_sphere(np.array([41.0, 41.1]), np.array([-87.0, -87.0]), EARTH_KM)
    assert np.linalg.norm(points, axis=1) == pytest.approx([EARTH_KM] * 2)
    apart = np.linalg.norm(points[0] - points[1])
    assert apart == pytest.approx(0.1 / 180 * np.pi * EARTH_KM, rel=1e-6)


def test_space_is_divided_into_compact_parts_of_equal_size() -> None:
    points = np.random.default_rng(1).uniform(size=(100, 2)) * [10, 1]
    part = divide_space(points, 5)
    assert np.bincount(part).tolist() == [20] * 5
    # The box is ten times as long as wide, so parts follow one another along it.
    ends = [(points[part == i, 0].min(), points[part == i, 0].max()) for i in range(5)]
    assert all(left[1] <= right[0] for left, right in pairwise(ends))


def test_there_are_no_more_parts_than_points() -> None:
    assert sorted(divide_space(np.array([[0.0], [1.0], [2.0]]), 7).tolist()) == [0, 1, 2]
    assert divide_space(np.zeros((0, 2)), 3).tolist() == []


def test_groups_hold_at_most_so_many_points_and_are_alike_in_size() -> None:
    points = np.random.default_rng(2).uniform(size=(50, 2))
    sizes = np.bincount(group_points(points, 8))
    assert sizes.max() <= 8
    assert sizes.max() - sizes.min() <= 1
    assert group_points(np.zeros((0, 2)), 8).tolist() == []


def test_neighbors_are_simplified_without_a_gap() -> None:
    border = [(1, 0), (1.01, 0.25), (1, 0.5), (1.01, 0.75), (1, 1)]
    left = shapely.Polygon([(0, 0), *border, (0, 1)])
    right = shapely.Polygon([(2, 0), (2, 1), *reversed(border)])
    shapes = gpd.GeoSeries([left, right], index=["a", "b"], crs="EPSG:4326")
    simple = simplify_coverage(shapes, 0.2)
    assert simple.index.tolist() == ["a", "b"]
    assert simple.crs == shapes.crs
    assert shapely.get_num_coordinates(simple.to_numpy()).sum() < 14
    assert shapely.union_all(simple.to_numpy()).area == pytest.approx(2)


def test_polygons_that_overlap_are_simplified_one_by_one() -> None:
    bent = shapely.Polygon([(0, 0), (1, 0), (2, 0.01), (2, 2), (0, 2)])
    shapes = gpd.GeoSeries([bent, shapely.box(1, 1, 3, 3)])
    corners = [
        shapely.get_num_coordinates(simplify_coverage(shapes, 0.1, alone=alone)[0])
        for alone in (None, 0.001)
    ]
    assert corners == [5, 6]


def test_there_may_be_nothing_to_simplify() -> None:
    assert simplify_coverage(gpd.GeoSeries([], crs="EPSG:4326"), 0.1).empty
