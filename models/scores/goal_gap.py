"""Measure how far a tract's rate is below the campaign's goal.

A goal is a wish, not a forecast, so this score has no factor in the priority and gives no reason.
"""

import pandas as pd

from models.scores.score import Score, ScoreInputs
from outreach.tables import DataFrame, RatedTracts


def _compute(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[float]":
    return (inputs.goal_share - tracts["cumulative_share"]).clip(lower=0)


SCORE = Score(
    title="Gap to the goal",
    question="How far is the tract below the goal?",
    needs=("cumulative_share",),
    compute=_compute,
)
