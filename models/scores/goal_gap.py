"""Goal gap: how far the tract's rate lies below the campaign's goal. A goal is a wish, not a forecast."""

import pandas as pd

from models.scores.score import Score
from outreach.campaign import Campaign


def _compute(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    return (campaign.goal_share - tracts["cumulative_share"]).clip(lower=0)


def _reason(tract: "pd.Series[float]", campaign: Campaign) -> str:
    gap = 100 * (campaign.goal_share - tract["cumulative_share"])
    rate = 100 * tract["cumulative_share"]
    if gap <= 0:
        return f"the rate of {rate:.1f} % has reached the goal"
    return f"the rate of {rate:.1f} % is {gap:.1f} points below the goal"


SCORE = Score(
    title="Gap to the goal",
    question="How far is the tract below the goal?",
    needs=("cumulative_share",),
    compute=_compute,
    reason=_reason,
)
