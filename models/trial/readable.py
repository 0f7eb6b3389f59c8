"""Judge whether a test can be read out, from its design alone.

What decides is how many ways there are to draw the arms. The interval of a test
(:mod:`models.trial.effect`) has an end only if a permutation gives the same arms less often
than each of its tails is wide, and a p-value reaches the level only if so few permutations are as
extreme as the real arms.
"""

import numpy as np
import pandas as pd

from models.trial.design import HOLDOUT, TREAT
from models.trial.effect import TrialComparison
from outreach.phrasing import write_count
from outreach.units import Arm

#: Least units of an arm that can be compared.
LEAST_UNITS = 2
#: Two-sided level of a test, and how often it must detect even the largest effect.
_LEVEL, _POWER = 0.05, 0.8
#: Standard errors by which the share of permutations with the real arms is taken to be higher.
_DEVIATIONS = 2
#: Estimates this close are equal.
_ROUNDING = 1e-9


def find_obstacle(comparison: TrialComparison, arms: "pd.Series[str]") -> str:
    """Find why a test could not be read out, whatever its rates will be.

    Parameters
    ----------
    comparison
        From :func:`models.trial.effect.prepare_comparison`, with some hundred permutations.
    arms
        The arm of each unit, by unit.

    Returns
    -------
    str
        A sentence; empty if the test can be read out.
    """
    counts = {arm: int((arms == arm).sum()) for arm in (Arm.TREAT, Arm.HOLDOUT)}
    few = next((arm for arm, count in counts.items() if count < LEAST_UNITS), None)
    if few is not None:
        return (
            f"The arm '{few}' has {write_count(counts[few], 'unit')}, and at least {LEAST_UNITS}"
            " are needed to compare."
        )

    # How often the arms are drawn again, and how often as far apart either way.
    treated = (comparison.permutations == TREAT).astype(float)
    shared = comparison.rows @ treated.T
    own = _match_own(comparison, arms)
    again = own.mean() + _DEVIATIONS * own.std() / np.sqrt(len(own))
    detected = (np.abs(shared) >= np.abs(np.diag(shared)) * (1 - _ROUNDING)).mean(axis=0)
    if again < _LEVEL / 2 and (detected <= _LEVEL).mean() >= _POWER:
        return ""

    ways = len(np.unique(comparison.permutations, axis=0))
    held_out = int((comparison.permutations == HOLDOUT).any(axis=0).sum())
    return (
        f"There are only about {ways:,} ways to draw these arms, in {write_count(held_out, 'unit')}"
        " that could be held out, so no effect could be told from chance."
    )


def measure_noise(comparison: TrialComparison) -> float:
    """Measure how much of the scatter of units comes through to the estimate.

    Returns
    -------
    float
        Standard error of the estimate where each unit scatters by 1 apart from all others, in the
        mean of the permutations; infinite if none can be compared. The smallest effect that a
        design detects is proportional to it.
    """
    squares = (comparison.rows**2).sum(axis=1)
    usable = squares > 0
    return float(np.sqrt(squares[usable].mean())) if usable.any() else float("inf")


def _match_own(comparison: TrialComparison, arms: "pd.Series[str]") -> np.ndarray:
    """Return which permutations give the real arms again."""
    real = arms.reindex(pd.Index(comparison.design.unit_ids))
    same_treated = (comparison.permutations == TREAT) == (real == Arm.TREAT).to_numpy()
    same_held = (comparison.permutations == HOLDOUT) == (real == Arm.HOLDOUT).to_numpy()
    return np.asarray((same_treated & same_held).all(axis=1))
