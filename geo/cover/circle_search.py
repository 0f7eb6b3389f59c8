"""Chooses among overlapping circles: the fewest paid-for households for a wished number of target ones.

    minimise    sum h_i y_i + worth x sum x_j    over circles x_j in {0, 1} and points y_i, where y_i = 1 if any chosen circle holds point i
    subject to  sum g_i y_i >= needed

This is a partial covering problem, hard in general. Circles are added greedily, by target
households gained per household paid; then one to six neighbouring circles are taken out and the gap
is filled again, or a circle not chosen takes a neighbour's place, as long as that saves. That is
deterministic. :mod:`geo.cover.circle_bound` proves how far from the best the choice may be.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array

from geo.cover.circle_bound import prove_least
from geo.cover.covering import TOUCHING
from outreach.arrays import Floats, Ints

#: How many neighbouring circles are taken out together.
_EXCHANGED = (1, 2, 3, 4, 6)
_ROUNDS = 20
#: How many circles that were not chosen are tried in the place of a neighbour, a round.
_TRIED = 400
_DOUBLINGS = 12
#: Households fewer than this are the rounding of sums.
_NOBODY = 1e-6


@dataclass(frozen=True)
class Cover:
    """The circles that were chosen, what one more had to save, their cost (paid-for households + worth x circles), and the least cost of any."""

    chosen: tuple[int, ...]
    worth: float
    cost: float
    bound: float

    @property
    def gap_share(self) -> float:
        """How far (0-1) the cost may lie above the best."""
        return (self.cost - self.bound) / self.cost if self.cost else 0.0


def cover_target(
    inside: csc_array,
    places: Floats,
    paid: Floats,
    target: Floats,
    needed: float,
    tract: Ints,
    worth: float,
    most: int | None = None,
) -> Cover:
    """Choose circles that hold ``needed`` target households for the fewest paid-for ones.

    Parameters
    ----------
    inside
        Which points (rows) lie in which circles (columns): 0 or 1.
    places
        The points on a sphere, three coordinates in a row, for telling neighbours in the proof; the
        choice does not see them.
    paid, target
        Households, and target ones among them, at each point.
    needed
        Target households to reach; at most those that all circles together hold.
    tract
        The tract of each point; of each tract the points hold the same share of target households.
    worth
        Households that one circle more must save.
    most
        ``worth`` is doubled, a dozen times at most, until no more circles than this are chosen.
    """
    rows = inside.tocsr()
    touched = np.flatnonzero(np.diff(rows.indptr))
    problem = _Problem(csr_array(rows[touched]), paid[touched], target[touched], needed, worth)
    chosen = problem.choose()
    for _ in range(_DOUBLINGS):
        if most is None or len(chosen) <= most:
            break
        problem.worth *= 2
        chosen = problem.choose()
    cost = problem.count_cost(chosen)
    least = prove_least(
        problem.points, places[touched], problem.both, problem.needed, tract[touched], problem.worth
    )
    return Cover(tuple(sorted(chosen)), problem.worth, cost, min(cost, least))


class _Problem:
    """One covering problem; only points that some circle holds."""

    def __init__(
        self, points: csr_array, paid: Floats, target: Floats, needed: float, worth: float
    ) -> None:
        self.points, self.circles = points, csr_array(points.T)
        self.both = np.stack([target, paid], axis=1)
        self.needed, self.worth = needed * (1 - TOUCHING / 10), worth
        self.whole = self.circles @ self.both

    def choose(self) -> list[int]:
        """Fill greedily, then exchange."""
        start = _Set(self)
        start.fill()
        return self._exchange(start).chosen

    def held_by(self, circle: int) -> Ints:
        """Return the points in a circle."""
        held: Ints = self.circles.indices[
            self.circles.indptr[circle] : self.circles.indptr[circle + 1]
        ]
        return held

    def count_cost(self, chosen: list[int]) -> float:
        """Return paid-for households + worth x circles, counted afresh."""
        held = np.asarray(self.points[:, chosen].sum(axis=1)) > 0
        return float(self.both[held, 1].sum()) + self.worth * len(chosen)

    def _exchange(self, best: "_Set") -> "_Set":
        """Take out neighbouring circles and fill up again, as long as that saves."""
        for _ in range(_ROUNDS):
            before = best
            for size in _EXCHANGED:
                for circle in best.chosen:
                    if circle in best.chosen:
                        best = best.better_of(self._near(circle, best.chosen, size), None)
            for circle in self._rank():
                if circle not in best.chosen:
                    best = best.better_of(self._near(circle, best.chosen, 1), circle)
            if best is before:
                break
        return best

    def _rank(self) -> list[int]:
        """Return the circles most worth a try: those of most target households per cost."""
        gain, cost = self.whole.T
        worth = np.divide(gain, cost + self.worth, out=np.zeros_like(gain), where=gain > 0)
        return [int(each) for each in np.argsort(-worth, kind="stable")[:_TRIED]]

    def _near(self, circle: int, chosen: list[int], size: int) -> list[int]:
        """Return those of the chosen circles that share the most points with a circle, itself first if it is one of them."""
        mine = np.zeros(len(self.both))
        mine[self.held_by(circle)] = 1.0
        shared = self.circles[chosen] @ mine
        return [chosen[at] for at in np.argsort(-shared, kind="stable")[:size]]


class _Set:
    """A set of circles, with what every circle would add to it kept up to date."""

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

    def better_of(self, out: list[int], into: int | None) -> "_Set":
        """Return the set with some circles taken out, one put in and filled up again, if that saves; else this one."""
        other = _Set(self.problem, self)
        for circle in out:
            other.drop(circle)
        if into is not None:
            other.add(into)
        other.fill()
        return other if other.cost < self.cost * (1 - TOUCHING) else self

    def fill(self) -> None:
        """Add the circle of most useful target households per cost until enough are held, then drop those no longer needed."""
        needed, worth = self.problem.needed, self.problem.worth
        while self.held[0] < needed:
            gain, cost = self.added.T
            useful = np.minimum(gain, needed - self.held[0])
            best = int(
                np.argmax(
                    np.divide(useful, cost + worth, out=np.zeros_like(useful), where=gain > _NOBODY)
                )
            )
            if not gain[best] > _NOBODY:
                break
            self.add(best)
        for circle in tuple(self.chosen):
            points = self.problem.held_by(circle)
            alone = float(self.problem.both[points[self.holders[points] == 1], 0].sum())
            if self.held[0] - alone >= needed:
                self.drop(circle)

    def add(self, circle: int) -> None:
        """Put a circle in."""
        points = self.problem.held_by(circle)
        self._take(points[self.holders[points] == 0], 1.0)
        self.holders[points] += 1
        self.chosen.append(circle)

    def drop(self, circle: int) -> None:
        """Take a circle out."""
        points = self.problem.held_by(circle)
        self.holders[points] -= 1
        self._take(points[self.holders[points] == 0], -1.0)
        self.chosen.remove(circle)

    def _take(self, points: Ints, sign: float) -> None:
        """Count the points as held (1) or free again (-1), for the set and for every circle that holds them."""
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
