"""Predict with quadratic forms that are stored as plain figures."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from outreach.arrays import Floats

#: Deviations beyond which an input counts no further: squares grow fast at the edge.
_CLIP = 3.0
#: Coefficients are stored in thousandths.
_UNIT = 1000.0


@dataclass(frozen=True)
class Quadratics:
    """A constant, a slope for each feature, and one for each product of two, by day.

    Attributes
    ----------
    days
        Elapsed days, ascending. Between them coefficients are interpolated.
    coefficients
        Shape (days, terms), in the order of :func:`expand_terms`.
    """

    days: Floats
    coefficients: Floats

    @property
    def features(self) -> int:
        """How many features the forms take.

        Raises
        ------
        ValueError
            The coefficients do not fit the days or any number of features, or are not finite.
        """
        count = round((math.sqrt(8 * self.coefficients.shape[-1] + 1) - 3) / 2)
        expected = (len(self.days), (count + 1) * (count + 2) // 2)
        if self.coefficients.shape != expected or not np.isfinite(self.coefficients).all():
            raise ValueError("the quadratic forms do not fit their days and features")
        return count

    def predict(self, features: Floats, day: float) -> Floats:
        """Return one figure for each row of ``features``, in deviations, shape (rows, features)."""
        terms = np.array([np.interp(day, self.days, column) for column in self.coefficients.T])
        width = features.shape[1]
        products = np.zeros((width, width))
        products[np.triu_indices(width)] = terms[1 + width :]

        rows = np.clip(features, -_CLIP, _CLIP)
        curved = ((rows @ products) * rows).sum(axis=1)
        return np.asarray(terms[0] + rows @ terms[1 : 1 + width] + curved, dtype=float)

    def to_json(self) -> dict[str, Any]:
        """Return plain lists; coefficients in thousandths, which is far below their errors."""
        thousandths = np.round(_UNIT * self.coefficients).astype(int)
        return {
            "days": [int(day) for day in self.days],
            "coefficient_thousandths": thousandths.tolist(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` wrote."""
        thousandths = np.array(stored["coefficient_thousandths"], dtype=float)
        return cls(np.array(stored["days"], dtype=float), thousandths / _UNIT)


def expand_terms(features: Floats) -> Floats:
    """Return the constant, every feature, and every product of two of a row.

    Parameters
    ----------
    features
        In deviations, shape (rows, features).
    """
    rows = np.clip(features, -_CLIP, _CLIP)
    left, right = np.triu_indices(rows.shape[1])
    constant = np.ones((len(rows), 1), dtype=rows.dtype)
    return np.hstack([constant, rows, rows[:, left] * rows[:, right]])
