"""The estimator a season is fitted with: a small network whose fit ends as plain figures."""

import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from models.curves.network import Network
from outreach.arrays import Floats

#: Learning rate and passes over the sample, one after another.
_LEARNING = ((3e-3, 4), (1e-3, 2), (3e-4, 2))
_BATCH = 512
#: A sample of a few thousand rows is passed over more often, until so many batches were learned
#: from.
_LEAST_BATCHES = 300


class GrowthForecaster(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Forecasts standardised growth from standardised features.

    Parameters
    ----------
    hidden
        Neurons of the layers, all tanh.
    random_state
        Seed.

    Attributes
    ----------
    network_
        What was fitted, as figures that need no scikit-learn:
        :class:`models.curves.network.Network`.
    """

    def __init__(self, *, hidden: tuple[int, ...] = (32, 16), random_state: int = 0) -> None:
        self.hidden = hidden
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803  scikit-learn's name
        """Fit to features ``X``, shape (rows, features), and growth ``y``, both in deviations, whole and finite."""
        X, y = validate_data(self, X, y, dtype=(np.float64, np.float32), y_numeric=True)  # noqa: N806
        batch = min(_BATCH, len(y))
        passes = sum(rounds for _, rounds in _LEARNING)
        often = max(1, -(-_LEAST_BATCHES // (passes * -(-len(y) // batch))))
        model = MLPRegressor(
            hidden_layer_sizes=self.hidden, activation="tanh", alpha=1e-3, batch_size=batch, warm_start=True, random_state=self.random_state
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for rate, rounds in _LEARNING:
                model.set_params(learning_rate_init=rate, max_iter=rounds * often).fit(X, y)
        self.network_ = Network(
            tuple(np.asarray(w, dtype=float) for w in model.coefs_),
            tuple(np.asarray(b, dtype=float) for b in model.intercepts_),
        )
        return self

    def predict(self, X: Any) -> Floats:  # noqa: N803
        """Return forecast growth, one figure a row."""
        check_is_fitted(self, "network_")
        return self.network_.predict(validate_data(self, X, dtype=np.float64, reset=False))
