"""Order tracts as a run buys them, by the very functions that a run calls."""

from dataclasses import replace

import pandas as pd

from models.assess import assess_tracts
from models.curves.season_model import SeasonModel
from models.features.predictors import Predictor
from models.targeting.priority import score_tracts
from models.targeting.selection import ListRules
from outreach.errors import ModelError, NothingThere
from outreach.objectives import Objective
from outreach.tables import (
    DataFrame,
    RatedTracts,
    ResponseRates,
    Scores,
    TractProfiles,
    Tracts,
    as_table,
)

#: Rates of a day that a run reads beside the cumulative one.
_RATES = ("cumulative_share", "internet_share")


def score_day(
    tracts: DataFrame[TractProfiles],
    rates: DataFrame[ResponseRates],
    model: SeasonModel,
    creative_languages: tuple[str, ...],
    rules: ListRules,
    own: tuple[Predictor, ...] = (),
) -> dict[Objective, DataFrame[Scores]]:
    """Assess and score tracts with rates up to a day, for every objective.

    Parameters
    ----------
    tracts
        Profiles. Rates among their columns are replaced by those of the day.
    rates
        Rates up to the day, and none later.
    model
        The season model.
    creative_languages, rules
        Of the campaign; the objective of the rules is not read.
    own
        Predictors that the area brings itself.

    Returns
    -------
    dict
        Empty where a run would stop, because the profiles lack what the priority needs.
    """
    last = rates["data_date"].max()
    today = rates[rates["data_date"] == last]
    columns = {name: today[name].reindex(tracts.index) for name in _RATES if name in today}
    asked = as_table(tracts.assign(**columns, data_date=last), Tracts)
    try:
        assessment = assess_tracts(asked, rates, season_model=model, own=own)
        return {
            objective: score_tracts(
                as_table(asked, RatedTracts),
                creative_languages,
                replace(rules, objective=objective),
                assessment.forecast,
                assessment.peers,
                rates,
                simulations=1,
            )
            for objective in Objective
        }
    except (ModelError, NothingThere):
        return {}


def read_order(scores: DataFrame[Scores] | None, geoid: pd.Index) -> "pd.Series[float]":
    """Return the rank of each tract, missing for tracts that a run would not buy."""
    if scores is None:
        return pd.Series(float("nan"), index=geoid)
    return scores["rank"].where(scores["priority"] > 0).astype(float).reindex(geoid)
