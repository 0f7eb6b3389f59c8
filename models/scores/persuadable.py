"""Find missing households that ads can reach in tracts that are open to persuasion.

The score is the cube root of a product, so that no part makes up for another that is nearly 0: the
share missing at the deadline, the reach among them (:mod:`models.scores.digital_reach`), and the
tract's openness. Openness is the response gap (who lives there is not what holds responses back),
less where growth has stopped. The invented county, whose persuadability is known, confirms it.
"""

import pandas as pd

from models.budget.assumptions import Assumption, Case
from models.scores import digital_reach, momentum, response_gap
from models.scores.languages import cover_languages
from models.scores.missing_households import read_deadline
from models.scores.score import Factor, Score, ScoreInputs
from outreach.evidence import Evidence, Status
from outreach.objectives import Assumed
from outreach.tables import DataFrame, RatedTracts

#: Gap score of a tract whose response gap is not known.
NEUTRAL = Assumption(
    "gap score of a tract whose response gap is not known", 0.0, 0.5, 1.0, "score",
    Evidence(status=Status.ASSUMED, source="0.5 is the score of a tract without a gap"),
)  # fmt: skip
#: Momentum score below which tracts count as stopping.
MOVING = Assumption(
    "momentum score below which growth counts as stopping", 0.0, 0.2, 0.5, "score",
    Evidence(
        status=Status.ASSUMED, source="0.2 is a quarter of the area's typical pace; not measured"
    ),
)  # fmt: skip
#: How open the missing households of a tract with no openness at all still are.
CLOSED_SHARE = Assumption(
    "openness of the least open tract against the most open", 0.25, 0.5, 1.0, "share",
    Evidence(
        status=Status.ASSUMED, source="no public figure found; at 1 openness does not count"
    ),
)  # fmt: skip


def measure_openness(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[float]":
    """Return the response gap, less where growth has stopped, 0-1.

    :data:`NEUTRAL` stands for an unknown gap.
    """
    gap = _compute_if_able(response_gap.SCORE, tracts, inputs).fillna(NEUTRAL.mid)
    pace = _compute_if_able(momentum.SCORE, tracts, inputs)
    moving = (pace / MOVING.mid).clip(upper=1).fillna(1.0)
    return (gap * moving).rename("openness")


def _compute_if_able(
    score: Score, tracts: DataFrame[RatedTracts], inputs: ScoreInputs
) -> "pd.Series[float]":
    """Compute another score, missing everywhere if its columns are absent."""
    if set(score.needs) <= set(tracts):
        return score.compute(tracts, inputs)
    return pd.Series(float("nan"), index=tracts.index)


def _compute(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[float]":
    missing = 1 - read_deadline(tracts)["share"]
    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    product = (
        missing
        * digital_reach.reach_missing_share(tracts)
        * covered
        * measure_openness(tracts, inputs)
    )
    result: pd.Series[float] = product ** (1 / 3)
    return result.where(tracts["gap_share"].notna())


def _measure_factor(
    tracts: DataFrame[RatedTracts], inputs: ScoreInputs, _case: Case
) -> "pd.Series[float]":
    return measure_openness(tracts, inputs)


SCORE = Score(
    title="Persuadable",
    question="How many missing households are reachable, and not explained by who lives there?",
    needs=(*response_gap.SCORE.needs, *digital_reach.SCORE.needs),
    compute=_compute,
    factor=Factor(
        order=30,
        needs=(),
        measure=_measure_factor,
        floor=CLOSED_SHARE,
        switch=Assumed.OPENNESS,
        assumptions=(CLOSED_SHARE, NEUTRAL, MOVING),
    ),
)
