"""Memory: the list before this one, which borderline tracts it keeps on the new list or off it, and the approved test that still runs."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from flows.steps.list_rules import read_list_rules
from models.targeting.selection import choose_targets
from models.trial.plan import TrialPlan, read_plan
from outreach.campaign import Campaign
from outreach.errors import ModelError, StoreError
from outreach.store import Approval, Run, Store
from outreach.tables import Scores, Tracts, as_geo_table, as_table

#: Kinds of units that are the same place in every run; pins and polygons are packed anew.
_LASTING = ("tracts", "zips")


@dataclass(frozen=True)
class ListBefore:
    """The list that a new one follows.

    Parameters
    ----------
    run_id, data_date
        The run that it comes from, and of which data it was.
    approved_by
        Who approved it; empty for a draft.
    tracts
        GEOIDs on it.
    """

    run_id: str
    data_date: dt.date
    approved_by: str
    tracts: frozenset[str]

    @property
    def title(self) -> str:
        """What it is, in words."""
        standing = f"approved by {self.approved_by}" if self.approved_by else "a draft"
        return f"{self.run_id} (data of {self.data_date}, {standing})"


@dataclass(frozen=True)
class Held:
    """What the list before decided.

    Parameters
    ----------
    table
        A row is a tract (``geoid``): ``held`` is ``stays`` (on the list though ranked below the
        cut) or ``waits`` (ranked above, not on the list), with ``rank``, ``rank_low``,
        ``rank_high``.
    notes
        Sentences for people.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RunningTest:
    """A test that an approved list began and that has not ended.

    Parameters
    ----------
    run_id
        The run whose list was approved.
    record
        Its plan, as it was written.
    """

    run_id: str
    record: TrialPlan


def find_running_test(
    store: Store, campaign: Campaign, on: dt.date
) -> tuple[RunningTest | None, tuple[str, ...]]:
    """Find the approved test whose arms a new list must keep: of the same campaign and flight, not over on ``on``, the data date of the new list.

    Returns
    -------
    RunningTest or None, tuple of str
        The test, and a sentence where there is one that cannot be kept; arms are then drawn anew.
    """
    if not campaign.holdout.percent or campaign.flight is None:
        return None, ()
    try:
        found = _find_approved_test(store, campaign, on)
    except (ModelError, StoreError) as error:
        return None, (
            f"The arms are drawn anew, because an approved test cannot be read. {error.what}",
        )
    if found is None or on > found.record.flight_end:
        return None, ()
    record, flight = found.record, campaign.flight
    asked = (
        campaign.units.kind,
        campaign.holdout.percent / 100,
        campaign.holdout.seed,
        flight.start,
        flight.end,
    )
    drawn = (
        record.unit_kind,
        record.holdout_share,
        record.seed,
        record.flight_start,
        record.flight_end,
    )
    if asked == drawn and record.unit_kind in _LASTING:
        return found, ()
    why = (
        "the campaign asks for another one"
        if asked != drawn
        else f"{record.unit_kind} are packed anew in each run"
    )
    return None, (
        f"The arms are drawn anew, because {why}; the approved test of {found.run_id}, until {record.flight_end}, is measured by its own plan.json.",
    )


def _find_approved_test(store: Store, campaign: Campaign, on: dt.date) -> RunningTest | None:
    """Return the test of the run of this campaign that was approved last, if that run has one."""
    approved = []
    for run in store.runs():
        same = (run.campaign.slug, run.campaign.census_year) == (
            campaign.slug,
            campaign.census_year,
        )
        given = store.approval(run.id) if same and run.data_date <= on else None
        if given is not None:
            approved.append((given.approved_at, run))
    if not approved:
        return None
    _, run = max(approved, key=lambda pair: pair[0])
    if "plan.json" not in {output.path for output in run.outputs}:
        return None
    return RunningTest(
        run.id, read_plan((store.find(run.id)[1] / "plan.json").read_text(encoding="utf-8"))
    )


