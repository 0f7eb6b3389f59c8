"""Tell where a budget saturates: its curve, its knee, and where to stop."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from models.budget.concave_problem import Problem, find_demand
from models.budget.shadow_price import solve_relaxation
from outreach.arrays import Floats

#: Budgets of the curve, as shares of the largest; small ones are close together.
_STEPS = (
    0.0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.35,
    0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0,
)  # fmt: skip
_BISECTIONS = 40


#: Shares of the responses whose budgets are marked on the curve.
_MARKS = (0.9, 0.99)


@dataclass(frozen=True)
class Saturation:
    """How far money works.

    Parameters
    ----------
    curve
        A row is a budget, smallest first: ``budget_usd``, ``expected_responses_count``,
        ``share_of_all`` (of the responses that the whole budget wins, 0-1),
        ``next_1000_usd_responses_count`` (what 1,000 USD more would win at that value),
        ``usd_per_next_response``, and ``mark`` (``90%``, ``99%``, ``knee``, or empty).
    knee_usd
        Where the next dollar wins less than ``least_share`` of what the best first dollar won. It
        may be above the budget.
    least_share
        That share, 0-1.
    """

    curve: pd.DataFrame
    knee_usd: float
    least_share: float

    @property
    def budget_usd(self) -> float:
        """The whole budget."""
        return float(self.curve["budget_usd"].iloc[-1])

    @property
    def responses_count(self) -> float:
        """The responses that the whole budget could win."""
        return float(self.curve["expected_responses_count"].iloc[-1])

    def find_mark(self, mark: str) -> float:
        """Return the budget (USD) with a mark on the curve."""
        return float(self.curve.loc[self.curve["mark"] == mark, "budget_usd"].iloc[0])


def find_stop_price(problem: Problem, least_share: float) -> float:
    """Return the logarithm of the marginal value at which spending stops.

    It is that share of what the best first dollar wins; minus infinity for a share of 0.
    """
    first = problem.entry_log_price[problem.fundable]
    if not least_share or not len(first):
        return -np.inf
    return float(first.max() + np.log(least_share))


def limit_budget(problem: Problem, stop_log_price: float) -> float:
    """Return the money (USD) that wins at least the given marginal value.

    Each unit takes what it can at that value, and each group at least its floor.
    """
    if np.isneginf(stop_log_price):
        return np.inf
    demand = find_demand(problem, problem.entry_log_price, stop_log_price)
    sums = np.bincount(problem.group + 1, demand, len(problem.floor) + 1)
    return float(sums[0] + np.maximum(sums[1:], problem.floor).sum())


def trace_saturation(problem: Problem, budget_usd: float, least_share: float) -> Saturation:
    """Trace what every smaller budget would win, split as well as it can be.

    Minimum spends are relaxed, and floors shrink with the money where it does not meet them.

    Parameters
    ----------
    problem
        From :class:`models.budget.allocation.Allocation`.
    budget_usd
        The largest budget of the curve.
    least_share
        Where the knee is: what the next dollar wins, as a share (0-1) of the best first one.
    """
    # Budgets of the curve, and those that are marked.
    most = _solve_budget(problem, budget_usd)[0]
    knee = limit_budget(problem, find_stop_price(problem, least_share))
    marks = {f"{share:.0%}": _find_budget(problem, budget_usd, share * most) for share in _MARKS}
    marks |= {"knee": knee} if knee < budget_usd else {}
    rows = [(share * budget_usd, "") for share in _STEPS]
    rows = sorted([*rows, *((budget, mark) for mark, budget in marks.items())])

    # What each of them wins.
    solved = [_solve_budget(problem, budget) for budget, _ in rows]
    responses = np.array([won for won, _ in solved])
    value = np.exp([log_price for _, log_price in solved])
    curve = pd.DataFrame(
        {
            "budget_usd": [budget for budget, _ in rows],
            "expected_responses_count": responses,
            "share_of_all": responses / most if most else 0.0,
            "next_1000_usd_responses_count": 1000 * value,
            "usd_per_next_response": np.divide(
                1, value, out=np.full_like(value, np.inf), where=value > 0
            ),
            "mark": [mark for _, mark in rows],
        }
    )
    return Saturation(curve, knee, least_share)


def _find_budget(problem: Problem, most_usd: float, responses_count: float) -> float:
    """Return the least budget (USD) that wins a number of responses, by bisection."""
    low, high = 0.0, most_usd
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        enough = _solve_budget(problem, middle)[0] >= responses_count
        low, high = (low, middle) if enough else (middle, high)
    return high


def _solve_budget(problem: Problem, budget_usd: float) -> tuple[float, float]:
    """Return what a budget wins, and the logarithm of the value of its next dollar."""
    floor: Floats = problem.floor
    if floor.sum() > budget_usd:
        floor = floor * (budget_usd / floor.sum())
    posed = replace(problem, budget=budget_usd, floor=floor)
    split = solve_relaxation(posed, problem.entry_log_price)
    return split.total_responses(posed), split.log_price
