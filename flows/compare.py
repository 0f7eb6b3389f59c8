"""Comparing two runs: which tracts came onto the list, which left it, which moved, and why.

The later list is reached from the earlier one in steps - the newer data under the earlier campaign, then the later campaign with the earlier
money, then the money - and a tract's change is put down to the step after which it stays as it ends.
"""

from dataclasses import dataclass

import pandas as pd

from flows.gather import read_season
from models.priority import score_tracts
from models.selection import choose_targets
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.store import Run, Store

#: Keys of a campaign that are about money; all others change what is wanted.
_MONEY = ("budget_usd", "cpm_usd", "impressions_per_household", "max_targets")
_WORDS = {
    "boundary": "the tract is not in both runs",
    "data": "other data",
    "weight": "the campaign wants something else",
    "budget": "the money, or its price",
}


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to another.

    Attributes
    ----------
    earlier, later
        The runs.
    table
        A row is a tract that is on either list (``geoid``): ``change`` (``in``, ``out``, ``moved``, ``same``), ``rank_before``, ``rank_after`` and
        ``why`` it came or left: ``boundary``, ``data``, ``weight`` or ``budget``.
    """

    earlier: Run
    later: Run
    table: pd.DataFrame

    def lines(self) -> list[str]:
        """Say it to people, one sentence a line."""
        counts = self.table["change"].value_counts()
        said = [
            f"{self.earlier.id} (data of {self.earlier.data_date}) to {self.later.id} (data of {self.later.data_date}): "
            + ", ".join(f"{counts.get(change, 0):,} {change}" for change in ("in", "out", "moved", "same"))
            + "."
        ]
        reasons = self.table[self.table["change"].isin(["in", "out"])].groupby("why").size()
        return [*said, *(f"{count:,} because of {_WORDS[str(why)]} ({why})." for why, count in reasons.items())]


def compare_runs(store: Store, earlier: str, later: str, archive: Archive | None = None) -> Comparison:
    """Compare the lists of two runs.

    Parameters
    ----------
    store
        Holds both.
    earlier, later
        Names, as :meth:`outreach.store.Store.find` takes them.
    archive
        For the season so far; without one, momentum is left out of the steps in between.

    Raises
    ------
    StoreError
        A run is not there or lacks a table.
    """
    (before, _), (after, _) = store.find(earlier), store.find(later)
    lists = {run.id: _read_list(store, run) for run in (before, after)}
    tracts = store.read_table(after.id, "tracts")
    written = {output.path for output in after.outputs}
    outlook = {
        name: store.read_table(after.id, name)
        for name in ("forecast", "expectation")
        if f"tables/{name}.parquet" in written
    }
    season = read_season(archive, after.campaign, tracts) if archive else None
    old = before.campaign
    mixed = after.campaign.model_copy(update={name: getattr(old, name) for name in _MONEY})
    steps = {
        "data": _choose_again(tracts, outlook, old, season),
        "weight": _choose_again(tracts, outlook, mixed, season),
        "budget": set(lists[after.id].index),
    }
    known = {run.id: set(store.read_table(run.id, "tracts").index) for run in (before, after)}
    rows = [
        _describe(geoid, lists[before.id], lists[after.id], steps, known[before.id] & known[after.id])
        for geoid in sorted({*lists[before.id].index, *lists[after.id].index})
    ]
    table = pd.DataFrame(rows, columns=["geoid", "change", "rank_before", "rank_after", "why"]).set_index("geoid")
    return Comparison(before, after, table.astype({"rank_before": "Int64", "rank_after": "Int64"}))


def _read_list(store: Store, run: Run) -> "pd.Series[int]":
    """Return the tracts that a run chose, with their ranks; where ZIPs or pins were bought, the tracts they were chosen for."""
    tracts, scores = store.read_table(run.id, "tracts"), store.read_table(run.id, "scores")
    chosen = choose_targets(tracts, scores, run.campaign)
    return pd.Series(chosen["rank"].to_numpy(), index=pd.Index(chosen["place"], name="geoid"))


def _choose_again(
    tracts: pd.DataFrame, outlook: dict[str, pd.DataFrame], campaign: Campaign, season: pd.DataFrame | None
) -> set[str]:
    """Return the tracts that ``campaign`` would have chosen on the later run's data."""
    again = score_tracts(tracts, campaign, outlook.get("forecast"), outlook.get("expectation"), season)
    return set(choose_targets(tracts, again, campaign)["place"])


def _describe(
    geoid: str, before: "pd.Series[int]", after: "pd.Series[int]", steps: dict[str, set[str]], shared: set[str]
) -> tuple[str, str, int | None, int | None, str]:
    """Say what became of one tract, and the step that did it."""
    was, is_now = geoid in before.index, geoid in after.index
    ranks = (int(before[geoid]) if was else None, int(after[geoid]) if is_now else None)
    if was and is_now:
        return (geoid, "same" if ranks[0] == ranks[1] else "moved", *ranks, "")
    change = "in" if is_now else "out"
    if geoid not in shared:
        return (geoid, change, *ranks, "boundary")
    path = [geoid in members for members in steps.values()]
    settled = next(at for at in range(len(path)) if all(state == is_now for state in path[at:]))
    return (geoid, change, *ranks, list(steps)[settled])
