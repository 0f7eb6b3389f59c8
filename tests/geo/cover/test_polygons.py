"""Polygons hold the target tracts and nothing else."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.cover.covering import Households, count_households
from geo.cover.polygons import cover_with_polygons
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


def test_neighbors_become_one_polygon_with_full_coverage_and_purity() -> None:
    covering = cover_with_polygons(*make_row([1, 1, 0, 0, 1]))
    assert list(covering.places.index) == ["polygon-001", "polygon-002"]
    assert list(covering.places["label"]) == ["tract 17031000004", "2 tracts around 17031000000"]
    assert list(covering.places["households_count"]) == pytest.approx([500, 300])
    assert covering.coverage_share == pytest.approx(1)
    assert covering.purity_share == pytest.approx(1)
    assert covering.gap_share == 0


def test_a_partial_target_tract_has_partial_purity() -> None:
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


@pytest.mark.real
def test_polygons_cover_all_of_chicagos_worst_fifth(worst_fifth: Any) -> None:
    covering = cover_with_polygons(worst_fifth.households, worst_fifth.tracts)
    most = covering.places.geometry.count_coordinates().max()
    print(f"{len(covering.places)} polygons, at most {most:,} corners")
    assert covering.coverage_share == pytest.approx(1)
    assert covering.purity_share == pytest.approx(1)
    assert covering.unreached.empty
