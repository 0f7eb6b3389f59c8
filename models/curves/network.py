"""A small fitted network as plain figures: what a season keeps of the estimators that were fitted on it."""

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
        By layer: shape (inputs, outputs) and (outputs,); the last has one output.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    @property
    def inputs(self) -> int:
        """How many inputs the network takes.

        Raises
        ------
        ValueError
            The layers do not fit one another, or hold a figure that is none.
        """
        sizes = [weight.shape for weight in self.weights]
        if not sizes or [(*bias.shape,) for bias in self.biases] != [size[1:] for size in sizes]:
            raise ValueError("layers without biases of their size")
        if any(left[1] != right[0] for left, right in pairwise(sizes)) or sizes[-1][1] != 1:
            raise ValueError("layers that do not fit one another")
        if not all(np.isfinite(layer).all() for layer in (*self.weights, *self.biases)):
            raise ValueError("a weight that is no number")
        return int(sizes[0][0])

    def predict(self, inputs: Floats) -> Floats:
        """Return one figure a row of ``inputs`` (rows, inputs)."""
        signal = inputs
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            signal = np.tanh(signal @ weight + bias)
        return np.asarray((signal @ self.weights[-1] + self.biases[-1])[:, 0], dtype=float)

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, rounded to two decimals: far less than the networks differ among themselves."""
        return {
            "weights": [np.round(w, 2).tolist() for w in self.weights],
            "biases": [np.round(b, 2).tolist() for b in self.biases],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls(
            tuple(np.array(w, dtype=float) for w in stored["weights"]),
            tuple(np.array(b, dtype=float) for b in stored["biases"]),
        )
