"""Measure the share of households that the campaign's online ads can reach and speak to.

Online are households with an internet subscription, or with access but none: ``(B28002_002E +
B28002_012E) / B28002_001E`` (Census reference 3.2), but no more than have a computer or smartphone
(``B28001_011E``). How many of them read the creative is in :mod:`models.scores.languages`.

Households that have not responded are online less often than their neighbors. Every household that
responded by internet is online, so of the others the share ``(online - internet rate) / (1 -
internet rate)`` is (Bayes' rule; households that responded from abroad are neglected).
"""

import pandas as pd

from models.budget.assumptions import Case
from models.scores.languages import cover_languages
from models.scores.online import COUNTS, estimate_online, reach_share, read_internet_share
from models.scores.score import Factor, Reason, Score, ScoreInputs
from outreach.phrasing import write_percent
from outreach.tables import DataFrame, RatedTracts

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


def reach_missing_share(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the share of missing households that is online, 0-1.

    It is measured over all households that have not responded by internet.
    """
    missing = _reach_missing(reach_share(tracts), read_internet_share(tracts))
    return missing.rename("online_missing_share")


def compare_missing_reach(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the share online among the missing households as a multiple of that among all, 0-1.

    The share online is the estimate of :func:`models.scores.online.estimate_online`, because the
    ratio would follow the noise of the ACS figure. Missing where no one is online.
    """
    online = estimate_online(tracts)["online_share"]
    return (_reach_missing(online, read_internet_share(tracts)) / online.where(online > 0)).rename(
        "missing_reach_share"
    )


def measure_reach_error(tracts: DataFrame[RatedTracts]) -> "pd.Series[float]":
    """Return the standard deviation of the log of :func:`compare_missing_reach`, at most 0.5.

    It follows from the error of the estimate by the delta method.
    """
    estimate, responded = estimate_online(tracts), read_internet_share(tracts)
    online = estimate["online_share"]
    slope = responded / (online * (online - responded).clip(lower=_LEAST * online))
    result: pd.Series[float] = (slope * estimate["error_share"]).clip(upper=_LARGEST_ERROR)
    return result


def _reach_missing(online: "pd.Series[float]", responded: "pd.Series[float]") -> "pd.Series[float]":
    """Return the share online among households that have not responded by internet."""
    return ((online - responded) / (1 - responded)).clip(lower=_LEAST * online)


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
    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    clauses = [
        clause
        if share > _SPOKEN_SHARE
        else f"{clause}, but {write_percent(1 - share)} read none of the languages of the ads"
        for clause, share in zip(clauses, covered, strict=True)
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


def _measure_missing_reach(
    tracts: DataFrame[RatedTracts], inputs: ScoreInputs, _case: Case
) -> "pd.Series[float]":
    """Return the reach among missing households, as a multiple of that among all, by language."""
    covered = cover_languages(tracts, inputs.creative_languages)["covered_share"]
    return compare_missing_reach(tracts) * covered


def _measure_variance(tracts: DataFrame[RatedTracts], inputs: ScoreInputs) -> pd.DataFrame:
    covered = cover_languages(tracts, inputs.creative_languages)
    share = covered["covered_share"].clip(lower=_LEAST_COVERED)
    language = (covered["error_share"] / share).clip(upper=_LARGEST_ERROR)
    variance = measure_reach_error(tracts) ** 2 + language**2
    return pd.DataFrame({"below": variance, "above": variance})


SCORE = Score(
    title="Digital reach",
    question="What share of households can the campaign's online ads reach and speak to?",
    needs=COUNTS,
    compute=_compute,
    reason=Reason(20, _explain),
    factor=Factor(
        order=20,
        needs=COUNTS,
        measure=_measure_missing_reach,
        required=True,
        measure_variance=_measure_variance,
    ),
    list_figures=_list_figures,
)