def find_list_before(
    store: Store, campaign: Campaign, on: dt.date
) -> tuple[ListBefore | None, tuple[str, ...]]:
    """Find the list that a campaign had: that of its last approved run, or of its latest run where none is approved.

    A run of the same campaign has its name, census year and areas, and data no younger than ``on``,
    the data date of the new list.

    Returns
    -------
    ListBefore or None, tuple of str
        The list, and a sentence where a run could not be read; the new list then does without.
    """
    if not campaign.keep_borderline:
        return None, ()
    found, approval = None, None
    try:
        for run in sorted(store.runs(), key=lambda run: run.created_at, reverse=True):
            same = (run.campaign.slug, run.campaign.census_year) == (
                campaign.slug,
                campaign.census_year,
            )
            if not same or set(run.campaign.areas) != set(campaign.areas) or run.data_date > on:
                continue
            given = store.approval(run.id)
            if found is None or _is_later(given, approval):
                found, approval = run, given
        if found is None:
            return None, ()
        tracts = frozenset(read_chosen(store, found).index)
        return ListBefore(found.id, found.data_date, approval.by if approval else "", tracts), ()
    except StoreError as error:
        return None, (
            f"Borderline tracts follow no list before, because a run cannot be read. {error.what}",
        )


def _is_later(given: Approval | None, known: Approval | None) -> bool:
    """Whether an approval is there and younger than the one that is known."""
    return given is not None and (known is None or given.approved_at > known.approved_at)


def read_chosen(store: Store, run: Run) -> "pd.Series[int]":
    """Return the ranks of the tracts that a run chose; where ZIPs or pins were bought, of the tracts they were chosen for."""
    if "tables/chosen.parquet" in {output.path for output in run.outputs}:
        chosen = store.read_table(run.id, "chosen")
    else:  # written before lists had a memory
        tracts = as_geo_table(store.read_table(run.id, "tracts"), Tracts)
        scores = as_table(store.read_table(run.id, "scores"), Scores)
        chosen = choose_targets(tracts, scores, read_list_rules(run.campaign))
    return pd.Series(chosen["rank"].to_numpy(), index=pd.Index(chosen["place"], name="geoid"))


def follow_list(
    chosen: pd.DataFrame, plain: pd.DataFrame, scores: pd.DataFrame, cut: int, before: ListBefore
) -> tuple[pd.DataFrame, Held]:
    """Say on each row, and in a note, what the list before decided.

    Parameters
    ----------
    chosen, plain
        The tracts chosen with the list before, and without it
        (:func:`models.targeting.selection.choose_targets`).
    cut
        From :func:`models.targeting.selection.find_cutoff_rank`.
    """
    kept, alone = pd.Index(chosen["place"]), pd.Index(plain["place"])
    stays, waits = kept.difference(alone).intersection(list(before.tracts)), alone.difference(kept)
    table = pd.concat(
        [
            scores.loc[members, ["rank", "rank_low", "rank_high"]].assign(held=held)
            for held, members in (("stays", stays), ("waits", waits))
        ]
    ).rename_axis("geoid")
    told = table[table["held"] == "stays"].apply(
        lambda row: (
            f" Stays from the list of {before.run_id}: now of rank {row['rank']:,}, below the cut at {cut:,}, but its range "
            f"({row['rank_low']:,} to {row['rank_high']:,}) reaches the cut."
        ),
        axis=1,
    )
    reasons = chosen["place"].map(told).fillna("") if len(told) else ""
    came, left = len(kept.difference(list(before.tracts))), len(before.tracts.difference(kept))
    note = (
        f"The list follows that of {before.title}: {came:,} tracts are new and {left:,} have left."
    )
    if len(table):
        note += (
            f" {len(stays):,} stay though now ranked below the cut at {cut:,}, and {len(waits):,} wait though ranked above it, because their rank "
            "ranges reach across it; borderline.csv names them."
        )
    return chosen.assign(why=chosen["why"] + reasons), Held(table, (note,))
