"""Digital reach: the share of households that an online ad can reach at all.

``(B28002_002E + B28002_012E) / B28002_001E``: with a subscription, or with access but none (census reference 3.2).
"""

import pandas as pd

from models.scores.score import Score
from outreach.campaign import Campaign


def reach_share(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return the share of households with internet access of any kind, 0-1; missing where no household was asked."""
    online = tracts["internet_households_count"] + tracts["unsubscribed_internet_households_count"]
    universe = tracts["internet_universe_count"]
    return (online / universe.where(universe > 0)).clip(0, 1).rename("digital_reach_share")


def _compute(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[float]":
    return reach_share(tracts)


def _reason(tract: "pd.Series[float]", _campaign: Campaign) -> str:
    online = tract["internet_households_count"] + tract["unsubscribed_internet_households_count"]
    universe = tract["internet_universe_count"]
    return f"{online / universe:.0%} of households can be reached online".replace("%", " %") if universe > 0 else ""


SCORE = Score(
    title="Digital reach",
    question="What share of households can an online ad reach?",
    needs=("internet_households_count", "unsubscribed_internet_households_count", "internet_universe_count"),
    compute=_compute,
    reason=_reason,
)
