"""Comparing two runs: which tracts came onto the list, which left it, which moved, and why.

The later list is reached from the earlier one in steps - the newer data under the earlier campaign,
then the later campaign with the earlier money, then the money, then the list before, which the
later run followed - and a tract's change is put down to the step after which it stays as it ends.
In each step borderline tracts follow the earlier list where the campaign of that step keeps them
(:func:`models.targeting.selection.keep_borderline`).
"""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from flows.steps.budget import price_floors
from flows.steps.join import read_season
from flows.steps.list_rules import read_list_rules
from flows.steps.previous_run import read_chosen
from models.targeting.priority import score_tracts
from models.targeting.selection import choose_targets
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.store import Run, Store
from outreach.tables import DataFrame, GeoDataFrame, Scores, Tracts, as_geo_table, as_table

#: Keys of a campaign that are about money; all others change what is wanted.
_MONEY = ("budget_usd", "cpm_usd", "fee_percent", "impressions_per_household", "max_targets")
_WORDS = {
    "boundary": "the tract is not in both runs",
    "data": "other data",
    "weight": "the campaign wants something else",
    "budget": "the money, or its price",
    "hysteresis": "borderline tracts stay as they were on a list before",
}


@dataclass(frozen=True)
class Comparison:
    """What changed from one run to another.

    Attributes
    ----------
    earlier, later
        The runs.
    table
        A row is a tract that is on either list (``geoid``): ``change`` (``in``, ``out``, ``moved``,
        ``same``), ``rank_before``, ``rank_after`` and ``why`` it came or left: ``boundary``,
        ``data``, ``weight``, ``budget`` or ``hysteresis``; also of a tract that is on the later
        list by ``hysteresis`` alone.
    """

    earlier: Run
    later: Run
    table: pd.DataFrame

    def lines(self) -> list[str]:
        """Say it to people, one sentence a line."""
        counts = self.table["change"].value_counts()
        said = [
            f"{self.earlier.id} (data of {self.earlier.data_date}) to {self.later.id} (data of {self.later.data_date}): "
            + ", ".join(
                f"{counts.get(change, 0):,} {change}" for change in ("in", "out", "moved", "same")
            )
            + "."
        ]
        reasons = self.table[self.table["change"].isin(["in", "out"])].groupby("why").size()
        said += [
            f"{count:,} because of {_WORDS[str(why)]} ({why})." for why, count in reasons.items()
        ]
        stay = int(
            (
                self.table["change"].isin(["same", "moved"]) & (self.table["why"] == "hysteresis")
            ).sum()
        )
        return [
            *said,
            *([f"{stay:,} stay though now ranked below the cut (hysteresis)."] if stay else []),
        ]


def compare_runs(
    store: Store, earlier: str, later: str, archive: Archive | None = None
) -> Comparison:
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
    lists = {run.id: read_chosen(store, run) for run in (before, after)}
    tracts = as_geo_table(store.read_table(after.id, "tracts"), Tracts)
    written = {output.path for output in after.outputs}
    assessment = {
        name: store.read_table(after.id, name)
        for name in ("forecast", "peers")
        if f"tables/{name}.parquet" in written
    }
    season = read_season(archive, after.campaign, tracts) if archive else None
    old = before.campaign
    mixed = after.campaign.model_copy(update={name: getattr(old, name) for name in _MONEY})
    groups = {run.id: _read_groups(store, run) for run in (before, after)}
    fresh = after.campaign.keep_borderline and "list_before" not in after.figures
    earlier_list = None if fresh else lists[before.id].index
    scores = as_table(store.read_table(after.id, "scores"), Scores)

    def score_again(campaign: Campaign) -> DataFrame[Scores]:
        return score_tracts(
            tracts,
            campaign.creative_languages,
            read_list_rules(campaign),
            assessment.get("forecast"),
            assessment.get("peers"),
            season,
        )

    steps = {
        "data": _choose(tracts, score_again(old), old, groups[before.id], earlier_list),
        "weight": _choose(tracts, score_again(mixed), mixed, groups[after.id], earlier_list),
        "budget": _choose(tracts, scores, after.campaign, groups[after.id], earlier_list),
        "hysteresis": set(lists[after.id].index),
    }
    alone = _choose(tracts, scores, after.campaign, groups[after.id], None)
    known = {run.id: set(store.read_table(run.id, "tracts").index) for run in (before, after)}
    rows = [
        _describe(
            geoid,
            lists[before.id],
            lists[after.id],
            steps,
            known[before.id] & known[after.id],
            alone,
        )
        for geoid in sorted({*lists[before.id].index, *lists[after.id].index})
    ]
    table = pd.DataFrame(
        rows, columns=["geoid", "change", "rank_before", "rank_after", "why"]
    ).set_index("geoid")
    return Comparison(before, after, table.astype({"rank_before": "Int64", "rank_after": "Int64"}))


def _read_groups(store: Store, run: Run) -> "pd.Series[str] | None":
    """Return the language or district whose floor each tract counts to, where the run has any."""
    if "tables/floor_groups.parquet" not in {output.path for output in run.outputs}:
        return None
    return store.read_table(run.id, "floor_groups")["group"]


def _choose(
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    groups: "pd.Series[str] | None",
    before: Collection[str] | None,
) -> set[str]:
    """Return the tracts that ``campaign`` chooses, borderline ones as on the list before where it keeps them."""
    floors = None if groups is None else (groups, price_floors(campaign))
    followed = before if campaign.keep_borderline else None
    return set(choose_targets(tracts, scores, read_list_rules(campaign), followed, floors)["place"])


def _describe(
    geoid: str,
    before: "pd.Series[int]",
    after: "pd.Series[int]",
    steps: dict[str, set[str]],
    shared: set[str],
    alone: set[str],
) -> tuple[str, str, int | None, int | None, str]:
    """Say what became of one tract, and the step that did it."""
    was, is_now = geoid in before.index, geoid in after.index
    ranks = (int(before[geoid]) if was else None, int(after[geoid]) if is_now else None)
    if was and is_now:
        return (
            geoid,
            "same" if ranks[0] == ranks[1] else "moved",
            *ranks,
            "" if geoid in alone else "hysteresis",
        )
    change = "in" if is_now else "out"
    if geoid not in shared:
        return (geoid, change, *ranks, "boundary")
    path = [geoid in members for members in steps.values()]
    settled = next(at for at in range(len(path)) if all(state == is_now for state in path[at:]))
    return (geoid, change, *ranks, list(steps)[settled])
