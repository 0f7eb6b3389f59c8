"""Estimate an effect from the middle of the blocks, as a check of robustness.

Trimmed match (Chen and Au, 2022, Annals of Applied Statistics 16:1, first as arXiv:1908.02922 in
2019): each block compares its treated with its held-out units, ``X`` is its dose and ``Y`` what it
won. The estimate is the effect ``t`` for which ``Y - t X``, without the largest and the smallest
tenth of the blocks, sums to 0. So a few places where something else happened cannot make the
result. Here the dose of a block is its treated households, and both arms are first freed of what
covariates explain (Rosenbaum, 2002, Statistical Science 17:286). The range holds the effects that
re-randomized arms do not reject, of the same trimmed sum.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from models.trial.design import ARMS, HOLDOUT, TREAT, Assignments
from models.trial.effect import TrialComparison
from outreach.arrays import Floats

#: How the check is made, in words.
METHOD = "trimmed match (Chen and Au, 2022), a tenth of the blocks left out at either end"
#: Share of the blocks that is left out at either end, and least blocks to leave any out.
TRIM_SHARE, LEAST_BLOCKS = 0.1, 4
_BISECTIONS, _MOST_EFFECT = 40, 1.0
#: Relative slack for sums that should be equal.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class TrimmedEffect:
    """An effect without the most extreme blocks.

    Parameters
    ----------
    estimate_share, low_share, high_share
        The effect (0-1 of households) and its interval; an end is infinite where no effect on that
        side is rejected.
    blocks_count, trimmed_count
        Blocks with both arms, and how many of them are left out at either end.
    """

    estimate_share: float
    low_share: float
    high_share: float
    blocks_count: int
    trimmed_count: int


@dataclass(frozen=True)
class _Blocks:
    """What each block says under each assignment, shape (assignments, blocks).

    ``won`` is what the treated won over the held-out ones times ``dose``, ``shared`` the same for
    an effect of 1; missing where a block lacks an arm.
    """

    won: Floats
    shared: Floats
    dose: Floats

    def sum_middle(self, effect: float) -> Floats:
        """Return by assignment the trimmed sum of what an effect leaves, per unit of dose."""
        rest = self.won - effect * self.shared
        order = np.argsort(rest, axis=1)  # missing ones come last
        counts = np.isfinite(rest).sum(axis=1, keepdims=True)
        trimmed = count_trimmed(counts)
        place = np.arange(rest.shape[1])
        kept = (place >= trimmed) & (place < counts - trimmed)
        sums = np.where(kept, np.take_along_axis(rest, order, axis=1), 0.0).sum(axis=1)
        doses = np.where(kept, np.take_along_axis(self.dose, order, axis=1), 0.0).sum(axis=1)
        return np.asarray(np.divide(sums, doses, out=np.zeros_like(sums), where=doses > 0))


@dataclass(frozen=True)
class TrimmedTest:
    """A trimmed match of one assignment, made by :func:`prepare_trimmed`."""

    real: _Blocks
    redrawn: _Blocks

    @property
    def blocks_count(self) -> int:
        """Number of blocks that have both arms."""
        return int(np.isfinite(self.real.won).sum())

    def estimate(self) -> float:
        """Return the effect for which the trimmed sum is 0; it falls as the effect rises."""
        low, high = -_MOST_EFFECT, _MOST_EFFECT
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.real.sum_middle(middle)[0] > 0 else (low, middle)
        return (low + high) / 2

    def rejects(self, effect: float, side: int, confidence: float = 0.95) -> bool:
        """Say whether an effect is too low (side -1) or too high (1) for the arms drawn again."""
        rank = int(np.floor((1 - confidence) / 2 * (len(self.redrawn.won) + 1)))
        own, others = (-side * each.sum_middle(effect) for each in (self.real, self.redrawn))
        return bool(1 + (others >= own[0] - _SLACK * abs(own[0])).sum() <= rank)

    def find_end(self, estimate: float, side: int, confidence: float = 0.95) -> float:
        """Return the last effect on a side of the estimate that is not rejected."""
        # Double the step until an effect is rejected, then bisect.
        step = max(float(self.redrawn.sum_middle(estimate).std()), _SLACK)
        near, far = 0.0, step
        while not self.rejects(estimate + side * far, side, confidence):
            near, far = far, 2 * far
            if far > _MOST_EFFECT:
                return side * float("inf")
        for _ in range(_BISECTIONS // 2):
            middle = (near + far) / 2
            is_out = self.rejects(estimate + side * middle, side, confidence)
            near, far = (near, middle) if is_out else (middle, far)
        return estimate + side * near


def estimate_trimmed(
    comparison: TrialComparison,
    arms: "pd.Series[str]",
    change: "pd.Series[float]",
    confidence: float = 0.95,
) -> TrimmedEffect | None:
    """Estimate the effect by trimmed match.

    Parameters
    ----------
    comparison
        From :func:`models.trial.effect.prepare_comparison`.
    arms, change
        The arm, and the change of the cumulative share (0-1) over the flight, of each unit of the
        design.
    confidence
        Of the interval.

    Returns
    -------
    TrimmedEffect or None
        ``None`` with fewer than 4 blocks that have both arms.
    """
    test = prepare_trimmed(comparison, arms, change)
    if test is None:
        return None
    estimate, count = test.estimate(), test.blocks_count
    low, high = (test.find_end(estimate, side, confidence) for side in (-1, 1))
    return TrimmedEffect(estimate, low, high, count, int(count_trimmed(np.array(count))))


def prepare_trimmed(
    comparison: TrialComparison, arms: "pd.Series[str]", change: "pd.Series[float]"
) -> TrimmedTest | None:
    """Compare the arms of each block, as they were drawn and as they are drawn again.

    Parameters and ``None`` are those of :func:`estimate_trimmed`.
    """
    index = pd.Index(comparison.design.unit_ids)
    codes = pd.Index(ARMS).get_indexer(pd.Index(arms.reindex(index))).astype(np.int8)
    outcome = change.reindex(index).to_numpy(float)
    treated = (codes == TREAT).astype(float)
    free = _free_of_covariates(comparison, np.column_stack([outcome, treated]))
    real = _compare_blocks(comparison, codes[None], free)
    if np.isfinite(real.won).sum() < LEAST_BLOCKS:
        return None
    return TrimmedTest(real, _compare_blocks(comparison, comparison.permutations, free))


def count_trimmed(counts: np.ndarray) -> np.ndarray:
    """Return how many of a number of blocks are left out at either end: a tenth, rounded up."""
    return np.where(counts < LEAST_BLOCKS, 0, np.ceil(TRIM_SHARE * counts - _SLACK).astype(int))


def _free_of_covariates(comparison: TrialComparison, columns: Floats) -> Floats:
    """Return columns without what the covariates explain of them, weighted by households."""
    known = np.column_stack([np.ones(len(columns)), comparison.covariates])
    root = np.sqrt(comparison.households)[:, None]
    return np.asarray(
        columns - known @ np.linalg.lstsq(known * root, columns * root, rcond=None)[0], dtype=float
    )


def _compare_blocks(comparison: TrialComparison, arms: Assignments, free: Floats) -> _Blocks:
    """Compare the arms of each block under each assignment."""
    blocks = comparison.design.unit_block
    member = sparse.csr_array((np.ones(len(blocks)), (np.arange(len(blocks)), blocks)))
    means, totals = [], []
    for code in (TREAT, HOLDOUT):
        weight = (arms == code) * comparison.households
        total = weight @ member
        totals.append(total)
        known = np.where(total > 0, total, np.nan)
        means.append([((weight * column) @ member) / known for column in free.T])
    (won, shared), dose = np.array(means[0]) - np.array(means[1]), totals[0]
    return _Blocks(won * dose, shared * dose, dose)
