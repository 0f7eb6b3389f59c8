"""Circles respect the platform's limits, reach the coverage, and count nobody twice."""

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csc_array

from geo.cover.circle_search import choose_circles
from geo.cover.covering import Covering, Households, count_households
from geo.cover.household_points import HouseholdPoints, spread_by_blocks, spread_by_grid
from geo.cover.pins import PinRules, cover_with_pins
from outreach.errors import GeographyError

MILE = 1.609344
META = PinRules("Meta", 0.63 * MILE, 50 * MILE, 0.01 * MILE, 200)
#: A kilometer in degrees at 42 degrees north.
UP, ACROSS = 1 / 111.195, 1 / (111.195 * np.cos(np.radians(42)))


def make_city(target: list[tuple[int, int]], side: int = 12) -> tuple[gpd.GeoDataFrame, Households]:
    """Make square tracts of 1 km with 1,000 households each; ``target`` names (column, row)."""
    cells = list(itertools.product(range(side), range(side)))
    geoids = [f"17031{column:03d}{row:03d}" for column, row in cells]
    shapes = [
        shapely.box(-88 + c * ACROSS, 42 + r * UP, -88 + (c + 1) * ACROSS, 42 + (r + 1) * UP)
        for c, r in cells
    ]
    tracts = gpd.GeoDataFrame(
        {"households_count": 1000.0}, index=geoids, geometry=shapes, crs="EPSG:4326"
    )
    is_target = pd.Series([cell in target for cell in cells], index=geoids)
    return tracts, count_households(tracts, is_target)


def make_points(target: list[tuple[int, int]], points: int = 100) -> HouseholdPoints:
    tracts, households = make_city(target)
    return spread_by_grid(households, tracts, points_per_tract=points)


def haversine_km(latitude: Any, longitude: Any, to_latitude: Any, to_longitude: Any) -> Any:
    """Measure distance by the haversine formula, independent of the code under test."""
    a, b, c, d = (np.radians(each) for each in (latitude, longitude, to_latitude, to_longitude))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return 2 * 6371.0088 * np.arcsin(np.sqrt(half))


def test_a_single_tract_takes_one_circle_around_its_center() -> None:
    covering = cover_with_pins(make_points([(5, 5)]), PinRules("any", 0.8, 50, 0.1, 10), 1)
    assert len(covering.places) == 1
    pin = covering.places.iloc[0]
    assert haversine_km(pin["latitude"], pin["longitude"], 42 + 5.5 * UP, -88 + 5.5 * ACROSS) < 0.02
    assert pin["radius_km"] == pytest.approx(0.8)
    assert covering.coverage_share == pytest.approx(1)
    assert covering.households_count == pytest.approx(1000 * np.pi * 0.8**2, rel=0.05)
    assert covering.places.index[0] == "pin-001"
    assert pin["label"] == "0.80 km around tract 17031005005"


def test_neighboring_tracts_share_a_circle_and_distant_ones_do_not() -> None:
    covering = cover_with_pins(
        make_points([(1, 1), (2, 1), (9, 9)]), PinRules("any", 1.2, 50, 0.1, 10), 0.9
    )
    assert len(covering.places) == 2
    assert covering.places["target_households_count"].iloc[0] > 1700


def test_households_in_two_circles_are_paid_for_once() -> None:
    points = make_points([(c, r) for c in range(3, 8) for r in range(3, 8)])
    covering = cover_with_pins(points, META, 0.95)
    point, pin = points.table, covering.places
    away = haversine_km(
        point["latitude"].to_numpy()[:, None],
        point["longitude"].to_numpy()[:, None],
        pin["latitude"].to_numpy()[None, :],
        pin["longitude"].to_numpy()[None, :],
    )
    held = (away <= pin["radius_km"].to_numpy()).sum(axis=1)
    assert (held > 1).any()
    assert covering.households_count == pytest.approx(
        point.loc[held > 0, "households_count"].sum(), rel=1e-3
    )
    assert covering.target_households_count == pytest.approx(
        point.loc[held > 0, "target_households_count"].sum(), rel=1e-3
    )
    shared = (
        point["households_count"].to_numpy()[:, None] * (away <= pin["radius_km"].to_numpy())
    )[held > 1].sum()
    assert pin["shared_households_count"].sum() == pytest.approx(shared, rel=1e-2)


