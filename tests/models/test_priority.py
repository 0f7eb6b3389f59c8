"""The first score puts the money where many reachable households are missing, and says why."""

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from models.priority import find_scores, score_tracts
from models.selection import choose_targets
from outreach.campaign import Campaign, parse_campaign
from outreach.errors import ModelError, NothingThere


def campaign(**changes: object) -> Campaign:
    asked = {
        "name": "Test",
        "census_year": 2020,
        "areas": [{"state": "99"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 1000,
        "cpm_usd": 10,
        "impressions_per_household": 10,
    }
    return parse_campaign(asked | changes, "test")


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


def test_every_rated_tract_is_ranked_and_the_reasons_carry_its_figures(tracts: gpd.GeoDataFrame) -> None:
    scores = score_tracts(tracts, campaign())
    assert scores.index.tolist() == ["99001000101", "99001000100", "99001000102"]
    assert scores["rank"].tolist() == [1, 2, 3]
    assert scores.loc["99001000101", "missing_households_count"] == 1000
    assert scores.loc["99001000102", "priority"] == 0
    first = scores.loc["99001000101", "reasons"]
    assert "About 1,000 of 2,000 households have not answered" in first
    assert "90 % of households can be reached online" in first
    assert "50.0 % is 20.0 points below the goal" in first
    assert "has reached the goal" in scores.loc["99001000102", "reasons"]


def test_a_tract_without_a_factor_stands_last_and_says_so(tracts: gpd.GeoDataFrame) -> None:
    tracts.loc["99001000101", "internet_universe_count"] = None
    scores = score_tracts(tracts, campaign())
    assert scores.index[-1] == "99001000101"
    assert "digital reach is not known" in scores["reasons"].iloc[-1]


def test_no_rate_at_all_and_no_predictor_at_all_are_named(tracts: gpd.GeoDataFrame) -> None:
    with pytest.raises(NothingThere, match="No tract has a self-response rate"):
        score_tracts(tracts.assign(cumulative_share=None), campaign())
    with pytest.raises(ModelError, match="internet_households_count"):
        score_tracts(tracts.drop(columns="internet_households_count"), campaign())


def test_the_list_ends_where_the_money_does(tracts: gpd.GeoDataFrame) -> None:
    scores = score_tracts(tracts, campaign())
    # 1,800 reachable households at 10 impressions and 10 USD a thousand cost 180 USD; the next 600 cost 60.
    both = choose_targets(tracts, scores, campaign(budget_usd=240))
    assert both["budget_usd"].tolist() == [180, 60]
    one = choose_targets(tracts, scores, campaign(budget_usd=239.99))
    assert one.index.tolist() == ["tract-99001000101"]
    assert choose_targets(tracts, scores, campaign(budget_usd=0)).empty
    assert len(choose_targets(tracts, scores, campaign(max_targets=1))) == 1


def test_a_tract_at_its_goal_is_never_bought(tracts: gpd.GeoDataFrame) -> None:
    chosen = choose_targets(tracts, score_tracts(tracts, campaign()), campaign(budget_usd=1e6))
    assert "tract-99001000102" not in chosen.index


def test_every_score_states_its_question_and_stays_between_0_and_1(tracts: gpd.GeoDataFrame) -> None:
    rated = tracts[tracts["cumulative_share"].notna()]
    for score in find_scores().values():
        assert score.question.endswith("?")
        values = score.compute(rated, campaign())
        assert values.between(0, 1).all()
