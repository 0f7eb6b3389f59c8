"""Learn a Gaussian-process kernel over groups of predictors and place.

Formulas: Rasmussen and Williams, *Gaussian Processes for Machine Learning* (2006), equations 2.30
(evidence), 4.17 (Matern 3/2), 5.9 (gradient) and 5.12 (leaving rows out without fitting again).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.linalg.lapack import dpotri
from scipy.optimize import minimize

from outreach.arrays import Floats, Ints

Samples = Sequence[tuple[Floats, Floats]]

#: Gaussian priors of the log parameters: mean and standard deviation. A group's length is in its
#: own standard deviations, that of place in typical distances between neighbors. They are vague,
#: the same for every area, and only keep uninformative groups in place.
PRIOR = {
    "noise": (-1.2, 1.0),
    "amplitude": (-0.4, 1.0),
    "length": (0.7, 0.7),
    "slope": (-2.3, 3.0),
    "place_amplitude": (-1.2, 1.0),
    "place_length": (1.1, 1.0),
}
_BOUNDS = {
    "noise": (-4, 1),
    "amplitude": (-4, 3),
    "length": (-3, 5),
    "slope": (-7, 2),
    "place_amplitude": (-4, 1),
    "place_length": (0, 3.4),
}
#: Variance of the unknown mean, in units of the target's variance.
_CONSTANT = 1.0


@dataclass(frozen=True)
class Kernel:
    """Sum of a Matern 3/2 over predictors, a linear part, a Matern 3/2 over place, and a constant.

    Noise is separate.

    Attributes
    ----------
    group
        The group of each predictor column, 0 to groups - 1. A group shares one length and one
        slope, divided by the square root of its size.
    places
        How many of the last columns of the inputs are place coordinates.
    theta
        Log parameters: noise, amplitude, a length for each group, a slope for each group, amplitude
        and length of place.
    """

    group: Ints
    places: int
    theta: Floats

    @classmethod
    def at_prior(cls, group: Ints, places: int) -> "Kernel":
        """Return the kernel before it sees any data."""
        return cls(group, places, np.array([PRIOR[name][0] for name in _names(group)]))

    @property
    def noise(self) -> float:
        """Variance that no predictor explains, in units of the target's variance."""
        return float(np.exp(2 * self.theta[0]))

    def scale(self, inputs: Floats) -> tuple[Floats, Floats, Floats]:
        """Return predictors over lengths, predictors times slopes, and place over its length."""
        groups = int(self.group.max(initial=-1)) + 1
        size = np.sqrt(np.bincount(self.group))[self.group]
        predictors, place = inputs[:, : len(self.group)] / size, inputs[:, len(self.group) :]
        lengths = np.exp(self.theta[2 : 2 + groups])[self.group]
        slopes = np.exp(self.theta[2 + groups : 2 + 2 * groups])[self.group]
        return predictors / lengths, predictors * slopes, place * np.exp(-self.theta[-1])

    def between(self, left: Floats, right: Floats) -> Floats:
        """Return the covariances of two sets of rows without noise, shape (left, right)."""
        return self._parts(left, right)[0]

    def _parts(self, left: Floats, right: Floats) -> tuple[Floats, ...]:
        """Return the covariances of two sets of rows, and the parts that gradients need."""
        near, line, place = self.scale(left)
        near2, line2, place2 = (near, line, place) if right is left else self.scale(right)
        smooth, steep, _ = _matern(near, near2, self.theta[1])
        local, local_steep, apart = _matern(place, place2, self.theta[-2])
        return smooth + line @ line2.T + local + _CONSTANT, smooth, steep, local, local_steep, apart

    def slope_of_mean(self, rows: Floats, shown: Floats, weights: Floats) -> Floats:
        """Return the derivative of ``between(rows, shown) @ weights`` to each predictor.

        The shape is (rows, predictors).
        """
        near, _, _ = self.scale(rows)
        near2, line2, _ = self.scale(shown)
        pull = _matern(near, near2, self.theta[1])[1] * weights
        unit = self.scale(np.ones((1, rows.shape[1])))
        return np.asarray(
            (pull @ near2 - near * pull.sum(1, keepdims=True)) * unit[0]
            + (weights @ line2) * unit[1]
        )

    def evidence(self, theta: Floats, samples: Samples) -> tuple[float, Floats]:
        """Return minus the log posterior of ``theta`` and its gradient, up to a constant.

        Samples count as independent.
        """
        kernel = Kernel(self.group, self.places, theta)
        mean, spread = np.array([PRIOR[name] for name in _names(self.group)]).T
        deviation = (theta - mean) / spread
        cost, gradient = 0.5 * float(deviation @ deviation), deviation / spread
        for rows, target in samples:
            of_sample = kernel._fit_sample(rows, target)
            cost, gradient = cost + of_sample[0], gradient + of_sample[1]
        return cost, gradient

    def _fit_sample(self, rows: Floats, target: Floats) -> tuple[float, Floats]:
        """Return minus the log likelihood of one sample, and its gradient to ``theta``."""
        covariance, smooth, steep, local, local_steep, apart = self._parts(rows, rows)
        covariance[np.diag_indices_from(covariance)] += self.noise
        factor = np.linalg.cholesky(covariance)
        inverse = _invert(factor)
        weights = inverse @ target
        cost = 0.5 * target @ weights + np.log(np.diag(factor)).sum()

        # Gradient of the evidence to each parameter, equation 5.9.
        pull = inverse - np.outer(weights, weights)
        near, line, _ = self.scale(rows)
        steep *= pull
        by_length = (near**2 * steep.sum(1)[:, None]).sum(0) - (near * (steep @ near)).sum(0)
        by_slope = (line * (pull @ line)).sum(0)
        gradient = np.concatenate([
            [np.trace(pull) * self.noise, (pull * smooth).sum()],
            np.bincount(self.group, by_length),
            np.bincount(self.group, by_slope),
            [(pull * local).sum(), 0.5 * (pull * local_steep * apart).sum()],
        ])  # fmt: skip
        return float(cost), gradient

    def learn(self, samples: Samples, steps: int) -> "Kernel":
        """Return the kernel whose log parameters fit best.

        Parameters
        ----------
        samples
            Pairs of standardized rows (tracts, columns) and standardized target. Two samples of
            half the size take a quarter of the time of one.
        steps
            Most steps of the search (L-BFGS-B), which starts from the current parameters.
        """
        bounds = [_BOUNDS[name] for name in _names(self.group)]
        result = minimize(
            self.evidence,
            self.theta,
            (samples,),
            "L-BFGS-B",
            True,
            bounds=bounds,
            options={"maxiter": steps},
        )
        return Kernel(self.group, self.places, result.x)