@pytest.mark.slow
@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=20, unique=True
    ),
    st.floats(0.05, 0.9),
    st.sampled_from(
        [
            META,
            PinRules("Google", MILE, 500 * MILE, 0.1 * MILE, 500),
            PinRules("Ms", 1, 800, 1, 2000),
        ]
    ),
)
def test_the_coverage_is_reached_within_the_limits_of_the_platform(
    target: list[tuple[int, int]], share: float, rules: PinRules
) -> None:
    covering = cover_with_pins(make_points(target, 25), rules, share)
    radius = covering.places["radius_km"]
    assert covering.coverage_share >= share - 1e-6
    assert (radius >= rules.minimum_km - 1e-9).all()
    assert (radius <= rules.maximum_km + 1e-9).all()
    np.testing.assert_allclose(radius / rules.step_km, (radius / rules.step_km).round(), atol=1e-9)
    assert len(covering.places) <= rules.maximum_count
    assert 0 <= covering.gap_share < 1
    assert covering.bound <= covering.households_count + 250 * len(covering.places) + 1e-6


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0.05, 1), st.sampled_from([0.0, 20.0, 300.0]))
def test_every_subset_of_the_candidates_costs_more_than_the_bound(
    seed: int, share: float, worth: float
) -> None:
    """The choice among ten circles is within its stated gap of the best of 1,024 subsets."""
    rng = np.random.default_rng(seed)
    inside = (rng.random((30, 10)) < 0.25).astype(float)
    inside[0, 0] = 1.0
    group = rng.integers(0, 6, 30)
    paid = rng.integers(1, 100, 30).astype(float)
    target = paid * rng.choice([0.0, 0.5, 1.0], 6)[group] + (group == group[0]) * paid * 1e-3
    needed = share * float(target[inside.sum(axis=1) > 0].sum())
    choice = choose_circles(
        csc_array(inside), rng.random((30, 3)), paid, target, needed, group, worth
    )
    sets = np.array(list(itertools.product([0, 1], repeat=10)))
    held = (sets @ inside.T) > 0
    costs = np.where(
        held @ target >= needed * (1 - 1e-6), held @ paid + worth * sets.sum(axis=1), np.inf
    )
    assert choice.bound <= costs.min() * (1 + 1e-6) + 1e-6
    assert choice.cost >= costs.min() - 1e-3
    assert costs.min() >= choice.cost * (1 - choice.gap_share) - 1e-3
    mine = inside[:, list(choice.chosen)].sum(axis=1) > 0
    assert target[mine].sum() >= needed * (1 - 1e-6)
    assert choice.cost == pytest.approx(paid[mine].sum() + worth * len(choice.chosen))


