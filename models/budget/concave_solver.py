"""Split a budget under minimum spends, caps and group floors, with a proven bound.

Without minimum spends the problem is convex and its relaxation (:mod:`models.budget.shadow_price`)
is the exact answer. With them the relaxation leaves at most a few units partly funded at the shadow
price. Several ways to settle these units are tried, and the best wins:

- their money goes whole to as many of them as it clears, or to one more at the cost of the rest;
- units that it did not clear are barred, and the rest is solved again;
- where floors and minimums leave none of these, floors are served first;
- in small problems, units near the shadow price are also swapped.

The dual value bounds what any other split could win, so the gap to the optimum is known.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from models.budget.concave_problem import Problem, Split, bound_responses, spread_groups
from models.budget.shadow_price import solve_relaxation
from outreach.arrays import Flags, Floats
from outreach.errors import ModelError

#: How often units that could not be cleared are barred and the rest is solved again.
_BARRINGS = 6
#: Swaps tried on either side of the shadow price, where the problem is small enough for a single
#: unit to matter.
_SWAPS = 6
_SWAPPABLE = 2000
#: Relative gap that is not worth another round.
_CLOSE = 1e-7
#: Relative slack for sums of money that should be equal.
_SLACK = 1e-12


def split_budget(problem: Problem) -> Split:
    """Return the best split found, and a bound on the best possible.

    The caller checks that the floors fit the budget and the caps of their groups.

    Raises
    ------
    ModelError
        No split was found that meets the floors and minimum spends together.
    """
    relaxed = solve_relaxation(problem, problem.entry_log_price)
    bound = bound_responses(problem, relaxed.log_price, relaxed.log_group_price)

    splits = chain(_settle_partial(problem, relaxed), _serve_floors_first(problem))
    best = _choose_best(problem, splits, None, bound)
    if best is not None and len(best.spend) <= _SWAPPABLE:
        best = _choose_best(problem, _swap_units(problem, best), best, bound)

    if best is None:
        raise ModelError(
            "No split of the budget was found that meets the floors and the minimum spends"
            " together.",
            "Raise the budget, or lower a floor or the minimum spend.",
        )
    return replace(best, bound=bound)


def _choose_best(
    problem: Problem, splits: Iterator[Split], best: Split | None, bound: float
) -> Split | None:
    """Return the split that wins most; stop early once one is close to the bound."""
    while best is None or best.total_responses(problem) < bound * (1 - _CLOSE):
        split = next(splits, None)
        if split is None:
            break
        if best is None or split.total_responses(problem) > best.total_responses(problem):
            best = split
    return best


def _settle_partial(problem: Problem, relaxed: Split) -> Iterator[Split]:
    """Yield splits without partly funded units, from a relaxed one that may have some."""
    entry = problem.entry_log_price
    for _ in range(_BARRINGS):
        whole = relaxed.spend >= problem.minimum * (1 - 1e-9)
        partly = (relaxed.spend > 0) & ~whole
        if not partly.any():
            yield relaxed
            return

        # Fund as many of the partly funded units as their money clears, or one more.
        granted, refused = _grant_money(problem, relaxed, entry, partly)
        funded = granted | (whole & (relaxed.spend > 0))
        short = np.append(_measure_room(problem, funded) < problem.floor * (1 - _SLACK), False)
        yield from _solve_funded(problem, funded | (refused & short[problem.group]))
        yield from _solve_funded(problem, funded | refused)

        # Bar what was refused and solve the rest again, as long as the floors can still be met.
        entry = np.where(refused, -np.inf, entry)
        if bool((_measure_room(problem, entry > -np.inf) < problem.floor).any()):
            return
        relaxed = solve_relaxation(problem, entry)


def _grant_money(
    problem: Problem, relaxed: Split, entry: Floats, partly: Flags
) -> tuple[Flags, Flags]:
    """Give the money of the partly funded units of each pot whole to the best of them.

    Returns
    -------
    granted, refused : array
        The units that the money clears, and the first of each pot that it does not.
    """
    granted, refused = np.zeros_like(partly), np.zeros_like(partly)
    own = spread_groups(problem, relaxed.log_group_price) <= relaxed.log_price
    pot = np.where(own, problem.group, -1)
    for number in np.unique(pot[partly]):
        members = np.flatnonzero(partly & (pot == number))
        members = members[np.argsort(-entry[members], kind="stable")]
        money = relaxed.spend[members].sum() * (1 + _SLACK)
        cleared = np.cumsum(problem.minimum[members]) <= money
        granted[members[cleared]] = True
        refused[members[~cleared][:1]] = True
    return granted, refused


def _serve_floors_first(problem: Problem) -> Iterator[Split]:
    """Fund the best units of each group until they can take its floor, then the best of all."""
    order = _order_by_entry(problem)
    funded = np.zeros(len(problem.group), dtype=bool)
    for number, floor in enumerate(problem.floor):
        members = order[problem.group[order] == number]
        before = np.cumsum(problem.maximum[members]) - problem.maximum[members]
        funded[members[before < floor]] = True

    # Add the best of the others whose minimums still fit.
    rest = order[~funded[order]]
    left = problem.budget - _sum_needed(problem, funded)
    funded[rest[np.cumsum(problem.minimum[rest]) <= left]] = True
    yield from _solve_funded(problem, funded)


def _swap_units(problem: Problem, best: Split) -> Iterator[Split]:
    """Drop one of the funded units nearest the shadow price, or none, for an unfunded one."""
    order = _order_by_entry(problem)
    funded = best.spend > 0
    leaving, entering = order[funded[order]][-_SWAPS:], order[~funded[order]][:_SWAPS]
    nobody = np.empty(0, dtype=np.intp)
    for dropped in (nobody, *leaving[::-1, None]):
        for added in (nobody, *entering[:, None]):
            trial = funded.copy()
            trial[dropped], trial[added] = False, True
            yield from _solve_funded(problem, trial)


def _order_by_entry(problem: Problem) -> np.ndarray:
    """Return the fundable units, the most valuable first."""
    order = np.argsort(-problem.entry_log_price, kind="stable")
    return np.asarray(order[problem.fundable[order]])


def _solve_funded(problem: Problem, funded: Flags) -> Iterator[Split]:
    """Solve with exactly these units funded; yield nothing if that breaks the budget or a floor."""
    short = _measure_room(problem, funded) < problem.floor * (1 - _SLACK)
    fits = _sum_needed(problem, funded) <= problem.budget * (1 + _SLACK)
    if fits and not bool(short.any()):
        yield solve_relaxation(problem, np.where(funded, np.inf, -np.inf))


def _sum_needed(problem: Problem, funded: Flags) -> float:
    """Return the least money that funds these units: their minimums, or a larger group floor."""
    by_group = np.bincount(
        problem.group + 1, np.where(funded, problem.minimum, 0.0), len(problem.floor) + 1
    )
    return float(by_group[0] + np.maximum(by_group[1:], problem.floor).sum())


def _measure_room(problem: Problem, funded: Flags) -> Floats:
    """Return how much money the funded units of each group can take."""
    room = np.bincount(
        problem.group + 1, np.where(funded, problem.maximum, 0.0), len(problem.floor) + 1
    )[1:]
    return np.asarray(room, dtype=float)
