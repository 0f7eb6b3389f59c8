"""Combine the results of tests in several cities.

Each city gives an estimate and a standard error. Under *fixed effect* all cities share one effect,
and weights are inverse variances. Under *random effects* the effect differs between cities; its
spread is Paule and Mandel's (1982, Journal of Research of the National Bureau of Standards 87:377),
the range Hartung and Knapp's (2001, Statistics in Medicine 20:3875), with Student's t. It finds no
effect where there is none as often as stated, also with few cities. The price: estimates that agree
by luck give a range narrower than their errors alone would, so the fixed effect stands beside it.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from outreach.errors import ModelError

#: Fewest cities with which random effects have any meaning.
FEWEST = 2


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """An effect from several cities.

    Parameters
    ----------
    estimate_share, low_share, high_share
        The effect (0-1 of households) and the range that holds it with the confidence asked for.
    p_value
        Two-sided.
    standard_error_share
        Standard error of the estimate, 0-1.
    """

    estimate_share: float
    low_share: float
    high_share: float
    p_value: float
    standard_error_share: float


@dataclass(frozen=True)
class Pooled:
    """The results of several cities together.

    Parameters
    ----------
    fixed, random
        The effect under either assumption.
    spread_share
        Standard deviation of the effect between cities, 0-1.
    heterogeneity_share
        I squared: the part (0-1) of the scatter between estimates that chance does not explain.
    heterogeneity_p_value
        Of Cochran's Q: whether chance alone would scatter the estimates as much.
    weights
        By city: ``fixed_weight_share`` and ``random_weight_share``, 0-1.
    """

    fixed: PooledEffect
    random: PooledEffect
    spread_share: float
    heterogeneity_share: float
    heterogeneity_p_value: float
    weights: pd.DataFrame


def pool_effects(effects: pd.DataFrame, confidence: float = 0.95) -> Pooled:
    """Combine the effects of several cities.

    Parameters
    ----------
    effects
        By city: ``estimate_share`` and ``standard_error_share`` (0-1 of households).
    confidence
        Of the ranges, 0-1.

    Raises
    ------
    ModelError
        There are fewer than two cities, a city stands twice, or a standard error is not a positive
        number.
    """
    _check_effects(effects)
    combined = _combine(effects)
    weights = pd.DataFrame(
        {
            "fixed_weight_share": np.asarray(combined.weights_rel_fe),
            "random_weight_share": np.asarray(combined.weights_rel_re),
        },
        index=effects.index,
    )
    return Pooled(
        fixed=_make_fixed(combined, confidence),
        random=_make_random(combined, confidence),
        spread_share=float(np.sqrt(max(combined.tau2, 0.0))),
        heterogeneity_share=max(0.0, 1 - combined.df / max(float(combined.q), combined.df)),
        heterogeneity_p_value=float(stats.chi2.sf(combined.q, combined.df)),
        weights=weights,
    )


def leave_each_out(effects: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Return the random effect of all cities but one, for each: whether one city decides.

    Returns
    -------
    pd.DataFrame
        By the city left out: ``estimate_share``, ``low_share``, ``high_share``; missing with fewer
        than three cities.

    Raises
    ------
    ModelError
        As :func:`pool_effects`.
    """
    _check_effects(effects)
    return pd.DataFrame(
        [_leave_out(effects, city, confidence) for city in effects.index],
        index=effects.index,
        columns=["estimate_share", "low_share", "high_share"],
        dtype=float,
    )


def _check_effects(effects: pd.DataFrame) -> None:
    """Refuse effects that cannot be combined."""
    if len(effects) < FEWEST:
        raise ModelError(
            f"There are {len(effects)} results to combine.",
            "Give the results files of at least two cities.",
        )
    if not effects.index.is_unique:
        raise ModelError(
            f"The city {effects.index[effects.index.duplicated()][0]} has two results.",
            "Give one results file for each city and flight.",
        )
    figures = effects[["estimate_share", "standard_error_share"]].to_numpy(float)
    usable = np.isfinite(figures).all(axis=1) & (figures[:, 1] > 0)
    if not usable.all():
        raise ModelError(
            f"The result of {effects.index[usable.argmin()]} has no usable standard error.",
            "Measure that test again.",
        )


def _combine(effects: pd.DataFrame) -> Any:
    """Return what statsmodels makes of the effects."""
    from statsmodels.stats.meta_analysis import combine_effects  # noqa: PLC0415 - it takes seconds

    # Equal estimates have no scatter, which it divides by for a figure that is not used.
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # Ranges of single cities are not taken from here.
        warnings.filterwarnings("ignore", message=".*requires `nobs`.*")
        return combine_effects(
            effects["estimate_share"].to_numpy(float),
            effects["standard_error_share"].to_numpy(float) ** 2,
            method_re="iterated",
            use_t=True,
        )


def _make_fixed(combined: Any, confidence: float) -> PooledEffect:
    """Return the effect that all cities share."""
    estimate, error = float(combined.mean_effect_fe), float(combined.sd_eff_w_fe)
    reach = error * float(stats.norm.ppf((1 + confidence) / 2))
    p_value = 2 * float(stats.norm.sf(abs(estimate) / error))
    return PooledEffect(estimate, estimate - reach, estimate + reach, p_value, error)


def _make_random(combined: Any, confidence: float) -> PooledEffect:
    """Return the mean effect of cities that differ."""
    estimate = float(combined.mean_effect_re)
    # Estimates that are equal to the last digit say nothing of their scatter.
    error = float(combined.sd_eff_w_re_hksj) or float(combined.sd_eff_w_re)
    reach = error * float(stats.t.ppf((1 + confidence) / 2, combined.df))
    p_value = 2 * float(stats.t.sf(abs(estimate) / error, combined.df))
    return PooledEffect(estimate, estimate - reach, estimate + reach, p_value, error)


def _leave_out(
    effects: pd.DataFrame, city: object, confidence: float
) -> tuple[float, float, float]:
    """Return the random effect of all cities but one, with its range."""
    rest = effects.drop(index=city)
    if len(rest) < FEWEST:
        return np.nan, np.nan, np.nan
    effect = _make_random(_combine(rest), confidence)
    return effect.estimate_share, effect.low_share, effect.high_share
