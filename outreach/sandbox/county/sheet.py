"""Collect the estimates and margins of an invented survey.

The survey samples about one household in seven. Margins are for 90% confidence, as in the ACS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from outreach.arrays import Floats, Ints

SAMPLED_SHARE = 0.137
_DESIGN_VARIANCE = 9.0
_Z_90 = 1.645

#: Jam values of an estimate, or its margin, that cannot be computed (census reference 1.4).
NO_ESTIMATE, NO_MARGIN = -666_666_666, -222_222_222

#: Shares of a total by cell of a table; they need not sum to 1.
Cells = dict[int, Floats | float]
#: Cells that are the sum of others, in the order of computation.
Sums = dict[int, Sequence[int]]


@dataclass
class SurveySheet:
    """Estimates and margins of one survey, by code without its ending (``B25003_001``).

    Parameters
    ----------
    rng
        Source of the sampling error.
    estimates, margins
        Counts by area.
    """

    rng: np.random.Generator
    estimates: dict[str, Ints] = field(default_factory=dict)
    margins: dict[str, Ints] = field(default_factory=dict)

    def add_count(self, code: str, estimate: Ints, universe: Ints) -> None:
        """Add one count with the margin of a survey of this size."""
        share = estimate / np.maximum(universe, 1)
        variance = _DESIGN_VARIANCE * np.maximum(estimate * (1 - np.minimum(share, 0.97)), 4.0)
        self.estimates[code] = estimate
        self.margins[code] = (_Z_90 * np.sqrt(variance)).round().astype(np.int64)

    def split_total(
        self, table: str, total: Ints, cells: Mapping[int, Floats | float], sums: Sums
    ) -> None:
        """Split a total over the cells of a table as a sample would find it.

        Parameters
        ----------
        table
            The ACS table, such as ``B25003``.
        total
            Count by area.
        cells
            Share of each cell.
        sums
            Further cells that add up these cells, or earlier sums.
        """
        columns = [np.broadcast_to(part, total.shape) for part in cells.values()]
        shares = np.column_stack(columns).astype(float)
        shares /= shares.sum(axis=1, keepdims=True)
        sampled = np.maximum((total * SAMPLED_SHARE).astype(np.int64), 1)
        sample = self.rng.multinomial(sampled, shares) / sampled[:, None]

        # Round the running sums, so that the cells add up to the total.
        ends = np.round(np.cumsum(sample, axis=1) * total[:, None]).astype(np.int64)
        counts = dict(zip(cells, np.diff(ends, axis=1, prepend=0).T, strict=True))
        for number, members in sums.items():
            counts[number] = np.sum([counts[member] for member in members], axis=0)
        for number, count in counts.items():
            self.add_count(f"{table}_{number:03d}", count, total)
