"""Find the one test of a flight among the runs of a campaign."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from flows.steps.measuring.approval import read_own_plan
from models.trial.plan import TrialPlan
from outreach.campaign import Campaign
from outreach.store import Run, Store


@dataclass(frozen=True)
class FlightTest:
    """The test that an approved list began.

    Parameters
    ----------
    run
        The approved run whose list was the last one in force before the flight's end.
    plan
        Its test plan, as it was written.
    lists
        The approved runs of this test, the last one first.
    """

    run: Run
    plan: TrialPlan
    lists: tuple[Run, ...]

    def read_units(self, store: Store) -> pd.DataFrame:
        """Return the row of each unit of the test, from the last list that has it."""
        rows = pd.concat([store.read_table(run.id, "targets") for run in self.lists])
        rows = rows[~rows.index.duplicated()]
        return rows.loc[rows.index.isin([unit for unit, _, _ in self.plan.arms])]


def find_flight_test(
    store: Store,
    campaign: Campaign,
    through: dt.date = dt.date.max,
    flight: tuple[dt.date, dt.date] | None = None,
) -> FlightTest | None:
    """Find the test of a campaign's flight: the one approved last before the flight's end.

    Lists that keep the arms of an earlier one belong to the same test. A test that was drawn before
    the flight began goes before one that was drawn later, which nobody could read out.

    Parameters
    ----------
    store
        The runs.
    campaign
        Names the campaign, its census, and its flight.
    through
        Leave out runs on newer data than this.
    flight
        First and last day of the ads; by default those of the campaign.

    Returns
    -------
    FlightTest or None
        ``None`` without a flight, or without an approved list that has a test of it.

    Raises
    ------
    StoreError, ModelError
        A run of the campaign or its plan cannot be read.
    """
    if flight is None and campaign.flight is not None:
        flight = (campaign.flight.start, campaign.flight.end)
    planned = [] if flight is None else _list_planned(store, campaign, flight)
    approved = [
        (approval.approved_at, run, plan)
        for run, plan in planned
        if run.data_date <= min(through, plan.flight_end)
        and (approval := store.approval(run.id)) is not None
    ]
    if not approved:
        return None

    # When each plan was drawn: the first data date of the runs that have it.
    drawn = dict[str, dt.date]()
    for run, _ in planned:
        digest = hash_plan(run)
        drawn[digest] = min(run.data_date, drawn.get(digest, run.data_date))
    in_time = [each for each in approved if drawn[hash_plan(each[1])] <= each[2].flight_start]

    ordered = sorted(in_time or approved, key=lambda each: each[0], reverse=True)
    _, run, plan = ordered[0]
    lists = [other for _, other, _ in ordered if hash_plan(other) == hash_plan(run)]
    return FlightTest(run, plan, tuple(lists))


def hash_plan(run: Run) -> str:
    """Return the hash of the test plan that a run wrote; empty if it has none."""
    return next((output.sha256 for output in run.outputs if output.path == "plan.json"), "")


def _list_planned(
    store: Store, campaign: Campaign, flight: tuple[dt.date, dt.date]
) -> list[tuple[Run, TrialPlan]]:
    """Return the runs of a campaign that have a test of a flight, approved or not."""
    planned = []
    for run in store.runs(campaign.slug):
        is_same = run.campaign.census_year == campaign.census_year
        plan = read_own_plan(store, run) if is_same else None
        if plan is not None and (plan.flight_start, plan.flight_end) == flight:
            planned.append((run, plan))
    return planned
