"""Choose circles that hold enough target households for the fewest paid-for ones.

    minimize    sum h_i y_i + worth x sum x_j
    subject to  sum g_i y_i >= needed

over circles ``x_j`` in {0, 1} and points ``y_i``, where ``y_i`` = 1 if any chosen circle holds
point i. ``h_i`` and ``g_i`` are the paid-for and the target households of a point.

This is a partial covering problem, which is hard in general. Circles are added greedily, by target
households gained per household paid for. Then one to six neighboring circles are removed and the
gap is filled again, or a new circle replaces a neighbor, as long as that saves. The search is
deterministic. :mod:`geo.cover.circle_bound` proves how far from the best the choice may be.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array

from geo.cover.circle_bound import prove_least
from geo.cover.covering import TOUCHING
from outreach.arrays import Floats, Ints

#: How many neighboring circles are removed together.
_EXCHANGED = (1, 2, 3, 4, 6)
_ROUNDS = 20
#: How many new circles are tried in place of a neighbor in each round.
_TRIED = 400
_DOUBLINGS = 12
#: Fewer households than this are rounding errors of sums.
_NOBODY = 1e-6


@dataclass(frozen=True)
class CircleChoice:
    """The chosen circles and a proof of how good they are.

    Parameters
    ----------
    chosen
        Columns of the chosen circles.
    worth
        Households that one more circle had to save.
    cost
        Paid-for households + worth x circles.
    bound
        No choice costs less than this.
    """

    chosen: tuple[int, ...]
    worth: float
    cost: float
    bound: float

    @property
    def gap_share(self) -> float:
        """How far (0-1) the cost may be above the best."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0


def choose_circles(
    inside: csc_array,
    places: Floats,
    paid: Floats,
    target: Floats,
    needed: float,
    tract: Ints,
    worth: float,
    most: int | None = None,
) -> CircleChoice:
    """Choose circles that hold ``needed`` target households for the fewest paid-for ones.

    Parameters
    ----------
    inside
        Which points (rows) lie in which circles (columns): 0 or 1.
    places
        The points on the unit sphere, shape (points, 3). Only the proof uses them, to find
        neighbors.
    paid, target
        Households, and target households among them, at each point.
    needed
        Target households to reach; at most those in all circles together.
    tract
        The tract of each point. All points of a tract have the same share of target households.
    worth
        Households that one more circle must save.
    most
        ``worth`` is doubled, at most a dozen times, until no more circles than this are chosen.
    """
    # Only points in some circle matter.
    rows = inside.tocsr()
    touched = np.flatnonzero(np.diff(rows.indptr))
    problem = _Problem(csr_array(rows[touched]), paid[touched], target[touched], needed, worth)

    # Make circles more expensive until there are few enough.
    chosen = problem.choose()
    for _ in range(_DOUBLINGS):
        if most is None or len(chosen) <= most:
            break
        problem.worth *= 2
        chosen = problem.choose()

    cost = problem.measure_cost(chosen)
    least = prove_least(
        problem.points, places[touched], problem.both, problem.needed, tract[touched], problem.worth
    )
    return CircleChoice(tuple(sorted(chosen)), problem.worth, cost, min(cost, least))


