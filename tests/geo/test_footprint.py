"""Footprints have the right size, members add up, and groups are compact."""

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from geo.footprint import average_members, draw_footprints, group_near, list_touching, weigh_members

KM = 1 / 111.195


@pytest.fixture
def tracts() -> gpd.GeoDataFrame:
    """Four by four tracts of a kilometer on the equator, the last without a polygon."""
    row, column = np.divmod(np.arange(16), 4)
    shapes = [
        box(x * KM, y * KM, (x + 1) * KM, (y + 1) * KM) for x, y in zip(column, row, strict=True)
    ]
    return gpd.GeoDataFrame(
        {"households_count": 100.0 * (1 + np.arange(16)), "land_km2": 1.0},
        geometry=[*shapes[:15], None],
        index=pd.Index([f"99001{each:06d}" for each in range(16)], name="geoid"),
        crs=4326,
    )


@pytest.fixture
def units() -> Callable[..., pd.DataFrame]:
    def make(kind: str, places: list[str], **columns: object) -> pd.DataFrame:
        index = pd.Index([f"{kind}-{place}" for place in places], name="unit_id")
        return pd.DataFrame({"kind": kind, "place": places} | columns, index=index)

    return make


def test_tracts_touch_at_borders_and_corners(
    tracts: gpd.GeoDataFrame, units: Callable[..., pd.DataFrame]
) -> None:
    ground = draw_footprints(units("tract", list(tracts.index)), tracts)
    assert len(ground) == 15
    pairs = list_touching(ground)
    assert len(pairs) == len({frozenset(pair) for pair in pairs}) == 42 - 3
    assert ("tract-99001000000", "tract-99001000005") in pairs
    assert ("tract-99001000000", "tract-99001000002") not in pairs


def test_a_circle_has_its_radius_and_touches_what_it_overlaps(
    tracts: gpd.GeoDataFrame, units: Callable[..., pd.DataFrame]
) -> None:
    pins = units(
        "pin",
        ["a", "b", "c"],
        latitude=[2 * KM] * 3,
        longitude=[KM, 2.9 * KM, 5.1 * KM],
        radius_km=1.0,
    )
    ground = draw_footprints(pins, tracts)
    np.testing.assert_allclose(ground.to_crs("+proj=cea").area / 1e6, np.pi, rtol=0.01)
    assert list_touching(ground) == [("pin-a", "pin-b")]


def test_members_are_whole_tracts_or_the_part_inside(
    tracts: gpd.GeoDataFrame, units: Callable[..., pd.DataFrame]
) -> None:
    whole = weigh_members(units("tract", list(tracts.index[:2])), tracts)
    assert whole["weight"].tolist() == [1, 1]
    half = box(0.5 * KM, 0, 2 * KM, KM)
    parts = weigh_members(units("polygon", ["p"], wkt=[half.wkt]), tracts).set_index("geoid")[
        "weight"
    ]
    assert parts.to_dict() == pytest.approx({tracts.index[0]: 0.5, tracts.index[1]: 1.0}, abs=0.005)
    crosswalk = pd.DataFrame(
        {"source": tracts.index[:2], "target": ["60601", "60699"], "weight": [0.25, 1.0]}
    )
    zips = weigh_members(units("zip", ["60601"]), tracts, crosswalk)
    assert zips.to_dict("records") == [
        {"geoid": tracts.index[0], "unit_id": "zip-60601", "weight": 0.25}
    ]


def test_a_share_is_averaged_by_the_households_of_the_tracts_that_have_one(
    tracts: gpd.GeoDataFrame,
) -> None:
    members = pd.DataFrame(
        {"geoid": tracts.index[:3], "unit_id": ["u", "u", "v"], "weight": [1.0, 0.5, 1.0]}
    )
    values = pd.DataFrame({"rate_share": [0.2, 0.6, np.nan]}, index=tracts.index[:3])
    averages = average_members(members, values, tracts["households_count"])["rate_share"]
    assert averages["u"] == pytest.approx((100 * 0.2 + 100 * 0.6) / 200)
    assert np.isnan(averages["v"])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 20])
def test_groups_are_compact_alike_and_no_larger_than_requested(
    tracts: gpd.GeoDataFrame, units: Callable[..., pd.DataFrame], size: int
) -> None:
    ground = draw_footprints(units("tract", list(tracts.index[:15])), tracts)
    group = group_near(ground, size)
    counts = group.value_counts()
    assert counts.max() <= size
    assert counts.max() - counts.min() <= 1
    assert group.nunique() == group.max() + 1
    if size == 5:
        spread = ground.dissolve(by=group.to_numpy())
        assert spread.geometry.geom_type.eq("Polygon").all()


def test_a_zip_has_its_outline_or_else_all_ground_of_its_tracts(
    tracts: gpd.GeoDataFrame, units: Callable[..., pd.DataFrame]
) -> None:
    zips = units("zip", ["60601", "60602", "60603"], wkt=[box(0, 0, 1.01 * KM, KM).wkt, None, None])
    members = pd.DataFrame(
        {
            "geoid": tracts.index[[0, 1, 2, 15, 3]],
            "unit_id": ["zip-60601", "zip-60602", "zip-60602", "zip-60602", "zip-60602"],
            "weight": [1.0, 0.5, 1.0, 1.0, 0.0],
        }
    )
    ground = draw_footprints(zips, tracts, members)
    assert ground["outline"].to_dict() == {"zip-60601": "own", "zip-60602": "tracts"}
    assert ground.loc["zip-60602", "geometry"].area == pytest.approx(2 * KM * KM)
    assert list_touching(ground) == [("zip-60601", "zip-60602")]
    assert list(draw_footprints(zips, tracts).index) == ["zip-60601"]
