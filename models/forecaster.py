"""An estimator of growth with intervals: boosted trees and networks averaged, errors taken from whole groups left out."""

import warnings
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GroupKFold
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from models.conformal import LEVELS, IntervalTable, calibrate_groups
from models.trajectory import Floats


class GrowthForecaster(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Forecasts growth from a day's features, with prediction intervals that hold for groups it has not seen.

    Boosted trees of least absolute error and a small network are averaged. Errors are taken from folds that leave whole groups
    (states, counties) out; their expected size is modelled, and quantiles of error over expected size are calibrated by fifths of the
    forecast (see :class:`models.conformal.IntervalTable`). Features may be missing.

    Parameters
    ----------
    trees
        Number of boosting rounds.
    leaf
        Least tracts in a leaf; never more than a twentieth of the sample.
    network_share
        Weight of the network in the average, 0-1.
    folds
        Folds of groups for the errors.
    balance
        How far groups count alike in the intervals, 0-1.
    random_state
        Seed.

    Attributes
    ----------
    intervals_
        The calibrated quantiles.
    held_out_
        Growth of the training tracts as forecast without their group.
    """

    def __init__(
        self,
        *,
        trees: int = 250,
        leaf: int = 80,
        network_share: float = 0.4,
        folds: int = 5,
        balance: float = 0.3,
        random_state: int = 0,
    ) -> None:
        self.trees = trees
        self.leaf = leaf
        self.network_share = network_share
        self.folds = folds
        self.balance = balance
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:  # noqa: N803  scikit-learn's name
        """Fit to features ``X`` and growth ``y``.

        Parameters
        ----------
        X
            Shape (tracts, features); missing values are allowed.
        y
            Growth, in any one unit.
        groups
            Code of each tract's group; each row its own where not given.
        """
        X, y = validate_data(  # noqa: N806
            self, X, y, dtype=np.float64, ensure_all_finite="allow-nan", ensure_min_samples=2, y_numeric=True
        )
        groups = np.arange(len(y)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
        folds = min(self.folds, len(np.unique(groups)))
        self.scale_ = float(np.std(y)) or 1.0
        self.held_out_ = np.array(y, dtype=float)
        disagreement = np.zeros(len(y))
        splits = list(GroupKFold(folds).split(X, y, groups)) if folds > 1 else []
        for train, test in splits:
            trees, network = self._fit_pair(X[train], y[train])
            self.held_out_[test], disagreement[test] = self._combine(trees, network, X[test])
        self.trees_, self.network_ = self._fit_pair(X, y)
        log_miss = np.log(np.abs(y - self.held_out_) + 0.1 * self.scale_)
        described = np.column_stack([X, self.held_out_, disagreement])
        self.error_ = self._make_trees(80).fit(described, log_miss)
        error = np.exp(self.error_.predict(described))
        for train, test in splits:  # an error model that has seen a miss foretells it too well
            error[test] = np.exp(self._make_trees(80).fit(described[train], log_miss[train]).predict(described[test]))
        cuts, quantiles = calibrate_groups(
            (y - self.held_out_) / error,
            self.held_out_,
            groups,
            LEVELS,
            groups=max(1, min(5, len(y) // 100)),
            balance=self.balance,
        )
        self.intervals_ = IntervalTable(np.zeros(1), cuts[None], LEVELS, quantiles[None])
        return self

    def predict(self, X: Any) -> Floats:  # noqa: N803
        """Return forecast growth, one figure a row."""
        return self._forecast(X)[0]

    def predict_error(self, X: Any) -> Floats:  # noqa: N803
        """Return the expected absolute error, one figure a row."""
        return self._forecast(X)[1]

    def predict_interval(self, X: Any, coverage: float = 0.8) -> Floats:  # noqa: N803
        """Return lower and upper bounds of growth, shape (rows, 2)."""
        growth, error = self._forecast(X)
        return np.column_stack(self.intervals_.bounds(growth, error, 0.0, coverage))

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn that missing features are welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _forecast(self, X: Any) -> tuple[Floats, Floats]:  # noqa: N803
        check_is_fitted(self, "intervals_")
        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)  # noqa: N806
        growth, disagreement = self._combine(self.trees_, self.network_, X)
        return growth, self._expect_error(X, growth, disagreement)

    def _make_trees(self, rounds: int) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            loss="absolute_error", max_iter=rounds, learning_rate=0.07, max_leaf_nodes=31, min_samples_leaf=self.leaf_, l2_regularization=5,
            max_features=0.3, early_stopping=False, random_state=self.random_state,
        )  # fmt: skip

    def _fit_pair(self, X: Floats, y: Floats) -> tuple[Any, Any]:  # noqa: N803
        self.leaf_ = max(1, min(self.leaf, len(y) // 20))
        trees = self._make_trees(self.trees).fit(X, y)
        network = make_pipeline(
            StandardScaler(), SimpleImputer(keep_empty_features=True), FunctionTransformer(_clip),
            MLPRegressor(
                hidden_layer_sizes=(32, 16), activation="tanh", alpha=1e-2, batch_size=min(256, len(y)), learning_rate_init=2e-3, max_iter=10,
                random_state=self.random_state,
            ),
        )  # fmt: skip
        middle = float(np.median(y))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(X, np.clip((y - middle) / self.scale_, -4, 4))
        return trees, (network, middle)

    def _combine(self, trees: Any, network: Any, X: Floats) -> tuple[Floats, Floats]:  # noqa: N803
        by_trees, by_network = trees.predict(X), network[0].predict(X) * self.scale_ + network[1]
        return (1 - self.network_share) * by_trees + self.network_share * by_network, np.abs(by_trees - by_network)

    def _expect_error(self, X: Floats, growth: Floats, disagreement: Floats) -> Floats:  # noqa: N803
        return np.asarray(np.exp(self.error_.predict(np.column_stack([X, growth, disagreement]))), dtype=float)


def _clip(scaled: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Draw far outliers in, so that an area unlike the training ones is not extrapolated wildly."""
    return np.asarray(np.clip(scaled, -4, 4))
