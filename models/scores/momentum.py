"""Measure what share of the households still missing responded in a recent week.

Growth comes from the cumulative rate and the real number of days between two publications, never
from the service's daily rate, which is not their difference. The score is relative to the area's
median: 0 means growth has stopped, and one half is typical.
"""

import pandas as pd

from models.scores.score import Reason, Score, ScoreInputs, compare_median
from outreach.phrasing import write_points
from outreach.tables import DataFrame, RatedTracts, ResponseRates

#: Days to look back, and the fewest that say anything.
_WINDOW_DAYS, _LEAST_DAYS = 14, 5


def measure_growth(
    tracts: DataFrame[RatedTracts], history: DataFrame[ResponseRates]
) -> "pd.Series[float]":
    """Measure the weekly growth of the cumulative rate over about the last two weeks.

    Parameters
    ----------
    tracts
        ``data_date`` and ``cumulative_share``.
    history
        :class:`outreach.tables.ResponseRates` so far. Days on or after a tract's data date are
        ignored.

    Returns
    -------
    Series
        ``growth_per_week_share``: mean growth of a week (7 days), a share, over the time since
        the last publication at least 14 days before, or else the earliest at least 5 days before.
        Missing without one. A rate that was published too high and corrected counts as no growth.
    """
    rates = history.loc[history.index.isin(tracts.index), ["data_date", "cumulative_share"]]
    elapsed = (tracts["data_date"].reindex(rates.index).to_numpy() - rates["data_date"]).dt.days
    rates = rates.assign(elapsed=elapsed)[elapsed >= _LEAST_DAYS].sort_values(
        "elapsed", kind="stable"
    )

    # The publication nearest to the window, or the oldest of a tract with a shorter history.
    past = rates[rates["elapsed"] >= _WINDOW_DAYS]
    start = past[~past.index.duplicated()]
    young = rates[~rates.index.isin(start.index)]
    start = pd.concat([start, young[~young.index.duplicated(keep="last")]]).reindex(tracts.index)

    growth: pd.Series[float] = (
        7 * (tracts["cumulative_share"] - start["cumulative_share"]) / start["elapsed"]
    )
    return growth.clip(lower=0).rename("growth_per_week_share")


def _derive(
    tracts: DataFrame[RatedTracts], history: DataFrame[ResponseRates] | None
) -> pd.DataFrame:
    if history is None or history.empty:
        return pd.DataFrame(index=tracts.index)
    return measure_growth(tracts, history).to_frame()


def _compute(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> "pd.Series[float]":
    growth = tracts["growth_per_week_share"]
    return compare_median(growth / (1 - tracts["cumulative_share"] + growth).clip(lower=1e-6))


def _explain(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> "pd.Series[str]":
    clauses = [
        f"its rate recently grew by {write_points(growth)} a week"
        for growth in tracts["growth_per_week_share"]
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


SCORE = Score(
    title="Momentum",
    question="What share of the households still missing responded in a recent week?",
    needs=("growth_per_week_share", "cumulative_share"),
    compute=_compute,
    reason=Reason(40, _explain),
    derive=_derive,
)
