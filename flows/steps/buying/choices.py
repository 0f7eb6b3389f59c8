"""Show what other objectives and assumptions would have bought."""

from dataclasses import dataclass

import pandas as pd

from flows.steps.buying.list_rules import read_list_rules
from flows.steps.buying.scorer import Scorer
from models.targeting.assumed import list_assumptions
from models.targeting.objectives import ObjectiveLists, compare_objectives
from models.targeting.priority import find_scores
from models.targeting.selection import ListRules
from outreach.campaign import Campaign
from outreach.tables import DataFrame, RatedTracts, Scores, Tracts, as_table


@dataclass(frozen=True)
class Choices:
    """What the planner chose, beside what else could be chosen.

    Parameters
    ----------
    objectives
        The list of each objective.
    assumptions
        As :func:`models.targeting.assumed.list_assumptions`.
    """

    objectives: ObjectiveLists
    assumptions: pd.DataFrame


def compare_choices(
    tracts: DataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    scorer: Scorer,
) -> Choices:
    """Buy the lists of the other objectives and assumptions, and compare them with the run's.

    Parameters
    ----------
    tracts, scores, campaign
        The tracts, their scores, and what they are for.
    scorer
        Scores the tracts for other rules.
    """

    def score(rules: ListRules) -> DataFrame[Scores]:
        # One simulation, because only the order is read.
        return scorer.score(rules, simulations=1)

    rules, rated = read_list_rules(campaign), as_table(tracts.loc[scores.index], RatedTracts)
    return Choices(
        compare_objectives(rated, scores, rules, score),
        list_assumptions(rated, scores, rules, score, find_scores()),
    )
