"""Fit small networks that are stored as plain figures."""

import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from models.curves.network import Network
from outreach.arrays import Floats

#: Learning rate and passes over the sample, in order.
_LEARNING = ((3e-3, 4), (1e-3, 2), (3e-4, 2))
_BATCH = 512
_PENALTY = 1e-3
#: A sample of a few thousand rows is passed over more often, until the network has learned from so
#: many batches.
_LEAST_BATCHES = 300


class GrowthForecaster(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Forecast standardized growth from standardized features.

    Parameters
    ----------
    hidden
        Neurons of the layers, all tanh.
    random_state
        Seed.

    Attributes
    ----------
    network_
        The fitted figures, which do not need scikit-learn:
        :class:`models.curves.network.Network`.
    """

    def __init__(self, *, hidden: tuple[int, ...] = (32, 16), random_state: int = 0) -> None:
        self.hidden = hidden
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803  scikit-learn's name
        """Fit to features and growth.

        Parameters
        ----------
        X
            Features in deviations, shape (rows, features), finite.
        y
            Growth in deviations, shape (rows,), finite.
        """
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), y_numeric=True)  # noqa: N806
        batch = min(_BATCH, len(y))
        passes = sum(rounds for _, rounds in _LEARNING)
        batches = -(-len(y) // batch)
        repeats = max(1, -(-_LEAST_BATCHES // (passes * batches)))

        model = MLPRegressor(
            hidden_layer_sizes=self.hidden,
            activation="tanh",
            alpha=_PENALTY,
            batch_size=batch,
            warm_start=True,
            random_state=self.random_state,
        )
        with warnings.catch_warnings():
            # The number of passes is fixed, so the fit never converges by scikit-learn's rule.
            warnings.simplefilter("ignore", ConvergenceWarning)
            for rate, rounds in _LEARNING:
                model.set_params(learning_rate_init=rate, max_iter=rounds * repeats).fit(X, y)

        self.network_ = Network(
            tuple(np.asarray(weight, dtype=float) for weight in model.coefs_),
            tuple(np.asarray(bias, dtype=float) for bias in model.intercepts_),
        )
        return self

    def predict(self, X: Any) -> Floats:  # noqa: N803
        """Return forecast growth, one figure for each row."""
        check_is_fitted(self, "network_")
        return self.network_.predict(validate_data(self, X, dtype=np.float64, reset=False))
