"""Digital reach: the share of households that the campaign's online ads can reach and speak to.

Online: ``(B28002_002E + B28002_012E) / B28002_001E``, with a subscription, or with access but none
(Census reference 3.2), and no more than have a computer or smartphone (``B28001_011E``). Spoken to:
:mod:`models.scores.languages`. Households that have not answered are less often online than their
neighbours: every household that answered by internet is online, so of the others, answered on paper
or not at all, the share ``(online - internet rate) / (1 - internet rate)`` is (Bayes' rule;
households that answered from a foreign line are neglected).
"""

import pandas as pd

from models.scores.languages import cover_languages
from models.scores.missing_households import TO_90
from models.scores.score import Score
from outreach.campaign import Campaign

#: Least share of the usual reach that is believed of missing households: margins of error can put
#: the online share below the internet rate.
_LEAST = 0.1


def reach_share(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return the share of households online in any way, 0-1; missing where no household was asked."""
    online = tracts["internet_households_count"] + tracts["unsubscribed_internet_households_count"]
    share = online / tracts["internet_universe_count"].where(tracts["internet_universe_count"] > 0)
    if {"no_device_households_count", "device_universe_count"} <= set(tracts):
        devices = tracts["device_universe_count"].where(tracts["device_universe_count"] > 0)
        share = share.clip(upper=(1 - tracts["no_device_households_count"] / devices).fillna(1.0))
    return share.clip(0, 1).rename("online_share")


def reach_missing_share(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return the share of households that have not answered by internet, and so of the missing ones, that is online, 0-1."""
    online, answered = reach_share(tracts), read_internet_share(tracts)
    return (
        ((online - answered) / (1 - answered))
        .clip(lower=_LEAST * online)
        .rename("online_missing_share")
    )


def read_internet_share(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return the internet response rate, 0 where it is not known, and never all."""
    if "internet_share" not in tracts:
        return pd.Series(0.0, index=tracts.index)
    return tracts["internet_share"].astype(float).fillna(0.0).clip(0, 0.99)


def measure_reach_error(tracts: pd.DataFrame) -> "pd.Series[float]":
    """Return the standard deviation of ``log(reach_missing_share / reach_share)`` from the ACS margins of error, at most 0.5 (delta method)."""
    online, answered = reach_share(tracts), read_internet_share(tracts)
    part = tracts["internet_households_count"] + tracts["unsubscribed_internet_households_count"]
    names = ("internet_households_count_moe", "unsubscribed_internet_households_count_moe")
    variance = pd.Series(0.0, index=tracts.index)
    for name in names:
        variance += (tracts[name].fillna(0.0) / TO_90) ** 2 if name in tracts else 0.0
    whole = tracts["internet_universe_count"].where(tracts["internet_universe_count"] > 0)
    error = variance**0.5 / whole.clip(lower=part)
    slope = answered / (online * (online - answered).clip(lower=_LEAST * online))
    result: pd.Series[float] = (slope * error).clip(upper=0.5)
    return result


def _compute(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[float]":
    return (
        reach_share(tracts) * cover_languages(tracts, campaign.creative_languages)["covered_share"]
    )


def _explain(tracts: pd.DataFrame, campaign: Campaign) -> "pd.Series[str]":
    covered = cover_languages(tracts, campaign.creative_languages)["covered_share"]
    online = reach_share(tracts)
    told = [f"{100 * share:.0f} % of households can be reached online" for share in online]
    if {"smartphone_only_households_count", "device_universe_count"} <= set(tracts):
        universe = tracts["device_universe_count"].where(tracts["device_universe_count"] > 0)
        phones = tracts["smartphone_only_households_count"] / universe
        told = [
            f"{clause}{_tell_phones(share)}" for clause, share in zip(told, phones, strict=True)
        ]
    spoken = "/".join(campaign.creative_languages)
    told = [
        clause
        if share > 0.95  # noqa: PLR2004  5 %: Census reference 3.1
        else f"{clause}, {100 * (1 - share):.0f} % do not read creative in {spoken}"
        for clause, share in zip(told, covered, strict=True)
    ]
    return pd.Series(told, index=tracts.index, dtype=object)


def _tell_phones(share: float) -> str:
    return f" ({100 * share:.0f} % by smartphone alone)" if share >= 0.1 else ""  # noqa: PLR2004  worth a word from a tenth on


SCORE = Score(
    title="Digital reach",
    question="What share of households can the campaign's online ads reach and speak to?",
    needs=(
        "internet_households_count",
        "unsubscribed_internet_households_count",
        "internet_universe_count",
    ),
    compute=_compute,
    explain=_explain,
)
