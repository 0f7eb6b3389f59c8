"""The mathematics of a budget: the separable concave problem with minimum spends, caps and group floors, solved by its dual.

    maximise  sum f_i(s_i)   subject to   sum s_i <= budget,   sum over group g of s_i >= floor_g,   s_i = 0 or minimum_i <= s_i <= maximum_i

Without minimums the problem is convex and the answer exact: each unit is filled until its marginal
value has fallen to a cut, the same for all that no floor raises (water-filling; Boyd &
Vandenberghe, Convex Optimization, 5.5.3). A group whose floor binds has a lower cut of its own,
found first; the common cut follows from what is left. With minimums each ``f_i`` is replaced by its
concave envelope (a line from 0 to the minimum), which leaves at most a few units partly funded at
the cut. Their money is then given whole to as many of them as it clears, or one more is raised at
the cost of the rest, or those that it did not clear are barred and the rest solved again; where
floors and minimums leave none of these, floors are served first; in small problems units near the
cut are also swapped. The best of these stands. The dual value bounds what any other split could
win, so the gap to the true optimum is known and reported.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np

from models.budget.ad_response import SpendCurves
from outreach.arrays import Flags, Floats, Ints
from outreach.errors import ModelError

#: How often units that could not be cleared are barred and the rest solved again.
_BARRINGS = 6
_BISECTIONS = 200
#: Relative width (in the marginal value) at which the bisection stops; what is left is shared out
#: in proportion.
_TOUCHING = 1e-13
#: Swaps tried on either side of the cut, where the problem is small enough for a single unit to
#: matter.
_SWAPS = 6
_SWAPPABLE = 2000
#: Relative gap that is not worth another round.
_CLOSE = 1e-7


@dataclass(frozen=True)
class Problem:
    """What is to be split, and under which rules; all money in USD, one entry a unit.

    Parameters
    ----------
    curves
        Expected responses by spend.
    budget
        To spend at most.
    minimum, maximum
        Least spend of a unit that gets any, and most; ``maximum`` may be infinite.
    group
        Number of the group whose floor a unit counts to, -1 for none.
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
        """Units that money can win anything in, and whose minimum neither their cap nor the budget forbids."""
        return (
            (self.curves.ceiling > 0)
            & (self.maximum > 0)
            & (self.minimum <= np.minimum(self.maximum, self.budget))
        )

    @cached_property
    def entry_log_cut(self) -> Floats:
        """The logarithm of the cut under which a unit is worth its minimum: its value per USD there, or of its first dollar."""
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
    """An answer: spend by unit, and the cuts that prove how good it is.

    ``log_cut`` is the logarithm of the marginal value (responses per USD) of the common budget,
    minus infinity where money is left over; ``log_group_cut`` that of each group, below ``log_cut``
    where its floor raises it and infinite where the floor asks nothing. ``bound`` is the dual
    value: no split wins more.
    """

    spend: Floats
    log_cut: float
    log_group_cut: Floats
    bound: float = np.inf

    def won(self, problem: Problem) -> float:
        """Return the expected responses of this split."""
        return float(problem.curves.responses(self.spend).sum())


def split_budget(problem: Problem) -> Split:
    """Return the best split found and a bound on the best possible.

    Raises
    ------
    ModelError
        No split was found that meets the floors and minimum spends together. The caller sees to it
        that the floors fit the budget and the groups' caps.
    """
    relaxed = _fill(problem, problem.entry_log_cut)
    bound = dual_value(problem, relaxed.log_cut, relaxed.log_group_cut)
    best = _best(problem, chain(_candidates(problem, relaxed), _floors_first(problem)), None, bound)
    if best is not None and len(best.spend) <= _SWAPPABLE:
        best = _best(problem, _swaps(problem, best), best, bound)
    if best is None:
        raise ModelError(
            "No split of the budget was found that meets the floors and the minimum spends together.",
            "Raise the budget, or lower a floor or the minimum spend.",
        )
    return replace(best, bound=bound)


def dual_value(problem: Problem, log_cut: float, log_group_cut: Floats) -> float:
    """Return the Lagrangian bound at these cuts: no feasible split wins more, whatever the cuts (weak duality)."""
    log_cuts = np.minimum(_by_unit(problem, log_group_cut), log_cut)
    spend = _demand(problem, problem.entry_log_cut, log_cuts)
    cut, group_cut = float(np.exp(log_cut)), np.exp(np.minimum(log_group_cut, log_cut))
    surplus = problem.curves.responses(spend) - np.exp(log_cuts) * spend
    return float(surplus.sum() + cut * problem.budget - ((cut - group_cut) * problem.floor).sum())


