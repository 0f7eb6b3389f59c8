"""Chosen ZIPs are the cheapest, the plain list is never better, and no household is lost."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cover.covering import Households, count_households
from geo.cover.knapsack import choose_cheapest
from geo.cover.zips import (
    count_zips,
    cover_for_budget,
    cover_with_zips,
    trace_zips,
)
from outreach.errors import GeographyError
from tests.geo.cover.plain_list import compare_with_plain, list_worst_zips


def make_world(
    households: list[int],
    target: list[float],
    pairs: list[tuple[int, str, float]],
    kind: str = "zip",
) -> tuple[Households, pd.DataFrame]:
    """Make tracts 17031000000, 17031000001, ... and a crosswalk of (tract number, ZIP, weight)."""
    geoids = [f"17031{number:06d}" for number in range(len(households))]
    tracts = pd.DataFrame({"households_count": [float(each) for each in households]}, index=geoids)
    crosswalk = pd.DataFrame(
        {
            "source": [geoids[number] for number, _, _ in pairs],
            "target": [code for _, code, _ in pairs],
            "weight": [weight for _, _, weight in pairs],
            "unit": "households",
            "method": "user",
            "source_kind": "tract2020",
            "target_kind": kind,
        }
    )
    return count_households(tracts, pd.Series(target, index=geoids)), crosswalk


def find_best(paid: np.ndarray, target: np.ndarray, needed: float) -> float:
    """Try every subset."""
    sets = np.array(list(itertools.product([0, 1], repeat=len(paid))))
    return float((sets @ paid)[sets @ target >= needed - 1e-6].min())


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Households, pd.DataFrame]:
    tracts = draw(st.integers(2, 14))
    zips = [f"{number:05d}" for number in range(draw(st.integers(1, 10)))] + [""]
    households = draw(st.lists(st.integers(0, 3000), min_size=tracts, max_size=tracts))
    target = draw(st.lists(st.sampled_from([0.0, 0.0, 0.3, 1.0]), min_size=tracts, max_size=tracts))
    households[0], target[0] = households[0] + 1, 1.0
    pairs = []
    for tract in range(tracts):
        codes = draw(st.lists(st.sampled_from(zips), min_size=0, max_size=3, unique=True))
        codes = codes if tract else ["00000", *(code for code in codes if code != "00000")]
        parts = draw(st.lists(st.integers(1, 4), min_size=len(codes), max_size=len(codes)))
        pairs += [(tract, code, part / sum(parts)) for code, part in zip(codes, parts, strict=True)]
    return make_world(households, target, pairs)


@settings(max_examples=60)
@given(worlds(), st.floats(0.01, 1))
def test_no_subset_of_zips_is_cheaper_than_the_covering(
    world: tuple[Households, pd.DataFrame], share: float
) -> None:
    zips = count_zips(*world)
    if share > zips.reachable_share:
        return
    covering = cover_with_zips(zips, share)
    paid, target = (zips.table[f"{part}households_count"].to_numpy() for part in ("", "target_"))
    best = find_best(paid, target, share * zips.target_count)
    assert covering.households_count == pytest.approx(best, rel=2e-4, abs=1e-3)
    assert covering.coverage_share >= share - 1e-6
    assert covering.bound <= best + 1e-6 * (1 + best)
    assert covering.gap_share <= 1e-4


@settings(max_examples=40)
@given(worlds(), st.floats(0, 8000))
def test_no_affordable_subset_reaches_more_than_the_covering(
    world: tuple[Households, pd.DataFrame], budget_usd: float
) -> None:
    zips = count_zips(*world)
    covering = cover_for_budget(zips, budget_usd, 0.5)
    paid, target = (zips.table[f"{part}households_count"].to_numpy() for part in ("", "target_"))
    sets = np.array(list(itertools.product([0, 1], repeat=len(paid))))
    best = float((sets @ target)[sets @ paid <= budget_usd / 0.5].max())
    assert covering.target_households_count == pytest.approx(best, rel=2e-4, abs=1e-3)
    assert covering.households_count * 0.5 <= budget_usd * (1 + 1e-6) + 1e-6


@pytest.mark.slow
@settings(max_examples=40)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_plain_list_is_never_better(world: tuple[Households, pd.DataFrame], rng: Any) -> None:
    zips = count_zips(*world)
    target = world[0].table["target_households_count"]
    order = list(target.index[target > 0])
    rng.shuffle(order)
    shares = [share for share in (0.25, 0.5, 0.75, 0.9) if share <= zips.reachable_share]
    for _, ways in compare_with_plain(zips, order, 0.48, shares).groupby(level=0):
        plain, covering, matched = (
            ways.xs(way, level="way").iloc[0] for way in ("plain", "covering", "matched")
        )
        slack = 1e-5 * (1 + plain["households_count"])
        assert covering["households_count"] <= plain["households_count"] + slack
        assert matched["households_count"] <= plain["households_count"] + slack
        assert matched["coverage_share"] >= plain["coverage_share"] - 1e-5
        assert matched["purity_share"] >= plain["purity_share"] - 1e-5
        assert matched["spill_households_count"] <= plain["spill_households_count"] + slack


@settings(max_examples=25)
@given(worlds())
def test_every_target_household_is_in_a_zip_or_reported_as_unreached(
    world: tuple[Households, pd.DataFrame],
) -> None:
    households, _ = world
    zips = count_zips(*world)
    both = zips.table["target_households_count"].sum() + zips.unreached.sum()
    assert both == pytest.approx(households.target_count, rel=1e-6)


def test_a_world_worked_by_hand() -> None:
    """Tracts 0 and 1 are target; ZIP 3 holds half of both, 1 and 2 also hold other tracts."""
    households, crosswalk = make_world(
        [400, 400, 1000, 100],
        [1, 1, 0, 0],
        [
            (0, "60601", 0.5),
            (0, "60603", 0.5),
            (1, "60602", 0.5),
            (1, "60603", 0.5),
            (2, "60601", 1.0),
            (3, "60602", 1.0),
        ],
    )
    zips = count_zips(households, crosswalk)
    assert list(cover_with_zips(zips, 0.5).places.index) == ["60603"]
    three_quarters = cover_with_zips(zips, 0.75)
    assert list(three_quarters.places.index) == ["60602", "60603"]
    assert (three_quarters.households_count, three_quarters.target_households_count) == (700, 600)
    assert three_quarters.spill_households_count == 100
    assert three_quarters.purity_share == pytest.approx(6 / 7)
    assert list(cover_for_budget(zips, 350, 0.5).places.index) == ["60602", "60603"]
    assert list(cover_for_budget(zips, 349, 0.5).places.index) == ["60603"]
    assert list(list_worst_zips(zips, ["17031000000", "17031000001"], 0.5).places.index) == [
        "60601",
        "60602",
    ]
    curve = trace_zips(zips, 0.5, (0.5, 0.75, 1))
    assert list(curve["households_count"]) == [400, 700, 1900]
    assert list(curve["spill_usd"]) == [0, 50, 550]


def test_tracts_in_no_zip_are_named_and_limit_the_coverage() -> None:
    """Half of tract 1 lies in no ZIP, and tract 2 is not in the crosswalk."""
    households, crosswalk = make_world(
        [100, 100, 200], [1, 1, 1], [(0, "60601", 1.0), (1, "60601", 0.5), (1, "", 0.5)]
    )
    zips = count_zips(households, crosswalk)
    assert zips.unreached.to_dict() == {"17031000001": 50, "17031000002": 200}
    assert zips.reachable_share == pytest.approx(0.375)
    assert list(trace_zips(zips, 1, (0.2, 0.375, 0.4)).index) == [0.2, 0.375]
    with pytest.raises(GeographyError, match=r"reach 37.5% .* not 50.0%; most of 17031000002"):
        cover_with_zips(zips, 0.5)


def test_tracts_without_a_count_are_named() -> None:
    tracts = pd.DataFrame(
        {"households_count": [100.0, float("nan")]}, index=["17031000000", "17031000001"]
    )
    scores = pd.DataFrame({"missing_households_count": [float("nan")]}, index=["17031000000"])
    households = count_households(tracts, pd.Series(data=True, index=tracts.index), scores)
    assert households.uncounted == ("17031000001",)
    assert households.unscored == ("17031000000",)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"17031999999": True}, "17031999999 is not among the tracts"),
        ({"17031000000": 1.5}, "share between 0 and 1"),
        ({"17031000000": False}, "No target tract has households"),
    ],
)
def test_an_invalid_target_is_refused(target: dict[str, Any], message: str) -> None:
    tracts = pd.DataFrame({"households_count": [100.0]}, index=["17031000000"])
    with pytest.raises(GeographyError, match=message):
        count_households(tracts, pd.Series(target))


def test_an_area_without_a_zip_says_so() -> None:
    with pytest.raises(GeographyError, match="None of the tracts lies in a ZIP"):
        count_zips(*make_world([100], [1], [(0, "", 1.0)]))


def test_only_zips_and_zctas_are_accepted_and_each_keeps_its_name() -> None:
    households, crosswalk = make_world([100], [1], [(0, "60601", 1.0)], kind="zcta")
    assert list(cover_with_zips(count_zips(households, crosswalk), 1).places["label"]) == [
        "ZCTA 60601"
    ]
    with pytest.raises(GeographyError, match="leads to ward, not to ZIPs"):
        count_zips(households, crosswalk.assign(target_kind="ward"))


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_coverage_that_is_not_a_share_is_refused(share: float) -> None:
    zips = count_zips(*make_world([100], [1], [(0, "60601", 1.0)]))
    with pytest.raises(GeographyError, match="is not possible"):
        cover_with_zips(zips, share)


@pytest.mark.real
def test_in_chicago_eleven_zips_cover_three_quarters_at_50_percent_purity(
    worst_fifth: Any,
) -> None:
    zips = count_zips(worst_fifth.households, worst_fifth.crosswalk)
    assert len(zips.table) == 59
    assert zips.reachable_share > 0.999
    table = compare_with_plain(zips, worst_fifth.order, 0.48)
    print(table.to_string(float_format="{:,.3f}".format))
    plain, covering = table.xs("plain", level="way"), table.xs("covering", level="way")
    assert (covering["households_count"] <= plain["households_count"]).all()
    assert (covering["purity_share"] >= plain["purity_share"]).all()
    assert (covering["gap_share"] < 1e-6).all()
    assert covering.loc[0.75, "zips_count"] == 11
    assert covering.loc[0.75, "purity_share"] == pytest.approx(0.50, abs=0.01)
    assert covering.loc[0.75, "households_count"] < 0.8 * plain.loc[0.75, "households_count"]


@pytest.mark.real
def test_paid_for_households_never_fall_along_chicagos_curve(worst_fifth: Any) -> None:
    curve = trace_zips(count_zips(worst_fifth.households, worst_fifth.crosswalk), 0.48)
    assert len(curve) == 99
    assert curve["households_count"].is_monotonic_increasing
    assert (curve["coverage_share"] >= curve.index - 1e-6).all()
    assert (curve["gap_share"] <= 1e-4).all()


def test_places_that_are_wholly_targets_are_chosen_within_the_stated_gap() -> None:
    """Each cost equals its value, so the program asks for a sum, which has no end at a gap of 0."""
    households = np.random.default_rng(1).uniform(1_000, 40_000, 60)
    for share in (0.31, 0.52, 0.77):
        needed = share * households.sum()
        choice = choose_cheapest(households, households, needed)
        assert needed <= households[choice.chosen].sum() <= needed * (1 + 1e-4)
        assert choice.gap_share <= 1e-4
