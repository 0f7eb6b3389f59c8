"""Build the plain list of ZIPs that planners make by hand, and compare coverings with it."""

from collections.abc import Iterable, Sequence

import pandas as pd

from geo.cover.covering import TOUCHING, Covering, check_reachable
from geo.cover.knapsack import Choice
from geo.cover.zips import Zips, cover_with_zips, describe_zips, price_zips


def list_worst_zips(zips: Zips, order: Sequence[str], requested_share: float) -> Covering:
    """List the main ZIP of each target tract, worst tract first, until the coverage is reached.

    If the main ZIPs of all tracts are not enough, their other ZIPs follow in the same order.
    ``order`` holds every target tract, worst first.
    """
    needed = check_reachable(requested_share, zips.unreached, zips.target_count, "The ZIPs")
    place = pd.Series(range(len(order)), index=pd.Index(order))

    # Order the ZIPs: the main ones first, each by its worst tract.
    inside = (zips.crosswalk["target"] != "") & zips.crosswalk["source"].isin(place.index)
    pairs = zips.crosswalk[inside]
    pairs = pairs.assign(place=pairs["source"].map(place)).sort_values(
        ["place", "weight", "target"], ascending=[True, False, True]
    )
    pairs["later"] = pairs.duplicated("source")
    ordered = pairs.sort_values(["later", "place"], kind="stable")["target"].drop_duplicates()

    # Take as many as the coverage needs.
    reached = zips.table.loc[ordered, "target_households_count"].cumsum()
    enough = int((reached < needed * (1 - TOUCHING)).sum()) + 1
    chosen = zips.table.index.isin(ordered.iloc[:enough])
    best = cover_with_zips(zips, requested_share)
    paid = float(zips.table["households_count"].to_numpy()[chosen].sum())
    gap_share = 1 - best.bound / paid if paid else 0.0
    return describe_zips(zips, Choice(chosen, best.bound, gap_share), f"plain list of {zips.word}s")


def compare_with_plain(
    zips: Zips,
    order: Sequence[str],
    household_usd: float,
    shares: Iterable[float] = (0.25, 0.5, 0.75, 0.9),
) -> pd.DataFrame:
    """Compare the plain list with the covering, coverage by coverage.

    The result has the index (``requested_share``, ``way``), ``way`` being ``plain``, ``covering``,
    or ``matched``: the covering for the coverage that the plain list happens to reach.
    """
    rows = {}
    for share in shares:
        plain, covering = list_worst_zips(zips, order, share), cover_with_zips(zips, share)
        matched = covering
        if plain.coverage_share >= share:
            matched = cover_with_zips(zips, min(1.0, plain.coverage_share))
        for way, result in (("plain", plain), ("covering", covering), ("matched", matched)):
            rows[share, way] = price_zips(result, household_usd)
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["requested_share", "way"])
    return table