def _best(
    problem: Problem, splits: Iterator[Split], best: Split | None, bound: float
) -> Split | None:
    """Return what wins most; look no further once it is close to the bound."""
    while best is None or best.won(problem) < bound * (1 - _CLOSE):
        split = next(splits, None)
        if split is None:
            break
        if best is None or split.won(problem) > best.won(problem):
            best = split
    return best


def _candidates(problem: Problem, relaxed: Split) -> Iterator[Split]:
    """Make answers without partly funded units from the relaxed one, which is itself the answer where it has none."""
    entry = problem.entry_log_cut
    for _ in range(_BARRINGS):
        whole = relaxed.spend >= problem.minimum * (1 - 1e-9)
        partly = (relaxed.spend > 0) & ~whole
        if not partly.any():
            yield relaxed
            return
        granted, refused = _grant(problem, relaxed, entry, partly)
        funded = granted | (whole & (relaxed.spend > 0))
        short = np.append(_room(problem, funded) < problem.floor * (1 - 1e-12), False)
        yield from _refill(problem, funded | (refused & short[problem.group]))
        yield from _refill(problem, funded | refused)
        entry = np.where(refused, -np.inf, entry)
        if bool((_room(problem, entry > -np.inf) < problem.floor).any()):
            return
        relaxed = _fill(problem, entry)


def _grant(problem: Problem, relaxed: Split, entry: Floats, partly: Flags) -> tuple[Flags, Flags]:
    """Give the money of the partly funded units of each pot whole to the best of them; also return the first of each pot that it did not clear."""
    granted, refused = np.zeros_like(partly), np.zeros_like(partly)
    own = _by_unit(problem, relaxed.log_group_cut) <= relaxed.log_cut
    pot = np.where(own, problem.group, -1)
    for number in np.unique(pot[partly]):
        members = np.flatnonzero(partly & (pot == number))
        members = members[np.argsort(-entry[members], kind="stable")]
        money = relaxed.spend[members].sum() * (1 + 1e-12)
        cleared = np.cumsum(problem.minimum[members]) <= money
        granted[members[cleared]] = True
        refused[members[~cleared][:1]] = True
    return granted, refused


def _floors_first(problem: Problem) -> Iterator[Split]:
    """Fund the best units of each group until they can take its floor, then the best of all whose minimums still fit."""
    order = np.argsort(-problem.entry_log_cut, kind="stable")
    order = order[problem.fundable[order]]
    funded = np.zeros(len(problem.group), dtype=bool)
    for number, floor in enumerate(problem.floor):
        members = order[problem.group[order] == number]
        funded[members[np.cumsum(problem.maximum[members]) - problem.maximum[members] < floor]] = (
            True
        )
    rest = order[~funded[order]]
    left = problem.budget - _needed(problem, funded)
    funded[rest[np.cumsum(problem.minimum[rest]) <= left]] = True
    yield from _refill(problem, funded)


def _swaps(problem: Problem, best: Split) -> Iterator[Split]:
    """Drop one of the funded units nearest the cut, or none, for one of the unfunded nearest it, or none."""
    order = np.argsort(-problem.entry_log_cut, kind="stable")
    order = order[problem.fundable[order]]
    funded = best.spend > 0
    leave, enter = order[funded[order]][-_SWAPS:], order[~funded[order]][:_SWAPS]
    for gone in (np.empty(0, dtype=np.intp), *leave[::-1, None]):
        for come in (np.empty(0, dtype=np.intp), *enter[:, None]):
            trial = funded.copy()
            trial[gone], trial[come] = False, True
            yield from _refill(problem, trial)


def _refill(problem: Problem, funded: Flags) -> Iterator[Split]:
    """Solve again with exactly these units funded, each from its minimum up; nothing where that breaks the budget or a floor."""
    short = _room(problem, funded) < problem.floor * (1 - 1e-12)
    if _needed(problem, funded) <= problem.budget * (1 + 1e-12) and not bool(short.any()):
        yield _fill(problem, np.where(funded, np.inf, -np.inf))


