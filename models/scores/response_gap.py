"""Response gap: how sure it is that the tract answers less than places like it lead to expect.

With the forecast ``f`` and an expectation ``e`` of the final rate, each with an 80 % interval, the
score is the normal probability that ``e`` lies above ``f``: ``Phi((e - f) / sqrt(se^2 + sf^2))``.
One half is as expected. Where the forecast carries the expectation matched to the area's level
(``expectation_matched_share``), that is ``e``: a whole area ahead or behind is then not taken for
its tracts' doing. Without a forecast, rate and expectation of the data date are compared.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtr

from models.scores.missing_households import TO_80
from models.scores.score import Score
from outreach.campaign import Campaign

#: Standard deviation (share) of an expectation that comes without an interval (ASSUMED: about the
#: error of static predictors).
_USUAL_ERROR = 0.04
#: Verdicts of :mod:`models.curves.pace` under which a tract cannot be behind yet; under the first
#: no ad can win an answer either.
NOT_ASKED, JUST_ASKED = "not asked yet", "just asked"


class _Pair(NamedTuple):
    """Expected and actual figure, and the prefixes of their 80 % bounds."""

    expected: str
    actual: str
    expected_bounds: str
    actual_bounds: str


_FINAL = _Pair("expectation_share", "final_share", "expectation_", "final_")
_MATCHED = _Pair("expectation_matched_share", "final_share", "expectation_", "final_")
_TODAY = _Pair("expected_share", "cumulative_share", "expected_", "")


def measure_gap(tracts: pd.DataFrame) -> pd.DataFrame:
    """Return ``gap_share`` (expected less actual; positive is behind) and ``gap_error_share``, its standard deviation.

    Empty of columns where the tracts have no pair to compare. Missing for tracts that were not
    asked yet (column ``pace``).
    """
    pair = _choose_pair(tracts)
    if pair is None:
        return pd.DataFrame(index=tracts.index)
    gap = tracts[pair.expected].astype(float) - tracts[pair.actual]
    if "pace" in tracts:
        gap = gap.mask(tracts["pace"].isin([NOT_ASKED, JUST_ASKED]))
    expected = _read_error(tracts, pair.expected_bounds).fillna(_USUAL_ERROR)
    actual = _read_error(tracts, pair.actual_bounds).fillna(0.0) if pair.actual_bounds else 0.0
    error = ((expected**2 + actual**2) ** 0.5).clip(lower=1e-3)
    return pd.DataFrame({"gap_share": gap, "gap_error_share": error})


def _choose_pair(tracts: pd.DataFrame) -> _Pair | None:
    for pair in (_MATCHED, _FINAL, _TODAY):
        if {pair.expected, pair.actual} <= set(tracts) and tracts[pair.expected].notna().any():
            return pair
    return None


def _read_error(tracts: pd.DataFrame, prefix: str) -> "pd.Series[float]":
    low, high = f"{prefix}low80_share", f"{prefix}high80_share"
    if not {low, high} <= set(tracts):
        return pd.Series(np.nan, index=tracts.index)
    return (tracts[high] - tracts[low]).astype(float) / (2 * TO_80)


def _compute(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[float]":
    return pd.Series(ndtr(tracts["gap_share"] / tracts["gap_error_share"]), index=tracts.index)


def _explain(tracts: pd.DataFrame, _campaign: Campaign) -> "pd.Series[str]":
    subject = "today's rate" if _choose_pair(tracts) is _TODAY else "its forecast"
    told = [_tell(subject, gap) for gap in 100 * tracts["gap_share"]]
    late = (
        tracts["pace"] == "behind"
        if "pace" in tracts
        else pd.Series(data=False, index=tracts.index)
    )
    late |= tracts["behind"].eq(other=True) if "behind" in tracts else False
    told = [
        f"{clause}, and its progress of late is behind its expected band" if slow else clause
        for clause, slow in zip(told, late.fillna(value=False), strict=True)
    ]
    return pd.Series(told, index=tracts.index, dtype=object)


def _tell(subject: str, points: float) -> str:
    if abs(points) < 1:
        return f"{subject} is what places like it lead to expect"
    side = "below" if points > 0 else "above"
    return f"{subject} is {abs(points):.1f} points {side} what places like it lead to expect"


SCORE = Score(
    title="Response gap",
    question="How sure is it that the tract answers less than places like it lead to expect?",
    needs=("gap_share", "gap_error_share"),
    compute=_compute,
    explain=_explain,
)
