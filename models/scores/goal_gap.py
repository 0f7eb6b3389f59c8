"""Goal gap: how far the tract's rate lies below the campaign's goal. A goal is a wish, not a forecast, and no part of the priority."""

import pandas as pd

from models.scores.score import Score
from outreach.campaign import Campaign


def _compute(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    return (campaign.goal_share - tracts["cumulative_share"]).clip(lower=0)


def _explain(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[str]":
    rates = 100 * tracts["cumulative_share"]
    told = [
        f"the rate of {rate:.1f} % has reached the goal"
        if rate >= campaign.goal_percent
        else f"the rate of {rate:.1f} % is {campaign.goal_percent - rate:.1f} points below the goal"
        for rate in rates
    ]
    return pd.Series(told, index=tracts.index, dtype=object)


SCORE = Score(
    title="Gap to the goal",
    question="How far is the tract below the goal?",
    needs=("cumulative_share",),
    compute=_compute,
    explain=_explain,
)
