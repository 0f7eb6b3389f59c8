"""Find the previous list and the approved test that a new list must respect."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from flows.steps.buying.list_rules import read_list_rules
from flows.steps.measuring.flight_test import find_flight_test
from flows.steps.notes import Notes
from models.targeting.selection import choose_targets
from models.trial.plan import TrialPlan
from outreach.campaign import Campaign
from outreach.errors import ModelError, StoreError
from outreach.phrasing import write_count, write_date
from outreach.store import Run, Store
from outreach.tables import DataFrame, Scores, Targets, Tracts, as_geo_table, as_table

#: Kinds of units that are the same place in every run. Pins and polygons are made anew.
_LASTING = ("tracts", "zips")
_PERCENT = 100


@dataclass(frozen=True)
class PreviousList:
    """The last list of a campaign, which a new one follows.

    Parameters
    ----------
    run_id, data_date
        The run that made it, and the date of its data.
    approved_by
        Who approved it.
    tracts
        GEOIDs on it.
    """

    run_id: str
    data_date: dt.date
    approved_by: str
    tracts: frozenset[str]

    @property
    def title(self) -> str:
        """The run, the date of its data, and who approved it."""
        day = write_date(self.data_date)
        return f"{self.run_id} (data of {day}, approved by {self.approved_by})"


@dataclass(frozen=True)
class RunningTest:
    """The test of a flight that an approved list began.

    Parameters
    ----------
    run_id
        The run whose list was approved.
    plan
        Its test plan, as it was written.
    units
        The targets of the test, as the last approved list has them.
    data_date
        The data date of the new list.
    """

    run_id: str
    plan: TrialPlan
    units: DataFrame[Targets]
    data_date: dt.date

    @property
    def has_begun(self) -> bool:
        """Whether the new list is on data of the flight's first day or later."""
        return self.data_date >= self.plan.flight_start

    @property
    def is_lasting(self) -> bool:
        """Whether a unit is the same place in every run."""
        return self.plan.unit_kind in _LASTING


def find_running_test(
    store: Store, campaign: Campaign, data_date: dt.date, notes: Notes
) -> RunningTest | None:
    """Find the approved test of the campaign's flight, whose arms a new list must keep.

    Before the flight begins, a campaign may still request another test: its arms are drawn anew,
    and a note says so. From its first day on the approved test stays, whatever is requested.
    """
    if campaign.flight is None:
        return None
    try:
        found = find_flight_test(store, campaign, data_date)
        units = found.read_units(store) if found else None
    except (ModelError, StoreError) as error:
        notes.add(
            f"An approved test of this flight cannot be read, so it is not kept. {error.what}"
        )
        return None
    if found is None or units is None:
        return None

    # The arms can be kept if the same test of lasting places is requested again.
    plan, run_id = found.plan, found.run.id
    requested = (
        campaign.units.kind,
        campaign.holdout.percent / _PERCENT,
        campaign.holdout.seed,
    )
    is_same = requested == (plan.unit_kind, plan.holdout_share, plan.seed)
    test = RunningTest(run_id, plan, as_table(units, Targets), data_date)
    if test.has_begun or (is_same and test.is_lasting):
        if not is_same:
            notes.add(
                "The campaign requests a different test, but the flight began on"
                f" {write_date(plan.flight_start)}, so the arms stay those of {run_id}. For another"
                " test, give the campaign another [flight]."
            )
        return test

    reason = (
        f"{plan.unit_kind} are made anew in each run"
        if is_same
        else "the campaign requests a different test"
    )
    notes.add(
        f"The arms are drawn again, because {reason}. If this list is approved before the flight"
        f" begins on {write_date(plan.flight_start)}, its test takes the place of that of {run_id}."
    )
    return None


