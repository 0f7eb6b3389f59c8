"""Prove how good a split budget is, from its spends and shadow prices alone."""

from dataclasses import dataclass

import numpy as np

from models.budget.concave_problem import Problem, Split, bound_responses, spread_groups

#: Relative width within which two amounts are taken as equal.
EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Certificate:
    """The conditions of optimality, measured.

    Parameters
    ----------
    shadow_price_responses_per_usd
        Responses that one more dollar of the common budget would win; 0 if money is left over
        because every unit is capped.
    group_shadow_prices
        The lower shadow price of each group whose spend its floor raises.
    bound_responses_count, gap_responses_count
        No split under these terms wins more than the bound. The gap is what this split may lack:
        0 without minimum spends, apart from rounding.
    marginal_error
        Largest difference between the logarithm of the marginal value and that of the shadow
        price, over cells strictly between their bounds.
    slackness_error
        Largest such difference on the wrong side of the shadow price: a funded cell whose entry
        value lies below it, an unfunded cell above it, a capped cell below it. It is 0 without
        minimum spends, apart from rounding, and infinite if money is left over that clears no
        minimum.
    """

    shadow_price_responses_per_usd: float
    group_shadow_prices: dict[str, float]
    bound_responses_count: float
    gap_responses_count: float
    marginal_error: float
    slackness_error: float


def certify_split(problem: Problem, split: Split, groups: list[str]) -> Certificate:
    """Check a split against the conditions of optimality.

    Parameters
    ----------
    problem, split
        The problem, and its answer.
    groups
        Names of the groups that have a floor, by their number.
    """
    log_prices = np.minimum(spread_groups(problem, split.log_group_price), split.log_price)

    # Where each cell is between its bounds.
    lowest = np.where(split.spend > 0, problem.minimum, 0.0)
    capped = split.spend >= problem.maximum * (1 - EQUAL)
    at_bottom = split.spend <= lowest * (1 + EQUAL)
    inside = problem.fundable & ~capped & ~at_bottom

    # How far its marginal value and entry value are from the shadow price.
    with np.errstate(invalid="ignore"):  # -inf - -inf: nothing to win, and nothing required
        off = problem.curves.log_marginal(split.spend) - log_prices
        entry_off = problem.entry_log_price - log_prices
    wrong_side = [
        np.where(problem.fundable, np.where(split.spend == 0, entry_off, -entry_off), 0.0),
        np.where(capped & ~at_bottom, -off, 0.0),
        np.where(at_bottom & ~capped & (split.spend > 0), off, 0.0),
    ]

    raised = np.flatnonzero(split.log_group_price < split.log_price)
    bound = min(split.bound, bound_responses(problem, split.log_price, split.log_group_price))
    return Certificate(
        shadow_price_responses_per_usd=float(np.exp(split.log_price)),
        group_shadow_prices={
            groups[number]: float(np.exp(split.log_group_price[number])) for number in raised
        },
        bound_responses_count=bound,
        gap_responses_count=max(0.0, bound - split.total_responses(problem)),
        marginal_error=float(np.abs(off[inside]).max(initial=0.0)),
        slackness_error=float(np.max(wrong_side, initial=0.0)),
    )
