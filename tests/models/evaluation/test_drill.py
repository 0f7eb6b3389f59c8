"""The lists of a drill, and what came of them, on tracts that can be checked by hand."""

import pandas as pd
import pytest

from models.budget.ad_price import AdPrice
from models.evaluation.drill import ListChoice, buy_list, find_worst, judge_list
from models.targeting.selection import ListRules
from outreach.tables import DataFrame, RatedTracts, as_table

#: $10 for each household: $1 for each of ten ads.
PRICE = AdPrice(cpm_usd=1000.0, fee_share=0.0, impressions_per_household=10.0)


def make_tracts() -> DataFrame[RatedTracts]:
    """Return four tracts: a small low one, a large one, a middling one, and one at the goal."""
    table = pd.DataFrame(
        {
            "cumulative_share": [0.30, 0.50, 0.40, 0.80],
            "households_count": [100.0, 1000.0, 300.0, 400.0],
            "internet_universe_count": [100.0, 1000.0, 300.0, 400.0],
            "internet_households_count": [100.0, 1000.0, 300.0, 400.0],
            "unsubscribed_internet_households_count": 0.0,
            "final_share": [0.50, 0.60, 0.45, 0.85],
            "final_low80_share": [0.45, 0.55, 0.40, 0.80],
            "final_high80_share": [0.55, 0.65, 0.50, 0.90],
            "rank": [2, 3, 1, 4],
            "priority": [5.0, 4.0, 6.0, 3.0],
        },
        index=pd.Index([f"9900100{number}000" for number in range(1, 5)], name="geoid"),
    )
    return as_table(table, RatedTracts)


def buy(choice: ListChoice, money_usd: float) -> list[str]:
    rules = ListRules(goal_share=0.70, price=PRICE, budget_usd=money_usd)
    return [geoid[7:8] for geoid in buy_list(make_tracts(), choice, rules).index]


def test_each_choice_buys_in_its_own_order_and_stops_at_what_does_not_fit() -> None:
    everything = 1e9
    assert buy(ListChoice.TOOL, everything) == ["3", "1", "2"]
    assert buy(ListChoice.LOWEST, everything) == ["1", "3", "2"]
    assert buy(ListChoice.MOST, everything) == ["2", "3", "1"]
    assert buy(ListChoice.WAIT, everything) == []
    full = buy_list(
        make_tracts(),
        ListChoice.TOOL,
        ListRules(goal_share=0.7, price=PRICE, budget_usd=everything),
    )
    money_usd = float(full["cost_usd"].iloc[:2].sum())
    assert buy(ListChoice.TOOL, money_usd) == ["3", "1"]
    assert buy(ListChoice.TOOL, money_usd - 0.01) == ["3"]
    assert buy(ListChoice.MOST, money_usd) == []  # the first one does not fit, and none is skipped


def test_what_came_is_compared_with_what_was_expected() -> None:
    rules = ListRules(goal_share=0.70, price=PRICE, budget_usd=1e9)
    bought = buy_list(make_tracts(), ListChoice.TOOL, rules)
    # The first ends far below its range, the second in it and at the goal, the third has no rate.
    final = pd.Series([0.54, 0.30, 0.85], index=bought.index[[1, 0, 2]])
    final = final.drop(bought.index[2]).rename("cumulative_share")
    result = judge_list(bought, final, 0.54)
    assert result.tracts_count == 3
    assert result.households_count == 1400
    assert result.expected_missing_count == pytest.approx(300 * 0.55 + 100 * 0.50)
    assert result.came_missing_count == pytest.approx(300 * 0.70 + 100 * 0.46)
    assert (result.in_range_count, result.compared_count) == (1, 2)
    assert result.reached_goal_count == 1
    assert result.worst_fifth_count == 1


def test_the_worst_fifth_is_rounded_up_and_ties_go_by_code() -> None:
    final = pd.Series([0.5, 0.4, 0.4, float("nan"), 0.6, 0.7, 0.8], index=list("gfebcda"))
    assert find_worst(final).tolist() == ["e", "f"]
