"""Cost of reach: what it costs to put the campaign's ads before one household that would still be missing at the deadline.

Every impression goes to a household online, answered or not, and is wasted on all but the missing
ones that read the creative. A flight of ``i`` impressions a household online at a price ``c``
reaches the part ``F(k i)`` of them (:mod:`models.budget.ad_response`), so one reached missing
household costs ``i c / (F(k i) * missing share * (online among the missing / online) * language
covered)``. The score is 1 for free, one half at the area's median.
"""

import numpy as np
import pandas as pd

from models.budget.ad_response import choose_curve
from models.scores.digital_reach import SCORE as DIGITAL_REACH
from models.scores.digital_reach import reach_missing_share, reach_share
from models.scores.languages import cover_languages
from models.scores.missing_households import read_deadline
from models.scores.score import Score, against_median
from outreach.campaign import Campaign


def price_reach(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    """Return USD, fees included, for each reached household that would still be missing at the deadline; infinite where there is none."""
    impressions = campaign.impressions_per_household
    price = campaign.household_usd
    reached = float(choose_curve(campaign).reach_share(np.array([impressions]), np.ones(1))[0])
    online = reach_share(tracts)
    covered = cover_languages(tracts, campaign.creative_languages)["covered_share"]
    useful = (
        (1 - read_deadline(tracts)["share"])
        * reach_missing_share(tracts)
        / online.where(online > 0)
        * covered
    )
    return (price / (useful * reached)).rename("cost_of_reach_usd")


def _compute(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    return against_median(1 / price_reach(tracts, campaign))


def _explain(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[str]":
    told = [
        f"reaching one missing household costs about {cost:,.2f} USD" if np.isfinite(cost) else ""
        for cost in price_reach(tracts, campaign)
    ]
    return pd.Series(told, index=tracts.index, dtype=object)


SCORE = Score(
    title="Cost of reach",
    question="How little does it cost to put the ads before one missing household?",
    needs=("cumulative_share", *DIGITAL_REACH.needs),
    compute=_compute,
    explain=_explain,
)
