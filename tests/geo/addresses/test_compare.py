"""Blocks with more homes than were counted are found, and errors of points are allowed for."""

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.addresses.assign import place_homes
from geo.addresses.assumptions import read_assumptions
from geo.addresses.compare import BlockVerdict, compare_blocks, sum_tracts
from outreach.errors import InputError
from outreach.evidence import Status

#: A degree of latitude, and of longitude at the middle of the blocks, in meters.
NORTH_M, EAST_M = 111_132.0, 111_320.0 * np.cos(np.radians(41.0))
SIDE_M = 100.0
CODES = [f"1703101010010{number:02d}" for number in range(4)]


def make_blocks() -> gpd.GeoDataFrame:
    """Make four square blocks in a row, 100 m wide, from 87 degrees west on."""
    shapes = [
        shapely.box(-87 + at * SIDE_M / EAST_M, 41, -87 + (at + 1) * SIDE_M / EAST_M, 41.0009)
        for at in range(4)
    ]
    return gpd.GeoDataFrame(geometry=shapes, index=pd.Index(CODES, name="geoid"), crs=4326)


def place(meters: list[float], homes: list[float] | None = None, error_m: float = 10.0) -> Any:
    """Place homes so many meters east of the first block's western border."""
    x = -87 + np.array(meters) / EAST_M
    count = np.ones(len(x)) if homes is None else np.array(homes)
    return place_homes(x, np.full(len(x), 41.0004), count, make_blocks(), error_m, "mine.csv")


def test_a_point_in_the_middle_is_sure_and_one_on_a_border_is_half_across() -> None:
    placed = place([50.0, 200.0], homes=[3.0, 4.0])
    homes = placed.table["homes_count"]
    assert homes.iloc[0] == pytest.approx(3.0)
    assert homes.iloc[1:3].tolist() == pytest.approx([2.0, 2.0], abs=0.02)
    assert placed.table["place_variance"].iloc[0] == pytest.approx(0, abs=1e-6)
    assert placed.table["place_spread_count"].iloc[1] == pytest.approx(2.0, abs=0.01)
    assert placed.inside.all()


def test_the_chance_of_crossing_is_that_of_a_normal_error() -> None:
    # 10 m from the border, with an error of 10 m: 15.9% lie across (one standard deviation).
    homes = place([110.0]).table["homes_count"]
    assert homes.iloc[:2].tolist() == pytest.approx([0.159, 0.841], abs=0.003)
    rng = np.random.default_rng(2)
    true = rng.uniform(0, 400, 40_000)
    seen = np.clip(true + rng.normal(0, 10, len(true)), 0.1, 399.9)
    expected = place(list(seen)).table["homes_count"]
    assert expected.to_numpy() == pytest.approx(np.full(4, 10_000), rel=0.02)


def test_homes_are_neither_lost_nor_doubled() -> None:
    rng = np.random.default_rng(1)
    placed = place(list(rng.uniform(0, 400, 500)), error_m=25.0)
    assert placed.table["homes_count"].sum() == pytest.approx(500)
    assert placed.table["points_count"].sum() == 500


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        (41.0004, -86.9995, "longitude and latitude are swapped (the first is near 41.0, -87.0)"),
        (86.9995, 41.0004, "longitudes have lost their sign"),
        (-97.0, 31.0, "no place is near the county, which reaches from -87.00 to -87.00"),
    ],
)
def test_places_of_another_area_are_refused(x: float, y: float, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        place_homes(np.full(3, x), np.full(3, y), np.ones(3), make_blocks(), 10.0, "mine.csv")
    assert sentence in caught.value.what


def compare(listed: list[float], bureau: list[float], growth: float = 0.0) -> pd.DataFrame:
    """Compare blocks whose homes stand in their middle."""
    middles = [(at + 0.5) * SIDE_M for at in range(4)]
    counts = pd.Series(bureau, index=pd.Index(CODES, name="geoid"))
    return compare_blocks(
        place(middles, homes=listed), counts, read_assumptions(), growth_share=growth
    )


def test_a_block_with_many_more_homes_comes_first() -> None:
    table = compare([60, 102, 20, 0], [40, 100, 40, 0])
    assert table.index[0] == CODES[0]
    verdicts = table["verdict"].reindex(CODES).tolist()
    assert verdicts == [
        BlockVerdict.UNDERCOUNTED,
        BlockVerdict.WITHIN,
        BlockVerdict.FEWER,
        BlockVerdict.NOTHING,
    ]
    first = table.iloc[0]
    # 2% are likely no homes; 0 to 5% at the ends, and the Bureau's own error of 2% beside.
    assert first["surplus_count"] == pytest.approx(60 * 0.98 - 40)
    reach = 1.2816 * (0.02 * 40) ** 0.5
    assert first["surplus_low80_count"] == pytest.approx(57 - 40 - reach, abs=0.01)
    assert first["surplus_high80_count"] == pytest.approx(60 - 40 + reach, abs=0.01)


def test_growth_moves_the_low_end_whole_and_the_middle_by_half() -> None:
    without, with_growth = (compare([60, 0, 0, 0], [40, 0, 0, 0], growth) for growth in (0, 0.1))
    low, middle, high = (
        without.iloc[0][name] - with_growth.iloc[0][name]
        for name in ("surplus_low80_count", "surplus_count", "surplus_high80_count")
    )
    assert (low, middle, high) == pytest.approx((4.0, 2.0, 0.0))


def test_tracts_sum_what_is_sure() -> None:
    blocks = compare([60, 102, 20, 0], [40, 100, 40, 0])
    tracts = sum_tracts(blocks)
    assert tracts.index.tolist() == [CODES[0][:11]]
    row = tracts.iloc[0]
    assert (row["listed_count"], row["bureau_count"]) == pytest.approx((182, 180))
    assert (row["blocks_count"], row["undercounted_count"]) == (4, 1)
    assert row["sure_surplus_count"] == pytest.approx(blocks["surplus_low80_count"].iloc[0])


def test_a_figure_of_the_user_takes_the_place_of_what_is_assumed() -> None:
    own = read_assumptions().replace_by_user(25.0, 4.0)
    assert own.location_error_m.value == 25.0
    assert own.not_a_home_share.value == (0.04, 0.04, 0.04)
    assert own.not_a_home_share.status is Status.USER
    assert read_assumptions().not_a_home_share.status is Status.ASSUMED
