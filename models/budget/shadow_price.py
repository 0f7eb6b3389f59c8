"""Solve the relaxed budget problem by its shadow prices.

Each unit is filled until its marginal value has fallen to the shadow price (water-filling; Boyd &
Vandenberghe, Convex Optimization, 5.5.3). Minimum spends are relaxed: each curve is replaced by its
concave envelope, a line from 0 to the minimum. Only units exactly at the price are partly funded.
"""

from collections.abc import Callable

import numpy as np

from models.budget.concave_problem import Problem, Split, find_demand, spread_groups
from outreach.arrays import Floats, Ints

_BISECTIONS = 200


def solve_relaxation(problem: Problem, entry: Floats) -> Split:
    """Solve the relaxed problem: first the shadow prices of the floors, then the common one.

    Parameters
    ----------
    entry
        Logarithm of the price at which each unit is worth funding: minus infinity bars a unit,
        infinity forces it in.
    """
    groups = len(problem.floor)
    index = np.where(problem.group >= 0, problem.group, groups)

    def demand_of_groups(log_prices: Floats) -> Floats:
        return find_demand(problem, entry, np.append(log_prices, np.inf)[index])

    def sum_groups(spend: Floats) -> Floats:
        return np.bincount(index, spend, groups + 1)[:groups].astype(float)

    # Each group meets its own floor.
    at_floor, log_group_price = _find_price(
        problem, demand_of_groups, sum_groups, problem.floor, index
    )
    own = spread_groups(problem, log_group_price)

    def demand(log_price: Floats) -> Floats:
        return np.where(
            own <= log_price, at_floor, find_demand(problem, entry, np.minimum(own, log_price))
        )

    # The budget covers everything that anyone can use.
    everything = demand(np.array([-np.inf]))
    if everything.sum() <= problem.budget:
        return Split(everything, -np.inf, log_group_price)

    # The rest goes to the best units, whatever their group.
    target, all_units = np.array([problem.budget]), np.zeros_like(index)
    spend, log_price = _find_price(
        problem, demand, lambda each: np.array([each.sum()]), target, all_units
    )
    if np.isinf(log_price[0]):
        # The floors take it all: the price is the lowest at which nobody else would be funded.
        log_price = np.where(np.isinf(own), problem.entry_log_price, own).max(keepdims=True)
    return Split(spend, float(log_price[0]), log_group_price)


def _find_price(
    problem: Problem,
    demand: Callable[[Floats], Floats],
    sums: Callable[[Floats], Floats],
    target: Floats,
    index: Ints,
) -> tuple[Floats, Floats]:
    """Find the price at which demand comes to each target, and the demand that meets it exactly.

    The price is infinite where the target is met at any price.
    """
    low, high = _bracket_price(problem, demand, sums, target)
    less, more = demand(high), demand(low)
    span = sums(more) - sums(less)
    part = np.divide(target - sums(less), span, out=np.zeros_like(span), where=span > 0)
    return less + np.append(np.clip(part, 0, 1), 0.0)[index] * (more - less), high


def _bracket_price(
    problem: Problem,
    demand: Callable[[Floats], Floats],
    sums: Callable[[Floats], Floats],
    target: Floats,
) -> tuple[Floats, Floats]:
    """Return log prices with demand at least, and at most, ``target``, as close as floats get."""
    target = np.minimum(target, sums(demand(np.full(len(target), -np.inf))))
    first = problem.curves.marginal(np.zeros_like(problem.minimum)).max(initial=0.0)
    high = np.full(len(target), float(np.log(max(first, 1e-300))) + 1.0)
    always = sums(demand(high)) >= target

    # Double the step until demand reaches the target.
    step = np.ones(len(target))
    while bool((short := (sums(demand(high - step)) < target) & ~always).any()):
        step = np.where(short, step * 2, step)

    # Bisect until the two prices touch.
    low = high - step
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if bool(np.all((middle <= low) | (middle >= high) | always)):
            break
        enough = sums(demand(middle)) >= target
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(always, np.inf, low), np.where(always, np.inf, high)
