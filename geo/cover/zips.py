"""Packs ZIPs: the set that reaches a wished share of the target households for the fewest paid-for ones, and the whole curve of such sets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.cover.covering import (
    TOUCHING,
    Choice,
    Covering,
    Households,
    check_reachable,
    choose_cheapest,
    choose_richest,
    count_places,
)
from outreach.errors import GeographyError
from outreach.units import UnitKind

#: The coverages of the whole curve: every per cent.
EVERY_PERCENT = tuple(np.arange(1, 101) / 100)
_KINDS = {"zip": "ZIP", "zcta": "ZCTA"}


@dataclass(frozen=True)
class Zips:
    """The ZIPs that a packer may choose from.

    Parameters
    ----------
    table
        A row is a ZIP (index ``place``): :data:`geo.cover.covering.COUNTS`. A ZIP that reaches
        beyond the given tracts is counted in part only.
    word
        ``ZIP``, or ``ZCTA`` where the crosswalk knows only the Bureau's map of them: not every ZIP
        is on it, and some addresses differ.
    crosswalk
        From tracts to ZIPs.
    target_count
        All target households, in a ZIP or not.
    unreached
        By tract: target households that lie in no ZIP.
    """

    table: pd.DataFrame
    word: str
    crosswalk: pd.DataFrame
    target_count: float
    unreached: "pd.Series[float]"

    @property
    def reachable_share(self) -> float:
        """The coverage (0-1) of all ZIPs together."""
        return 1.0 - float(self.unreached.sum()) / self.target_count


def count_zips(households: Households, crosswalk: pd.DataFrame) -> Zips:
    """Count the households of every ZIP.

    Parameters
    ----------
    households
        From :func:`geo.cover.covering.count_households`.
    crosswalk
        From tracts to ZIPs or ZCTAs, however made; the better its weights, the truer all below.

    Raises
    ------
    GeographyError
        The crosswalk leads to something else than ZIPs, or to none.
    """
    kind = str(crosswalk["target_kind"].iloc[0]) if len(crosswalk) else "nothing"
    if kind not in _KINDS:
        raise GeographyError(
            f"The crosswalk leads to {kind}, not to ZIPs.",
            "Give one whose target kind is zip or zcta.",
        )
    table, unreached = count_places(households, crosswalk)
    if table.empty:
        raise GeographyError(
            "Not one of the tracts lies in a ZIP.", "The crosswalk is of another area or vintage."
        )
    return Zips(table, _KINDS[kind], crosswalk, households.target_count, unreached)


def cover_with_zips(zips: Zips, requested_share: float) -> Covering:
    """Choose the ZIPs that reach the wished coverage for the fewest paid-for households.

    A knapsack cover, solved by HiGHS (:func:`geo.cover.covering.choose_cheapest`); ``bound`` is the
    fewest households that any set could pay for.

    Raises
    ------
    GeographyError
        Too many target households lie in no ZIP.
    """
    needed = check_reachable(
        requested_share, zips.unreached, zips.target_count, f"The {zips.word}s"
    )
    paid, target = (
        zips.table[f"{part}households_count"].to_numpy(float) for part in ("", "target_")
    )
    return _pack(zips, choose_cheapest(paid, target, needed))


def cover_for_budget(zips: Zips, budget_usd: float, household_usd: float) -> Covering:
    """Choose the ZIPs that reach the most target households for a budget.

    Parameters
    ----------
    budget_usd
        To spend at most.
    household_usd
        What one paid-for household costs over the campaign: price of an impression x impressions a
        household.

    Returns
    -------
    Covering
        ``bound`` is the most target households that any set could reach.
    """
    if not household_usd > 0:
        raise GeographyError(
            "A paid-for household must cost more than 0 USD.", "Price x impressions a household."
        )
    paid, target = (
        zips.table[f"{part}households_count"].to_numpy(float) for part in ("", "target_")
    )
    return _pack(zips, choose_richest(paid, target, max(0.0, budget_usd) / household_usd))


def trace_zips(
    zips: Zips, household_usd: float, shares: Iterable[float] = EVERY_PERCENT
) -> pd.DataFrame:
    """Trace the curve of coverage against purity: the best set for each coverage that can be reached, and what leaks in it.

    Parameters
    ----------
    household_usd
        As in :func:`cover_for_budget`.
    shares
        Wished coverages (0-1); those beyond :attr:`Zips.reachable_share` are not in the result.

    Returns
    -------
    DataFrame
        Index ``requested_share``; ``zips_count``, ``coverage_share``, ``purity_share``,
        ``households_count``, ``spill_households_count``, ``cost_usd``, ``spill_usd``,
        ``gap_share``. Paid-for households never fall along it.
    """
    reached = [float(share) for share in shares if share <= zips.reachable_share + TOUCHING]
    rows = [_describe(cover_with_zips(zips, share), household_usd) for share in reached]
    return pd.DataFrame(rows, index=pd.Index(reached, name="requested_share"))


def list_worst_zips(zips: Zips, order: Sequence[str], requested_share: float) -> Covering:
    """Make the plain list, for comparison: the main ZIP of each target tract, worst tract first, until the coverage is reached.

    If the main ZIPs of all are not enough, the other ZIPs of the same tracts follow in the same
    order.

    Parameters
    ----------
    order
        Target tracts, worst first.

    Returns
    -------
    Covering
        ``gap_share`` and ``bound`` are those of :func:`cover_with_zips` seen from this list.

    Raises
    ------
    GeographyError
        Too many target households lie in no ZIP, or the order leaves out target tracts.
    """
    needed = check_reachable(
        requested_share, zips.unreached, zips.target_count, f"The {zips.word}s"
    )
    place = pd.Series(range(len(order)), index=pd.Index(order))
    pairs = zips.crosswalk[
        (zips.crosswalk["target"] != "") & zips.crosswalk["source"].isin(place.index)
    ]
    pairs = pairs.assign(place=pairs["source"].map(place)).sort_values(
        ["place", "weight", "target"], ascending=[True, False, True]
    )
    pairs["later"] = pairs.duplicated("source")
    listed = pairs.sort_values(["later", "place"], kind="stable")["target"].drop_duplicates()
    reached = zips.table.loc[listed, "target_households_count"].cumsum()
    if listed.empty or reached.iloc[-1] < needed * (1 - TOUCHING):
        raise GeographyError(
            "The order leaves out target tracts.", "Name every target tract in it, worst first."
        )
    enough = int((reached < needed * (1 - TOUCHING)).sum()) + 1
    chosen = zips.table.index.isin(listed.iloc[:enough])
    best = cover_with_zips(zips, requested_share)
    paid = float(zips.table["households_count"].to_numpy()[chosen].sum())
    return _pack(
        zips,
        Choice(chosen, best.bound, 1 - best.bound / paid if paid else 0.0),
        f"plain list of {zips.word}s",
    )


def compare_with_plain(
    zips: Zips,
    order: Sequence[str],
    household_usd: float,
    shares: Iterable[float] = (0.25, 0.5, 0.75, 0.9),
) -> pd.DataFrame:
    """Set the plain list and the packed one side by side.

    At the wished coverage the packed list never pays for more households. ``matched`` is the packed
    list for the coverage that the plain list happened to reach: against it the plain list is never
    better in anything, coverage, cost or purity.

    Returns
    -------
    DataFrame
        Index (``requested_share``, ``way``) with ``way`` one of ``plain``, ``packed``, ``matched``;
        columns of :func:`trace_zips`.
    """
    rows = {}
    for share in shares:
        plain, packed = list_worst_zips(zips, order, share), cover_with_zips(zips, share)
        matched = (
            cover_with_zips(zips, min(1.0, plain.coverage_share))
            if plain.coverage_share >= share
            else packed
        )
        slack = TOUCHING * plain.households_count
        assert packed.households_count <= plain.households_count + slack
        assert matched.households_count <= plain.households_count + slack
        for way, covering in (("plain", plain), ("packed", packed), ("matched", matched)):
            rows[share, way] = _describe(covering, household_usd)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["requested_share", "way"])
    return table


def _pack(zips: Zips, choice: Choice, name: str = "") -> Covering:
    """Put what was chosen into words and counts."""
    places = zips.table[choice.chosen].copy()
    places.insert(0, "label", zips.word + " " + places.index.astype("str"))
    name = name or f"{zips.word}s"
    return Covering(
        UnitKind.ZIP,
        name,
        places,
        zips.target_count,
        choice.bound,
        choice.gap_share,
        zips.unreached,
    )


def _describe(covering: Covering, household_usd: float) -> dict[str, float]:
    """Return one point of the curve."""
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
