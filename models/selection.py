"""Selection: goes down a list of tracts and takes them while the budget lasts."""

import numpy as np
import pandas as pd

from models.scores.digital_reach import reach_share
from outreach.campaign import Campaign
from outreach.tables import Targets, check


def price_flights(tracts: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Return what a full flight takes in each tract: ``impressions_count`` and ``budget_usd``.

    ``reachable households * impressions_per_household`` at ``cpm_usd``: ads cannot be shown to missing households only.
    """
    impressions = (tracts["households_count"] * reach_share(tracts) * campaign.impressions_per_household).round()
    return pd.DataFrame(
        {"impressions_count": impressions, "budget_usd": (impressions * campaign.cpm_usd / 1000).round(2)}
    )


def order_eligible(tracts: pd.DataFrame, priority: "pd.Series[float]", campaign: Campaign) -> pd.Index:
    """Return the tracts that may be bought, best first, ties by GEOID: a priority above 0 and a rate below the goal."""
    open_ = priority.index[(priority > 0) & (tracts["cumulative_share"].reindex(priority.index) < campaign.goal_share)]
    return priority[open_].sort_index().sort_values(ascending=False, kind="stable").index


def fit_budget(costs: "pd.Series[float]", campaign: Campaign) -> int:
    """Return how many of the first rows the budget and ``max_targets`` allow; it ends at the first that no longer fits."""
    affordable = int(np.cumprod((costs.cumsum() <= campaign.budget_usd).to_numpy()).sum())
    return min(affordable, campaign.max_targets) if campaign.max_targets else affordable


def count_affordable(tracts: pd.DataFrame, priority: "pd.Series[float]", campaign: Campaign) -> int:
    """Return how many tracts the budget buys in the order of the priority."""
    return fit_budget(
        price_flights(tracts.loc[order_eligible(tracts, priority, campaign)], campaign)["budget_usd"], campaign
    )


def choose_targets(tracts: pd.DataFrame, scores: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Choose the first tracts by priority whose full flight the budget covers.

    Tracts that have reached the goal are passed over. The list ends at the first tract that no longer fits; what is left stays unspent and is
    the difference to ``campaign.budget_usd``.

    Parameters
    ----------
    tracts, scores
        Tracts with geometry (EPSG:4326), and their Scores.
    campaign
        Budget, price, impressions, largest number of targets.

    Returns
    -------
    DataFrame
        :class:`~outreach.tables.Targets` of kind ``tract``; empty where the budget buys none.
    """
    order = order_eligible(tracts, scores["priority"], campaign)
    flights = price_flights(tracts.loc[order], campaign)
    chosen = order[: fit_budget(flights["budget_usd"], campaign)]
    known, scored = tracts.loc[chosen], scores.loc[chosen]
    points = known["geometry"].apply(lambda shape: shape.representative_point() if shape is not None else None)
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
