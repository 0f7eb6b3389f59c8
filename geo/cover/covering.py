"""What a set of places to advertise in buys: which households it pays for, how many of them are target, how near it is to the best set.

An ad platform is paid for every household of a place that it takes (a ZIP, a circle, a polygon),
whether a planner wants it or not. *Target* households are the wanted ones, *paid-for* all that the
places hold, *spill* the difference. Coverage is the share of all target households that is reached,
purity the share of the paid-for that is target.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from geo.crosswalk.carry import carry_counts
from outreach.arrays import Flags, Floats
from outreach.errors import GeographyError
from outreach.units import UnitKind

#: What is counted of every tract, spot and place.
COUNTS = ("households_count", "target_households_count", "missing_households_count")
#: A coverage that misses the wished one by no more than this share has reached it: the solver's own
#: tolerance.
TOUCHING = 1e-6
_HALF = 0.5
_EXACT = {"mip_rel_gap": 0.0}
#: Figures are brought to a sum of this before they are solved, so that the solver's tolerances mean
#: the same for a town and a state.
_SUM = 1000.0
_TINY = 1e-12


@dataclass(frozen=True)
class Households:
    """The households of the tracts under consideration, and which are wanted.

    Parameters
    ----------
    table
        A row is a tract (``geoid``): the :data:`COUNTS`.
    uncounted
        Tracts whose number of households is not known; they count as empty.
    unscored
        Tracts with households but no number of missing ones; these count as none.
    """

    table: pd.DataFrame
    uncounted: tuple[str, ...]
    unscored: tuple[str, ...]

    @property
    def target_count(self) -> float:
        """All target households."""
        return float(self.table["target_households_count"].sum())


@dataclass(frozen=True)
class Covering:
    """A set of places of one kind that was chosen.

    Parameters
    ----------
    kind
        ``zip``, ``pin`` or ``polygon``, as in :class:`outreach.tables.Targets`.
    name
        What people call it: ``ZIPs``, ``Meta pins``.
    places
        A row is a place (index ``place``): ``label`` and the :data:`COUNTS`, every household
        counted once however many places hold it. Pins have ``latitude``, ``longitude`` (degrees),
        ``radius_km`` and ``shared_households_count`` (those that another pin holds too); polygons a
        geometry.
    target_count
        All target households, also those that no place of this kind can reach.
    bound
        A proof: no choice among the candidates does better than this objective (paid-for
        households, or target households of a budget).
    gap_share
        How far (0-1) the chosen set may be from the best: 0 is proven optimal.
    unreached
        By tract: target households that no place of this kind can reach.
    """

    kind: UnitKind
    name: str
    places: pd.DataFrame
    target_count: float
    bound: float
    gap_share: float
    unreached: "pd.Series[float]"

    @property
    def households_count(self) -> float:
        """Paid-for households."""
        return float(self.places["households_count"].sum())

    @property
    def target_households_count(self) -> float:
        """Target households among them."""
        return float(self.places["target_households_count"].sum())

    @property
    def spill_households_count(self) -> float:
        """Paid-for households that are not target."""
        return max(0.0, self.households_count - self.target_households_count)

    @property
    def coverage_share(self) -> float:
        """Share of all target households that is reached."""
        return self.target_households_count / self.target_count if self.target_count else 0.0

    @property
    def purity_share(self) -> float:
        """Share of the paid-for households that is target; missing when nothing is paid for."""
        return (
            self.target_households_count / self.households_count
            if self.households_count
            else float("nan")
        )


@dataclass(frozen=True)
class Choice:
    """Which candidates a solver chose, its proven bound on the objective, and the gap (0-1) between the two."""

    chosen: Flags
    bound: float
    gap_share: float


def count_households(
    tracts: pd.DataFrame, target: pd.Series, scores: pd.DataFrame | None = None
) -> Households:
    """Count all, target and missing households by tract.

    Parameters
    ----------
    tracts
        :class:`outreach.tables.Tracts`: the target tracts and all around them that a ZIP or circle
        could take in; what is not here cannot be counted as spill.
    target
        By ``geoid``: whether a tract is target, or the share (0-1) of its households that is.
        Tracts not named are not target. With the share that has not responded, all below finds
        missing households instead of the households of chosen tracts.
    scores
        :class:`outreach.tables.Scores`, for the missing households.

    Raises
    ------
    GeographyError
        A target tract is not among the tracts, a share is none, or no target tract has households.
    """
    share = target.astype(float)
    strangers = share.index[share > 0].difference(tracts.index)
    if len(strangers):
        raise GeographyError(
            f"The target tract {strangers[0]} is not among the tracts.",
            "Give tracts of one vintage.",
        )
    if not share.between(0, 1).all():
        raise GeographyError("The target of a tract must be yes, no, or a share between 0 and 1.")
    known = tracts["households_count"]
    counts = known.fillna(0.0).astype(float)
    missing = scores["missing_households_count"] if scores is not None else pd.Series(dtype=float)
    missing = missing.reindex(tracts.index)
    table = pd.DataFrame(
        {
            "households_count": counts,
            "target_households_count": counts * share.reindex(tracts.index).fillna(0.0),
            "missing_households_count": missing.fillna(0.0),
        },
        index=pd.Index(tracts.index, name="geoid"),
    )
    if not table["target_households_count"].sum() > 0:
        raise GeographyError(
            "No target tract has households.", "Choose other tracts, or give their households."
        )
    unscored = tracts.index[missing.isna() & (counts > 0)]
    return Households(table, tuple(tracts.index[known.isna()]), tuple(unscored))


def count_places(
    households: Households, crosswalk: pd.DataFrame
) -> "tuple[pd.DataFrame, pd.Series[float]]":
    """Count the households of places, given how much of each tract lies in which.

    Parameters
    ----------
    crosswalk
        A :class:`outreach.tables.Crosswalk` from tracts.

    Returns
    -------
    DataFrame, Series
        The :data:`COUNTS` by ``place``; and by tract the target households that lie in no place, be
        it that the tract is not in the crosswalk.
    """
    carried = carry_counts(households.table, crosswalk)
    lost = households.table["target_households_count"] * carried.left_out.reindex(
        households.table.index
    ).fillna(0.0)
    return carried.table.rename_axis("place"), lost[lost > 0].rename("unreached_households_count")


def check_reachable(
    requested_share: float, unreached: "pd.Series[float]", target_count: float, what: str
) -> float:
    """Return the target households that a wished coverage asks for, or say why it cannot be reached."""
    if not 0 < requested_share <= 1:
        raise GeographyError(
            f"A coverage of {requested_share:g} cannot be wished.",
            "It is a share above 0, at most 1.",
        )
    reachable = 1.0 - float(unreached.sum()) / target_count
    if requested_share > reachable + TOUCHING:
        names = ", ".join(unreached.sort_values(ascending=False).index[:3])
        raise GeographyError(
            f"{what} reach {reachable:.1%} of the target households, not {requested_share:.1%}; out of reach are most of {names}.",
            "Ask for less, or reach those tracts by another kind of place.",
        )
    return min(requested_share, reachable) * target_count


def choose_cheapest(cost: Floats, value: Floats, needed: float) -> Choice:
    """Choose candidates whose values add up to ``needed`` at the least cost: a knapsack cover, solved by HiGHS to a gap of 0.

    Parameters
    ----------
    cost, value
        Of each candidate, at least 0.
    needed
        At most the sum of the values.
    """
    costs, values = _SUM / max(cost.sum(), _TINY), _SUM / max(value.sum(), _TINY)
    solved = milp(
        cost * costs,
        integrality=np.ones_like(cost),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            values * value[None, :], values * needed * (1 - TOUCHING / 10), np.inf
        ),
        options=_EXACT,
    )
    if solved.x is None:
        raise GeographyError(
            f"The solver found no set: {solved.message}.", "Ask for less coverage."
        )
    chosen = (solved.x > _HALF) & (value > 0)
    paid = float(cost[chosen].sum())
    bound = min(paid, float(solved.mip_dual_bound) / costs)
    return Choice(chosen, bound, (paid - bound) / paid if paid else 0.0)


def choose_richest(cost: Floats, value: Floats, limit: float) -> Choice:
    """Choose the candidates of most value whose costs add up to ``limit`` at most: a knapsack, solved by HiGHS to a gap of 0."""
    costs, values = _SUM / max(cost.sum(), _TINY), _SUM / max(value.sum(), _TINY)
    solved = milp(
        -value * values,
        integrality=np.ones_like(cost),
        bounds=Bounds(0, (cost <= limit).astype(float)),
        constraints=LinearConstraint(costs * cost[None, :], 0, costs * limit),
        options=_EXACT,
    )
    if solved.x is None:
        raise GeographyError(f"The solver found no set: {solved.message}.", "Give a larger budget.")
    chosen = (solved.x > _HALF) & (value > 0)
    won = float(value[chosen].sum())
    bound = max(won, -float(solved.mip_dual_bound) / values)
    return Choice(chosen, bound, (bound - won) / bound if bound else 0.0)
