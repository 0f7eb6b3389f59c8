"""What the ads did: the difference between arms, judged by re-drawing the arms as they were drawn.

The estimate is the coefficient of the arm in a regression of the change in response on the arm, the
blocks and covariates known before the flight, weighted with households (ANCOVA; with the starting
rate as covariate it holds difference in differences as a special case). It is linear in the
outcome, so each re-draw ``i`` is a row of weights ``l_i`` with estimate ``l_i . y``. A constant
effect ``t`` is rejected if the estimate of ``y - t z`` lies in the tails of ``l_i . (y - t z)``;
solved for ``t`` that gives the interval in closed form, from the quantiles of ``(l_0 . y - l_i . y)
/ (1 - l_i . z)`` (pivots for re-randomisation inference, after Quade, 1973). No normal law is
assumed. The small bias of such a regression (Freedman, 2008, Annals of Applied Statistics 2:176)
was under 2 % of a standard error on 55 ZIPs of Chicago.

With buffers a unit's chance to end in an arm depends on its neighbors; it is then weighted with
the inverse of that chance, counted over the re-draws (Aronow & Samii, 2017, Annals of Applied
Statistics 11:1912), in place of the blocks.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from models.trial.design import ARMS, BUFFER, HOLDOUT, TREAT, Design, Draws
from outreach.arrays import Floats
from outreach.errors import ModelError

METHOD = "ANCOVA on the change in cumulative response, household weighted; randomisation inference"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a flight did to the response rate of the units it ran in.

    Shares are 0-1 of households. ``standard_error_share`` is the spread of the estimate over
    re-draws without effect; ``low_share`` and ``high_share`` hold the effect with ``confidence``.
    ``additional_responses_count`` is the estimate times the treated households.
    """

    estimate_share: float
    low_share: float
    high_share: float
    confidence: float
    p_value: float
    standard_error_share: float
    additional_responses_count: float
    units_count: dict[str, int]
    draws_count: int
    method: str = METHOD

    def sentence(self) -> str:
        """Say it in words."""
        verdict = (
            "cannot be told from nothing"
            if self.low_share <= 0 <= self.high_share
            else "is visible"
        )
        return (
            f"Effect on the response rate: {100 * self.estimate_share:+.2f} points ({self.confidence:.0%} interval "
            f"{100 * self.low_share:+.2f} to {100 * self.high_share:+.2f}, p = {self.p_value:.3f}): it {verdict}."
        )


@dataclass(frozen=True)
class Comparison:
    """A way to compare arms: the design, the weights and covariates, and what re-draws say.

    Made by :func:`prepare_comparison`; one serves any number of outcomes of the same units.
    ``rows`` holds the weights of each re-draw.
    """

    design: Design
    households: Floats
    covariates: Floats
    redrawn: Draws
    rows: Floats

    def estimate(self, assigned: pd.Series, change: pd.Series, confidence: float = 0.95) -> Effect:
        """Estimate the effect of the flight.

        Parameters
        ----------
        assigned
            The arm of each unit, by unit.
        change
            Change of the cumulative response share (0-1) over the flight, by unit.
        confidence
            Of the interval.

        Raises
        ------
        ModelError
            A unit is missing, an arm is unknown or empty, or there are too few re-draws for the
            confidence.
        """
        named = self._align(assigned, "arm")
        arms = pd.Index(ARMS).get_indexer(pd.Index(named)).astype(np.int8)
        outcome = self._align(change, "change").astype(float)
        if (arms < 0).any():
            raise ModelError(
                f"'{named[arms.argmin()]}' is no arm.", f"The arms are {', '.join(ARMS)}."
            )
        own = _rows(self, arms[None])[0]
        if not own.any():
            raise ModelError(
                "Blocks and covariates leave nothing to compare between the arms.",
                "Both arms must have units; use fewer covariates or more units.",
            )
        treated = (arms == TREAT).astype(float)
        estimate, redrawn = float(own @ outcome), self.rows @ outcome
        low, high = _interval(estimate, redrawn, self.rows @ treated, 1 - confidence)
        return Effect(
            estimate_share=estimate,
            low_share=low,
            high_share=high,
            confidence=confidence,
            p_value=float(
                (1 + (np.abs(redrawn) >= abs(estimate) * (1 - 1e-12)).sum()) / (1 + len(redrawn))
            ),
            standard_error_share=float(redrawn.std()),
            additional_responses_count=float(estimate * (self.households @ treated)),
            units_count={name: int((arms == code).sum()) for code, name in enumerate(ARMS)},
            draws_count=len(redrawn),
        )

    def _align(self, by_unit: pd.Series, what: str) -> np.ndarray:
        aligned = by_unit.reindex(pd.Index(self.design.unit_ids))
        if aligned.isna().any():
            raise ModelError(
                f"The unit {aligned.index[aligned.isna()][0]} has no {what}.",
                "Give it for every unit of the design.",
            )
        return aligned.to_numpy()