@dataclass(frozen=True)
class Posterior:
    """What a kernel predicts after it was shown rows with a target.

    Attributes
    ----------
    kernel, rows, weights, inverse
        The kernel; the rows it was shown; the weight of each in a prediction; the inverse
        covariance with noise.
    """

    kernel: Kernel
    rows: Floats
    weights: Floats
    inverse: Floats

    @classmethod
    def after(cls, kernel: Kernel, rows: Floats, target: Floats) -> "Posterior":
        """Show ``rows`` with their ``target`` to ``kernel``."""
        covariance = kernel.between(rows, rows)
        covariance[np.diag_indices_from(covariance)] += kernel.noise
        inverse = _invert(np.linalg.cholesky(covariance))
        return cls(kernel, rows, inverse @ target, inverse)

    def predict(self, rows: Floats) -> Floats:
        """Return the expected target of ``rows``."""
        return self.kernel.between(rows, self.rows) @ self.weights

    def spread(self, rows: Floats) -> Floats:
        """Return the standard deviation of the target of ``rows``, noise included."""
        cross = self.kernel.between(rows, self.rows)
        _, line, _ = self.kernel.scale(rows)
        own = np.exp(2 * self.kernel.theta[1]) + (line**2).sum(1) + _CONSTANT
        if self.kernel.places:
            own += np.exp(2 * self.kernel.theta[-2])
        return np.asarray(
            np.sqrt(
                np.maximum(own - ((cross @ self.inverse) * cross).sum(1), 0) + self.kernel.noise
            )
        )

    def slope(self, rows: Floats) -> Floats:
        """Return the derivative of the prediction to each predictor, shape (rows, predictors)."""
        return self.kernel.slope_of_mean(rows, self.rows, self.weights)

    def leave_out(self, target: Floats, members: Ints) -> tuple[Floats, Floats]:
        """Return mean and standard deviation of some rows as if they had not been shown.

        Rasmussen and Williams (2006), equation 5.12, by blocks.
        """
        factor = cho_factor(self.inverse[np.ix_(members, members)], lower=True)
        mean = target[members] - cho_solve(factor, self.weights[members])
        return mean, np.sqrt(np.diag(cho_solve(factor, np.eye(len(members)))))


def _names(group: Ints) -> list[str]:
    """Name the parameters in their order."""
    groups = int(group.max(initial=-1)) + 1
    return [
        "noise",
        "amplitude",
        *["length"] * groups,
        *["slope"] * groups,
        "place_amplitude",
        "place_length",
    ]


def _matern(left: Floats, right: Floats, log_amplitude: float) -> tuple[Floats, Floats, Floats]:
    """Return Matern 3/2 covariances, their slopes, and the squared distances.

    A slope is minus twice the derivative to the squared distance.
    """
    if not left.shape[1]:
        nothing = np.zeros((len(left), len(right)))
        return nothing, nothing.copy(), nothing.copy()
    apart = (left**2).sum(1)[:, None] + (right**2).sum(1) - 2 * left @ right.T
    np.maximum(apart, 0, out=apart)
    root = np.sqrt(3 * apart)
    falling = np.exp(2 * log_amplitude - root)
    return (1 + root) * falling, 3 * falling, apart


def _invert(factor: npt.NDArray[Any]) -> Floats:
    """Invert a symmetric matrix from its lower Cholesky factor."""
    inverse: Any = dpotri(factor.T, lower=0)[0]
    return np.asarray(np.triu(inverse) + np.triu(inverse, 1).T)
