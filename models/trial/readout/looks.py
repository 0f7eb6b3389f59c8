"""Set the boundaries of looks at a running test, with their error spent.

Each look may find an effect that is not there, so all looks and the end share one error. Lan and
DeMets (1983, Biometrika 70:659) let a function of time say how much of it is spent by a look; here
that of the O'Brien-Fleming type, ``2 - 2 Phi(z / sqrt(t))`` at the share ``t`` of the flight, which
spends little early. The boundaries come from the joint distribution of the estimates at all looks
over the same re-randomized arms, so no normal distribution and no independence is assumed.

With ``P`` permutations and the real arms, ``floor(spent (P + 1))`` of the ``P + 1`` assignments may
have passed a boundary by a look. Without an effect the real arms are one of them like any other, so
the test is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from outreach.arrays import Flags, Floats
from outreach.errors import ModelError

#: Error of all looks and the end together, on both sides.
LEVEL = 0.05
#: How the boundaries are made, in words.
METHOD = (
    "Lan-DeMets spending of the O'Brien-Fleming type; boundaries from the joint distribution of the"
    " estimates over re-randomized arms"
)


@dataclass(frozen=True)
class Boundaries:
    """How far an estimate must be from zero at each look, and at the end.

    Parameters
    ----------
    shares
        The boundary of each stage (0-1 of households): an estimate beyond it, on either side, is
        found.
    spent
        Error that is spent by each stage, 0-1.
    levels
        Share of the permutations beyond each boundary, whatever they did before (0-1): the level of
        the stage alone.
    """

    shares: Floats
    spent: Floats
    levels: Floats

    def judge(self, estimates: Sequence[float], nulls: Floats) -> float:
        """Return the two-sided p-value of the end.

        Stages come before one another, as Tsiatis, Rosner and Mehta order them (1984, Biometrics
        40:797): what passes at an earlier look is more extreme than what passes later. The p-value
        is at most :data:`LEVEL` just where the estimate of the end is beyond its boundary.

        Parameters
        ----------
        estimates, nulls
            The estimate of each stage, and those of the permutations, shape (stages, permutations).
        """
        sizes, own = np.abs(nulls), np.abs(estimates)
        is_found = own[-1] > self.shares[-1]
        passed = np.zeros(sizes.shape[1], dtype=bool)
        for size, mine, share in zip(sizes[:-1], own[:-1], self.shares[:-1], strict=True):
            if is_found and mine > share:
                return _rank(passed | (size >= mine))
            passed = passed | (size >= share)
        return _rank(passed | (sizes[-1] >= own[-1]))


def _rank(extreme: Flags) -> float:
    """Return the share of assignments as extreme as the real one, which counts itself."""
    return float((1 + extreme.sum()) / (1 + len(extreme)))


def spend_error(share: float, level: float = LEVEL) -> float:
    """Return how much of the error is spent by a share of the flight (0-1)."""
    if share >= 1:
        return level
    return float(2 * stats.norm.sf(stats.norm.isf(level / 2) / np.sqrt(share)))


def bound_stages(nulls: Floats, times: Sequence[float], level: float = LEVEL) -> Boundaries:
    """Return the boundaries of the looks of a test and of its end.

    Parameters
    ----------
    nulls
        Estimates of the permutations, shape (stages, permutations), by the same re-randomized arms
        at every stage.
    times
        When each stage is, as a share of the flight (0-1), rising; 1 is the end.
    level
        Error of all stages together.

    Raises
    ------
    ModelError
        There are too few permutations for the first stage.
    """
    sizes, count = np.abs(nulls), nulls.shape[1]
    passed = np.zeros(count, dtype=bool)
    shares, spent = list[float](), list[float]()
    for size, time in zip(sizes, times, strict=True):
        spent.append(spend_error(time, level))
        left = int(np.floor(spent[-1] * (count + 1) + 1e-9)) - int(passed.sum())
        if left < 1:
            raise ModelError(
                f"{count} permutations are too few to judge a look at {time:.0%} of the flight.",
                "Look later, or only at the end.",
            )

        # Of those that passed nothing so far, the most extreme pass now.
        running = np.where(passed, -np.inf, size)
        shares.append(float(np.sort(running)[-left]))
        passed = passed | (running >= shares[-1])
    levels = (sizes >= np.array(shares)[:, None]).sum(axis=1) / (count + 1)
    return Boundaries(np.array(shares), np.array(spent), levels)
