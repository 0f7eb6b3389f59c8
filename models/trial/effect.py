"""Estimate what the ads did from the difference between arms.

The estimate is the coefficient of the arm in a regression of the change in response on the arm,
the blocks and covariates known before the flight, weighted by households (ANCOVA; with the starting
rate as a covariate it includes difference in differences as a special case). It is linear in the
outcome, so each permutation ``i`` of the arms is a row of weights ``l_i`` with estimate
``l_i . y``.

A constant effect ``t`` is rejected if the estimate of ``y - t z`` is in the tails of
``l_i . (y - t z)``. Solved for ``t``, that gives the interval in closed form, from the quantiles of
``(l_0 . y - l_i . y) / (1 - l_i . z)`` (pivots for re-randomization inference, after Quade, 1973).
No normal distribution is assumed. Such a regression may have a small bias (Freedman, 2008, Annals
of Applied Statistics 2:176). On 55 ZIPs of Chicago it is about a fiftieth of a standard error,
less than with slopes of their own in each arm (Lin, 2013, Annals of Applied Statistics 7:295;
docs/effect.md).

With buffers, a unit's chance to end up in an arm depends on its neighbors. It is then weighted by
the inverse of that chance, counted over the permutations (Aronow & Samii, 2017, Annals of Applied
Statistics 11:1912), instead of by blocks.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from models.trial.design import ARMS, BUFFER, HOLDOUT, TREAT, Assignments, Design
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.phrasing import write_percent

#: How the estimate is made, in words.
METHOD = "ANCOVA on the change in cumulative response, household weighted; randomization inference"
#: Relative slack for estimates that should be equal.
_SLACK = 1e-12
#: Least difference that is not rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """What a flight did to the response rate of its units.

    Parameters
    ----------
    estimate_share, low_share, high_share
        The effect (0-1 of households), and the interval that holds it with ``confidence``.
    confidence
        0-1.
    p_value
        Two-sided, over the permutations.
    standard_error_share
        Spread of the estimate over permutations without an effect.
    units_count
        Number of units by arm.
    permutations_count
        Number of re-randomizations.
    """

    estimate_share: float
    low_share: float
    high_share: float
    confidence: float
    p_value: float
    standard_error_share: float
    units_count: dict[str, int]
    permutations_count: int


@dataclass(frozen=True)
class TrialComparison:
    """A way to compare arms, made by :func:`prepare_comparison`.

    One serves any number of outcomes of the same units.

    Parameters
    ----------
    design
        How the arms were assigned.
    households, covariates
        Weight and covariates of each unit, in the order of the design.
    permutations
        Re-randomized arms, one assignment per row.
    rows
        The weights of each permutation; their product with an outcome is an estimate.
    """

    design: Design
    households: Floats
    covariates: Floats
    permutations: Assignments
    rows: Floats

    def estimate(
        self, arms: "pd.Series[str]", change: "pd.Series[float]", confidence: float = 0.95
    ) -> Effect:
        """Estimate the effect of the flight.

        Parameters
        ----------
        arms
            The arm of each unit, by unit.
        change
            Change of the cumulative response share (0-1) over the flight, by unit.
        confidence
            Of the interval.

        Raises
        ------
        ModelError
            A unit is missing, an arm is unknown or empty, or there are too few permutations for
            the confidence.
        """
        codes = self._encode_arms(arms)
        outcome = self._align(change, "change").astype(float)
        own = self.weigh_arms(codes[None])[0]
        if not own.any():
            raise ModelError(
                "Blocks and covariates leave nothing to compare between the arms.",
                "Both arms must have units; use fewer covariates or more units.",
            )

        treated = (codes == TREAT).astype(float)
        estimate, null = float(own @ outcome), self.rows @ outcome
        low, high = invert_test(estimate, null, self.rows @ treated, 1 - confidence)
        extreme = (np.abs(null) >= abs(estimate) * (1 - _SLACK)).sum()
        return Effect(
            estimate_share=estimate,
            low_share=low,
            high_share=high,
            confidence=confidence,
            p_value=float((1 + extreme) / (1 + len(null))),
            standard_error_share=float(null.std()),
            units_count={name: int((codes == code).sum()) for code, name in enumerate(ARMS)},
            permutations_count=len(null),
        )

    def weigh_arms(self, arms: Assignments) -> Floats:
        """Return a row of weights per assignment, whose product with an outcome is the estimate.

        Parameters
        ----------
        arms
            Codes of the arms, shape (assignments, units), in the order of the design.
        """
        if self.design.buffered:
            return _weigh_buffered_rows(self, arms)
        weights = self.households
        treated = (arms == TREAT).astype(float)
        blocks = self.design.unit_block
        members = sparse.csr_array((np.ones(len(blocks)), (np.arange(len(blocks)), blocks)))
        in_block = np.maximum(weights @ members, 1e-300)

        def center_blocks(rows: Floats) -> Floats:
            means = ((members.T @ (rows * weights).T).T) / in_block
            return np.asarray(rows - means[:, blocks], dtype=float)

        # What blocks and covariates do not explain of the arms.
        apart, traits = center_blocks(treated), center_blocks(self.covariates.T)
        slopes = np.linalg.pinv((traits * weights) @ traits.T) @ ((traits * weights) @ apart.T)
        return _scale_rows((apart - slopes.T @ traits) * weights, treated)

    def _encode_arms(self, arms: "pd.Series[str]") -> np.ndarray:
        """Return the arms as codes, in the order of the design."""
        names = self._align(arms, "arm")
        codes = pd.Index(ARMS).get_indexer(pd.Index(names)).astype(np.int8)
        if (codes < 0).any():
            raise ModelError(
                f"'{names[codes.argmin()]}' is not an arm.", f"The arms are {', '.join(ARMS)}."
            )
        return codes

    def _align(self, by_unit: pd.Series, what: str) -> np.ndarray:
        """Return figures in the order of the design; raise for a unit without one."""
        aligned = by_unit.reindex(pd.Index(self.design.unit_ids))
        if aligned.isna().any():
            raise ModelError(
                f"The unit {aligned.index[aligned.isna()][0]} has no {what}.",
                "Give it for every unit of the design.",
            )
        return aligned.to_numpy()


def prepare_comparison(
    design: Design,
    households: "pd.Series[float]",
    covariates: pd.DataFrame,
    *,
    permutations: int = 1000,
    seed: int = 0,
) -> TrialComparison:
    """Re-randomize the arms and compute what each permutation would compare.

    Parameters
    ----------
    design
        How the arms were assigned.
    households
        Weight of each unit, by unit.
    covariates
        What was known before the flight, by unit: the starting rate, the forecast, the past pace.
        May have no columns.
    permutations, seed
        How many; memory is 8 bytes per permutation and unit.

    Raises
    ------
    ModelError
        A unit lacks its households or a covariate.
    """
    index = pd.Index(design.unit_ids)
    weights = np.asarray(households.reindex(index), dtype=np.float64)
    traits = np.asarray(covariates.reindex(index), dtype=np.float64)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and np.isfinite(traits).all()):
        raise ModelError(
            "A unit lacks its households or a covariate.", "Give them for every unit of the design."
        )
    arms = design.randomize(permutations, seed)
    unfinished = TrialComparison(design, weights, traits, arms, np.empty((0, len(index))))
    return replace(unfinished, rows=unfinished.weigh_arms(arms))


def _weigh_buffered_rows(comparison: TrialComparison, arms: Assignments) -> Floats:
    """Return the rows without buffers, weighted by the inverse chance of each unit's arm."""
    permutations = comparison.permutations
    counts = {code: (permutations == code).sum(axis=0) for code in (HOLDOUT, TREAT)}
    chances = {code: (count + 1) / (len(permutations) + 2) for code, count in counts.items()}
    fixed = (counts[TREAT] == 0) | (counts[HOLDOUT] == 0)

    rows = np.zeros(arms.shape)
    for row, codes in zip(rows, arms, strict=True):
        used = (codes != BUFFER) & ~fixed
        treated = (codes[used] == TREAT).astype(float)
        weight = comparison.households[used] / np.where(
            treated == 1, chances[TREAT][used], chances[HOLDOUT][used]
        )
        columns = np.column_stack([np.ones(len(treated)), comparison.covariates[used]])
        root = np.sqrt(weight)[:, None]
        fitted = columns @ np.linalg.lstsq(columns * root, treated * root[:, 0], rcond=None)[0]
        row[used] = (treated - fitted) * weight
    return _scale_rows(rows, (arms == TREAT).astype(float))


