"""Test that a backtest measures the lists that a run buys, by what they reach for the money."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.assess import assess_tracts
from models.evaluation.backtest import Backtest, replay_season
from models.evaluation.metrics import Truth, measure_regions, measure_rules
from models.evaluation.rules import BOUGHT, LOWEST, Rule, Tier
from models.evaluation.snapshot import Snapshot
from models.training.fit import SeasonFit
from outreach.objectives import Objective

START, FINAL, DAY = date(2020, 3, 20), date(2020, 10, 16), 30


@pytest.fixture(scope="module")
def rates(invent: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return invent(21, states=1, counties=3, tracts=60)


@pytest.fixture(scope="module")
def profiles(rates: pd.DataFrame) -> pd.DataFrame:
    geoid = rates.index.unique().sort_values()
    rng = np.random.default_rng(2)
    homes = rng.integers(800, 2500, len(geoid)).astype(float)
    return pd.DataFrame(
        {
            "households_count": homes,
            "internet_households_count": (homes * rng.uniform(0.75, 0.98, len(geoid))).round(),
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": homes,
        },
        index=geoid,
    )


@pytest.fixture(scope="module")
def backtest(rates: pd.DataFrame, profiles: pd.DataFrame, fitted: SeasonFit) -> Backtest:
    return replay_season(
        rates,
        area="x",
        start=START,
        final=FINAL,
        days=(DAY,),
        tracts=profiles,
        season_model=fitted.model,
    )


def read(backtest: Backtest, rule: str, column: str) -> float:
    return float(backtest.days.set_index("rule")[column][rule])


def test_each_list_that_a_run_buys_is_a_rule(backtest: Backtest) -> None:
    assert set(BOUGHT.values()) <= set(backtest.days["rule"])
    dollar, lowest, most = (
        [read(backtest, BOUGHT[each], column) for each in Objective]
        for column in ("reached_per_1000_usd", "worst_found_share", "missing_covered_share")
    )
    assert np.argmax(dollar) == 0
    assert np.argmax(lowest) == 1
    assert np.argmax(most) == 2
    assert set(BOUGHT.values()) <= set(backtest.regions["rule"])


def test_the_list_of_lowest_rates_is_the_forecast_of_a_run(
    backtest: Backtest, rates: pd.DataFrame, profiles: pd.DataFrame, fitted: SeasonFit
) -> None:
    until = rates[rates["data_date"] <= "2020-04-19"]
    today = until[until["data_date"] == "2020-04-19"]
    tracts = profiles.assign(
        cumulative_share=today["cumulative_share"],
        internet_share=today["internet_share"],
        data_date=pd.Timestamp("2020-04-19"),
    )
    forecast = assess_tracts(tracts, until, season_model=fitted.model).forecast
    assert forecast is not None
    final = rates[rates["data_date"] == pd.Timestamp(FINAL)]["cumulative_share"]
    count = round(0.2 * len(final))
    listed = forecast["final_share"].nsmallest(count).index
    found = len(set(listed) & set(final.nsmallest(count).index)) / count
    assert read(backtest, BOUGHT[Objective.LOWEST_RATES], "worst_found_share") == found


def test_without_columns_on_internet_access_nothing_is_bought(
    rates: pd.DataFrame, profiles: pd.DataFrame, fitted: SeasonFit
) -> None:
    bare = replay_season(
        rates,
        area="x",
        start=START,
        final=FINAL,
        days=(DAY,),
        tracts=profiles[["households_count"]],
        season_model=fitted.model,
    )
    assert not set(BOUGHT.values()) & set(bare.days["rule"])
    assert bare.days["reached_per_1000_usd"].isna().all()


def test_reached_households_for_the_money_are_those_computed_by_hand() -> None:
    """Ten tracts in two regions; a list of a fifth has the first two, or the first of a region."""
    order = np.arange(10.0)
    final = np.linspace(0.3, 0.75, 10)
    households = np.full(10, 1000.0)
    reached, cost = np.arange(10, 0, -1.0), np.full(10, 50.0)
    people = pd.DataFrame({"households": households, "reached": reached, "cost_usd": cost})
    regions = np.array(["a"] * 5 + ["b"] * 5, dtype=object)
    truth = Truth(final, households * (1 - final), regions, people)
    rule = Rule("by number", Tier.NAIVE, "x", lambda _seen: order)
    seen = Snapshot(DAY, None, pd.Index([str(number) for number in range(10)]))
    row = measure_rules(seen, (rule,), truth, None).iloc[0]
    assert row["reached_per_1000_usd"] == pytest.approx(1000 * (10 + 9) / 100)
    assert row["missing_per_household_share"] == pytest.approx((0.7 + 0.65) / 2)
    levels = {"level": order[::-1]}
    seen.__dict__.update(levels)
    regional = measure_regions(seen, (rule,), truth).set_index("region")
    assert regional.loc["a", "reached_per_1000_usd"] == pytest.approx(1000 * 10 / 50)
    assert regional.loc["a", "against_lowest_reached"] == pytest.approx(1000 * (10 - 6) / 50)
    assert LOWEST not in set(regional["rule"])