class _Problem:
    """One covering problem, with only the points that some circle holds."""

    def __init__(
        self, points: csr_array, paid: Floats, target: Floats, needed: float, worth: float
    ) -> None:
        self.points, self.circles = points, csr_array(points.T)
        self.both = np.stack([target, paid], axis=1)
        self.needed, self.worth = needed * (1 - TOUCHING / 10), worth
        self.whole = self.circles @ self.both

    def choose(self) -> list[int]:
        """Fill greedily, then exchange circles."""
        start = _Set(self)
        start.fill()
        return self._exchange(start).chosen

    def list_points(self, circle: int) -> Ints:
        """Return the points in a circle."""
        held: Ints = self.circles.indices[
            self.circles.indptr[circle] : self.circles.indptr[circle + 1]
        ]
        return held

    def measure_cost(self, chosen: list[int]) -> float:
        """Return paid-for households + worth x circles, counted from scratch."""
        held = np.asarray(self.points[:, chosen].sum(axis=1)) > 0
        return float(self.both[held, 1].sum()) + self.worth * len(chosen)

    def _exchange(self, best: "_Set") -> "_Set":
        """Remove neighboring circles and fill the gap again, as long as that saves."""
        for _ in range(_ROUNDS):
            before = best
            for size in _EXCHANGED:
                for circle in best.chosen:
                    if circle in best.chosen:
                        best = best.exchange(self._list_neighbors(circle, best.chosen, size), None)
            for circle in self._rank_circles():
                if circle not in best.chosen:
                    best = best.exchange(self._list_neighbors(circle, best.chosen, 1), circle)
            if best is before:
                break
        return best

    def _rank_circles(self) -> list[int]:
        """Return the circles to try: those with the most target households per cost."""
        gain, cost = self.whole.T
        worth = np.divide(gain, cost + self.worth, out=np.zeros_like(gain), where=gain > 0)
        return [int(circle) for circle in np.argsort(-worth, kind="stable")[:_TRIED]]

    def _list_neighbors(self, circle: int, chosen: list[int], size: int) -> list[int]:
        """Return the chosen circles that share the most points with a circle, itself first."""
        mine = np.zeros(len(self.both))
        mine[self.list_points(circle)] = 1.0
        shared = self.circles[chosen] @ mine
        return [chosen[at] for at in np.argsort(-shared, kind="stable")[:size]]


class _Set:
    """A set of circles that keeps track of what every other circle would add."""

    def __init__(self, problem: _Problem, like: "_Set | None" = None) -> None:
        self.problem = problem
        self.chosen: list[int] = list(like.chosen) if like else []
        self.holders: Ints = (
            like.holders.copy() if like else np.zeros(len(problem.both), dtype=np.intp)
        )
        #: By circle: target and paid-for households at its points that no chosen circle holds.
        self.added: Floats = like.added.copy() if like else problem.whole.copy()
        self.held: Floats = like.held.copy() if like else np.zeros(2)

    @property
    def cost(self) -> float:
        """Paid-for households + worth x circles."""
        return float(self.held[1]) + self.problem.worth * len(self.chosen)

    def exchange(self, out: list[int], into: int | None) -> "_Set":
        """Remove some circles, add one, and fill up; return the result if it saves, else self."""
        other = _Set(self.problem, self)
        for circle in out:
            other.drop(circle)
        if into is not None:
            other.add(into)
        other.fill()
        return other if other.cost < self.cost * (1 - TOUCHING) else self

    def fill(self) -> None:
        """Add the best circle until enough households are held, then drop unneeded ones.

        The best circle has the most useful target households per cost.
        """
        needed, worth = self.problem.needed, self.problem.worth
        while self.held[0] < needed:
            gain, cost = self.added.T
            useful = np.minimum(gain, needed - self.held[0])
            ratio = np.divide(useful, cost + worth, out=np.zeros_like(useful), where=gain > _NOBODY)
            best = int(np.argmax(ratio))
            if not gain[best] > _NOBODY:
                break
            self.add(best)

        for circle in tuple(self.chosen):
            points = self.problem.list_points(circle)
            alone = float(self.problem.both[points[self.holders[points] == 1], 0].sum())
            if self.held[0] - alone >= needed:
                self.drop(circle)

    def add(self, circle: int) -> None:
        """Add a circle."""
        points = self.problem.list_points(circle)
        self._update(points[self.holders[points] == 0], 1.0)
        self.holders[points] += 1
        self.chosen.append(circle)

    def drop(self, circle: int) -> None:
        """Remove a circle."""
        points = self.problem.list_points(circle)
        self.holders[points] -= 1
        self._update(points[self.holders[points] == 0], -1.0)
        self.chosen.remove(circle)

    def _update(self, points: Ints, sign: float) -> None:
        """Count points as held (1) or free again (-1), for the set and for every circle."""
        both, rows = self.problem.both[points], self.problem.points
        lengths = np.diff(rows.indptr)[points]
        ends = np.cumsum(lengths)
        at = np.repeat(rows.indptr[points] - ends + lengths, lengths) + np.arange(
            ends[-1] if len(ends) else 0
        )
        circle = rows.indices[at]
        for column in range(2):
            change = np.bincount(
                circle, np.repeat(both[:, column], lengths), minlength=len(self.added)
            )
            self.added[:, column] -= sign * change
        self.held += sign * both.sum(axis=0)
