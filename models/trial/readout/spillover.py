"""Estimate how far ads spill over, from areas drawn high or low in saturation.

In a two-stage design (Hudgens and Halloran, 2008, Journal of the American Statistical Association
103:832) areas are drawn high or low, then units within them. Units with and without ads within an
area tell the direct effect (:mod:`models.trial.effect`, whose blocks are the areas, so
that what an area has in common drops out). Areas drawn high and low tell the spill-over: the
coefficient of the level in a regression of the change on the arm, the level, and covariates,
weighted by households. It assumes that ads of others do as much for units with ads as for those
without.

The range comes from re-randomizing both stages, after the direct effect is taken out as estimated.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.trial.design import ARMS, TREAT, Assignments, Design
from models.trial.effect import Effect, TrialComparison, invert_test
from models.trial.power import search_mde
from outreach.arrays import Flags, Floats
from outreach.errors import ModelError

#: How the estimate is made, in words.
METHOD = (
    "two-stage saturation (Hudgens and Halloran, 2008): regression on arm, level and covariates,"
    " household weighted; both stages re-randomized"
)
_SLACK, _ROUNDING = 1e-12, 1e-9


@dataclass(frozen=True)
class SpillComparison:
    """A way to compare areas drawn high with areas drawn low, made by :func:`prepare_spill`.

    Parameters
    ----------
    comparison
        The comparison of the arms.
    high
        Which units lie in areas drawn high, by permutation, shape (permutations, units).
    rows
        The weights of each permutation; their product with an outcome is an estimate.
    """

    comparison: TrialComparison
    high: Flags
    rows: Floats

    def estimate(
        self,
        arms: "pd.Series[str]",
        change: "pd.Series[float]",
        direct_share: float,
        confidence: float = 0.95,
    ) -> Effect:
        """Estimate the spill-over from the share with ads in low areas to that in high areas.

        Parameters
        ----------
        arms, change
            As for :meth:`models.trial.effect.TrialComparison.estimate`.
        direct_share
            The direct effect (0-1) as that estimated it.
        confidence
            Of the interval.

        Raises
        ------
        ModelError
            The areas cannot be told apart, or there are too few permutations.
        """
        index = pd.Index(self.comparison.design.unit_ids)
        codes = pd.Index(ARMS).get_indexer(pd.Index(arms.reindex(index))).astype(np.int8)
        high = find_high(self.comparison.design, codes[None])
        own = _weigh_levels(self.comparison, codes[None], high)[0]
        if not own.any():
            raise ModelError(
                "Covariates leave nothing to compare between areas drawn high and low.",
                "Use more areas.",
            )
        rest = change.reindex(index).to_numpy(float) - direct_share * (codes == TREAT)
        estimate, null = float(own @ rest), self.rows @ rest
        low, top = invert_test(estimate, null, self.rows @ high[0].astype(float), 1 - confidence)
        extreme = (np.abs(null) >= abs(estimate) * (1 - _SLACK)).sum()
        return Effect(
            estimate_share=estimate,
            low_share=low,
            high_share=top,
            confidence=confidence,
            p_value=float((1 + extreme) / (1 + len(null))),
            standard_error_share=float(null.std()),
            units_count={name: int((codes == code).sum()) for code, name in enumerate(ARMS)},
            permutations_count=len(null),
        )

    def find_mde(self, change: Floats) -> float:
        """Find the smallest spill-over (0-1) that is detected in four of five permutations."""
        return search_mde(self.rows @ change, self.rows @ self.high.T.astype(float))


def prepare_spill(comparison: TrialComparison) -> SpillComparison:
    """Compute what each permutation of a two-stage design would compare between areas.

    Parameters
    ----------
    comparison
        From :func:`models.trial.effect.prepare_comparison`, of a design with levels.
    """
    high = find_high(comparison.design, comparison.permutations)
    rows = _weigh_levels(comparison, comparison.permutations, high)
    return SpillComparison(comparison, high, rows)


def find_high(design: Design, arms: Assignments) -> Flags:
    """Find which units lie in areas drawn high: those that hold out as many as high areas do.

    Areas whose two levels hold out equally many count as low.
    """
    blocks = design.unit_block
    held = np.array([np.bincount(blocks, row != TREAT, len(design.held)) for row in arms])
    low = design.held if design.levels is None else design.levels.low_held
    high = (held == design.held) & (design.held != low)
    return np.asarray(high[:, blocks], dtype=bool)


def _weigh_levels(comparison: TrialComparison, arms: Assignments, high: Flags) -> Floats:
    """Return a row of weights per assignment, whose product with an outcome is the spill-over."""
    root = np.sqrt(comparison.households)[:, None]
    known = np.column_stack([np.ones(len(root)), comparison.covariates])
    rows = np.zeros(arms.shape)
    for row, codes, level in zip(rows, arms, high, strict=True):
        columns = np.column_stack([known, codes == TREAT]) * root
        target = level[:, None] * root
        apart = (target - columns @ np.linalg.lstsq(columns, target, rcond=None)[0]) * root
        answer = float(apart[:, 0] @ level)
        if answer > _ROUNDING * comparison.households.sum():
            row[:] = apart[:, 0] / answer
    return rows