def find_previous_list(
    store: Store, campaign: Campaign, data_date: dt.date, notes: Notes
) -> PreviousList | None:
    """Find a campaign's last approved list; a draft, such as a what-if, binds no later list.

    A run of the same campaign has its name, census year, and areas, and data no newer than
    ``data_date``, the data date of the new list. If a run cannot be read, a note says so, and the
    new list follows none.
    """
    if not campaign.keep_borderline:
        return None
    try:
        approved = [
            (approval, run)
            for run in store.runs(campaign.slug)
            if _is_same(run, campaign)
            and set(run.campaign.areas) == set(campaign.areas)
            and run.data_date <= data_date
            and (approval := store.approval(run.id)) is not None
        ]
        if not approved:
            return None
        approval, last = max(approved, key=lambda pair: pair[0].approved_at)
        tracts = frozenset(read_chosen(store, last).index)
    except StoreError as error:
        notes.add(
            f"Borderline tracts follow no previous list, because a run cannot be read. {error.what}"
        )
        return None
    return PreviousList(last.id, last.data_date, approval.by, tracts)


def read_chosen(store: Store, run: Run) -> "pd.Series[int]":
    """Return the ranks of the tracts that a run chose, or that its ZIPs or pins were chosen for."""
    if "tables/chosen.parquet" in {output.path for output in run.outputs}:
        chosen = store.read_table(run.id, "chosen")
    else:  # an older version did not keep the chosen tracts
        tracts = as_geo_table(store.read_table(run.id, "tracts"), Tracts)
        scores = as_table(store.read_table(run.id, "scores"), Scores)
        chosen = choose_targets(tracts, scores, read_list_rules(run.campaign))
    return pd.Series(chosen["rank"].to_numpy(), index=pd.Index(chosen["place"], name="geoid"))


def describe_borderline(
    chosen: DataFrame[Targets],
    plain: DataFrame[Targets],
    scores: DataFrame[Scores],
    cutoff_rank: int,
    previous: PreviousList,
    notes: Notes,
) -> tuple[DataFrame[Targets], pd.DataFrame]:
    """Say on each row, and in a note, what the previous list decided.

    Parameters
    ----------
    chosen, plain
        The tracts chosen with the previous list and without it
        (:func:`models.targeting.selection.choose_targets`).
    scores
        For ranks and their ranges.
    cutoff_rank
        From :func:`models.targeting.selection.find_cutoff_rank`.
    previous
        The list that borderline tracts follow.
    notes
        Gets a sentence with the counts.

    Returns
    -------
    chosen : DataFrame
        With the decision in ``why``.
    borderline : DataFrame
        A row is a tract (``geoid``): ``decision`` is ``stays`` (on the list though ranked below the
        cutoff) or ``waits`` (ranked above it, but not on the list), with ``rank``, ``rank_low``,
        ``rank_high``.
    """
    following, alone = pd.Index(chosen["place"]), pd.Index(plain["place"])
    stays = following.difference(alone).intersection(list(previous.tracts))
    waits = alone.difference(following)
    borderline = pd.concat(
        [
            scores.loc[geoids, ["rank", "rank_low", "rank_high"]].assign(decision=decision)
            for decision, geoids in (("stays", stays), ("waits", waits))
        ]
    ).rename_axis("geoid")

    joined = len(following.difference(list(previous.tracts)))
    left = len(previous.tracts.difference(following))
    sentence = (
        f"The list follows that of {previous.title}: {write_count(joined, 'tract')} joined"
        f" and {left:,} left."
    )
    if len(borderline):
        sentence += (
            f" {len(stays):,} stay though now ranked below the cutoff at {cutoff_rank:,}, and"
            f" {len(waits):,} wait though ranked above it, because their rank ranges include it;"
            " borderline.csv names them."
        )
    notes.add(sentence)

    reasons = {
        geoid: (
            f" Stays from the list of {previous.run_id}: its rank {row['rank']:,} is now below the"
            f" cutoff at {cutoff_rank:,}, but its range ({row['rank_low']:,} to"
            f" {row['rank_high']:,}) includes the cutoff."
        )
        for geoid, row in borderline[borderline["decision"] == "stays"].iterrows()
    }
    if not reasons:
        return chosen, borderline
    why = chosen["why"] + chosen["place"].map(reasons).fillna("")
    return as_table(chosen.assign(why=why), Targets), borderline


def _is_same(run: Run, campaign: Campaign) -> bool:
    """Return whether a run is of the campaign with this name and census year."""
    return (run.campaign.slug, run.campaign.census_year) == (campaign.slug, campaign.census_year)
