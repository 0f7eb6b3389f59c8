"""Buy the lists of a drill, and judge them by the final rates."""

import math
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from models.scores.missing_households import read_deadline
from models.targeting.reference_lists import WORST_SHARE
from models.targeting.selection import ListRules, fit_budget, order_eligible, price_flights
from outreach.tables import DataFrame, RatedTracts


class ListChoice(StrEnum):
    """What a trainee can buy: three orders of tracts, or nothing yet."""

    TOOL = "tool"
    LOWEST = "lowest-today"
    MOST = "most-missing"
    WAIT = "wait"


@dataclass(frozen=True)
class ListFigures:
    """What was expected of a list, and what came.

    Parameters
    ----------
    tracts_count, households_count, cost_usd
        The list.
    expected_missing_count, came_missing_count
        Households of the list missing at the end: as forecast on the day, and in fact.
    worst_fifth_count
        Tracts of the final worst fifth on the list.
    reached_goal_count
        Tracts of the list that ended at the goal or above without it.
    in_range_count, compared_count
        Tracts that ended in their 80% range, and tracts with a final rate.
    """

    tracts_count: int
    households_count: float
    cost_usd: float
    expected_missing_count: float
    came_missing_count: float
    worst_fifth_count: int
    reached_goal_count: int
    in_range_count: int
    compared_count: int


def buy_list(tracts: DataFrame[RatedTracts], choice: ListChoice, rules: ListRules) -> pd.DataFrame:
    """Buy whole tracts in the order of a choice until the money is spent.

    Parameters
    ----------
    tracts
        Tracts of a day with the columns of their scores: ``rank``, ``priority``, and the forecast.
    choice
        The order.
    rules
        Goal, price, and money.

    Returns
    -------
    DataFrame
        By GEOID, first bought first: ``cost_usd``, ``households_count``, ``expected_share``,
        ``low80_share``, ``high80_share``. Tracts without a price cannot be bought.
    """
    ending = read_deadline(tracts)
    merit = {
        ListChoice.TOOL: (1 / tracts["rank"]).where(tracts["priority"] > 0, 0.0),
        ListChoice.LOWEST: 1 - tracts["cumulative_share"],
        ListChoice.MOST: tracts["households_count"] * (1 - ending["share"]),
        ListChoice.WAIT: pd.Series(0.0, index=tracts.index),
    }[choice]
    cost = price_flights(tracts, rules.price)["budget_usd"]
    order = order_eligible(tracts, merit.where(cost > 0, 0.0), rules.goal_share)
    bought = order[: fit_budget(cost[order], rules)]
    return pd.DataFrame(
        {
            "cost_usd": cost[bought],
            "households_count": tracts["households_count"][bought].astype(float),
            "expected_share": ending["share"][bought],
            "low80_share": ending["low80_share"][bought],
            "high80_share": ending["high80_share"][bought],
        }
    ).rename_axis("geoid")


def find_worst(final: "pd.Series[float]") -> pd.Index:
    """Return the fifth of the tracts with the lowest final rates, ties by GEOID."""
    ordered = final.dropna().sort_index().sort_values(kind="stable")
    return ordered.index[: math.ceil(WORST_SHARE * len(ordered))]


def judge_list(bought: pd.DataFrame, final: "pd.Series[float]", goal_share: float) -> ListFigures:
    """Compare what was expected of a list with what came.

    Parameters
    ----------
    bought
        From :func:`buy_list`.
    final
        Final rate of every tract of the area, 0-1.
    goal_share
        The goal, 0-1.

    Returns
    -------
    ListFigures
        Tracts without a final rate count in neither number of missing households.
    """
    came = final.reindex(bought.index)
    known = bought[came.notna()]
    came = came.dropna()
    in_range = (came >= known["low80_share"]) & (came <= known["high80_share"])
    return ListFigures(
        tracts_count=len(bought),
        households_count=float(bought["households_count"].sum()),
        cost_usd=float(bought["cost_usd"].sum()),
        expected_missing_count=_count_missing(known, known["expected_share"]),
        came_missing_count=_count_missing(known, came),
        worst_fifth_count=len(find_worst(final).intersection(bought.index)),
        reached_goal_count=int((came >= goal_share).sum()),
        in_range_count=int(in_range.sum()),
        compared_count=len(known),
    )


def _count_missing(bought: pd.DataFrame, share: "pd.Series[float]") -> float:
    """Count the households without a response at a rate."""
    return float((bought["households_count"] * (1 - share)).sum())
