"""Persuadable: households that are missing, can be reached, and live where fewer answer than places like it lead to expect, and some still do.

The cube root of these parts' product, so that none makes up for another that is nearly 0: the share
missing at the deadline, the reach among them (:mod:`models.scores.digital_reach`), and the tract's
openness, which is its response gap (who lives there is not what holds answers back), less where it
has come to rest. Found again on the invented county, whose persuadability is known.
"""

import pandas as pd

from models.scores import digital_reach, momentum, response_gap
from models.scores.languages import cover_languages
from models.scores.missing_households import read_deadline
from models.scores.score import Score
from outreach.campaign import Campaign

#: What is taken of a tract whose response gap nobody knows: as expected.
NEUTRAL = 0.5
#: Momentum score of a quarter of the area's usual pace; a tract that moves more slowly counts as
#: coming to rest.
_MOVING = 0.2


def measure_openness(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    """Return the response gap, less where the tract has come to rest, 0-1; :data:`NEUTRAL` stands for a gap that is not known."""
    gap = _compute_where_able(response_gap.SCORE, tracts, campaign).fillna(NEUTRAL)
    moving = (
        (_compute_where_able(momentum.SCORE, tracts, campaign) / _MOVING).clip(upper=1).fillna(1.0)
    )
    return (gap * moving).rename("openness")


def _compute_where_able(
    score: Score, tracts: pd.DataFrame, campaign: Campaign
) -> "pd.Series[float]":
    if set(score.needs) <= set(tracts):
        return score.compute(tracts, campaign)
    return pd.Series(float("nan"), index=tracts.index)


def _compute(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    missing = 1 - read_deadline(tracts)["share"]
    covered = cover_languages(tracts, campaign.creative_languages)["covered_share"]
    parts = (
        missing
        * digital_reach.reach_missing_share(tracts)
        * covered
        * measure_openness(tracts, campaign)
    )
    result: pd.Series[float] = parts ** (1 / 3)
    return result.where(tracts["gap_share"].notna())


def _explain(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[str]":
    place = _compute(tracts, campaign).rank(pct=True)
    told = [
        f"it seems more open to persuasion than {100 * share:.0f} % of tracts" for share in place
    ]
    return pd.Series(told, index=tracts.index, dtype=object)


SCORE = Score(
    title="Persuadable",
    question="How many households are missing, reachable, and out of line with what places like theirs lead to expect?",
    needs=(*response_gap.SCORE.needs, *digital_reach.SCORE.needs),
    compute=_compute,
    explain=_explain,
)
