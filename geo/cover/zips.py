"""Cover target households with ZIPs at the least cost."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.cover.covering import (
    TOUCHING,
    Covering,
    Households,
    check_reachable,
    count_places,
)
from geo.cover.knapsack import Choice, choose_cheapest, choose_richest
from outreach.arrays import Floats
from outreach.errors import GeographyError
from outreach.tables import Crosswalk, DataFrame
from outreach.units import UnitKind

#: The coverages of the whole curve: every percent.
EVERY_PERCENT = tuple(np.arange(1, 101) / 100)
_WORDS = {"zip": "ZIP", "zcta": "ZCTA"}


@dataclass(frozen=True)
class Zips:
    """The candidate ZIPs.

    Parameters
    ----------
    table
        A row is a ZIP (index ``place``): :data:`geo.cover.covering.COUNTS`. A ZIP that extends
        beyond the given tracts is counted only partly.
    word
        ``ZIP``, or ``ZCTA`` if the crosswalk has only the Bureau's map of them: some ZIPs are not
        on it, and some addresses differ.
    crosswalk
        From tracts to ZIPs.
    target_count
        All target households, in a ZIP or not.
    unreached
        By tract: target households in no ZIP.
    """

    table: pd.DataFrame
    word: str
    crosswalk: DataFrame[Crosswalk]
    target_count: float
    unreached: "pd.Series[float]"

    @property
    def reachable_share(self) -> float:
        """The coverage (0-1) of all ZIPs together."""
        return 1.0 - float(self.unreached.sum()) / self.target_count


def count_zips(households: Households, crosswalk: DataFrame[Crosswalk]) -> Zips:
    """Count the households of every ZIP.

    Parameters
    ----------
    households
        From :func:`geo.cover.covering.count_households`.
    crosswalk
        From tracts to ZIPs or ZCTAs, however made.

    Raises
    ------
    GeographyError
        The targets of the crosswalk are not ZIPs, or there are none.
    """
    kind = str(crosswalk["target_kind"].iloc[0]) if len(crosswalk) else "nothing"
    if kind not in _WORDS:
        raise GeographyError(
            f"The crosswalk leads to {kind}, not to ZIPs.",
            "Give one whose target kind is zip or zcta.",
        )
    table, unreached = count_places(households, crosswalk)
    if table.empty:
        raise GeographyError(
            "None of the tracts lies in a ZIP.", "The crosswalk is for another area or vintage."
        )
    return Zips(table, _WORDS[kind], crosswalk, households.target_count, unreached)


def cover_with_zips(zips: Zips, requested_share: float) -> Covering:
    """Choose the ZIPs that reach the requested coverage for the fewest paid-for households.

    Parameters
    ----------
    zips
        From :func:`count_zips`.
    requested_share
        The coverage, 0-1.

    Returns
    -------
    Covering
        ``bound`` is the fewest households that any set could pay for.

    Raises
    ------
    GeographyError
        Too many target households are in no ZIP.
    """
    needed = check_reachable(
        requested_share, zips.unreached, zips.target_count, f"The {zips.word}s"
    )
    paid, target = _list_counts(zips)
    return describe_zips(zips, choose_cheapest(paid, target, needed))


def cover_for_budget(zips: Zips, budget_usd: float, household_usd: float) -> Covering:
    """Choose the ZIPs that reach the most target households for a budget.

    Parameters
    ----------
    zips
        From :func:`count_zips`.
    budget_usd
        The most to spend.
    household_usd
        Cost of one paid-for household over the campaign: price of an impression x impressions per
        household.

    Returns
    -------
    Covering
        ``bound`` is the most target households that any set could reach.

    Raises
    ------
    GeographyError
        A household costs nothing.
    """
    if not household_usd > 0:
        raise GeographyError(
            "A paid-for household must cost more than $0.", "Price x impressions per household."
        )
    paid, target = _list_counts(zips)
    return describe_zips(zips, choose_richest(paid, target, max(0.0, budget_usd) / household_usd))


def trace_zips(
    zips: Zips, household_usd: float, shares: Iterable[float] = EVERY_PERCENT
) -> pd.DataFrame:
    """Trace coverage against purity: the best set of ZIPs for each coverage.

    Parameters
    ----------
    zips
        From :func:`count_zips`.
    household_usd
        As in :func:`cover_for_budget`.
    shares
        Requested coverages (0-1). Those beyond :attr:`Zips.reachable_share` are left out.

    Returns
    -------
    DataFrame
        Index ``requested_share``; ``zips_count``, ``coverage_share``, ``purity_share``,
        ``households_count``, ``spill_households_count``, ``cost_usd``, ``spill_usd``,
        ``gap_share``. Paid-for households never fall along the curve.
    """
    reachable = [float(share) for share in shares if share <= zips.reachable_share + TOUCHING]
    coverings: list[Covering] = []
    for share in sorted(reachable, reverse=True):
        covering = cover_with_zips(zips, share)
        # A set that reaches more and pays for less is the better one here, too.
        cheaper = coverings and coverings[-1].households_count < covering.households_count
        coverings.append(coverings[-1] if cheaper else covering)
    rows = [price_zips(covering, household_usd) for covering in reversed(coverings)]
    return pd.DataFrame(rows, index=pd.Index(sorted(reachable), name="requested_share"))


def describe_zips(zips: Zips, choice: Choice, name: str = "") -> Covering:
    """Turn a choice among ZIPs into a covering; by default it is named for what they are."""
    places = zips.table[choice.chosen].copy()
    places.insert(0, "label", zips.word + " " + places.index.astype("str"))
    return Covering(
        kind=UnitKind.ZIP,
        name=name or f"{zips.word}s",
        places=places,
        target_count=zips.target_count,
        bound=choice.bound,
        gap_share=choice.gap_share,
        unreached=zips.unreached,
    )


def price_zips(covering: Covering, household_usd: float) -> dict[str, float]:
    """Return one point of the curve of :func:`trace_zips`."""
    return {
        "zips_count": len(covering.places),
        "coverage_share": covering.coverage_share,
        "purity_share": covering.purity_share,
        "households_count": covering.households_count,
        "spill_households_count": covering.spill_households_count,
        "cost_usd": covering.households_count * household_usd,
        "spill_usd": covering.spill_households_count * household_usd,
        "gap_share": covering.gap_share,
    }


def _list_counts(zips: Zips) -> tuple[Floats, Floats]:
    """Return the paid-for and the target households of each ZIP."""
    paid, target = (
        zips.table[f"{part}households_count"].to_numpy(float) for part in ("", "target_")
    )
    return paid, target
