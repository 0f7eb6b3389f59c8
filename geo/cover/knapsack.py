"""Choose places to a proven gap: the cheapest cover, or the best buy.

Both are integer programs solved by HiGHS (through SciPy) to a gap of one in ten thousand households
or less; most choices end at 0. Where whole places are targets, costs equal values, the program asks
for a set with a given sum, and a gap of 0 takes the solver minutes for a single set.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.cover.covering import TOUCHING
from outreach.arrays import Flags, Floats
from outreach.errors import GeographyError

_HALF = 0.5
_OPTIONS = {"mip_rel_gap": 1e-4}
#: Figures are scaled to this sum before they are solved, so that the solver's tolerances mean the
#: same for a town and a state.
_SUM = 1000.0
_TINY = 1e-12


@dataclass(frozen=True)
class Choice:
    """Which candidates a solver chose, and how close to the best they are.

    Parameters
    ----------
    chosen
        One flag per candidate.
    bound
        The proven bound on the objective.
    gap_share
        The gap (0-1) between objective and bound.
    """

    chosen: Flags
    bound: float
    gap_share: float


def choose_cheapest(cost: Floats, value: Floats, needed: float) -> Choice:
    """Choose candidates whose values add up to ``needed`` at the least cost.

    Parameters
    ----------
    cost, value
        Households of each candidate, at least 0.
    needed
        At most the sum of the values.

    Raises
    ------
    GeographyError
        No set of candidates is enough.
    """
    cost_scale, value_scale = _scale(cost), _scale(value)
    solution = milp(
        cost * cost_scale,
        integrality=np.ones_like(cost),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            value_scale * value[None, :], value_scale * needed * (1 - TOUCHING / 10), np.inf
        ),
        options=_OPTIONS,
    )
    if solution.x is None:
        raise GeographyError(
            f"The solver found no set: {solution.message}.", "Request less coverage."
        )

    chosen = (solution.x > _HALF) & (value > 0)
    total = float(cost[chosen].sum())
    bound = min(total, float(solution.mip_dual_bound) / cost_scale)
    return Choice(chosen, bound, (total - bound) / total if total else 0.0)


def choose_richest(cost: Floats, value: Floats, limit: float) -> Choice:
    """Choose the candidates of most value whose costs add up to at most ``limit``.

    Parameters
    ----------
    cost, value
        Households of each candidate, at least 0.
    limit
        What may be spent, in units of ``cost``.

    Raises
    ------
    GeographyError
        The solver fails.
    """
    cost_scale, value_scale = _scale(cost), _scale(value)
    solution = milp(
        -value * value_scale,
        integrality=np.ones_like(cost),
        bounds=Bounds(0, (cost <= limit).astype(float)),
        constraints=LinearConstraint(cost_scale * cost[None, :], 0, cost_scale * limit),
        options=_OPTIONS,
    )
    if solution.x is None:
        raise GeographyError(
            f"The solver found no set: {solution.message}.", "Give a larger budget."
        )

    chosen = (solution.x > _HALF) & (value > 0)
    total = float(value[chosen].sum())
    bound = max(total, -float(solution.mip_dual_bound) / value_scale)
    return Choice(chosen, bound, (bound - total) / bound if bound else 0.0)


def _scale(figures: Floats) -> float:
    """Return the factor that brings figures to the common sum."""
    return _SUM / max(float(figures.sum()), _TINY)
