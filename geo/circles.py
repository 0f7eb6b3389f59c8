"""Chooses among overlapping circles: the fewest paid-for households for a wished number of target ones, with a proof of how good the choice is.

    minimise    sum h_i y_i + worth x sum x_j    over circles x_j in {0, 1} and points y_i, where y_i = 1 if any chosen circle holds point i
    subject to  sum g_i y_i >= needed

This is a partial covering problem, hard in general. Circles are added greedily, by target households gained per household paid; then one, two
or three neighbouring circles are taken out and the gap is filled again, or a circle not chosen takes a neighbour's place, as long as that saves.
That is deterministic and takes seconds. HiGHS on the mixed-integer form (Cook County, 75 %, a coarser grid, 300 and 600 candidates) was worse than
the greedy start after 30 s; held to the circles that the linear programme uses, it was up to 3 % better than that start after 8 s, but stopped by
the clock and so not alike on every machine. What no other choice can beat is found by a linear programme, solved by HiGHS, in which circles and
points count in parts and the points of a tract are taken together; both only ever lower the least cost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, coo_array, csc_array, csr_array, eye_array

from geo.packing import TOUCHING, Floats

#: How many neighbouring circles are taken out together.
_EXCHANGED = (1, 2, 3)
_ROUNDS = 20
#: How many circles that were not chosen are tried in the place of a neighbour, a round.
_TRIED = 120


@dataclass(frozen=True)
class Cover:
    """The circles that were chosen, their cost (paid-for households + worth x circles), and the least that any choice can cost."""

    chosen: tuple[int, ...]
    cost: float
    bound: float

    @property
    def gap_share(self) -> float:
        """How far (0-1) the cost may lie above the best."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0


def cover_target(
    inside: csc_array, paid: Floats, target: Floats, needed: float, group: NDArray[np.intp], worth: float
) -> Cover:
    """Choose circles that hold ``needed`` target households for the fewest paid-for ones.

    Parameters
    ----------
    inside
        Which points (rows) lie in which circles (columns): 0 or 1.
    paid, target
        Households, and target ones among them, at each point.
    needed
        Target households to reach; at most those that all circles together hold.
    group
        The tract of each point; of each tract the points hold the same share of target households.
    worth
        Households that one circle more must save.
    """
    touched = np.flatnonzero(np.diff(inside.tocsr().indptr))
    problem = _Problem(csc_array(inside.tocsr()[touched]), paid[touched], target[touched], needed, worth)
    chosen = problem.exchange(problem.fill(()))
    cost = problem.cost(chosen)
    return Cover(tuple(sorted(chosen)), cost, min(cost, _prove_least(problem, group[touched])))


