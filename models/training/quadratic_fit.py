"""Fit a quadratic form to the growth of each fitted day."""

import numpy as np

from models.curves.quadratic import Quadratics, expand_terms
from models.curves.season_model import TIME_INPUTS
from models.training.sample import Sample
from outreach.arrays import Flags, Floats, Ints

#: Ridge penalty of every term but the constant, in rows.
_PENALTY = 300.0
#: Deviations beyond which growth is pulled in, so that outliers do not dominate a square.
_MOST_DEVIATION = 3.0
#: Most tracts of a day, and how many are expanded at once, to keep the memory small.
_MOST_ROWS, _BATCH = 40_000, 5_000


def fit_quadratics(sample: Sample, rows: Flags, fold: Ints, seed: int) -> tuple[Quadratics, Floats]:
    """Fit a quadratic form of every day, and forecast each fold from the others.

    Least squares with a ridge penalty. Folds need no fit of their own: the sums of squares of a
    fold are taken from those of all.

    Parameters
    ----------
    sample
        The cross-sections.
    rows
        Tracts to learn from.
    fold
        The fold of each tract.
    seed
        For the choice of tracts on days that have more than 40,000.

    Returns
    -------
    quadratics
        Fitted on all rows.
    held_out
        Growth in deviations, shape (days, tracts), each by a form that saw none of the tract's
        fold.
    """
    rng = np.random.default_rng(seed)
    candidates, numbers = np.flatnonzero(rows), np.unique(fold)
    coefficients, held_out = [], np.full(sample.target.shape, np.nan)
    for day in range(len(sample.days)):
        features = sample.inputs[day][:, :-TIME_INPUTS]
        rated = sample.list_rated(day, candidates)
        chosen = rng.choice(rated, min(_MOST_ROWS, len(rated)), replace=False)
        target = np.clip(sample.target[day], -_MOST_DEVIATION, _MOST_DEVIATION)
        sums = [_sum_products(features, target, chosen[fold[chosen] == each]) for each in numbers]
        square, moment = (np.sum([pair[part] for pair in sums], axis=0) for part in (0, 1))

        for number, (own_square, own_moment) in zip(numbers, sums, strict=True):
            solved = _solve(square - own_square, moment - own_moment)
            form = Quadratics(np.zeros(1), solved[None])
            held_out[day, fold == number] = form.predict(features[fold == number].astype(float), 0)
        coefficients.append(_solve(square, moment))
    return Quadratics(sample.days, np.stack(coefficients)), held_out


def _sum_products(features: Floats, target: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """Return the sums over rows of the products of terms with each other and with the target."""
    width = expand_terms(features[:1]).shape[1]
    square, moment = np.zeros((width, width)), np.zeros(width)
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        terms = expand_terms(features[part])
        square += terms.T @ terms
        moment += terms.T @ target[part].astype(terms.dtype)
    return square, moment


def _solve(square: Floats, moment: Floats) -> Floats:
    """Return the coefficients of least penalized squares."""
    penalty = np.full(len(square), _PENALTY)
    penalty[0] = 0.0
    return np.asarray(np.linalg.solve(square + np.diag(penalty), moment), dtype=float)
