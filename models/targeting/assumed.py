"""List the assumptions that may move a list, and what each would change."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pandas as pd

from models.budget.assumptions import Assumption
from models.scores.score import Score
from models.targeting.objectives import Scorer, measure_overlap
from models.targeting.rank_range import TRACT_SPREAD
from models.targeting.selection import ListRules, list_affordable
from outreach.objectives import Assumed
from outreach.tables import DataFrame, RatedTracts, Scores


def find_assumptions(declared: Mapping[str, Score]) -> list[tuple[Assumed, Assumption]]:
    """Return every assumption that a campaign may turn on, with its switch."""
    factors = [score.factor for _, score in sorted(declared.items()) if score.factor is not None]
    found = [
        (factor.switch, assumption)
        for factor in factors
        if factor.switch is not None
        for assumption in factor.assumptions
    ]
    return [*found, (Assumed.SPREAD, TRACT_SPREAD)]


def list_assumptions(
    tracts: DataFrame[RatedTracts],
    scores: DataFrame[Scores],
    rules: ListRules,
    score: Scorer,
    declared: Mapping[str, Score],
) -> pd.DataFrame:
    """List the assumptions that may move the list, and what turning each one over would change.

    Parameters
    ----------
    tracts, scores, rules
        Of the run.
    score
        Scores the same tracts under other rules.
    declared
        From :func:`models.targeting.priority.find_scores`.

    Returns
    -------
    DataFrame
        A row is an assumption: ``switch``, the key under ``[assumptions]``; ``is_on``;
        ``assumption``, ``low``, ``mid``, ``high``, ``unit``, ``status``, ``source``; and
        ``jaccard_share`` of the list of the run and the list with the switch the other way (1: the
        same tracts). A switch that widens ranges alone changes no list.
    """
    bought = list_affordable(tracts, scores, rules)
    overlap = {}
    for switch in Assumed:
        other = replace(rules, switches=_turn(rules.switches, switch))
        overlap[switch] = measure_overlap(list_affordable(tracts, score(other), other), bought)
    rows = [
        {
            "switch": switch.value,
            "is_on": switch in rules.switches,
            "assumption": assumption.label,
            "low": assumption.low,
            "mid": assumption.mid,
            "high": assumption.high,
            "unit": assumption.unit,
            "status": assumption.evidence.status.value,
            "source": assumption.evidence.source,
            "jaccard_share": overlap[switch],
        }
        for switch, assumption in find_assumptions(declared)
    ]
    return pd.DataFrame(rows)


def _turn(switches: Collection[Assumed], switch: Assumed) -> frozenset[Assumed]:
    """Return the switches with one turned the other way."""
    return frozenset(switches) ^ {switch}