class _Problem:
    """One covering problem; only points that some circle holds."""

    def __init__(self, inside: csc_array, paid: Floats, target: Floats, needed: float, worth: float) -> None:
        self.inside, self.paid, self.target = inside, paid, target
        self.needed, self.worth = needed * (1 - TOUCHING / 10), worth
        self._circles: csr_array = csr_array(inside.T)
        self._both = np.stack([target, paid], axis=1)

    def held_by(self, circle: int) -> NDArray[np.intp]:
        """Return the points in a circle."""
        start, end = self.inside.indptr[circle : circle + 2]
        held: NDArray[np.intp] = self.inside.indices[start:end]
        return held

    def count_holders(self, chosen: tuple[int, ...]) -> NDArray[np.intp]:
        """Return how many of the chosen circles hold each point."""
        holders = np.zeros(len(self.paid), dtype=np.intp)
        for circle in chosen:
            holders[self.held_by(circle)] += 1
        return holders

    def cost(self, chosen: tuple[int, ...]) -> float:
        """Return paid-for households + worth x circles."""
        return float(self.paid[self.count_holders(chosen) > 0].sum()) + self.worth * len(chosen)

    def fill(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        """Add the circle of most useful target households per cost until enough are held, then drop those no longer needed."""
        listed = list(chosen)
        holders = self.count_holders(chosen)
        free = (holders == 0).astype(float)
        held = float(self.target[holders > 0].sum())
        while held < self.needed:
            gain, cost = (self._circles @ (self._both * free[:, None])).T
            cost = cost + self.worth
            useful = np.minimum(gain, self.needed - held)
            best = int(np.argmax(np.divide(useful, cost, out=np.zeros_like(useful), where=gain > 0)))
            if not gain[best] > 0:
                break
            listed.append(best)
            points = self.held_by(best)
            holders[points] += 1
            free[points] = 0.0
            held += float(gain[best])
        for circle in tuple(listed):
            points = self.held_by(circle)
            alone = float(self.target[points[holders[points] == 1]].sum())
            if held - alone >= self.needed:
                listed.remove(circle)
                holders[points] -= 1
                held -= alone
        return tuple(listed)

    def exchange(self, chosen: tuple[int, ...]) -> tuple[int, ...]:
        """Take out neighbouring circles and fill up again, as long as that saves."""
        cost = self.cost(chosen)
        for _ in range(_ROUNDS):
            before = cost
            for size in _EXCHANGED:
                for circle in chosen:
                    if circle not in chosen:
                        continue
                    out = self._near(circle, chosen, size)
                    other = self.fill(tuple(each for each in chosen if each not in out))
                    if (other_cost := self.cost(other)) < cost * (1 - TOUCHING):
                        chosen, cost = other, other_cost
            for circle in self._rank():
                if circle not in chosen:
                    other = self.fill((circle, *(each for each in chosen if each not in self._near(circle, chosen, 1))))
                    if (other_cost := self.cost(other)) < cost * (1 - TOUCHING):
                        chosen, cost = other, other_cost
            if cost == before:
                break
        return chosen

    def _rank(self) -> list[int]:
        """Return the circles most worth a try: those of most target households per cost."""
        gain, cost = (self._circles @ self._both).T
        worth = np.divide(gain, cost + self.worth, out=np.zeros_like(gain), where=gain > 0)
        return [int(each) for each in np.argsort(-worth, kind="stable")[:_TRIED]]

    def _near(self, circle: int, chosen: tuple[int, ...], size: int) -> set[int]:
        """Return those of the chosen circles that share the most points with a circle, itself first if it is one of them."""
        mine = np.zeros(len(self.paid))
        mine[self.held_by(circle)] = 1.0
        shared = self._circles[list(chosen)] @ mine
        return {chosen[at] for at in np.argsort(-shared, kind="stable")[:size]}


def _prove_least(problem: _Problem, group: NDArray[np.intp]) -> float:
    """Return the least cost that any choice can have, from the linear programme over whole tracts.

    With ``Y_t`` the share of a tract's points that is held and ``f_tj`` the share that circle j holds, every choice has ``Y_t >= f_tj x_j`` and
    ``Y_t <= sum_j f_tj x_j``, both being sums over the tract's points.
    """
    _, tract = np.unique(group, return_inverse=True)
    size = np.bincount(tract, problem.paid)
    weight = np.divide(problem.paid, size[tract], out=np.zeros_like(problem.paid), where=size[tract] > 0)
    gather = csr_array((weight, (tract, np.arange(len(tract)))), shape=(len(size), len(tract)))
    share = coo_array(gather @ problem.inside)
    tracts, circles = share.shape
    at, by = share.coords
    each = np.arange(share.nnz)
    holds_each = csr_array((share.data, (each, by)), shape=(share.nnz, circles))
    held_each = csr_array((np.ones(share.nnz), (each, at)), shape=(share.nnz, tracts))
    wanted = np.bincount(tract, problem.target)
    rows = [[holds_each, -held_each], [-share.tocsr(), eye_array(tracts)], [None, csr_array(-wanted[None, :])]]
    rows[2][0] = csr_array((1, circles))
    limits = np.concatenate([np.zeros(share.nnz + tracts), [-problem.needed]])
    cost = np.concatenate([np.full(circles, problem.worth), size])
    solved = linprog(cost, A_ub=block_array(rows, format="csc"), b_ub=limits, bounds=(0, 1), method="highs-ipm")
    return float(solved.fun) if solved.success else 0.0
