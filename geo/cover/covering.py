"""Measure what a set of places to advertise in buys.

An ad platform charges for every household of a place (a ZIP, a circle, a polygon), whether the
planner wants it or not.

- *Target* households are those the planner wants.
- *Paid-for* households are all that the places hold; *spill* is the difference.
- *Coverage* is the share of all target households that the places reach.
- *Purity* is the share of the paid-for households that are target.
"""

from dataclasses import dataclass

import pandas as pd

from geo.crosswalk.carry import carry_counts
from outreach.errors import GeographyError
from outreach.phrasing import write_percent
from outreach.tables import Crosswalk, DataFrame, Scores, Tracts
from outreach.units import UnitKind

#: What is counted for every tract, household point, and place.
COUNTS = ("households_count", "target_households_count", "missing_households_count")
#: A coverage that misses the requested one by no more than this share has reached it: the solver's
#: own tolerance.
TOUCHING = 1e-6
_NAMED = 3


@dataclass(frozen=True)
class Households:
    """The households of the tracts under consideration, and how many are target.

    Parameters
    ----------
    table
        A row is a tract (``geoid``): the :data:`COUNTS`.
    uncounted
        Tracts without a number of households; they count as empty.
    unscored
        Tracts with households but no number of missing ones; these count as 0.
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
    """A chosen set of places of one kind.

    Parameters
    ----------
    kind
        ZIP, pin, or polygon.
    name
        What people call it: ``ZIPs``, ``Meta pins``.
    places
        A row is a place (index ``place``): ``label`` and the :data:`COUNTS`. Each household counts
        once, no matter how many places hold it. Pins have ``latitude``, ``longitude`` (degrees),
        ``radius_km``, and ``shared_households_count`` (households that another pin holds too).
        Polygons have a geometry.
    target_count
        All target households, including those that no place of this kind can reach.
    bound
        A proof: no choice among the candidates does better than this objective (paid-for
        households, or target households for a budget).
    gap_share
        How far (0-1) the chosen set may be from the best; 0 is proven optimal.
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
        """Share (0-1) of all target households that the places reach."""
        return self.target_households_count / self.target_count if self.target_count else 0.0

    @property
    def purity_share(self) -> float:
        """Share (0-1) of the paid-for households that are target; missing if none is paid for."""
        paid_count = self.households_count
        return self.target_households_count / paid_count if paid_count else float("nan")


def count_households(
    tracts: DataFrame[Tracts],
    target: pd.Series,
    scores: DataFrame[Scores] | None = None,
) -> Households:
    """Count all, target, and missing households by tract.

    Parameters
    ----------
    tracts
        ``households_count`` by ``geoid``: the target tracts and all tracts around them that a ZIP
        or circle could include. Anything outside cannot be counted as spill.
    target
        By ``geoid``: whether a tract is target, or the share (0-1) of its households that are.
        Other tracts are not target. Given the share that has not responded, everything below finds
        missing households instead of the households of chosen tracts.
    scores
        For the missing households.

    Raises
    ------
    GeographyError
        A target tract is not among the tracts, a share is outside 0-1, or no target tract has
        households.
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

    # Count missing numbers as 0, and name the tracts that lack one.
    households = tracts["households_count"]
    counts = households.fillna(0.0).astype(float)
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
    return Households(table, tuple(tracts.index[households.isna()]), tuple(unscored))


def count_places(
    households: Households, crosswalk: DataFrame[Crosswalk]
) -> "tuple[pd.DataFrame, pd.Series[float]]":
    """Count the households of places, from how much of each tract lies in each place.

    Parameters
    ----------
    households
        From :func:`count_households`.
    crosswalk
        From tracts to places: ``source``, ``target``, ``weight``.

    Returns
    -------
    DataFrame, Series
        The :data:`COUNTS` by ``place``; and by tract the target households in no place, including
        all those of tracts that are not in the crosswalk.
    """
    carried = carry_counts(households.table, crosswalk)
    outside = carried.left_out.reindex(households.table.index).fillna(0.0)
    lost = households.table["target_households_count"] * outside
    return carried.table.rename_axis("place"), lost[lost > 0].rename("unreached_households_count")


def check_reachable(
    requested_share: float, unreached: "pd.Series[float]", target_count: float, places: str
) -> float:
    """Return the target households that a requested coverage needs.

    Parameters
    ----------
    requested_share
        The coverage, 0-1.
    unreached
        By tract: target households that no place can reach.
    target_count
        All target households.
    places
        What the places are called, for messages.

    Raises
    ------
    GeographyError
        The request is not a share, or the places cannot reach it.
    """
    if not 0 < requested_share <= 1:
        raise GeographyError(
            f"A coverage of {requested_share:g} is not possible.",
            "It is a share above 0 and at most 1.",
        )
    reachable = 1.0 - float(unreached.sum()) / target_count
    if requested_share > reachable + TOUCHING:
        names = ", ".join(unreached.sort_values(ascending=False).index[:_NAMED])
        raise GeographyError(
            f"{places} reach {write_percent(reachable, 1)} of the target households, not"
            f" {write_percent(requested_share, 1)}; most of {names} cannot be reached.",
            "Request less, or reach those tracts with another kind of place.",
        )
    return min(requested_share, reachable) * target_count