def _scale_rows(apart: Floats, treated: Floats) -> Floats:
    """Scale each row so that it returns 1 for an effect of 1.

    A row that cannot tell the arms apart becomes 0.
    """
    answer = (apart * treated).sum(axis=1, keepdims=True)
    usable = answer > _ROUNDING * np.abs(apart).sum(axis=1, keepdims=True).max(initial=0.0)
    return np.asarray(np.divide(apart, answer, out=np.zeros_like(apart), where=usable), dtype=float)


def invert_test(estimate: float, null: Floats, shared: Floats, alpha: float) -> tuple[float, float]:
    """Return the effects that the permutations do not reject, ``alpha / 2`` on either side.

    Permutations that equal the real assignment reject none.

    Parameters
    ----------
    estimate, null
        The estimate, and that of each permutation.
    shared
        What each permutation would estimate of an effect of 1 in the real assignment.
    alpha
        Share of the permutations in both tails together.
    """
    rank = int(np.floor(alpha / 2 * (len(null) + 1)))
    if rank < 1:
        raise ModelError(
            f"{len(null)} permutations are too few for an interval of {write_percent(1 - alpha)}.",
            f"Use {2 / alpha:.0f} or more.",
        )
    apart = 1 - shared
    real = apart > _ROUNDING
    pivots = np.divide(estimate - null, apart, out=np.zeros_like(apart), where=real)
    low = np.sort(np.where(real, pivots, -np.inf))[rank - 1]
    high = np.sort(np.where(real, pivots, np.inf))[-rank]
    return float(low), float(high)