def prepare_comparison(
    design: Design,
    households: pd.Series,
    covariates: pd.DataFrame,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Re-draw the arms and work out what each re-draw would compare.

    Parameters
    ----------
    design
        How the arms were drawn.
    households
        Weight of each unit, by unit.
    covariates
        What was known before the flight, by unit: the starting rate, the forecast, the past pace.
        May have no columns.
    draws, seed
        How many re-draws; memory is 8 bytes a draw and unit.
    """
    index = pd.Index(design.unit_ids)
    weights = households.reindex(index).to_numpy(float)
    traits = covariates.reindex(index).to_numpy(float)
    if not (np.isfinite(weights).all() and (weights >= 0).all() and np.isfinite(traits).all()):
        raise ModelError(
            "A unit lacks its households or a covariate.", "Give them for every unit of the design."
        )
    redrawn = design.randomize(draws, seed)
    unfinished = Comparison(design, weights, traits, redrawn, np.empty((0, len(index))))
    return replace(unfinished, rows=_rows(unfinished, redrawn))


def _rows(comparison: Comparison, arms: Draws) -> Floats:
    """Return one row of weights a draw, whose product with an outcome is the estimate."""
    if comparison.design.buffered:
        return _rows_with_buffers(comparison, arms)
    weights = comparison.households
    treated = (arms == TREAT).astype(float)
    blocks = comparison.design.unit_block
    members = sparse.csr_array((np.ones(len(blocks)), (np.arange(len(blocks)), blocks)))
    in_block = np.maximum(weights @ members, 1e-300)

    def within(rows: Floats) -> Floats:
        means = ((members.T @ (rows * weights).T).T) / in_block
        return np.asarray(rows - means[:, blocks], dtype=float)

    apart, traits = within(treated), within(comparison.covariates.T)
    slopes = np.linalg.pinv((traits * weights) @ traits.T) @ ((traits * weights) @ apart.T)
    return _scaled((apart - slopes.T @ traits) * weights, treated)


def _rows_with_buffers(comparison: Comparison, arms: Draws) -> Floats:
    """Return the rows where units in a buffer drop out, and the others are weighted with the inverse of their chance to be where they are."""
    redrawn = comparison.redrawn
    chance = {
        code: ((redrawn == code).sum(axis=0) + 1) / (len(redrawn) + 2) for code in (HOLDOUT, TREAT)
    }
    never = ((redrawn == TREAT).sum(axis=0) == 0) | ((redrawn == HOLDOUT).sum(axis=0) == 0)
    rows = np.zeros(arms.shape)
    for row, drawn in zip(rows, arms, strict=True):
        kept = (drawn != BUFFER) & ~never
        treated = (drawn[kept] == TREAT).astype(float)
        weight = comparison.households[kept] / np.where(
            treated == 1, chance[TREAT][kept], chance[HOLDOUT][kept]
        )
        known = np.column_stack([np.ones(len(treated)), comparison.covariates[kept]])
        root = np.sqrt(weight)[:, None]
        fitted = known @ np.linalg.lstsq(known * root, treated * root[:, 0], rcond=None)[0]
        row[kept] = (treated - fitted) * weight
    return _scaled(rows, (arms == TREAT).astype(float))


def _scaled(apart: Floats, treated: Floats) -> Floats:
    """Scale each row so that it answers 1 to an effect of 1; one that cannot tell the arms apart becomes 0."""
    answer = (apart * treated).sum(axis=1, keepdims=True)
    told = answer > 1e-9 * np.abs(apart).sum(axis=1, keepdims=True).max(initial=0.0)
    return np.asarray(np.divide(apart, answer, out=np.zeros_like(apart), where=told), dtype=float)


def _interval(
    estimate: float, redrawn: Floats, shared: Floats, alpha: float
) -> tuple[float, float]:
    """Return the effects that the re-draws do not reject, ``alpha / 2`` on either side; draws that equal the real one reject none."""
    rank = int(np.floor(alpha / 2 * (len(redrawn) + 1)))
    if rank < 1:
        raise ModelError(
            f"{len(redrawn)} re-draws are too few for an interval of {1 - alpha:.0%}.",
            f"Use {2 / alpha:.0f} or more.",
        )
    apart = 1 - shared
    real = apart > 1e-9  # noqa: PLR2004  rounding
    pivots = np.divide(estimate - redrawn, apart, out=np.zeros_like(apart), where=real)
    low = np.sort(np.where(real, pivots, -np.inf))[rank - 1]
    high = np.sort(np.where(real, pivots, np.inf))[-rank]
    return float(low), float(high)
