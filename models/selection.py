"""Selection: goes down the priority list and takes tracts while the budget lasts."""

import pandas as pd

from models.scores.digital_reach import reach_share
from outreach.campaign import Campaign
from outreach.tables import Targets, check


def choose_targets(tracts: pd.DataFrame, scores: pd.DataFrame, campaign: Campaign) -> pd.DataFrame:
    """Choose the first tracts by priority whose full flight the budget covers.

    A tract costs ``reachable households * impressions_per_household * cpm_usd / 1000``: ads cannot be shown to missing households only. The list
    ends at the first tract that no longer fits; what is left stays unspent and is the difference to ``campaign.budget_usd``.

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
    listed = scores[scores["priority"] > 0].join(
        tracts[["name", "households_count", "geometry"]].assign(reach=reach_share(tracts)),
        how="left",
        validate="one_to_one",
    )
    impressions = (listed["households_count"] * listed["reach"] * campaign.impressions_per_household).round()
    cost = (impressions * campaign.cpm_usd / 1000).round(2)
    affordable = cost.cumsum() <= campaign.budget_usd
    if campaign.max_targets:
        affordable &= listed["rank"] <= campaign.max_targets
    chosen = listed[affordable]
    points = chosen["geometry"].apply(lambda shape: shape.representative_point() if shape is not None else None)
    table = pd.DataFrame(
        {
            "kind": "tract",
            "place": chosen.index,
            "label": "Tract " + chosen["name"].astype(str),
            "data_date": chosen["data_date"],
            "arm": "treat",
            "latitude": [point.y if point is not None else float("nan") for point in points],
            "longitude": [point.x if point is not None else float("nan") for point in points],
            "radius_km": float("nan"),
            "households_count": chosen["households_count"],
            "missing_households_count": chosen["missing_households_count"],
            "budget_usd": cost[chosen.index],
            "impressions_count": impressions[chosen.index],
            "rank": chosen["rank"],
            "why": chosen["reasons"],
        }
    )
    table.index = pd.Index("tract-" + table["place"], name="unit_id", dtype=str)
    return check(table, Targets, "selection")
