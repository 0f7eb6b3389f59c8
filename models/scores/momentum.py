"""Momentum: what share of the households still missing answered in a week of late.

From the cumulative rate and the days that truly lie between two publications, never from the
service's daily rate, which is not their difference. The score is against the area's median: 0 has
come to rest, one half is usual.
"""

import pandas as pd

from models.scores.score import Score, against_median
from outreach.campaign import Campaign

#: Days to look back, and the fewest that tell anything.
_WINDOW_DAYS, _LEAST_DAYS = 14, 5


def measure_growth(tracts: pd.DataFrame, history: pd.DataFrame) -> "pd.Series[float]":
    """Return the growth of the cumulative rate, share points in 7 days, over about the last two weeks.

    Parameters
    ----------
    tracts
        ``data_date`` and ``cumulative_share``.
    history
        ResponseRates of the season so far; days on or after the tract's data date are passed over.

    Returns
    -------
    Series
        From the last publication at least 14 days before, or else the earliest at least 5 days
        before. Missing without one; a rate that was published too high and taken back counts as no
        growth.
    """
    known = history.loc[history.index.isin(tracts.index), ["data_date", "cumulative_share"]]
    elapsed = (tracts["data_date"].reindex(known.index).to_numpy() - known["data_date"]).dt.days
    known = known.assign(elapsed=elapsed)[elapsed >= _LEAST_DAYS].sort_values(
        "elapsed", kind="stable"
    )
    past = known[known["elapsed"] >= _WINDOW_DAYS]
    start = past[~past.index.duplicated()]  # nearest to the window
    young = known[~known.index.isin(start.index)]
    start = pd.concat([start, young[~young.index.duplicated(keep="last")]]).reindex(tracts.index)
    growth: pd.Series[float] = (
        7 * (tracts["cumulative_share"] - start["cumulative_share"]) / start["elapsed"]
    )
    return growth.clip(lower=0).rename("growth_7_share")


def _compute(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[float]":
    growth = tracts["growth_7_share"]
    return against_median(growth / (1 - tracts["cumulative_share"] + growth).clip(lower=1e-6))


def _explain(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[str]":
    told = [
        f"its rate grew by {100 * growth:.1f} points a week of late"
        for growth in tracts["growth_7_share"]
    ]
    return pd.Series(told, index=tracts.index, dtype=object)


SCORE = Score(
    title="Momentum",
    question="What share of the households still missing answered in a week of late, against the area?",
    needs=("growth_7_share", "cumulative_share"),
    compute=_compute,
    explain=_explain,
)