def test_the_choice_is_mostly_the_best_of_all_subsets() -> None:
    """Small worlds of ten circles, against all 1,024 subsets."""
    optimal_count, above = 0, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        at, center = rng.random((200, 2)) * 10, rng.random((10, 2)) * 10
        inside = (
            np.linalg.norm(at[:, None] - center[None], axis=2) < rng.uniform(1.5, 3, 10)
        ).astype(float)
        group = (at[:, 0] // 2).astype(int) * 5 + (at[:, 1] // 2).astype(int)
        paid = np.full(200, 50.0)
        target = paid * (rng.random(25) < 0.4)[group]
        needed = 0.6 * float(target[inside.sum(axis=1) > 0].sum())
        places = np.column_stack([at, np.zeros(200)])
        choice = choose_circles(csc_array(inside), places, paid, target, needed, group, 100.0)
        sets = np.array(list(itertools.product([0, 1], repeat=10)))
        held = (sets @ inside.T) > 0
        best = np.where(
            held @ target >= needed * (1 - 1e-6), held @ paid + 100 * sets.sum(axis=1), np.inf
        ).min()
        optimal_count += choice.cost <= best + 1e-6
        above.append(choice.cost / best - 1 if best else 0.0)
    print(
        f"optimal in {optimal_count} of 60, {np.mean(above):.2%} above on average,"
        f" {max(above):.1%} at worst"
    )
    assert optimal_count >= 48
    assert np.mean(above) < 0.02


def test_a_circle_must_be_worth_its_place() -> None:
    points = make_points([(c, r) for c in range(2, 8) for r in range(2, 6)], 25)
    many, few = (cover_with_pins(points, META, 0.9, worth_households=worth) for worth in (0, 5000))
    assert len(few.places) < len(many.places)
    assert few.households_count >= many.households_count


def test_a_platform_that_allows_few_pins_gets_few() -> None:
    points = make_points([(c, r) for c in range(2, 8) for r in range(2, 6)], 25)
    free = cover_with_pins(points, META, 0.9)
    tight = PinRules("tight", META.minimum_km, 50, META.step_km, len(free.places) - 1)
    covering = cover_with_pins(points, tight, 0.9)
    assert len(covering.places) <= tight.maximum_count
    assert "each worth" in covering.name
    with pytest.raises(GeographyError, match=r"take \d+ pins; tight allows 1"):
        cover_with_pins(points, PinRules("tight", 1, 1, 0.1, 1), 0.9)


@pytest.mark.parametrize(
    ("rules", "requested_km", "radius_km"),
    [
        (PinRules("mile", MILE, 500 * MILE, MILE, 9), 1.7 * MILE, 2 * MILE),
        (PinRules("mile", MILE, 500 * MILE, MILE, 9), 2 * MILE, 2 * MILE),
        (PinRules("mile", MILE, 500 * MILE, MILE, 9), 0.1, MILE),
        (PinRules("km", 1, 80, 1, 9), 99, 80),
        (PinRules("odd", 1, 7.5, 2, 9), 99, 6),
    ],
)
def test_radii_are_rounded_up_to_a_step_but_not_beyond_the_largest(
    rules: PinRules, requested_km: float, radius_km: float
) -> None:
    assert rules.round_up(requested_km) == pytest.approx(radius_km)


@pytest.mark.parametrize("figures", [(0, 5, 1, 9), (6, 5, 1, 9), (1, 5, 0, 9), (1, 5, 1, 0)])
def test_rules_that_contradict_themselves_are_refused(
    figures: tuple[float, float, float, int],
) -> None:
    with pytest.raises(GeographyError, match="contradict themselves"):
        PinRules("odd", *figures)


def test_tracts_without_a_polygon_are_reported_as_unreached() -> None:
    tracts, households = make_city([(1, 1), (2, 2)])
    tracts.loc["17031001001", "geometry"] = None
    points = spread_by_grid(households, tracts)
    assert points.unreached.to_dict() == {"17031001001": 1000}
    with pytest.raises(GeographyError, match=r"reach 50.0% .* most of 17031001001"):
        cover_with_pins(points, META, 0.8)
    assert cover_with_pins(points, META, 0.5).coverage_share == pytest.approx(0.5)


def test_no_household_is_placed_in_the_lake() -> None:
    """The tract is two fifths lake; the ground ends at the shore."""
    tracts, households = make_city([(0, 0)], side=1)
    shore = gpd.GeoDataFrame(
        geometry=[shapely.box(-89, 41, -88 + 0.6 * ACROSS, 43)], crs="EPSG:4326"
    )
    wet = spread_by_grid(households, tracts.assign(land_km2=0.6), shore).table
    assert wet["longitude"].max() <= -88 + 0.6 * ACROSS
    assert wet["households_count"].sum() == pytest.approx(1000)
    assert spread_by_grid(households, tracts, shore).table["longitude"].max() > -88 + 0.8 * ACROSS


def test_blocks_place_households_by_their_units() -> None:
    _, households = make_city([(0, 0)], side=1)
    blocks = gpd.GeoDataFrame(
        {"housing_units_count": [30, 10, 0]},
        index=[f"1703100000010{number:02d}" for number in range(3)],
        geometry=[
            shapely.box(-88 + n * 0.001, 42, -88 + (n + 1) * 0.001, 42.001) for n in range(3)
        ],
        crs="EPSG:4326",
    )
    blocks.index = ["17031000000" + code[-4:] for code in blocks.index]
    points = spread_by_blocks(households, blocks)
    assert list(points.table["households_count"]) == [750, 250]
    assert points.method == "blocks"


def count_again(covering: Covering, points: HouseholdPoints) -> tuple[float, float]:
    """Count coverage and purity of the circles over other points."""
    held = np.zeros(len(points.table), dtype=bool)
    for pin in covering.places.itertuples():
        away_km = haversine_km(
            points.table["latitude"], points.table["longitude"], pin.latitude, pin.longitude
        )
        held |= away_km.to_numpy() <= pin.radius_km
    inside = points.table[held]
    target_count = float(inside["target_households_count"].sum())
    return target_count / points.target_count, target_count / inside["households_count"].sum()


@pytest.mark.real
def test_in_chicago_pins_spill_far_less_than_zips_and_a_finer_grid_agrees(worst_fifth: Any) -> None:
    points, fine = (
        spread_by_grid(worst_fifth.households, worst_fifth.tracts, worst_fifth.zips, points)
        for points in (25, 100)
    )
    assert points.table["households_count"].sum() == pytest.approx(
        worst_fifth.households.table["households_count"].sum()
    )
    covering = cover_with_pins(points, META, 0.75)
    coverage, purity = count_again(covering, fine)
    print(
        f"{len(covering.places)} pins: coverage {covering.coverage_share:.1%},"
        f" purity {covering.purity_share:.1%}, gap {covering.gap_share:.1%};"
        f" on four times the points {coverage:.1%} and {purity:.1%}"
    )
    assert covering.coverage_share >= 0.75 - 1e-6
    assert covering.purity_share > 0.8
    assert covering.gap_share < 0.06
    assert coverage == pytest.approx(covering.coverage_share, abs=0.01)
    assert purity == pytest.approx(covering.purity_share, abs=0.01)
