"""Measure how sure it is that a tract responds less than similar places.

With the forecast ``f`` and the peer expectation ``e`` of the final rate, each with an 80% interval,
the score is the normal probability that ``e`` is above ``f``: ``Phi((e - f) / sqrt(se^2 + sf^2))``.
One half means no gap. If the forecast carries the expectation adjusted to the area's level
(``peer_matched_share``), that one is ``e``: an area that is ahead or behind as a whole is
then not blamed on its tracts. Its interval is that of the data date (``peer_low80_share``,
``peer_high80_share``), stretched as the adjustment stretched the expectation. Without a forecast,
today's rate is compared with the expectation of the same day.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from models.scores.missing_households import TO_80
from models.scores.score import Reason, Score, ScoreInputs
from outreach.phrasing import write_points
from outreach.tables import DataFrame, Pace, RatedTracts, ResponseRates

#: Standard deviation (share) of an expectation without an interval (ASSUMED: about the error of
#: static predictors).
_TYPICAL_ERROR = 0.04
#: Least standard deviation of a gap.
_LEAST_ERROR = 1e-3
#: Gap from which on it is worth a sentence.
_NOTABLE_GAP = 0.01


class _Pair(NamedTuple):
    """Columns of an expected and an actual rate, and the prefixes of their 80% bounds."""

    peer: str
    actual: str
    peer_bounds: str
    actual_bounds: str


_FINAL = _Pair("peer_final_share", "final_share", "peer_final_", "final_")
_MATCHED = _Pair("peer_matched_share", "final_share", "peer_", "final_")
_TODAY = _Pair("peer_share", "cumulative_share", "peer_", "")


def measure_gap(tracts: DataFrame[RatedTracts]) -> pd.DataFrame:
    """Measure how far each tract is behind similar places.

    Returns
    -------
    DataFrame
        ``gap_share`` (expectation minus actual rate; positive is behind) and ``gap_error_share``,
        its standard deviation. Without columns if the tracts have no pair to compare. Missing for
        tracts that were not invited yet (column ``pace``).
    """
    pair = _choose_pair(tracts)
    if pair is None:
        return pd.DataFrame(index=tracts.index)
    gap = tracts[pair.peer].astype(float) - tracts[pair.actual]
    if "pace" in tracts:
        gap = gap.mask(tracts["pace"].isin([Pace.NOT_INVITED, Pace.JUST_INVITED]))

    peer = _read_error(tracts, pair.peer_bounds)
    if pair is _MATCHED and "peer_share" in tracts:
        peer *= _measure_slope(tracts["peer_share"], tracts["peer_matched_share"])
    peer = peer.fillna(_TYPICAL_ERROR)
    actual = _read_error(tracts, pair.actual_bounds).fillna(0.0) if pair.actual_bounds else 0.0
    error = ((peer**2 + actual**2) ** 0.5).clip(lower=_LEAST_ERROR)
    return pd.DataFrame({"gap_share": gap, "gap_error_share": error})


def _choose_pair(tracts: DataFrame[RatedTracts]) -> _Pair | None:
    """Return the best pair of columns that the tracts have."""
    for pair in (_MATCHED, _FINAL, _TODAY):
        if {pair.peer, pair.actual} <= set(tracts) and tracts[pair.peer].notna().any():
            return pair
    return None


def _read_error(tracts: DataFrame[RatedTracts], prefix: str) -> "pd.Series[float]":
    """Return the standard deviation behind 80% bounds; missing if there are none."""
    low, high = f"{prefix}low80_share", f"{prefix}high80_share"
    if not {low, high} <= set(tracts):
        return pd.Series(np.nan, index=tracts.index)
    return (tracts[high] - tracts[low]).astype(float) / (2 * TO_80)


def _measure_slope(peer: "pd.Series[float]", matched: "pd.Series[float]") -> float:
    """Return how much wider or narrower the line that matched an expectation made its ranges."""
    both = pd.DataFrame({"peer": peer, "matched": matched}).astype(float).dropna()
    if both.empty or np.ptp(both["peer"].to_numpy()) == 0:
        return 1.0
    slope, _ = np.polyfit(both["peer"], both["matched"], 1)
    return abs(float(slope))


def _derive(
    tracts: DataFrame[RatedTracts], _history: DataFrame[ResponseRates] | None
) -> pd.DataFrame:
    return measure_gap(tracts)


def _compute(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> "pd.Series[float]":
    return pd.Series(ndtr(tracts["gap_share"] / tracts["gap_error_share"]), index=tracts.index)


def _explain(tracts: DataFrame[RatedTracts], _inputs: ScoreInputs) -> "pd.Series[str]":
    subject = "today's rate" if _choose_pair(tracts) is _TODAY else "its forecast"
    clauses = [_describe_gap(subject, gap) for gap in tracts["gap_share"]]

    # Recent progress below its expected band.
    late = (
        tracts["pace"] == Pace.BEHIND
        if "pace" in tracts
        else pd.Series(data=False, index=tracts.index)
    )
    late |= tracts["behind"].eq(other=True) if "behind" in tracts else False
    clauses = [
        f"{clause}, and its recent progress is below its expected band" if slow else clause
        for clause, slow in zip(clauses, late.fillna(value=False), strict=True)
    ]
    return pd.Series(clauses, index=tracts.index, dtype=object)


def _describe_gap(subject: str, gap: float) -> str:
    if abs(gap) < _NOTABLE_GAP:
        return f"{subject} is in line with similar places"
    side = "below" if gap > 0 else "above"
    return f"{subject} is {write_points(abs(gap))} {side} similar places"


SCORE = Score(
    title="Response gap",
    question="How sure is it that the tract responds less than similar places?",
    needs=("gap_share", "gap_error_share"),
    compute=_compute,
    reason=Reason(30, _explain),
    derive=_derive,
)
