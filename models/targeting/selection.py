"""Selection: goes down a list of tracts and takes them while the budget lasts; borderline tracts stay as they were on the list before.

Rank ranges (:mod:`models.targeting.rank_range`) decide what is borderline at the cut, the rank of
the last tract that the budget buys by priority alone: a tract is firmly in where its whole range
lies above the cut, firmly out where its whole range lies below, and else it cannot be told from the
tracts around the cut. Without this rule the end of a list would change from week to week by nothing
but noise.
"""

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from models.scores.digital_reach import reach_share
from outreach.campaign import Campaign
from outreach.tables import Targets, check


def price_flights(tracts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return what a full flight takes in each tract: ``impressions_count`` and ``budget_usd``.

    ``reachable households * impressions_per_household`` at ``cpm_usd`` with fees: ads cannot be
    shown to missing households only.
    """
    impressions = (
        tracts["households_count"] * reach_share(tracts) * campaign.impressions_per_household
    ).round()
    return pd.DataFrame(
        {
            "impressions_count": impressions,
            "budget_usd": (impressions * campaign.impression_usd).round(2),
        }
    )


def order_eligible(
    tracts: pd.DataFrame, priority: "pd.Series[float]", campaign: Campaign
) -> pd.Index:
    """Return the tracts that may be bought, best first, ties by GEOID: a priority above 0 and a rate below the goal."""
    open_ = priority.index[
        (priority > 0) & (tracts["cumulative_share"].reindex(priority.index) < campaign.goal_share)
    ]
    return priority[open_].sort_index().sort_values(ascending=False, kind="stable").index


def fit_budget(costs: "pd.Series[float]", campaign: Campaign) -> int:
    """Return how many of the first rows the budget and ``max_targets`` allow; it ends at the first that no longer fits."""
    affordable = int(np.cumprod((costs.cumsum() <= campaign.budget_usd).to_numpy()).sum())
    return min(affordable, campaign.max_targets) if campaign.max_targets else affordable


def count_affordable(tracts: pd.DataFrame, priority: "pd.Series[float]", campaign: Campaign) -> int:
    """Return how many tracts the budget buys in the order of the priority."""
    return fit_budget(
        price_flights(tracts.loc[order_eligible(tracts, priority, campaign)], campaign)[
            "budget_usd"
        ],
        campaign,
    )


def find_cutoff_rank(tracts: pd.DataFrame, scores: pd.DataFrame, campaign: Campaign) -> int:
    """Return the rank of the last tract that the budget buys by priority alone, 0 where it buys none."""
    length = count_affordable(tracts, scores["priority"], campaign)
    return (
        int(scores["rank"][order_eligible(tracts, scores["priority"], campaign)[length - 1]])
        if length
        else 0
    )


def keep_borderline(
    order: pd.Index, scores: pd.DataFrame, cut: int, before: Collection[str]
) -> pd.Index:
    """Put the tracts that are firmly in first, then those of the list before that are not firmly out, then the others; each by priority.

    So a tract of the list before stays unless it is firmly out or tracts that are firmly in take
    its money, and a new one comes onto the list only when it is firmly in, or when money is left.

    Parameters
    ----------
    order
        From :func:`order_eligible`.
    scores
        With ``rank_low`` and ``rank_high``.
    cut
        From :func:`find_cutoff_rank`.
    before
        The tracts of the list before.
    """
    ranges = scores.loc[order]
    firmly_in, firmly_out = ranges["rank_high"] <= cut, ranges["rank_low"] > cut
    place = np.select([firmly_in, order.isin(list(before)) & ~firmly_out], [0, 1], default=2)
    return order[np.argsort(place, kind="stable")]


def meet_floors(
    order: pd.Index,
    costs: "pd.Series[float]",
    groups: "pd.Series[str]",
    floors_usd: Mapping[str, float],
) -> pd.Index:
    """Put the first tracts of each group whose flights come to its floor before all others, so that the floor's money has where to go."""
    own, cost = groups.reindex(order), costs[order]
    floor = own.map(dict(floors_usd)).fillna(0.0)
    needed = cost.groupby(own).cumsum() - cost < floor
    return order[np.argsort(~needed.to_numpy(), kind="stable")]


def choose_targets(
    tracts: pd.DataFrame,
    scores: pd.DataFrame,
    campaign: Campaign,
    before: Collection[str] | None = None,
    floors: "tuple[pd.Series[str], Mapping[str, float]] | None" = None,
) -> pd.DataFrame:
    """Choose the first tracts by priority whose full flight the budget covers.

    Tracts that have reached the goal are passed over. The list ends at the first tract that no
    longer fits; what is left stays unspent and is the difference to ``campaign.budget_usd``.

    Parameters
    ----------
    tracts, scores
        Tracts with geometry (EPSG:4326), and their Scores.
    campaign
        Budget, price, impressions, largest number of targets.
    before
        Tracts of the list before, for :func:`keep_borderline`; ``None`` goes by priority alone.
    floors
        The group of each tract and the least money of each group (USD), for :func:`meet_floors`.

    Returns
    -------
    DataFrame
        :class:`~outreach.tables.Targets` of kind ``tract``; empty where the budget buys none.
    """
    order = order_eligible(tracts, scores["priority"], campaign)
    flights = price_flights(tracts.loc[order], campaign)
    costs = flights["budget_usd"]
    if before is not None:
        order = keep_borderline(order, scores, find_cutoff_rank(tracts, scores, campaign), before)
    if floors is not None:
        order = meet_floors(order, costs, *floors)
    chosen = order[: fit_budget(costs[order], campaign)]
    known, scored = tracts.loc[chosen], scores.loc[chosen]
    points = known["geometry"].apply(
        lambda shape: shape.representative_point() if shape is not None else None
    )
    table = pd.DataFrame(
        {
            "kind": "tract",
            "place": chosen,
            "label": "Tract " + known["name"].astype(str),
            "data_date": scored["data_date"],
            "arm": "treat",
            "latitude": [point.y if point is not None else float("nan") for point in points],
            "longitude": [point.x if point is not None else float("nan") for point in points],
            "radius_km": float("nan"),
            "households_count": known["households_count"],
            "missing_households_count": scored["missing_households_count"],
            "budget_usd": flights.loc[chosen, "budget_usd"],
            "impressions_count": flights.loc[chosen, "impressions_count"],
            "rank": scored["rank"],
            "why": scored["reasons"],
        }
    )
    table.index = pd.Index("tract-" + table["place"], name="unit_id", dtype=str)
    return check(table, Targets, "selection")
