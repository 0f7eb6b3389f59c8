"""Predict with a small fitted network that is stored as plain figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np

from outreach.arrays import Floats


@dataclass(frozen=True)
class Network:
    """Tanh layers and a linear output, as ``sklearn.neural_network.MLPRegressor`` fits them.

    Attributes
    ----------
    weights, biases
        By layer: shape (inputs, outputs) and (outputs,). The last layer has one output.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    @property
    def inputs(self) -> int:
        """How many inputs the network takes.

        Raises
        ------
        ValueError
            The layers do not fit each other, or a weight is not finite.
        """
        sizes = [weight.shape for weight in self.weights]
        if not sizes or [(*bias.shape,) for bias in self.biases] != [size[1:] for size in sizes]:
            raise ValueError("a layer does not have as many biases as outputs")
        if any(left[1] != right[0] for left, right in pairwise(sizes)) or sizes[-1][1] != 1:
            raise ValueError("the layers do not fit each other")
        if not all(np.isfinite(layer).all() for layer in (*self.weights, *self.biases)):
            raise ValueError("a weight is not a finite number")
        return int(sizes[0][0])

    def predict(self, inputs: Floats) -> Floats:
        """Return one figure for each row of ``inputs``, shape (rows, inputs)."""
        signal = inputs
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            signal = np.tanh(signal @ weight + bias)
        return np.asarray((signal @ self.weights[-1] + self.biases[-1])[:, 0], dtype=float)

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, rounded to two decimals.

        The rounding is far smaller than the differences between networks.
        """
        return {
            "weights": [np.round(weight, 2).tolist() for weight in self.weights],
            "biases": [np.round(bias, 2).tolist() for bias in self.biases],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(
            tuple(np.array(weight, dtype=float) for weight in stored["weights"]),
            tuple(np.array(bias, dtype=float) for bias in stored["biases"]),
        )
