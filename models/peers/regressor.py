"""Expectation: a scikit-learn regressor that tells a tract's rate from tracts that are like it and tracts around it."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from scipy.spatial.distance import cdist
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_is_fitted, validate_data

from models.peers.gp import Kernel, Posterior
from outreach.arrays import Floats, Ints
from outreach.errors import ModelError
from outreach.spatial import divide_space

#: Sets of blocks; the kernel for a block is learned from the blocks of the other sets.
FOLDS = 3
_CLIP = 4.0  # standard deviations beyond which a predictor counts no further
#: A rate nearer to 0 or 1 counts as this far from it, so that a special-use tract of rate 0 does
#: not pull its kind along.
EDGE = 0.02


class PeerRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Gaussian process over concepts, neighbourhood and place; a scikit-learn regressor.

    Up to ``1.5 * region_rows`` rows it is exact. Beyond, the area is halved along its longest side
    until each region has at most that many, each with a process of its own and all with the same
    kernel, so that cost grows as the number of rows.

    Parameters
    ----------
    groups
        The group of each predictor column (:attr:`models.features.build.Features.groups`); by
        default each is its own.
    places
        How many of the last columns are place coordinates, km.
    link
        ``logit`` for shares, ``identity`` for any figure.
    tune_rows, tune_samples, tune_steps
        The kernel's scales are learned from so many samples of so many rows, in so many steps of
        the search.
    region_rows
        Rows of a region.
    random_state
        Seed of the choice of the samples.

    Attributes
    ----------
    kernel_ : Kernel
        The kernel learned.
    regions_ : list of Posterior
        One a region.
    """

    def __init__(
        self,
        groups: Sequence[int] | None = None,
        places: int = 0,
        link: str = "identity",
        tune_rows: int = 400,
        tune_samples: int = 2,
        tune_steps: int = 10,
        region_rows: int = 1_000,
        random_state: int = 0,
    ) -> None:
        self.groups = groups
        self.places = places
        self.link = link
        self.tune_rows = tune_rows
        self.tune_samples = tune_samples
        self.tune_steps = tune_steps
        self.region_rows = region_rows
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803  scikit-learn's name
        """Learn from ``X`` (rows, columns) and ``y`` (rows)."""
        X, y = validate_data(self, X, y, y_numeric=True, dtype=np.float64, ensure_min_samples=2)  # noqa: N806
        rows, target = self._learn_scales(X), self._forward(y)
        self.kernel_, self.centre_, self.spread_ = self._tune(rows, target, np.arange(len(rows)))
        standard = (target - self.centre_) / self.spread_
        parts = divide_space(self._position(rows), self._region_count(len(rows)))
        members = [np.flatnonzero(parts == part) for part in range(parts.max() + 1)]
        self.regions_ = [
            Posterior.after(self.kernel_, rows[inside], standard[inside]) for inside in members
        ]
        self.region_centres_ = np.array(
            [self._position(rows)[inside].mean(0) for inside in members]
        )
        return self

    def predict(self, X: Any) -> Floats:  # noqa: N803
        """Return what to expect of each row, on the scale of ``y``."""
        rows = self._read(X)
        mean = np.empty(len(rows))
        for region, inside in self._by_region(rows):
            mean[inside] = region.predict(rows[inside])
        return self._backward(self.centre_ + self.spread_ * mean)

    def predict_link(self, X: Any) -> tuple[Floats, Floats]:  # noqa: N803
        """Return mean and standard deviation of each row on the scale of the link."""
        rows = self._read(X)
        mean, spread = np.empty(len(rows)), np.empty(len(rows))
        for region, inside in self._by_region(rows):
            mean[inside], spread[inside] = region.predict(rows[inside]), region.spread(rows[inside])
        return self.centre_ + self.spread_ * mean, self.spread_ * spread

    def slopes(self, X: Any) -> Floats:  # noqa: N803
        """Return the change of the link-scale mean with each predictor, per unit of the predictor, shape (rows, predictors)."""
        rows = self._read(X)
        slope = np.empty((len(rows), rows.shape[1] - self.places))
        for region, inside in self._by_region(rows):
            slope[inside] = region.slope(rows[inside])
        return np.asarray(slope * self.spread_ / self.scale_[: slope.shape[1]])

    def likeness(self, X: Any) -> Floats:  # noqa: N803
        """Return coordinates in which the distance between rows is how unlike the model takes them to be, place left aside."""
        near, line, _ = self.kernel_.scale(self._read(X))
        return np.hstack([np.exp(self.kernel_.theta[1]) * near, line])

    def predict_held_out(self, X: Any, y: Any, blocks: int = 20) -> tuple[Floats, Floats, Ints]:  # noqa: N803
        """Expect of every known row what rows outside its block say, blocks being compact in place.

        A block's figures enter neither the process that expects it nor the learning of the kernel.
        Fits nothing that lasts.

        Parameters
        ----------
        X, y
            As in :meth:`fit`.
        blocks
            How many blocks a region has.

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
        parts = divide_space(position, self._region_count(len(rows)))
        block = np.empty(len(rows), dtype=np.int64)
        for part in range(parts.max() + 1):
            inside = np.flatnonzero(parts == part)
            block[inside] = part * blocks + divide_space(position[inside], min(blocks, len(inside)))
        several = parts.max() > 0
        fold = (parts if several else block) % FOLDS
        mean, spread = np.empty(len(rows)), np.empty(len(rows))
        for number in np.unique(fold):
            kernel, centre, scale = self._tune(rows, target, np.flatnonzero(fold != number))
            for part in np.unique(parts[fold == number]):
                inside = np.flatnonzero(parts == part)
                standard = (target[inside] - centre) / scale
                posterior = Posterior.after(kernel, rows[inside], standard)
                for member in np.unique(block[inside][fold[inside] == number]):
                    own = np.flatnonzero(block[inside] == member)
                    told = posterior.leave_out(standard, own)
                    mean[inside[own]], spread[inside[own]] = (
                        centre + scale * told[0],
                        scale * told[1],
                    )
        return mean, spread, block

    def _learn_scales(self, X: Floats) -> Floats:  # noqa: N803
        """Set the scales of the columns, blind to the target, and return ``X`` on them."""
        predictors = X.shape[1] - self.places
        if predictors < 1 or (self.groups is not None and len(self.groups) != predictors):
            raise ModelError(
                f"{X.shape[1]} columns with {self.places} of place do not fit {len(self.groups or [])} groups.",
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
            near = (
                NearestNeighbors(n_neighbors=min(8, len(X) - 1)).fit(place).kneighbors()[0].mean()
            )
            self.scale_[predictors:] = near if near > 0 else 1.0
        return self._standardise(X)

    def _standardise(self, X: Floats) -> Floats:  # noqa: N803
        rows = (X - self.middle_) / self.scale_
        predictors = len(self.group_)
        rows[:, :predictors] = np.clip(rows[:, :predictors], -_CLIP, _CLIP)
        return np.asarray(rows)

    def _read(self, X: Any) -> Floats:  # noqa: N803
        check_is_fitted(self, "regions_")
        return self._standardise(validate_data(self, X, dtype=np.float64, reset=False))

    def _position(self, rows: Floats) -> Floats:
        """Return what space is divided by: place, or the predictors where there is no place."""
        return rows[:, -self.places :] if self.places else rows

    def _region_count(self, rows: int) -> int:
        return 1 if rows <= 1.5 * self.region_rows else int(np.ceil(rows / self.region_rows))

    def _by_region(self, rows: Floats) -> Iterator[tuple[Posterior, Ints]]:
        """Yield each region with the rows whose nearest region it is, in pieces a region's size."""
        home = cdist(self._position(rows), self.region_centres_).argmin(axis=1)
        for number, region in enumerate(self.regions_):
            inside = np.flatnonzero(home == number)
            for start in range(0, len(inside), 2 * self.region_rows):
                yield region, inside[start : start + 2 * self.region_rows]

    def _tune(self, rows: Floats, target: Floats, known: Ints) -> tuple[Kernel, float, float]:
        """Learn the kernel from some of the known rows; return it with their centre and spread."""
        centre, spread = float(target[known].mean()), float(target[known].std()) or 1.0
        shuffled = np.random.default_rng(self.random_state).permutation(known)
        wanted = min(self.tune_samples, int(np.ceil(len(known) / self.tune_rows)))
        samples = [
            (rows[part], (target[part] - centre) / spread)
            for part in np.array_split(shuffled[: wanted * self.tune_rows], wanted)
        ]
        return (
            Kernel.at_prior(self.group_, self.places).learn(samples, self.tune_steps),
            centre,
            spread,
        )

    def _forward(self, y: Floats) -> Floats:
        if self.link == "identity":
            return y
        if self.link != "logit":
            raise ModelError(f"There is no link '{self.link}'.", "Use logit or identity.")
        if y.min() < 0 or y.max() > 1:
            raise ModelError(
                f"A rate of {y.min():g} to {y.max():g} is no share.", "Pass shares, 0 to 1."
            )
        return np.asarray(logit(y.clip(EDGE, 1 - EDGE)))

    def _backward(self, link: Floats) -> Floats:
        return np.asarray(expit(link) if self.link == "logit" else link)
