"""Missing households: how many households of the tract have not answered yet.

Estimated as households (ACS) times one minus the self-response rate. The rate's own denominator is addresses, occupied or not, so where many
homes stand empty this is too low; it is stated with the figure.
"""

import pandas as pd

from models.scores.score import Score
from outreach.campaign import Campaign


def count_missing(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return households without a response, a count per tract; missing where the households or the rate are."""
    return (tracts["households_count"] * (1 - tracts["cumulative_share"])).rename("missing_households_count")


def _compute(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[float]":
    missing = count_missing(tracts)
    return missing / max(float(missing.max()), 1.0)


def _reason(tract: "pd.Series[float]", _campaign: Campaign) -> str:
    missing = tract["households_count"] * (1 - tract["cumulative_share"])
    return f"about {missing:,.0f} of {tract['households_count']:,.0f} households have not answered"


SCORE = Score(
    title="Missing households",
    question="How many households have not answered yet?",
    needs=("households_count", "cumulative_share"),
    compute=_compute,
    reason=_reason,
)
