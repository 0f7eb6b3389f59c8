"""Estimate what delivered ads did, with the arms as an instrument for delivery.

Some ads never reach their unit, and some are seen where none were bought. The difference between
the arms is then that of their deliveries. With the arms as an instrument (Angrist, Imbens & Rubin,
1996, Journal of the American Statistical Association 91:444), the effect of a unit of dose is the
difference of the outcome over the difference of the dose.

The range is by randomization (Imbens & Rosenbaum, 2005, Journal of the Royal Statistical Society A
168:109): if each unit of dose wins ``t``, then ``y - t d`` is what would have been without ads,
which the arms cannot have moved. The permutations ``l_i`` reject ``t`` if ``l_0 . (y - t d)`` is in
the tails of ``l_i . (y - t d)``. Solved for ``t``, that gives the ends as quantiles of
``(l_0 . y - l_i . y) / (l_0 . d - l_i . d)``. A permutation whose denominator is not positive
rejects nothing, so a weak difference in delivery gives a range without ends. It assumes that a dose
does the same wherever it is seen, and that ads do nothing where they are not delivered.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from models.trial.design import ARMS, TREAT
from models.trial.effect import TrialComparison
from outreach.arrays import Floats
from outreach.errors import ModelError
from outreach.phrasing import write_percent

#: How the estimate is made, in words.
METHOD = (
    "delivered impressions for each household over those planned, with the arms as an instrument;"
    " randomization inference"
)
#: How units with ads are compared by dose, in words.
OBSERVED_METHOD = (
    "observational: regression of the change on delivered impressions among units with ads; nobody"
    " drew who was shown more"
)
#: Least units beyond the columns of a regression, and least spread of their doses.
_LEAST_FREEDOM, _LEAST_SPREAD = 5, 0.02
#: Least difference of doses that is not rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class DoseEffect:
    """What a full dose did to the response rate.

    Parameters
    ----------
    estimate_share, low_share, high_share
        The effect of a dose of 1 (a share 0-1 of households), and its interval; infinite where
        there is no end.
    contrast
        How much the arms differ in dose: 1 if all ads reached their units and none leaked. Where
        units with ads are compared, the standard deviation of their doses.
    confidence
        0-1.
    """

    estimate_share: float
    low_share: float
    high_share: float
    contrast: float
    confidence: float


def estimate_dose(
    comparison: TrialComparison,
    arms: "pd.Series[str]",
    change: "pd.Series[float]",
    dose: "pd.Series[float]",
    confidence: float = 0.95,
) -> DoseEffect:
    """Estimate the effect of a full dose.

    Parameters
    ----------
    comparison
        How the arms are compared.
    arms, change
        As :meth:`models.trial.effect.TrialComparison.estimate` takes them.
    dose
        What was delivered to each unit, 1 for all that was planned for a treated one.
    confidence
        Of the interval.

    Raises
    ------
    ModelError
        A unit is missing, or there are too few permutations for the confidence.
    """
    outcome, delivered = (
        comparison.estimate(arms, each, confidence).estimate_share for each in (change, dose)
    )
    units = pd.Index(comparison.design.unit_ids)
    nulls = [comparison.rows @ each.reindex(units).to_numpy(dtype=float) for each in (change, dose)]
    low, high = invert_dose(outcome - nulls[0], delivered - nulls[1], 1 - confidence)
    middle = outcome / delivered if delivered > _ROUNDING else math.nan
    return DoseEffect(middle, low, high, delivered, confidence)


def observe_dose(
    comparison: TrialComparison,
    arms: "pd.Series[str]",
    change: "pd.Series[float]",
    dose: "pd.Series[float]",
    confidence: float = 0.95,
) -> DoseEffect | None:
    """Compare units with ads by how much each was shown. This is observational.

    Nobody drew how much a unit was shown: platforms show more where people click more. So the
    figure may be that of the places, not of the ads. A regression of the change on dose, rate,
    and pace, weighted by households, with robust errors (HC3; MacKinnon and White, 1985, Journal of
    Econometrics 29:305).

    Parameters
    ----------
    comparison, arms, change, dose, confidence
        As for :func:`estimate_dose`.

    Returns
    -------
    DoseEffect or None
        ``None`` where units with ads are too few, or were all shown alike.
    """
    units = pd.Index(comparison.design.unit_ids)
    used = (arms.reindex(units) == ARMS[TREAT]).to_numpy() & (comparison.households > 0)
    doses = dose.reindex(units).to_numpy(dtype=float)[used]
    columns = np.column_stack([doses, np.ones(len(doses)), comparison.covariates[used]])
    if len(doses) < columns.shape[1] + _LEAST_FREEDOM or doses.std() < _LEAST_SPREAD:
        return None

    root = np.sqrt(comparison.households[used])
    weighed = columns * root[:, None]
    outcome = change.reindex(units).to_numpy(dtype=float)[used] * root
    inverse = np.linalg.pinv(weighed.T @ weighed)
    slopes = inverse @ weighed.T @ outcome
    leverage = np.einsum("ij,jk,ik->i", weighed, inverse, weighed)
    apart = (outcome - weighed @ slopes) / np.maximum(1 - leverage, _ROUNDING)
    error = float(np.sqrt(((weighed @ inverse[0]) ** 2 * apart**2).sum()))
    freedom = len(doses) - columns.shape[1]
    reach = error * float(stats.t.ppf((1 + confidence) / 2, freedom))
    middle = float(slopes[0])
    return DoseEffect(middle, middle - reach, middle + reach, float(doses.std()), confidence)


def invert_dose(outcomes: Floats, doses: Floats, alpha: float) -> tuple[float, float]:
    """Return the effects that the permutations do not reject, ``alpha / 2`` on either side.

    Parameters
    ----------
    outcomes, doses
        By permutation: how much more the real arms differ in outcome, and in dose.
    alpha
        Share of the permutations in both tails together.
    """
    rank = int(np.floor(alpha / 2 * (len(outcomes) + 1)))
    if rank < 1:
        raise ModelError(
            f"{len(outcomes)} permutations are too few for an interval of"
            f" {write_percent(1 - alpha)}.",
            f"Use {2 / alpha:.0f} or more.",
        )
    real = doses > _ROUNDING
    pivots = np.divide(outcomes, doses, out=np.zeros_like(outcomes), where=real)
    low = np.sort(np.where(real, pivots, -np.inf))[rank - 1]
    high = np.sort(np.where(real, pivots, np.inf))[-rank]
    return float(low), float(high)
