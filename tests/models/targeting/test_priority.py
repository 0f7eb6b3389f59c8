"""Test that the priority puts the next dollar where it wins most, and says why."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from shapely import box

from models import scores
from models.budget.ad_response import ResponseCurve
from models.budget.channels import price_social_media
from models.scores.online import reach_share
from models.scores.score import ScoreInputs
from models.targeting.priority import (
    describe_units,
    find_scores,
    list_factors,
    list_measure_rules,
    measure_tracts,
    prepare_tracts,
    score_tracts,
)
from models.targeting.selection import ListRules, choose_targets
from outreach.errors import DataError, NothingThere
from outreach.objectives import Assumed, Objective
from outreach.tables import DataFrame, Scores
from tests.builders import build_rules


def set_rules(**changes: object) -> ListRules:
    return build_rules(
        **({"budget_usd": 1000.0, "cpm_usd": 10.0, "impressions_per_household": 10.0} | changes)
    )


def score(
    tracts: pd.DataFrame, *tables: pd.DataFrame, rules: ListRules | None = None, **more: Any
) -> DataFrame[Scores]:
    return score_tracts(tracts, ("en",), rules or set_rules(), *tables, **more)


@pytest.fixture
def tracts() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": ["1", "2", "3", "4"],
            "status": ["rated", "rated", "rated", "rateless"],
            "land_km2": 1.0,
            "data_date": pd.to_datetime(["2020-05-01"] * 3 + [None]),
            "cumulative_share": [0.4, 0.5, 0.8, None],
            "internet_share": [0.3, 0.4, 0.7, None],
            "households_count": [1000.0, 2000.0, 3000.0, 50.0],
            "housing_units_count": [1100.0, 2100.0, 3000.0, 50.0],
            "internet_households_count": [600.0, 1800.0, 3000.0, 0.0],
            "unsubscribed_internet_households_count": [0.0, 0.0, 0.0, 0.0],
            "internet_universe_count": [1000.0, 2000.0, 3000.0, 0.0],
            "geometry": [box(i, 0, i + 1, 1) for i in range(4)],
        },
        index=pd.Index([f"9900100010{i}" for i in range(4)], name="geoid"),
        crs=4326,
    )


@pytest.fixture
def forecast(tracts: gpd.GeoDataFrame) -> pd.DataFrame:
    final = pd.Series([0.7, 0.55, 0.9], index=tracts.index[:3])
    return pd.DataFrame(
        {
            "final_share": final,
            "final_low80_share": final - 0.05,
            "final_high80_share": final + 0.05,
        }
    )


def draw_tracts(count: int) -> pd.DataFrame:
    """Return random tracts with figures of every kind."""
    rng = np.random.default_rng(5)
    rate, households = (
        rng.uniform(0.2, 0.9, count),
        rng.integers(200, 3000, count).astype(float),
    )
    return pd.DataFrame(
        {
            "name": "x",
            "status": "rated",
            "data_date": pd.Timestamp("2020-05-01"),
            "cumulative_share": rate,
            "internet_share": 0.7 * rate,
            "households_count": households,
            "households_count_moe": 0.1 * households,
            "internet_households_count": households * rng.uniform(0.7, 0.95, count),
            "internet_households_count_moe": 0.08 * households,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
        },
        index=pd.Index([f"{number:011d}" for number in range(count)], name="geoid"),
    )


def draw_forecast(tracts: pd.DataFrame) -> pd.DataFrame:
    final = tracts["cumulative_share"] + 0.3 * (1 - tracts["cumulative_share"])
    return pd.DataFrame(
        {
            "final_share": final,
            "final_low80_share": final - 0.03,
            "final_high80_share": final + 0.03,
        }
    )


def test_every_rated_tract_is_ranked_and_the_reasons_carry_its_figures(
    tracts: gpd.GeoDataFrame,
) -> None:
    scores = score(tracts)
    assert scores.index.tolist() == ["99001000101", "99001000100", "99001000102"]
    assert scores["rank"].tolist() == [1, 2, 3]
    assert scores.loc["99001000101", "missing_households_count"] == 1000
    first = scores.loc["99001000101", "reasons"]
    assert "About 1,000 of 2,000 households have not responded" in first
    assert "90% of households can be reached online" in first
    assert "goal" not in first


def test_the_priority_is_the_slope_of_the_response_curve_computed_by_hand(
    tracts: gpd.GeoDataFrame,
) -> None:
    scores = score(tracts)
    answering = 0.017 * 0.05
    price = 10 / 1000 * 1.15
    # Online of those that have not answered by internet, over online of all: (0.9 - 0.4) / (1 -
    # 0.4) / 0.9.
    expected = 1000 * answering / price * 0.5 * (0.5 / 0.6 / 0.9)
    assert scores.loc["99001000101", "priority"] == pytest.approx(expected)
    # Where openness is turned on and not known, it counts 0.75.
    opened = score(tracts, rules=set_rules(switches=frozenset({Assumed.OPENNESS})))
    assert opened.loc["99001000101", "priority"] == pytest.approx(0.75 * expected)
    assert (scores["priority_low"] < scores["priority"]).all()
    assert (scores["priority"] < scores["priority_high"]).all()


def test_the_allocator_computes_the_same_from_the_columns_of_the_scores(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    scores = score(tracts, forecast)
    units = scores[["missing_at_deadline_count", "addressable_share", "persuadable_share"]].assign(
        missing_households_count=scores["missing_at_deadline_count"],
        households_count=tracts["households_count"],
    )
    curves = ResponseCurve().spend_curves(units, price_social_media(10.0))
    np.testing.assert_allclose(1000 * curves.marginal(np.zeros(3)), scores["priority"])


def test_what_counts_is_who_would_still_be_missing_at_the_deadline(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    today, then = score(tracts), score(tracts, forecast)
    first = "99001000100"
    assert then.loc[first, "priority"] == pytest.approx(today.loc[first, "priority"] * 0.3 / 0.6)
    figures = then.loc[
        first, ["missing_at_deadline_low80_count", "missing_at_deadline_count"]
    ].astype(float)
    assert figures.tolist() == pytest.approx([250, 300])
    assert "300 (250 to 350) would still be missing at the deadline" in then.loc[first, "reasons"]
    assert then.loc[first, "missing_households_count"] == 600


def test_the_goal_moves_no_score_but_its_own(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    low, high = (score(tracts, forecast, rules=set_rules(goal_share=goal)) for goal in (0.95, 0.99))
    pd.testing.assert_frame_equal(
        low.drop(columns="goal_gap_score"), high.drop(columns="goal_gap_score")
    )
    assert (low["goal_gap_score"] < high["goal_gap_score"]).all()


def test_a_tract_without_a_required_factor_comes_last_and_says_so(tracts: gpd.GeoDataFrame) -> None:
    tracts.loc["99001000101", "internet_universe_count"] = None
    scores = score(tracts)
    assert scores.index[-1] == "99001000101"
    assert "digital reach is not known" in scores["reasons"].iloc[-1]


def test_no_rate_at_all_is_named(tracts: gpd.GeoDataFrame) -> None:
    with pytest.raises(NothingThere, match="No tract has a self-response rate"):
        score(tracts.assign(cumulative_share=None))


def test_rates_alone_list_the_tracts_by_rate_without_a_priority_or_a_target(
    tracts: gpd.GeoDataFrame,
) -> None:
    counts = [name for name in tracts if name.endswith("_count") and name != "households_count"]
    alone = tracts.drop(columns=counts).assign(households_count=np.nan)
    scores = score(alone)
    assert scores["priority"].isna().all()
    by_rate = tracts["cumulative_share"].dropna().sort_values(kind="stable").index
    assert scores.index.tolist() == by_rate.tolist()
    assert scores["rank"].tolist() == [1, 2, 3]
    assert scores["reasons"].str.contains("digital reach is not known", case=False).all()
    assert choose_targets(alone, scores, set_rules()).empty


def test_a_forecast_with_a_tract_twice_is_refused(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    with pytest.raises(DataError, match="forecast has tract 99001000100 twice"):
        score(tracts, pd.concat([forecast, forecast]))


def test_no_ads_before_the_invitation(tracts: gpd.GeoDataFrame) -> None:
    pace = pd.DataFrame({"pace": ["on pace", "not invited yet"]}, index=tracts.index[:2])
    scores = score(tracts, peers=pace)
    assert scores.loc["99001000101", "priority"] == 0
    assert scores.loc["99001000101", "reasons"].startswith("Not invited yet")
    assert scores.index[0] == "99001000100"
    assert (
        "tract-99001000101" not in choose_targets(tracts, scores, set_rules(budget_usd=1e6)).index
    )


def test_the_drivers_of_the_peer_expectation_are_in_the_reasons(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    drivers = "renters 71% (typical: 40%), which goes with 4.1 points less response"
    peers = pd.DataFrame(
        {"peer_final_share": 0.8, "drivers": [drivers, None, ""]}, index=tracts.index[:3]
    )
    reasons = score(tracts, forecast, peers)["reasons"]
    assert "its forecast is 10.0 points below similar places" in reasons["99001000100"]
    assert drivers in reasons["99001000100"]
    assert not reasons.drop("99001000100").str.contains("renters").any()


def test_the_same_tracts_in_another_order_give_the_same_scores() -> None:
    tracts = draw_tracts(300)
    again = score(tracts.sample(frac=1, random_state=1), draw_forecast(tracts))
    pd.testing.assert_frame_equal(score(tracts, draw_forecast(tracts)), again)


def test_the_list_ends_where_the_money_does(tracts: gpd.GeoDataFrame) -> None:
    scores = score(tracts)
    # 1,800 reachable households at 10 impressions and 10 USD a thousand cost 180 USD, with 15% of
    # fees 207; the next 600 cost 69.
    both = choose_targets(tracts, scores, set_rules(budget_usd=276))
    assert both["budget_usd"].tolist() == [207, 69]
    bare = choose_targets(tracts, scores, set_rules(budget_usd=240, fee_share=0.0))
    assert bare["budget_usd"].tolist() == [180, 60]
    one = choose_targets(tracts, scores, set_rules(budget_usd=275.99))
    assert one.index.tolist() == ["tract-99001000101"]
    assert choose_targets(tracts, scores, set_rules(budget_usd=0)).empty
    assert len(choose_targets(tracts, scores, set_rules(max_targets=1))) == 1


def test_the_standing_is_against_the_list_that_the_budget_buys(tracts: gpd.GeoDataFrame) -> None:
    assert score(tracts, rules=set_rules(budget_usd=0))["listed_share"].eq(0).all()
    one = score(tracts, rules=set_rules(budget_usd=275.99))["listed_share"]
    assert one.sum() == pytest.approx(1)
    both = score(tracts, rules=set_rules(budget_usd=276))["listed_share"]
    assert both.sum() == pytest.approx(2)
    assert both["99001000102"] == 0


def test_a_tract_at_its_goal_is_never_bought(tracts: gpd.GeoDataFrame) -> None:
    chosen = choose_targets(tracts, score(tracts), set_rules(budget_usd=1e6))
    assert chosen.index.tolist() == ["tract-99001000101", "tract-99001000100"]


def test_every_score_states_its_question_and_stays_between_0_and_1(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    expectation = pd.DataFrame({"peer_final_share": [0.8, 0.4, 0.9]}, index=tracts.index[:3])
    history = pd.DataFrame(
        {"data_date": pd.Timestamp("2020-04-15"), "cumulative_share": [0.3, 0.5, 0.85]},
        index=tracts.index[:3],
    )
    declared = find_scores()
    inputs = ScoreInputs(("en",), set_rules().goal_share, set_rules().price)
    rated = prepare_tracts(tracts, declared, forecast, expectation, history)
    for name, each in declared.items():
        assert each.question.endswith("?")
        assert set(each.needs) <= set(rated), name
        assert each.compute(rated, inputs).between(0, 1).all(), name
        if each.reason is not None:
            assert each.reason.explain(rated, inputs).str.len().gt(0).all(), name
    units = describe_units(rated, reach_share(rated), list_factors(rated, declared), inputs)
    assert units["persuadable_share"].between(0, 1).all()


ADDED_SCORE = '''
"""Score tracts by how few of their homes are vacant."""

from models.scores.score import Factor, Reason, Score


def occupy(tracts, _inputs, _case=None):
    return tracts["households_count"] / tracts["housing_units_count"]


def explain(tracts, _inputs):
    return occupy(tracts, None).map(lambda share: f"{share:.0%} of homes are occupied")


SCORE = Score(
    title="Occupied homes",
    question="What share of homes is occupied?",
    needs=("households_count", "housing_units_count"),
    compute=occupy,
    reason=Reason(25, explain),
    factor=Factor(order=25, needs=("housing_units_count",), measure=occupy),
    list_figures=lambda tracts, inputs: occupy(tracts, inputs).to_frame("occupied_share"),
)
'''


def test_one_new_file_enters_scores_reasons_and_priority(
    tracts: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = score(tracts)
    (tmp_path / "occupied_homes.py").write_text(ADDED_SCORE)
    monkeypatch.setattr(scores, "__path__", [*scores.__path__, str(tmp_path)])
    after = score(tracts).reindex(before.index)
    sys.modules.pop("models.scores.occupied_homes")

    share = (tracts["households_count"] / tracts["housing_units_count"]).reindex(before.index)
    np.testing.assert_allclose(after["occupied_homes_score"], share)
    np.testing.assert_allclose(after["occupied_share"], share)
    for name in ("priority", "priority_low", "priority_high", "persuadable_share"):
        np.testing.assert_allclose(after[name], share * before[name])
    clauses = after.loc["99001000101", "reasons"].split("; ")
    assert clauses[2] == "95% of homes are occupied"
    assert [clauses[0], clauses[1], *clauses[3:]] == before.loc["99001000101", "reasons"].split(
        "; "
    )


def test_a_new_factor_counts_only_where_its_columns_are(
    tracts: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tracts.drop(columns="housing_units_count")
    before = score(bare)
    (tmp_path / "occupied_homes.py").write_text(ADDED_SCORE)
    monkeypatch.setattr(scores, "__path__", [*scores.__path__, str(tmp_path)])
    pd.testing.assert_frame_equal(score(bare), before)
    sys.modules.pop("models.scores.occupied_homes")


def test_what_is_measured_changes_with_the_rules_that_are_named_and_no_others(
    tracts: gpd.GeoDataFrame, forecast: pd.DataFrame
) -> None:
    rules = set_rules()
    measured = measure_tracts(tracts, ("en",), rules, forecast)
    alike = [
        replace(rules, budget_usd=5.0, max_targets=1),
        replace(rules, switches=frozenset({Assumed.SPREAD})),
        *(replace(rules, objective=objective) for objective in Objective),
    ]
    for other in alike:
        assert list_measure_rules(other) == list_measure_rules(rules)
        assert_frame_equal(measure_tracts(tracts, ("en",), other, forecast), measured)
    for other in (
        set_rules(goal_share=0.5),
        set_rules(cpm_usd=20.0),
        replace(rules, switches=frozenset({Assumed.OPENNESS})),
    ):
        assert list_measure_rules(other) != list_measure_rules(rules)