def _needed(problem: Problem, funded: Flags) -> float:
    """Return the least money that funds these units: their minimums, or the floor of their group where it is larger."""
    by_group = np.bincount(
        problem.group + 1, np.where(funded, problem.minimum, 0.0), len(problem.floor) + 1
    )
    return float(by_group[0] + np.maximum(by_group[1:], problem.floor).sum())


def _room(problem: Problem, funded: Flags) -> Floats:
    """Return how much money each group's funded units can take."""
    room = np.bincount(
        problem.group + 1, np.where(funded, problem.maximum, 0.0), len(problem.floor) + 1
    )[1:]
    return np.asarray(room, dtype=float)


def _demand(problem: Problem, entry: Floats, log_cuts: Floats | float) -> Floats:
    """Return what each unit takes at a cut: nothing above its entry, else its minimum up to its maximum."""
    wished = np.clip(problem.curves.spend_at(log_cuts), problem.minimum, problem.maximum)
    return np.where((entry >= log_cuts) & (entry > -np.inf), wished, 0.0)


def _by_unit(problem: Problem, by_group: Floats) -> Floats:
    """Spread one figure a group over its units; infinity elsewhere."""
    return np.append(by_group, np.inf)[problem.group]


def _fill(problem: Problem, entry: Floats) -> Split:
    """Solve the relaxed problem for the given entries: the floors' cuts first, then the common one."""
    groups = len(problem.floor)
    index = np.where(problem.group >= 0, problem.group, groups)

    def demand_of_groups(log_cuts: Floats) -> Floats:
        return _demand(problem, entry, np.append(log_cuts, np.inf)[index])

    def sums(spend: Floats) -> Floats:
        return np.bincount(index, spend, groups + 1)[:groups].astype(float)

    at_floor, log_group_cut = _level(problem, demand_of_groups, sums, problem.floor, index)
    own = _by_unit(problem, log_group_cut)

    def demand(log_cut: Floats) -> Floats:
        return np.where(own <= log_cut, at_floor, _demand(problem, entry, np.minimum(own, log_cut)))

    everything = demand(np.array([-np.inf]))
    if everything.sum() <= problem.budget:
        return Split(everything, -np.inf, log_group_cut)
    target, all_units = np.array([problem.budget]), np.zeros_like(index)
    spend, log_cut = _level(problem, demand, lambda each: np.array([each.sum()]), target, all_units)
    if np.isinf(
        log_cut[0]
    ):  # the floors take it all; the common cut is then the lowest at which nobody else asks
        log_cut = np.where(np.isinf(own), problem.entry_log_cut, own).max(keepdims=True)
    return Split(spend, float(log_cut[0]), log_group_cut)


def _level(
    problem: Problem,
    demand: Callable[[Floats], Floats],
    sums: Callable[[Floats], Floats],
    target: Floats,
    index: Ints,
) -> tuple[Floats, Floats]:
    """Find the cut at which demand comes to each target, and the demand that meets it exactly; infinity where the target is met at any cut."""
    low, high = _bracket(problem, demand, sums, target)
    less, more = demand(high), demand(low)
    span = sums(more) - sums(less)
    part = np.divide(target - sums(less), span, out=np.zeros_like(span), where=span > 0)
    return less + np.append(np.clip(part, 0, 1), 0.0)[index] * (more - less), high


def _bracket(
    problem: Problem,
    demand: Callable[[Floats], Floats],
    sums: Callable[[Floats], Floats],
    target: Floats,
) -> tuple[Floats, Floats]:
    """Return cuts (logarithms) with demand at least, and at most, ``target``: doubled apart, then bisected until they touch."""
    target = np.minimum(target, sums(demand(np.full(len(target), -np.inf))))
    first = problem.curves.marginal(np.zeros_like(problem.minimum)).max(initial=0.0)
    high = np.full(len(target), float(np.log(max(first, 1e-300))) + 1.0)
    always = sums(demand(high)) >= target
    step = np.ones(len(target))
    while bool((short := (sums(demand(high - step)) < target) & ~always).any()):
        step = np.where(short, step * 2, step)
    low = high - step
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if bool(np.all((middle <= low) | (middle >= high) | always)):
            break
        enough = sums(demand(middle)) >= target
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.where(always, np.inf, low), np.where(always, np.inf, high)
