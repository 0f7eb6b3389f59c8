"""Encoded polygons have no gaps between neighbors and store each border once."""

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from maps.run.inputs import MapView
from maps.topology import encode_topology


def decode(packed: dict[str, Any]) -> list[shapely.Geometry]:
    """Unpack a topology as the page does."""
    points = np.array(packed["points"]).reshape(-1, 2)
    arcs = [np.cumsum(arc, axis=0) for arc in np.split(points, np.cumsum(packed["lengths"])[:-1])]
    rings = [
        [
            [
                np.concatenate([(arcs[arc] if arc >= 0 else arcs[~arc][::-1])[:-1] for arc in ring])
                for ring in part
            ]
            for part in shape
        ]
        for shape in packed["shapes"]
    ]
    scaled = [
        [[ring * packed["scale"] + packed["origin"] for ring in part] for part in shape]
        for shape in rings
    ]
    return [
        shapely.MultiPolygon([(part[0], part[1:]) for part in shape])
        if shape
        else shapely.Polygon()
        for shape in scaled
    ]


def test_a_grid_survives_encoding_unchanged(town: MapView) -> None:
    unpacked = decode(encode_topology(town.tracts.geometry))
    away = shapely.hausdorff_distance(unpacked, town.tracts.geometry.to_numpy())
    assert away.max() < 1e-5
    assert shapely.area(unpacked) == pytest.approx(
        shapely.area(town.tracts.geometry.to_numpy()), rel=3e-3
    )


def test_a_border_of_two_tracts_is_stored_once(town: MapView) -> None:
    packed = encode_topology(town.tracts.geometry)
    used = [
        arc if arc >= 0 else ~arc
        for shape in packed["shapes"]
        for part in shape
        for ring in part
        for arc in ring
    ]
    assert set(used) == set(range(len(packed["lengths"])))
    assert max(np.bincount(used)) == 2
    assert sum(packed["lengths"]) * 2 == len(packed["points"])


@pytest.mark.real
def test_neighbors_of_cook_county_leave_no_gap_and_do_not_overlap(cook: MapView) -> None:
    packed = encode_topology(cook.tracts.geometry)
    assert max(packed["scale"]) <= 1e-5
    unpacked = decode(packed)
    whole = shapely.union_all(shapely.make_valid(unpacked))
    before = shapely.union_all(cook.tracts.geometry.to_numpy())
    assert sum(len(part.interiors) for part in shapely.get_parts(whole)) == sum(
        len(part.interiors) for part in shapely.get_parts(before)
    )
    assert shapely.area(unpacked).sum() == pytest.approx(whole.area, rel=1e-6)
    assert whole.area == pytest.approx(before.area, rel=1e-3)
    inside = shapely.contains_xy(
        shapely.make_valid(unpacked),
        *(np.array(packed["centers"]) * packed["scale"] + packed["origin"]).T,
    )
    assert inside.mean() > 0.999


def test_holes_islands_and_empty_shapes_keep_their_place() -> None:
    hole = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
    shapes = gpd.GeoSeries(
        [
            hole,
            None,
            shapely.box(1, 1, 2, 2),
            shapely.Polygon(),
            shapely.MultiPolygon([shapely.box(5, 0, 6, 1), shapely.box(8, 0, 9, 1)]),
        ],
        crs=4326,
    )
    packed = encode_topology(shapes)
    unpacked = decode(packed)
    assert [round(shape.area, 2) for shape in unpacked] == [15, 0, 1, 0, 2]
    assert [center is None for center in packed["centers"]] == [False, True, False, True, False]


def test_a_broken_polygon_is_repaired() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    unpacked = decode(encode_topology(gpd.GeoSeries([bow, shapely.box(3, 0, 4, 1)], crs=4326)))
    assert unpacked[0].area == pytest.approx(2, rel=1e-3)


def test_ground_on_both_sides_of_the_date_line_is_drawn_in_one_place() -> None:
    boxes = [shapely.box(179.98, 52, 179.99, 52.01), shapely.box(-179.99, 52, -179.98, 52.01)]
    topology = encode_topology(gpd.GeoSeries(boxes, crs="EPSG:4326"))
    west, south = topology["origin"]
    assert (round(west, 4), round(south, 4)) == (179.98, 52)
    east = west + topology["scale"][0] * topology["centers"][1][0]
    assert 180.01 < east < 180.02
