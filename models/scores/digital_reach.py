"""Measure the share of households that the campaign's online ads can reach and speak to.

Online are households with an internet subscription, or with access but none: ``(B28002_002E +
B28002_012E) / B28002_001E`` (Census reference 3.2), but no more than have a computer or smartphone
(``B28001_011E``). How many of them read the creative is in :mod:`models.scores.languages`.

Households that have not responded are online less often than their neighbors. Every household that
responded by internet is online, so of the others the share ``(online - internet rate) / (1 -
internet rate)`` is (Bayes' rule; households that responded from abroad are neglected).
"""

import numpy as np
import pandas as pd

from models.budget.assumptions import Case
from models.scores.languages import cover_languages
from models.scores.missing_households import TO_90
from models.scores.score import Factor, Reason, Score, ScoreInputs
from outreach.phrasing import write_percent
from outreach.tables import DataFrame, RatedTracts

#: Counts of the survey that say who is online.
_COUNTS = (
    "internet_households_count",
    "unsubscribed_internet_households_count",
    "internet_universe_count",
)
#: Least share of the usual reach that missing households can have: margins of error can put the
#: online share below the internet rate.
_LEAST = 0.1
#: Largest standard deviation of a logarithm that margins of error can lead to.
_LARGEST_ERROR = 0.5
#: Least covered share by which an error is divided.
_LEAST_COVERED = 0.05

#: Language coverage from which on a reason says nothing about languages (Census reference 3.1).
_SPOKEN_SHARE = 0.95
#: Share of smartphone-only households from which on a reason mentions them.
_PHONES_SHARE = 0.1


def reach_share(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the share of households online in any way, 0-1; missing where no one was asked."""
    if not set(_COUNTS) <= set(tracts):
        return pd.Series(np.nan, index=tracts.index, name="online_share")
    online = tracts["internet_households_count"] + tracts["unsubscribed_internet_households_count"]
    share = online / tracts["internet_universe_count"].where(tracts["internet_universe_count"] > 0)
    if {"no_device_households_count", "device_universe_count"} <= set(tracts):
        devices = tracts["device_universe_count"].where(tracts["device_universe_count"] > 0)
        share = share.clip(upper=(1 - tracts["no_device_households_count"] / devices).fillna(1.0))
    return share.clip(0, 1).rename("online_share")


def reach_missing_share(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the share of missing households that is online, 0-1.

    It is measured over all households that have not responded by internet.
    """
    online, responded = reach_share(tracts), read_internet_share(tracts)
    return (
        ((online - responded) / (1 - responded))
        .clip(lower=_LEAST * online)
        .rename("online_missing_share")
    )


def read_internet_share(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the internet response rate, 0 where it is not known, and always below 1."""
    if "internet_share" not in tracts:
        return pd.Series(0.0, index=tracts.index)
    return tracts["internet_share"].astype(float).fillna(0.0).clip(0, 0.99)


def measure_reach_error(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the standard deviation of ``log(reach_missing_share / reach_share)``, at most 0.5.

    It follows from the ACS margins of error by the delta method.
    """
    online, responded = reach_share(tracts), read_internet_share(tracts)
    part = tracts["internet_households_count"] + tracts["unsubscribed_internet_households_count"]
    names = ("internet_households_count_moe", "unsubscribed_internet_households_count_moe")
    variance = pd.Series(0.0, index=tracts.index)
    for name in names:
        variance += (tracts[name].fillna(0.0) / TO_90) ** 2 if name in tracts else 0.0

    whole = tracts["internet_universe_count"].where(tracts["internet_universe_count"] > 0)
    error = variance**0.5 / whole.clip(lower=part)
    slope = responded / (online * (online - responded).clip(lower=_LEAST * online))
    result: pd.Series[float] = (slope * error).clip(upper=_LARGEST_ERROR)
    return result


def _compute(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[float]":
    return reach_share(tracts) * cover_languages(tracts, inputs.creative_languages)["covered_share"]


def _list_figures(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> pd.DataFrame:
    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    return pd.DataFrame(
        {"addressable_share": reach_share(tracts), "language_covered_share": covered}
    )


def _explain(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> "pd.Series[str]":
    online = reach_share(tracts)
    clauses = [f"{write_percent(share)} of households can be reached online" for share in online]

    # How many of them by smartphone alone.
    if {"smartphone_only_households_count", "device_universe_count"} <= set(tracts):
        universe = tracts["device_universe_count"].where(tracts["device_universe_count"] > 0)
        phones = tracts["smartphone_only_households_count"] / universe
        clauses = [
            f"{clause} ({write_percent(share)} by smartphone alone)"
            if share >= _PHONES_SHARE
            else clause
            for clause, share in zip(clauses, phones, strict=True)
        ]

    # How many do not read the ads.
    languages = "/".join(inputs.creative_languages)
    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    clauses = [
        clause
        if share > _SPOKEN_SHARE
        else f"{clause}, {write_percent(1 - share)} do not read ads in {languages}"
        for clause, share in zip(clauses, covered, strict=True)
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


def _measure_missing_reach(
    tracts: DataFrame[RatedTracts], inputs: ScoreInputs, _case: Case
) -> "pd.Series[float]":
    """Return the reach among missing households, as a multiple of that among all, by language."""
    online = reach_share(tracts)
    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    return reach_missing_share(tracts) / online.where(online > 0) * covered


def _measure_variance(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> pd.DataFrame:
    covered = cover_languages(tracts, inputs.creative_languages)
    share = covered["covered_share"].clip(lower=_LEAST_COVERED)
    language = (covered["error_share"] / share).clip(upper=_LARGEST_ERROR)
    variance = measure_reach_error(tracts) ** 2 + language**2
    return pd.DataFrame({"below": variance, "above": variance})


SCORE = Score(
    title="Digital reach",
    question="What share of households can the campaign's online ads reach and speak to?",
    needs=_COUNTS,
    compute=_compute,
    reason=Reason(20, _explain),
    factor=Factor(
        order=20,
        needs=_COUNTS,
        measure=_measure_missing_reach,
        required=True,
        measure_variance=_measure_variance,
    ),
    list_figures=_list_figures,
)
