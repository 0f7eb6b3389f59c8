"""Compare two runs: which tracts joined or left the list, and why.

The later list is reached from the earlier one in steps: the newer data under the earlier campaign;
the later campaign with the earlier money; the later money; the previous list, which the later run
followed. The reason for a change is the step after which the tract stays as it ends. In each step,
borderline tracts follow the earlier list if the campaign of that step keeps them
(:func:`models.targeting.selection.keep_borderline`).
"""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from flows.steps.buying.floors import price_floors
from flows.steps.buying.list_rules import MONEY_KEYS, read_list_rules
from flows.steps.buying.previous_run import read_chosen
from flows.steps.sources.join import read_history
from models.targeting.priority import score_tracts
from models.targeting.selection import choose_targets
from outreach.archive import Archive
from outreach.campaign import Campaign
from outreach.phrasing import write_date
from outreach.store import Run, Store
from outreach.tables import DataFrame, GeoDataFrame, Scores, Tracts, as_geo_table, as_table

#: What each reason means.
_REASONS = {
    "boundary": "the tract is not in both runs",
    "data": "of newer data",
    "weight": "the campaign requests something else",
    "budget": "of the money or its price",
    "borderline": "tracts that cannot be told apart at the end of the list stay as they were",
}


@dataclass(frozen=True)
class RunComparison:
    """What changed from one run to another.

    Attributes
    ----------
    earlier, later
        The runs.
    table
        A row is a tract on either list (``geoid``): ``change`` (``in``, ``out``, ``moved``,
        ``same``), ``rank_before``, ``rank_after``, and ``why`` it joined or left: ``boundary``,
        ``data``, ``weight``, ``budget``, or ``borderline``. A tract that is on the later list by
        ``borderline`` alone has that reason too.
    """

    earlier: Run
    later: Run
    table: pd.DataFrame

    def lines(self) -> list[str]:
        """Describe the comparison, one sentence for each line."""
        change, why = self.table["change"], self.table["why"]
        counts = change.value_counts()
        changes = ", ".join(
            f"{counts.get(kind, 0):,} {kind}" for kind in ("in", "out", "moved", "same")
        )
        first, last = write_date(self.earlier.data_date), write_date(self.later.data_date)
        sentences = [
            f"{self.earlier.id} (data of {first}) to {self.later.id} (data of {last}): {changes}."
        ]

        reasons = self.table[change.isin(["in", "out"])].groupby("why").size()
        sentences += [
            f"{count:,} because {_REASONS[str(reason)]} ({reason})."
            for reason, count in reasons.items()
        ]
        stay = int((change.isin(["same", "moved"]) & (why == "borderline")).sum())
        if stay:
            sentences.append(f"{stay:,} stay though now ranked below the cutoff (borderline).")
        return sentences


def compare_runs(
    store: Store, earlier_name: str, later_name: str, archive: Archive | None = None
) -> RunComparison:
    """Compare the lists of two runs.

    Parameters
    ----------
    store
        Holds both.
    earlier_name, later_name
        Names, as :meth:`outreach.store.Store.find` takes them.
    archive
        For the season so far. Without it, the steps in between do without momentum.

    Raises
    ------
    StoreError
        A run does not exist or lacks a table.
    """
    earlier, later = store.find(earlier_name)[0], store.find(later_name)[0]
    lists = {run.id: read_chosen(store, run) for run in (earlier, later)}
    steps, alone = _replay_steps(store, earlier, later, lists, archive)

    # Describe every tract on either list.
    geoids = [set(store.read_table(run.id, "tracts").index) for run in (earlier, later)]
    rows = [
        _describe_tract(
            geoid, lists[earlier.id], lists[later.id], steps, geoids[0] & geoids[1], alone
        )
        for geoid in sorted({*lists[earlier.id].index, *lists[later.id].index})
    ]
    table = pd.DataFrame(
        rows, columns=["geoid", "change", "rank_before", "rank_after", "why"]
    ).set_index("geoid")
    ranks = {"rank_before": "Int64", "rank_after": "Int64"}
    return RunComparison(earlier, later, table.astype(ranks))


def _replay_steps(
    store: Store,
    earlier: Run,
    later: Run,
    lists: dict[str, "pd.Series[int]"],
    archive: Archive | None,
) -> tuple[dict[str, set[str]], set[str]]:
    """Return the list after each step, and the later list if it had followed none."""
    # Read what the later run was made from.
    tracts = as_geo_table(store.read_table(later.id, "tracts"), Tracts)
    scores = as_table(store.read_table(later.id, "scores"), Scores)
    paths = {output.path for output in later.outputs}
    assessment = {
        name: store.read_table(later.id, name)
        for name in ("forecast", "peers")
        if f"tables/{name}.parquet" in paths
    }
    history = read_history(archive, later.campaign.codes, tracts) if archive else None

    old, new = earlier.campaign, later.campaign
    mixed = new.model_copy(update={name: getattr(old, name) for name in MONEY_KEYS})
    groups = {run.id: _read_groups(store, run) for run in (earlier, later)}
    is_first = new.keep_borderline and "previous_list" not in later.figures
    previous = None if is_first else lists[earlier.id].index

    def score_again(campaign: Campaign) -> DataFrame[Scores]:
        return score_tracts(
            tracts,
            campaign.creative_languages,
            read_list_rules(campaign),
            assessment.get("forecast"),
            assessment.get("peers"),
            history,
        )

    steps = {
        "data": _choose(tracts, score_again(old), old, groups[earlier.id], previous),
        "weight": _choose(tracts, score_again(mixed), mixed, groups[later.id], previous),
        "budget": _choose(tracts, scores, new, groups[later.id], previous),
        "borderline": set(lists[later.id].index),
    }
    return steps, _choose(tracts, scores, new, groups[later.id], None)


def _read_groups(store: Store, run: Run) -> "pd.Series[str] | None":
    """Return the language or district whose floor each tract counts toward, if the run has any."""
    if "tables/floor_groups.parquet" not in {output.path for output in run.outputs}:
        return None
    return store.read_table(run.id, "floor_groups")["group"]


def _choose(
    tracts: GeoDataFrame[Tracts],
    scores: DataFrame[Scores],
    campaign: Campaign,
    groups: "pd.Series[str] | None",
    previous: Collection[str] | None,
) -> set[str]:
    """Return the tracts that a campaign chooses; it may keep borderline ones of a previous list."""
    floors = None if groups is None else (groups, price_floors(campaign))
    followed = previous if campaign.keep_borderline else None
    return set(choose_targets(tracts, scores, read_list_rules(campaign), followed, floors)["place"])


def _describe_tract(
    geoid: str,
    before: "pd.Series[int]",
    after: "pd.Series[int]",
    steps: dict[str, set[str]],
    shared: set[str],
    alone: set[str],
) -> tuple[str, str, int | None, int | None, str]:
    """Say what happened to one tract, and the step that did it."""
    was_on, is_on = geoid in before.index, geoid in after.index
    ranks = (int(before[geoid]) if was_on else None, int(after[geoid]) if is_on else None)
    if was_on and is_on:
        change = "same" if ranks[0] == ranks[1] else "moved"
        return (geoid, change, *ranks, "" if geoid in alone else "borderline")

    change = "in" if is_on else "out"
    if geoid not in shared:
        return (geoid, change, *ranks, "boundary")
    path = [geoid in members for members in steps.values()]
    settled = next(at for at in range(len(path)) if all(state == is_on for state in path[at:]))
    return (geoid, change, *ranks, list(steps)[settled])
