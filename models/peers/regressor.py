"""Predict a tract's rate from similar tracts and tracts around it."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_is_fitted, validate_data

from models.peers.anchor import Anchor
from models.peers.gp import Kernel, Posterior
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError
from outreach.spatial import divide_space

#: Sets of blocks; the kernel for a block is learned from the blocks of the other sets.
FOLDS = 3
#: Standard deviations beyond which a predictor counts no further.
_CLIP = 4.0
#: Neighbors whose mean distance is the unit of place.
_NEAREST = 8
#: A rate closer to 0 or 1 counts as this far from it, so that a special-use tract with a rate of 0
#: does not pull similar tracts down.
EDGE = 0.02


class PeerRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Gaussian process over concepts, neighborhood, and place; a scikit-learn regressor.

    Up to ``1.5 * region_rows`` rows it is exact. Beyond that, the area is divided into compact
    regions of about ``region_rows`` rows. Each has a process of its own, all with the same kernel,
    so that the cost grows with the number of rows.

    Parameters
    ----------
    groups
        The group of each predictor column (:attr:`models.features.build.Features.groups`); by
        default each column is its own.
    places
        How many of the last columns are place coordinates, km.
    link
        ``logit`` for shares, ``identity`` for any figure.
    tune_rows, tune_samples, tune_steps
        How many rows a sample has that the kernel's scales are learned from, how many samples there
        are, and how many steps the search takes.
    region_rows
        Rows of a region.
    random_state
        Seed for the choice of samples.
    anchors
        The column of a past rate, 0-1, and, if that is of occupied homes, the column of vacancies,
        0-1 (:attr:`models.features.build.Features.anchors`). Where the process is unsure, the
        prediction leans on a line of the target on them (:mod:`models.peers.anchor`); with none it
        does not.

    Attributes
    ----------
    kernel_ : Kernel
        The fitted kernel.
    regions_ : list of Posterior
        One for each region.
    anchor_ : Anchor or None
        The line on past response.
    """

    def __init__(  # noqa: PLR0913  each is a parameter of the estimator
        self,
        groups: Sequence[int] | None = None,
        places: int = 0,
        link: str = "identity",
        tune_rows: int = 400,
        tune_samples: int = 2,
        tune_steps: int = 10,
        region_rows: int = 1_000,
        random_state: int = 0,
        *,
        anchors: tuple[int, ...] = (),
    ) -> None:
        self.groups = groups
        self.places = places
        self.link = link
        self.tune_rows = tune_rows
        self.tune_samples = tune_samples
        self.tune_steps = tune_steps
        self.region_rows = region_rows
        self.random_state = random_state
        self.anchors = anchors

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803  scikit-learn's name
        """Learn from ``X`` (rows, columns) and ``y`` (rows)."""
        X, y = validate_data(self, X, y, y_numeric=True, dtype=np.float64, ensure_min_samples=2)  # noqa: N806
        rows, target = self._learn_scales(X), self._forward(y)
        self.kernel_, self.center_, self.spread_ = self._tune(rows, target, np.arange(len(rows)))
        standard = (target - self.center_) / self.spread_
        self.anchor_ = Anchor.fit(self._read_past(rows), target) if self.anchors else None

        # One process for each compact region.
        parts = divide_space(self._position(rows), self._region_count(len(rows)))
        members = [np.flatnonzero(parts == part) for part in range(parts.max() + 1)]
        self.regions_ = [
            Posterior.after(self.kernel_, rows[inside], standard[inside]) for inside in members
        ]
        self.region_centers_ = np.array(
            [self._position(rows)[inside].mean(0) for inside in members]
        )
        return self

    def predict(self, X: Any) -> Floats:  # noqa: N803
        """Return the expectation of each row, on the scale of ``y``."""
        if self.anchors:
            return self._backward(self.predict_link(X)[0])
        rows = self._read(X)
        mean = np.empty(len(rows))
        for region, inside in self._by_region(rows):
            mean[inside] = region.predict(rows[inside])
        return self._backward(self.center_ + self.spread_ * mean)

    def predict_link(self, X: Any) -> tuple[Floats, Floats]:  # noqa: N803
        """Return mean and standard deviation of each row on the scale of the link."""
        rows = self._read(X)
        mean, spread = np.empty(len(rows)), np.empty(len(rows))
        for region, inside in self._by_region(rows):
            mean[inside], spread[inside] = region.predict(rows[inside]), region.spread(rows[inside])
        mean, spread = self.center_ + self.spread_ * mean, self.spread_ * spread
        if self.anchor_ is not None:
            mean, spread = self.anchor_.combine(self._read_past(rows), mean, spread)
        return mean, spread

    def slopes(self, X: Any) -> Floats:  # noqa: N803
        """Return the slope of the process's link-scale mean to each predictor.

        The shape is (rows, predictors). The line on past response has no part in it.
        """
        rows = self._read(X)
        slope = np.empty((len(rows), rows.shape[1] - self.places))
        for region, inside in self._by_region(rows):
            slope[inside] = region.slope(rows[inside])
        return np.asarray(slope * self.spread_ / self.scale_[: slope.shape[1]])

    def compare(self, X: Any) -> Floats:  # noqa: N803
        """Return coordinates whose distances are the dissimilarity of rows, without place."""
        near, line, _ = self.kernel_.scale(self._read(X))
        return np.hstack([np.exp(self.kernel_.theta[1]) * near, line])

    def predict_held_out(self, X: Any, y: Any, blocks: int = 20) -> tuple[Floats, Floats, Ints]:  # noqa: N803
        """Predict every row from the rows outside its compact block.

        A block's figures affect neither the process that predicts it nor the fit of its kernel.
        Nothing is kept.

        Parameters
        ----------
        X, y
            As in :meth:`fit`.
        blocks
            Number of blocks of a region.

        Returns
        -------
        mean, spread
            On the scale of the link.
        block
            The block of each row.
        """
        X, y = validate_data(  # noqa: N806
            self, X, y, y_numeric=True, dtype=np.float64, ensure_min_samples=2 * FOLDS
        )
        rows, target = self._learn_scales(X), self._forward(y)
        position = self._position(rows)

        # Divide regions into blocks, and deal these to sets.
        parts = divide_space(position, self._region_count(len(rows)))
        block = np.empty(len(rows), dtype=np.int64)
        for part in range(parts.max() + 1):
            inside = np.flatnonzero(parts == part)
            block[inside] = part * blocks + divide_space(position[inside], min(blocks, len(inside)))
        has_regions = parts.max() > 0
        fold = (parts if has_regions else block) % FOLDS

        # Learn the kernel for a set from the others, then leave each block out.
        mean, spread = np.empty(len(rows)), np.empty(len(rows))
        for number in np.unique(fold):
            others = np.flatnonzero(fold != number)
            kernel, center, scale = self._tune(rows, target, others)
            for part in np.unique(parts[fold == number]):
                inside = np.flatnonzero(parts == part)
                standard = (target[inside] - center) / scale
                posterior = Posterior.after(kernel, rows[inside], standard)
                for member in np.unique(block[inside][fold[inside] == number]):
                    own = np.flatnonzero(block[inside] == member)
                    own_mean, own_spread = posterior.leave_out(standard, own)
                    mean[inside[own]] = center + scale * own_mean
                    spread[inside[own]] = scale * own_spread
            if self.anchors:
                past, own = self._read_past(rows), fold == number
                anchor = Anchor.fit(past[others], target[others])
                mean[own], spread[own] = anchor.combine(past[own], mean[own], spread[own])
        return mean, spread, block

    def _learn_scales(self, X: Floats) -> Floats:  # noqa: N803
        """Set the scales of the columns without the target, and return ``X`` on them."""
        predictors = X.shape[1] - self.places
        if predictors < 1 or (self.groups is not None and len(self.groups) != predictors):
            raise ModelError(
                f"{X.shape[1]} columns, {self.places} of them place, do not fit"
                f" {len(self.groups or [])} groups.",
                "Pass Features.groups and Features.places.",
            )
        self.group_ = (
            np.arange(predictors)
            if self.groups is None
            else np.asarray(self.groups, dtype=np.int64)
        )

        spread = X.std(axis=0)
        self.middle_, self.scale_ = X.mean(axis=0), np.where(spread > 0, spread, 1.0)
        if self.places:
            place = X[:, predictors:]
            search = NearestNeighbors(n_neighbors=min(_NEAREST, len(X) - 1)).fit(place)
            near = search.kneighbors()[0].mean()
            self.scale_[predictors:] = near if near > 0 else 1.0
        return self._standardize(X)

    def _standardize(self, X: Floats) -> Floats:  # noqa: N803
        """Put columns on the fitted scales, predictors clipped."""
        rows = (X - self.middle_) / self.scale_
        predictors = len(self.group_)
        rows[:, :predictors] = np.clip(rows[:, :predictors], -_CLIP, _CLIP)
        return np.asarray(rows)

    def _read(self, X: Any) -> Floats:  # noqa: N803
        """Check and standardize the rows of a prediction."""
        check_is_fitted(self, "regions_")
        return self._standardize(validate_data(self, X, dtype=np.float64, reset=False))

    def _position(self, rows: Floats) -> Floats:
        """Return the coordinates that space is divided by: place, or else the predictors."""
        return rows[:, -self.places :] if self.places else rows

    def _region_count(self, rows: int) -> int:
        """Return into how many regions so many rows are divided."""
        return 1 if rows <= 1.5 * self.region_rows else int(np.ceil(rows / self.region_rows))

    def _read_past(self, rows: Floats) -> Floats:
        """Return the past rate of standardized rows, of all addresses, on the scale of the link."""
        columns = list(self.anchors)
        past = rows[:, columns] * self.scale_[columns] + self.middle_[columns]
        share = past[:, 0] * (1.0 - past[:, 1:]).prod(axis=1)
        return self._forward(np.clip(share, 0.0, 1.0))

    def _by_region(self, rows: Floats) -> Iterator[tuple[Posterior, Ints]]:
        """Yield each region with the rows that are nearest to it, in pieces of limited size."""
        home = cdist(self._position(rows), self.region_centers_).argmin(axis=1)
        for number, region in enumerate(self.regions_):
            inside = np.flatnonzero(home == number)
            for start in range(0, len(inside), 2 * self.region_rows):
                yield region, inside[start : start + 2 * self.region_rows]

    def _tune(self, rows: Floats, target: Floats, members: Ints) -> tuple[Kernel, float, float]:
        """Learn the kernel from some of the rows; return it with the center and spread of all."""
        center, spread = float(target[members].mean()), float(target[members].std()) or 1.0
        shuffled = np.random.default_rng(self.random_state).permutation(members)
        count = min(self.tune_samples, int(np.ceil(len(members) / self.tune_rows)))
        samples = [
            (rows[part], (target[part] - center) / spread)
            for part in np.array_split(shuffled[: count * self.tune_rows], count)
        ]
        kernel = Kernel.at_prior(self.group_, self.places).learn(samples, self.tune_steps)
        return kernel, center, spread

    def _forward(self, y: Floats) -> Floats:
        """Put figures on the scale of the link."""
        if self.link == "identity":
            return y
        if self.link != "logit":
            raise ModelError(f"There is no link '{self.link}'.", "Use logit or identity.")
        if y.min() < 0 or y.max() > 1:
            raise ModelError(
                f"Rates of {y.min():g} to {y.max():g} are not shares.", "Pass shares, 0 to 1."
            )
        return np.asarray(logit(y.clip(EDGE, 1 - EDGE)))

    def _backward(self, link: Floats) -> Floats:
        """Put figures back on the scale of ``y``."""
        return np.asarray(expit(link) if self.link == "logit" else link)
