"""Price what it costs to show ads to one household missing at the deadline.

Every impression goes to a household online, and is wasted unless that household is missing and
reads the creative. A flight of ``i`` impressions per household online at a price ``c`` reaches the
share ``F(k i)`` of them (:mod:`models.budget.ad_response`), so one reached missing household costs

    i c / (F(k i) * missing share * (online among the missing / online) * language covered)

The score is 1 where reach is free and one half at the area's median.
"""

import numpy as np
import pandas as pd

from models.budget.ad_response import set_fee
from models.scores.digital_reach import SCORE as DIGITAL_REACH
from models.scores.digital_reach import compare_missing_reach
from models.scores.languages import cover_languages
from models.scores.missing_households import read_deadline
from models.scores.score import Reason, Score, ScoreInputs, compare_median
from outreach.phrasing import write_dollars
from outreach.tables import DataFrame, RatedTracts


def price_reach(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[float]":
    """Return USD, fees included, per reached household that would still be missing.

    Infinite where no such household can be reached.
    """
    impressions = np.array([inputs.price.impressions_per_household])
    curve = set_fee(inputs.price.fee_share)
    reached = float(curve.reach_share(impressions, np.ones(1))[0])

    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    useful = (1 - read_deadline(tracts)["share"]) * compare_missing_reach(tracts) * covered
    return (inputs.price.household_usd / (useful * reached)).rename("cost_of_reach_usd")


def _compute(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[float]":
    return compare_median(1 / price_reach(tracts, inputs))


def _list_figures(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> pd.DataFrame:
    return price_reach(tracts, inputs).to_frame()


def _explain(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[str]":
    clauses = [
        f"reaching one missing household costs about {write_dollars(cost, cents=True)}"
        if np.isfinite(cost)
        else ""
        for cost in price_reach(tracts, inputs)
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


SCORE = Score(
    title="Cost of reach",
    question="How little does it cost to show the ads to one missing household?",
    needs=("cumulative_share", *DIGITAL_REACH.needs),
    compute=_compute,
    reason=Reason(50, _explain),
    list_figures=_list_figures,
)
