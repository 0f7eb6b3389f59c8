"""Choose the tracts that the budget buys, and keep borderline tracts from week to week.

Rank ranges (:mod:`models.targeting.rank_range`) decide which tracts are borderline at the cutoff,
the rank of the last tract that the budget buys by rank alone. A tract is firmly on the list if
its whole range is above the cutoff and firmly off it if its whole range is below; any other tract
cannot be told apart from those around the cutoff. Without this rule, noise alone would change the
end of a list every week.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.budget.ad_price import AdPrice
from models.scores.missing_households import read_deadline
from models.scores.online import reach_share
from outreach.objectives import Assumed, Objective
from outreach.tables import (
    DataFrame,
    GeoDataFrame,
    RatedTracts,
    Scores,
    Targets,
    check,
)
from outreach.units import Arm, UnitKind, name_unit


@dataclass(frozen=True, slots=True)
class ListRules:
    """What decides which tracts a list gets, and how many.

    Parameters
    ----------
    goal_share
        Tracts at this response rate (0-1) are not bought.
    price
        What ads cost.
    budget_usd
        The most to spend.
    max_targets
        The most tracts; 0 is no limit but the budget.
    objective
        What the list is for.
    switches
        Assumptions that are turned on.
    """

    goal_share: float
    price: AdPrice
    budget_usd: float
    max_targets: int = 0
    objective: Objective = Objective.MISSING_PER_DOLLAR
    switches: frozenset[Assumed] = frozenset()


def price_flights(tracts: DataFrame[RatedTracts], price: AdPrice) -> pd.DataFrame:
    """Price a full flight in each tract.

    Ads cannot be shown to missing households only, so every household that can see them gets them.

    Parameters
    ----------
    tracts
        ``households_count`` and the internet columns of :mod:`models.scores.digital_reach`.
    price
        What ads cost, and how many each household gets.

    Returns
    -------
    DataFrame
        ``impressions_count`` and ``budget_usd``, fees included.
    """
    audience = tracts["households_count"] * reach_share(tracts) * price.penetration_share
    impressions = (audience * price.impressions_per_household).round()
    return pd.DataFrame(
        {
            "impressions_count": impressions,
            "budget_usd": (impressions * price.impression_usd).round(2),
        }
    )


def rate_merit(
    priority: "pd.Series[float]", tracts: DataFrame[RatedTracts], objective: Objective
) -> "pd.Series[float]":
    """Rate how much each tract serves an objective; a higher figure is bought earlier.

    Parameters
    ----------
    priority
        By tract: expected responses per 1,000 USD at the margin.
    tracts
        The same tracts with their households and their rate at the deadline.
    objective
        What the list is for.

    Returns
    -------
    Series
        The priority; or the share (0-1), or the number, of households missing at the deadline. 0
        where the priority is 0, and missing where it is missing: such a tract cannot be bought.
    """
    missing = 1 - read_deadline(tracts)["share"]
    merit = {
        Objective.MISSING_PER_DOLLAR: priority,
        Objective.LOWEST_RATES: missing,
        Objective.MOST_MISSING: missing * tracts["households_count"],
    }[objective]
    return merit.where(priority > 0, priority).rename("merit")


def _read_merit(scores: DataFrame[Scores]) -> "pd.Series[float]":
    """Return a merit that orders tracts as their ranks do."""
    return (1 / scores["rank"]).where(scores["priority"] > 0, 0.0)


def order_eligible(
    tracts: DataFrame[RatedTracts], merit: "pd.Series[float]", goal_share: float
) -> pd.Index:
    """Return the tracts that may be bought, best first, ties by GEOID.

    They have a merit above 0 (:func:`rate_merit`) and a rate below the goal.
    """
    rate = tracts["cumulative_share"].reindex(merit.index)
    eligible = merit[(merit > 0) & (rate < goal_share)]
    return eligible.sort_index().sort_values(ascending=False, kind="stable").index


def fit_budget(costs: "pd.Series[float]", rules: ListRules) -> int:
    """Return how many of the first rows the rules allow; stop at the first that does not fit."""
    affordable = int(np.cumprod((costs.cumsum() <= rules.budget_usd).to_numpy()).sum())
    return min(affordable, rules.max_targets) if rules.max_targets else affordable


def count_affordable(
    tracts: DataFrame[RatedTracts], merit: "pd.Series[float]", rules: ListRules
) -> int:
    """Return how many tracts the budget buys in the order of their merit."""
    order = order_eligible(tracts, merit, rules.goal_share)
    return fit_budget(price_flights(tracts.loc[order], rules.price)["budget_usd"], rules)


def find_cutoff_rank(
    tracts: DataFrame[RatedTracts], scores: DataFrame[Scores], rules: ListRules
) -> int:
    """Return the rank of the last tract that the budget buys by rank alone, 0 if none."""
    chosen = list_affordable(tracts, scores, rules)
    return int(scores["rank"][chosen[-1]]) if len(chosen) else 0


def list_affordable(
    tracts: DataFrame[RatedTracts], scores: DataFrame[Scores], rules: ListRules
) -> pd.Index:
    """Return the tracts that the budget buys by rank alone, best first."""
    merit = _read_merit(scores)
    length = count_affordable(tracts, merit, rules)
    return order_eligible(tracts, merit, rules.goal_share)[:length]


def keep_borderline(
    order: pd.Index, scores: DataFrame[Scores], cutoff_rank: int, previous: Collection[str]
) -> pd.Index:
    """Order tracts so that borderline ones stay as they were on the previous list.

    Tracts that are firmly on the list come first, then tracts of the previous list that are not
    firmly off it, then the others, each by priority. So a tract of the previous list stays unless
    it is firmly off or firm tracts take its money. A new tract joins only if it is firmly on, or
    if money is left.

    Parameters
    ----------
    order
        From :func:`order_eligible`.
    scores
        With ``rank_low`` and ``rank_high``.
    cutoff_rank
        From :func:`find_cutoff_rank`.
    previous
        The tracts of the previous list.
    """
    ranges = scores.loc[order]
    firmly_on = ranges["rank_high"] <= cutoff_rank
    firmly_off = ranges["rank_low"] > cutoff_rank
    place = np.select([firmly_on, order.isin(list(previous)) & ~firmly_off], [0, 1], default=2)
    return order[np.argsort(place, kind="stable")]


def meet_floors(
    order: pd.Index,
    costs: "pd.Series[float]",
    groups: "pd.Series[str]",
    floors_usd: Mapping[str, float],
) -> pd.Index:
    """Order tracts so that each group has enough of them to spend its floor on.

    The first tracts of each group, until their flights add up to its floor, come before all others.
    """
    own, cost = groups.reindex(order), costs[order]
    floor = own.map(dict(floors_usd)).fillna(0.0)
    needed = cost.groupby(own).cumsum() - cost < floor
    return order[np.argsort(~needed.to_numpy(), kind="stable")]


def choose_targets(
    tracts: GeoDataFrame[RatedTracts],
    scores: DataFrame[Scores],
    rules: ListRules,
    previous: Collection[str] | None = None,
    floors: "tuple[pd.Series[str], Mapping[str, float]] | None" = None,
) -> DataFrame[Targets]:
    """Choose the first tracts by rank whose full flight the budget covers.

    Tracts that have reached the goal are skipped. The list ends at the first tract that does not
    fit; the rest of the budget stays unspent.

    Parameters
    ----------
    tracts, scores
        Tracts with geometry (EPSG:4326), and their scores.
    rules
        Goal, price, budget and the most tracts.
    previous
        Tracts of the previous list, for :func:`keep_borderline`; ``None`` goes by rank alone.
    floors
        The group of each tract, and the least money of each group (USD), for :func:`meet_floors`.

    Returns
    -------
    DataFrame
        Targets of kind ``tract``; empty if the budget buys none.
    """
    order = order_eligible(tracts, _read_merit(scores), rules.goal_share)
    flights = price_flights(tracts.loc[order], rules.price)
    costs = flights["budget_usd"]
    if previous is not None:
        order = keep_borderline(order, scores, find_cutoff_rank(tracts, scores, rules), previous)
    if floors is not None:
        order = meet_floors(order, costs, *floors)
    chosen = order[: fit_budget(costs[order], rules)]
    return _list_targets(tracts.loc[chosen], scores.loc[chosen], flights.loc[chosen])


def _list_targets(
    tracts: DataFrame[RatedTracts], scores: DataFrame[Scores], flights: pd.DataFrame
) -> DataFrame[Targets]:
    """Return tracts as targets; all tables have the same rows."""
    points = tracts["geometry"].apply(
        lambda shape: shape.representative_point() if shape is not None else None
    )
    table = pd.DataFrame(
        {
            "kind": UnitKind.TRACT.value,
            "place": tracts.index,
            "label": "Tract " + tracts["name"].astype(str),
            "data_date": scores["data_date"],
            "arm": Arm.TREAT.value,
            "latitude": [point.y if point is not None else float("nan") for point in points],
            "longitude": [point.x if point is not None else float("nan") for point in points],
            "radius_km": float("nan"),
            "households_count": tracts["households_count"],
            "missing_households_count": scores["missing_households_count"],
            "budget_usd": flights["budget_usd"],
            "impressions_count": flights["impressions_count"],
            "rank": scores["rank"],
            "why": scores["reasons"],
        }
    )
    units = [name_unit(UnitKind.TRACT, place) for place in table["place"]]
    table.index = pd.Index(units, name="unit_id", dtype=str)
    return check(table, Targets, "selection")
