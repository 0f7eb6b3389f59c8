"""State how a budget may be split, and bound what any split can win.

    maximize  sum f_i(s_i)   subject to   sum s_i <= budget
                                          sum over group g of s_i >= floor_g
                                          s_i = 0  or  minimum_i <= s_i <= maximum_i

A shadow price is the marginal value of a dollar (responses per USD) at which a budget runs out. The
common budget has one; a group whose floor binds has a lower one of its own. Shadow prices are kept
as logarithms, because on a saturated curve the price itself underflows.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.budget.ad_response import SpendCurves
from outreach.arrays import Flags, Floats, Ints


@dataclass(frozen=True)
class Problem:
    """A budget to split and its rules; all money in USD, one entry per unit.

    Parameters
    ----------
    curves
        Expected responses by spend.
    budget
        The most to spend.
    minimum, maximum
        The least spend of a unit that gets any, and the most; ``maximum`` may be infinite.
    group
        Number of the group whose floor a unit counts toward, -1 for none.
    floor
        Least spend of each group.
    """

    curves: SpendCurves
    budget: float
    minimum: Floats
    maximum: Floats
    group: Ints
    floor: Floats

    @cached_property
    def fundable(self) -> Flags:
        """Units where money can win anything, and whose minimum fits their cap and the budget."""
        return (
            (self.curves.ceiling > 0)
            & (self.maximum > 0)
            & (self.minimum <= np.minimum(self.maximum, self.budget))
        )

    @cached_property
    def entry_log_price(self) -> Floats:
        """Logarithm of the highest shadow price at which a unit is worth funding.

        It is the value per USD of its minimum spend, or of its first dollar without a minimum;
        minus infinity for units that cannot be funded.
        """
        at_minimum = np.divide(
            self.curves.responses(self.minimum),
            self.minimum,
            out=self.curves.marginal(np.zeros_like(self.minimum)),
            where=self.minimum > 0,
        )
        with np.errstate(divide="ignore"):
            return np.where(self.fundable, np.log(at_minimum), -np.inf)


@dataclass(frozen=True, slots=True)
class Split:
    """A split budget, and the shadow prices that prove how good it is.

    Parameters
    ----------
    spend
        USD by unit.
    log_price
        Logarithm of the shadow price of the common budget; minus infinity if money is left over.
    log_group_price
        The same for each group: below ``log_price`` where the floor raises the group's spend, and
        infinite where the floor makes no difference.
    bound
        The dual value: no split wins more.
    """

    spend: Floats
    log_price: float
    log_group_price: Floats
    bound: float = np.inf

    def total_responses(self, problem: Problem) -> float:
        """Return the expected responses of this split."""
        return float(problem.curves.responses(self.spend).sum())


def bound_responses(problem: Problem, log_price: float, log_group_price: Floats) -> float:
    """Return a bound that no feasible split exceeds, for any shadow prices (weak duality)."""
    log_prices = np.minimum(spread_groups(problem, log_group_price), log_price)
    spend = find_demand(problem, problem.entry_log_price, log_prices)
    price, group_price = float(np.exp(log_price)), np.exp(np.minimum(log_group_price, log_price))
    surplus = problem.curves.responses(spend) - np.exp(log_prices) * spend
    return float(
        surplus.sum() + price * problem.budget - ((price - group_price) * problem.floor).sum()
    )


def find_demand(problem: Problem, entry: Floats, log_prices: Floats | float) -> Floats:
    """Return what each unit takes at a shadow price.

    That is nothing above its entry price, and otherwise from its minimum to its maximum.
    """
    amount = np.clip(problem.curves.spend_at(log_prices), problem.minimum, problem.maximum)
    return np.where((entry >= log_prices) & (entry > -np.inf), amount, 0.0)


def spread_groups(problem: Problem, by_group: Floats) -> Floats:
    """Spread one figure per group over its units; infinity for units of no group."""
    return np.append(by_group, np.inf)[problem.group]
