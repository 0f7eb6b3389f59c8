"""Polygons hold the target tracts and nothing else, are valid for everybody who reads them, and keep to the corners allowed."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.cover.covering import Households, count_households
from geo.cover.polygons import cover_with_polygons, to_geojson, to_wkt
from outreach.errors import GeographyError

GEOIDS = [f"17031{number:06d}" for number in range(5)]


def make_row(
    target: list[float], shapes: list[Any] | None = None
) -> tuple[Households, gpd.GeoDataFrame]:
    """Make five square tracts in a row, of 100, 200, ... households."""
    shapes = shapes or [
        shapely.box(-88 + n / 100, 42, -88 + (n + 1) / 100, 42.01) for n in range(5)
    ]
    counts = [100.0 * (n + 1) for n in range(5)]
    tracts = gpd.GeoDataFrame(
        {"households_count": counts}, index=GEOIDS, geometry=shapes, crs="EPSG:4326"
    )
    return count_households(tracts, pd.Series(target, index=GEOIDS)), tracts


def test_neighbours_become_one_polygon_and_all_is_covered_purely() -> None:
    covering = cover_with_polygons(*make_row([1, 1, 0, 0, 1]))
    assert list(covering.places.index) == ["polygon-001", "polygon-002"]
    assert list(covering.places["label"]) == ["tract 17031000004", "2 tracts around 17031000000"]
    assert list(covering.places["households_count"]) == pytest.approx([500, 300])
    assert covering.coverage_share == pytest.approx(1)
    assert covering.purity_share == pytest.approx(1)
    assert covering.gap_share == 0


def test_a_tract_that_is_target_in_part_is_pure_in_part() -> None:
    assert cover_with_polygons(*make_row([1, 0.5, 0, 0, 0])).purity_share == pytest.approx(
        200 / 300
    )


def test_a_target_tract_without_a_polygon_is_named() -> None:
    households, tracts = make_row([1, 1, 0, 0, 0])
    tracts.loc[GEOIDS[1], "geometry"] = None
    covering = cover_with_polygons(households, tracts)
    assert covering.unreached.to_dict() == {GEOIDS[1]: 200}
    assert covering.coverage_share == pytest.approx(1 / 3)
    with pytest.raises(GeographyError, match="No target tract has a polygon"):
        cover_with_polygons(households, tracts.iloc[1:2])


def test_a_polygon_with_too_many_corners_loses_some_and_is_counted_anew() -> None:
    circle = shapely.Point(-87.995, 42.005).buffer(0.005, quad_segs=64)
    shapes = [
        circle,
        *[shapely.box(-88 + n / 100, 42, -88 + (n + 1) / 100, 42.01) for n in range(1, 5)],
    ]
    households, tracts = make_row([1, 0, 0, 0, 0], shapes)
    whole, cut = (
        cover_with_polygons(households, tracts),
        cover_with_polygons(households, tracts, 20),
    )
    assert whole.places.geometry.count_coordinates().max() > 200
    assert cut.places.geometry.count_coordinates().max() <= 20
    assert 0.95 < cut.coverage_share < 1
    assert cut.target_households_count + cut.unreached.sum() == pytest.approx(100)
    with pytest.raises(GeographyError, match="cannot be drawn with 3"):
        cover_with_polygons(households, tracts, 3)


def test_geojson_is_as_the_standard_says_and_wkt_says_the_same() -> None:
    covering = cover_with_polygons(*make_row([1, 1, 0, 0, 1]))
    written, texts = to_geojson(covering), to_wkt(covering)
    assert written["type"] == "FeatureCollection"
    assert [feature["id"] for feature in written["features"]] == list(covering.places.index)
    for feature in written["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.is_valid
        assert shape.exterior.is_ccw
        assert -89 < shape.centroid.x < -87
        assert 41 < shape.centroid.y < 43
        assert shape.equals_exact(shapely.from_wkt(texts[feature["id"]]), 1e-6)


@pytest.mark.real
def test_chicagos_worst_fifth_is_drawn_whole(worst_fifth: Any) -> None:
    covering = cover_with_polygons(worst_fifth.households, worst_fifth.tracts)
    print(
        f"{len(covering.places)} polygons, {covering.places.geometry.count_coordinates().max():,} corners at most"
    )
    assert covering.coverage_share == pytest.approx(1)
    assert covering.purity_share == pytest.approx(1)
    assert covering.unreached.empty
    cut = cover_with_polygons(worst_fifth.households, worst_fifth.tracts, 200)
    assert cut.places.geometry.count_coordinates().max() <= 200
    assert cut.coverage_share > 0.98
    assert cut.purity_share > 0.98
