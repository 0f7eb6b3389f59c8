"""Test that lists fit the budget, keep borderline tracts, and drop those that changed."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from models.scores.persuadable import CLOSED_SHARE
from models.targeting.rank_range import CommonFactor, range_ranks
from models.targeting.selection import choose_targets, find_cutoff_rank, price_flights
from tests.builders import build_rules

COUNT, WEEKS = 600, 12
#: Week to week a forecast moves by less than it may be wrong.
WEEKLY, ERROR = 0.05, 0.12


@pytest.fixture(scope="module")
def tracts() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(1)
    households = rng.integers(500, 2500, COUNT).astype(float)
    return gpd.GeoDataFrame(
        {
            "name": "x",
            "cumulative_share": 0.5,
            "households_count": households,
            "internet_households_count": households,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
        },
        geometry=[Point(0, 0)] * COUNT,
        index=pd.Index([f"{each:011d}" for each in range(COUNT)], name="geoid"),
        crs=4326,
    )


RULES = build_rules(budget_usd=60_000.0, cpm_usd=20.0, impressions_per_household=10.0)


def score(tracts: pd.DataFrame, log_priority: np.ndarray, length: int = 200) -> pd.DataFrame:
    priority = pd.Series(np.exp(log_priority), index=tracts.index, name="priority")
    errors = pd.DataFrame({"below": ERROR, "above": ERROR}, index=tracts.index)
    openness = CommonFactor(pd.Series(0.5, index=tracts.index), CLOSED_SHARE)
    ranges = range_ranks(priority, errors, [openness], length, simulations=200)
    return ranges.join(priority).assign(
        data_date=pd.Timestamp("2020-05-28"), missing_households_count=1.0, reasons="Why."
    )


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return np.random.default_rng(2).normal(0, 0.35, COUNT)


def run_weekly(
    tracts: gpd.GeoDataFrame, truth: np.ndarray, *, follow: bool
) -> Iterator[frozenset[str]]:
    """Draw up the list week by week; nothing changes but the noise."""
    rng, last = np.random.default_rng(3), None
    for _ in range(WEEKS):
        scores = score(tracts, truth + rng.normal(0, WEEKLY, COUNT))
        last = frozenset(choose_targets(tracts, scores, RULES, last if follow else None)["place"])
        yield last


@pytest.fixture(scope="module")
def followed(tracts: gpd.GeoDataFrame, truth: np.ndarray) -> list[frozenset[str]]:
    return list(run_weekly(tracts, truth, follow=True))


def count_flips(lists: list[frozenset[str]]) -> int:
    return sum(len(one ^ other) for one, other in pairwise(lists))


def test_noise_alone_flips_less_than_a_tenth_of_what_it_would(
    tracts: gpd.GeoDataFrame, truth: np.ndarray, followed: list[frozenset[str]]
) -> None:
    plain = list(run_weekly(tracts, truth, follow=False))
    print(
        f"\nflips in {WEEKS - 1} weeks: {count_flips(plain)} without,"
        f" {count_flips(followed)} with the previous list"
    )
    assert count_flips(plain) > 100
    assert count_flips(followed) <= count_flips(plain) / 10
    costs = price_flights(tracts, RULES.price)["budget_usd"]
    assert all(costs[list(each)].sum() <= RULES.budget_usd for each in followed)
    assert len(followed[-1]) == pytest.approx(len(plain[-1]), abs=3)


def test_a_tract_that_truly_changed_moves_at_once(
    tracts: gpd.GeoDataFrame, truth: np.ndarray, followed: list[frozenset[str]]
) -> None:
    before, order = followed[-1], tracts.index[np.argsort(-truth)]
    fallen, risen = order[10], order[-10]
    assert fallen in before
    assert risen not in before
    changed = truth.copy()
    changed[tracts.index.get_loc(fallen)], changed[tracts.index.get_loc(risen)] = (
        truth.min(),
        truth.max(),
    )
    now = set(choose_targets(tracts, score(tracts, changed), RULES, before)["place"])
    assert fallen not in now
    assert risen in now


def test_without_a_previous_list_or_with_the_same_one_the_priority_decides(
    tracts: gpd.GeoDataFrame, truth: np.ndarray
) -> None:
    scores = score(tracts, truth)
    plain = choose_targets(tracts, scores, RULES)
    assert plain["rank"].tolist() == list(range(1, len(plain) + 1))
    assert find_cutoff_rank(tracts, scores, RULES) == len(plain)
    again = choose_targets(tracts, scores, RULES, set(plain["place"]))
    assert set(again["place"]) == set(plain["place"])
    fresh = choose_targets(tracts, scores, RULES, set())
    assert set(fresh["place"]) == set(plain["place"])


def test_a_firm_newcomer_takes_the_money_of_the_last_borderline_tract(
    tracts: gpd.GeoDataFrame, truth: np.ndarray
) -> None:
    scores = score(tracts, truth)
    plain = choose_targets(tracts, scores, RULES)
    firm = plain["place"].iloc[0]
    outsider = scores.index[scores["rank"] == len(plain) + 1][0]
    before = {*plain["place"], outsider} - {firm}
    now = set(choose_targets(tracts, scores, RULES, before)["place"])
    assert firm in now
    assert outsider not in now


def test_more_money_is_spent_though_the_newcomers_are_borderline(
    tracts: gpd.GeoDataFrame, truth: np.ndarray
) -> None:
    scores = score(tracts, truth)
    before = set(choose_targets(tracts, scores, RULES)["place"])
    richer = replace(RULES, budget_usd=65_000.0)
    now = choose_targets(tracts, scores, richer, before)
    assert before < set(now["place"])
    assert now["budget_usd"].sum() > 64_000


def test_a_floor_takes_the_first_tracts_of_its_group_before_all_others(
    tracts: gpd.GeoDataFrame, truth: np.ndarray
) -> None:
    scores = score(tracts, truth)
    last = scores.index[-50:]
    groups: Any = pd.Series("Ward 9", index=last)
    now = choose_targets(tracts, scores, RULES, floors=(groups, {"Ward 9": 1500.0}))
    own = now[now["place"].isin(last)]
    assert own["budget_usd"].sum() >= 1500
    assert own["budget_usd"].iloc[:-1].sum() < 1500
    assert own["rank"].tolist() == scores.loc[last, "rank"].iloc[: len(own)].tolist()
    assert now["budget_usd"].sum() <= RULES.budget_usd
