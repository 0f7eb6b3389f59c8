"""Blocks and polygons give the weights worked out by hand."""

from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.crosswalk.overlay import overlay_areas, place_blocks, weigh_blocks
from outreach.errors import GeographyError

KINDS = ("tract2020", "ward")
#: A hundredth of a degree squared at the equator.
CELL_KM2 = 1.2309


def layer(shapes: dict[str, shapely.Geometry | None], **columns: list[float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        columns, index=pd.Index(list(shapes)), geometry=list(shapes.values()), crs="EPSG:4326"
    )


def strip(west: float, east: float) -> shapely.Polygon:
    """Return a strip of height 2 around the equator, in hundredths of a degree."""
    return shapely.box(west / 100, -1, east / 100, 1)


def weights_of(crosswalk: pd.DataFrame) -> dict[tuple[str, str], float]:
    return dict(crosswalk.set_index(["source", "target"])["weight"])


def about(share: float) -> Any:
    return pytest.approx(share, abs=1e-3)


def test_an_overlay_splits_a_tract_by_area() -> None:
    tracts = layer({"t": shapely.box(0, 0, 0.04, 0.01), "bare": None})
    wards = layer({"1": strip(-100, 1), "2": strip(1, 3)})
    crosswalk = overlay_areas(tracts, wards, KINDS)
    assert weights_of(crosswalk) == {
        ("t", "1"): about(0.25),
        ("t", "2"): about(0.5),
        ("t", ""): about(0.25),
    }
    assert set(crosswalk["unit"]) == {"area"}
    assert set(crosswalk["method"]) == {"overlay"}


def test_the_lake_part_of_a_shore_tract_does_not_count_as_land_outside() -> None:
    """Of four cells one is land, all of it in two wards that end at the shore."""
    tracts = layer({"t": shapely.box(0, 0, 0.04, 0.01)}, land_km2=[CELL_KM2])
    crosswalk = overlay_areas(tracts, layer({"1": strip(-100, 0.75), "2": strip(0.75, 1)}), KINDS)
    inside = crosswalk[crosswalk["weight"] > 0.001]
    assert weights_of(inside) == {("t", "1"): about(0.75), ("t", "2"): about(0.25)}
    assert set(crosswalk["unit"]) == {"land_area"}


def test_a_suburb_that_touches_a_ward_stays_outside() -> None:
    """Nothing is water here, so the covered tenth stays a tenth."""
    tracts = layer({"t": shapely.box(0, 0, 0.01, 0.01)}, land_km2=[CELL_KM2])
    crosswalk = overlay_areas(tracts, layer({"1": strip(-100, 0.1)}), KINDS)
    assert weights_of(crosswalk) == {("t", "1"): about(0.1), ("t", ""): about(0.9)}


def test_a_water_tract_is_weighed_by_area() -> None:
    tracts = layer({"t": shapely.box(0, 0, 0.01, 0.01)}, land_km2=[0.0])
    crosswalk = overlay_areas(tracts, layer({"1": strip(-100, 0.5)}), KINDS)
    assert weights_of(crosswalk) == {("t", "1"): about(0.5), ("t", ""): about(0.5)}
    assert set(crosswalk["unit"]) == {"area"}


def test_tracts_that_only_touch_share_nothing() -> None:
    crosswalk = overlay_areas(
        layer({"t": shapely.box(0, 0, 0.01, 0.01)}), layer({"1": strip(1, 2)}), KINDS
    )
    assert weights_of(crosswalk) == {("t", ""): 1.0}


def test_sources_without_polygons_are_an_error() -> None:
    with pytest.raises(GeographyError, match="No tract2020 has a polygon"):
        overlay_areas(layer({"t": None}), layer({"1": strip(1, 2)}), KINDS)


def test_areas_are_true_far_north_and_far_from_the_equator() -> None:
    """Area between two parallels follows the difference of their sines, not of degrees."""
    tracts = layer({"t": shapely.box(-150, 60, -149, 70)})
    north = layer({"n": shapely.box(-160, 65, -140, 80)})
    weights = weights_of(overlay_areas(tracts, north, KINDS))
    expected = (np.sin(np.radians(70)) - np.sin(np.radians(65))) / (
        np.sin(np.radians(70)) - np.sin(np.radians(60))
    )
    assert weights["t", "n"] == pytest.approx(expected, abs=0.005)


def test_districts_that_overlap_share_a_tract_and_still_sum_to_one() -> None:
    tracts = layer({"t": shapely.box(0, 0, 0.01, 0.01)})
    crosswalk = overlay_areas(tracts, layer({"1": strip(-1, 2), "2": strip(-1, 2)}), KINDS)
    assert weights_of(crosswalk) == {("t", "1"): about(0.5), ("t", "2"): about(0.5)}


@given(st.lists(st.floats(0.02, 3.98), min_size=1, max_size=6, unique=True), st.floats(0, 8))
def test_overlay_weights_sum_to_one(cuts: list[float], land: float) -> None:
    edges = sorted(cuts)
    wards = {str(number): strip(west, east) for number, (west, east) in enumerate(pairwise(edges))}
    wards["far"] = strip(900, 901)
    tracts = layer(
        {"t": shapely.box(0, 0, 0.04, 0.01), "u": shapely.box(0, 0.01, 0.02, 0.02)},
        land_km2=[land, 1.0],
    )
    crosswalk = overlay_areas(tracts, layer(wards), KINDS)
    assert np.allclose(crosswalk.groupby("source")["weight"].sum(), 1)
    assert set(crosswalk["source"]) == {"t", "u"}


BLOCKS = {
    "990010001001000": shapely.box(0, 0, 0.01, 0.01),
    "990010001001001": shapely.box(0.01, 0, 0.02, 0.01),
    "990010001001002": shapely.box(0.02, 0, 0.03, 0.01),
    "990010002001000": shapely.box(0, 0.01, 0.01, 0.02),
    "990010002001001": shapely.box(0.01, 0.01, 0.02, 0.02),
}


def test_blocks_weigh_by_their_housing_and_fall_back_to_land() -> None:
    blocks = layer(
        BLOCKS, housing_units_count=[30.0, 10.0, 60.0, 0.0, 0.0], land_km2=[1.0, 1.0, 1.0, 3.0, 1.0]
    )
    placed = place_blocks(blocks, layer({"60601": strip(-1, 1), "60602": strip(1, 2)}))
    assert list(placed) == ["60601", "60602", "", "60601", "60602"]
    crosswalk = weigh_blocks(blocks, placed, "zcta")
    assert weights_of(crosswalk) == {
        ("99001000100", ""): 0.6,
        ("99001000100", "60601"): 0.3,
        ("99001000100", "60602"): 0.1,
        ("99001000200", "60601"): 0.75,
        ("99001000200", "60602"): 0.25,
    }
    assert list(crosswalk["unit"]) == ["housing_units"] * 3 + ["land_area"] * 2
    assert set(crosswalk["method"]) == {"blocks"}


def test_a_block_on_a_border_goes_to_the_first_target_only() -> None:
    blocks = layer({"990010001001000": shapely.box(0, 0, 0.02, 0.01)})
    placed = place_blocks(blocks, layer({"b": strip(1, 3), "a": strip(-1, 1)}))
    assert list(placed) == ["a"]
