"""Test that both lists say what they share and what each leaves out."""

import pandas as pd
import pytest

from models.budget.ad_price import AdPrice
from models.targeting.reference_lists import LOWEST, MOST, compare_lists
from outreach.errors import ModelError

PRICE = AdPrice(cpm_usd=10.0, fee_share=0.0, impressions_per_household=10.0)


@pytest.fixture
def tracts() -> pd.DataFrame:
    """Return ten tracts and one without households; small ones have low rates."""
    households = [100.0, 200.0, 1000.0, 300.0, 2000.0, 500.0, 500.0, 500.0, 500.0, 500.0, None]
    rate = [0.20, 0.30, 0.40, 0.45, 0.50, 0.60, 0.70, 0.80, 0.85, 0.90, 0.10]
    return pd.DataFrame(
        {
            "cumulative_share": rate,
            "households_count": households,
            "internet_households_count": households,
            "unsubscribed_internet_households_count": 0.0,
            "internet_universe_count": households,
        },
        index=pd.Index([f"990010001{number:02d}" for number in range(11)], name="geoid"),
    )


def test_each_list_has_its_own_tracts_and_the_table_says_which(tracts: pd.DataFrame) -> None:
    lists = compare_lists(tracts, 1e6, PRICE, length=3)
    assert lists.members[LOWEST].str[-2:].tolist() == ["00", "01", "02"]
    assert lists.members[MOST].str[-2:].tolist() == ["04", "02", "05"]
    assert (lists.length, lists.overlap) == (3, 1)
    assert lists.unlisted == ("99001000110",)
    everything = 80 + 140 + 600 + 165 + 1000 + 200 + 150 + 100 + 75 + 50
    lowest, most = lists.table.loc[LOWEST], lists.table.loc[MOST]
    assert lowest["missing_households_count"] == pytest.approx(820)
    assert lowest["missing_households_share"] == pytest.approx(820 / everything)
    assert (lowest["worst_fifth_count"], lowest["worst_fifth_share"]) == (2, 1)
    assert lowest["left_out_missing_households_count"] == pytest.approx(1200)
    assert lowest["left_out_households_count"] == 2500
    assert (most["households_count"], most["worst_fifth_count"]) == (3500, 0)
    assert most["left_out_worst_fifth_count"] == 2
    assert most["left_out_missing_households_count"] == pytest.approx(220)
    assert most["cost_usd"] == pytest.approx(350)
    assert lists.basis == "today's rate"


def test_with_a_forecast_both_lists_are_of_the_deadline(tracts: pd.DataFrame) -> None:
    final = tracts["cumulative_share"].to_frame("final_share")
    final.loc["99001000100"] = 0.95
    lists = compare_lists(tracts, 1e6, PRICE, final, length=3)
    assert lists.members[LOWEST].str[-2:].tolist() == ["01", "02", "03"]
    assert lists.basis == "the forecast at the deadline"


def test_the_budget_sets_one_length_for_both(tracts: pd.DataFrame) -> None:
    # A household costs 0.10 USD: the list of most missing takes 200, then 100, then 50 USD, that of
    # the lowest 10, 20, 100, 30.
    lists = compare_lists(tracts, 300, PRICE)
    assert lists.length == 2
    assert compare_lists(tracts, 349.99, PRICE).length == 2
    assert compare_lists(tracts, 350, PRICE).length == 3
    none = compare_lists(tracts, 0, PRICE)
    assert none.length == none.overlap == 0
    assert none.table["missing_households_count"].eq(0).all()


def test_rates_alone_give_the_worst_fifth_by_rate(tracts: pd.DataFrame) -> None:
    alone = tracts[["cumulative_share"]].assign(households_count=None).astype(float)
    lists = compare_lists(alone, 1e6, PRICE)
    assert list(lists.members) == [LOWEST]
    assert lists.members[LOWEST].str[-2:].tolist() == ["10", "00", "01"]
    assert lists.lines() == [
        (
            "One list of the 3 tracts with the lowest rates, by today's rate; no source counts"
            " households here, so there is no list of most missing households."
        )
    ]
    assert lists.table.loc[LOWEST, "worst_fifth_share"] == 1


def test_a_list_longer_than_the_area_is_the_area(tracts: pd.DataFrame) -> None:
    lists = compare_lists(tracts, 1e6, PRICE, length=50)
    assert lists.length == lists.overlap == 10
    with pytest.raises(ModelError, match="cannot have -1 tracts"):
        compare_lists(tracts, 1e6, PRICE, length=-1)


def test_the_lines_carry_the_figures(tracts: pd.DataFrame) -> None:
    first, lowest, most = compare_lists(tracts, 1e6, PRICE, length=3).lines()
    assert first == "Two lists of 3 tracts, by today's rate; 1 are on both."
    assert "820 missing households (32% of all) and 2 tracts of the worst fifth" in lowest
    assert "leaves out 220 missing households and 2 tracts" in most
