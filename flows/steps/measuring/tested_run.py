"""Read the test of a run: its plan, its units, and its planned money."""

import datetime as dt
import hashlib

import geopandas as gpd
import pandas as pd

from flows.steps.measuring.approval import read_own_plan
from flows.steps.measuring.flight import DrawnTest
from flows.steps.measuring.flight_test import find_flight_test, hash_plan
from geo.footprint import weigh_members
from models.trial.plan import TrialPlan, read_plan, rebuild_design
from outreach.errors import ModelError, NothingThere, StoreError
from outreach.phrasing import write_count, write_date
from outreach.store import Run, Store
from outreach.units import Arm

#: What the note on a list that a person approved has after the run.
APPROVED = " was approved by "


def find_tested(store: Store, run_name: str = "") -> Run:
    """Find the run whose test is measured.

    A list that was made after its flight, or without a test, stands for the test of its flight: the
    approved run whose list was in force then.

    Parameters
    ----------
    store
        The runs.
    run_name
        As :meth:`outreach.store.Store.find` takes it; by default the run approved last that has a
        test, or else the latest one that has.

    Raises
    ------
    StoreError
        There is no such run.
    NothingThere
        No run has a test.
    """
    run = store.find(run_name)[0] if run_name else _find_last(store)
    plan = read_own_plan(store, run)
    if plan is not None and run.data_date <= plan.flight_end:
        return run
    test = find_flight_test(store, run.campaign)
    if test is None or (plan is not None and hash_plan(test.run) != hash_plan(run)):
        return run
    return test.run


def _find_last(store: Store) -> Run:
    """Return the last approved run with a test plan, or else the latest with one."""
    runs = store.runs()
    planned = [run for run in runs if hash_plan(run)]
    if runs and not planned:
        raise NothingThere(
            f"None of the {write_count(len(runs), 'run')} here has a test, because no campaign has"
            f" a holdout. {_name_approved(store, runs)}",
            "Without a holdout drawn before the flight, nothing tells what ads did. Set [holdout]"
            " percent for the next one.",
        )
    pairs = [(store.approval(run.id), run) for run in planned]
    approved = [(approval.approved_at, run) for approval, run in pairs if approval is not None]
    if approved:
        return max(approved, key=lambda pair: pair[0])[1]
    return max(planned, key=lambda run: run.created_at) if planned else store.find()[0]


def _name_approved(store: Store, runs: list[Run]) -> str:
    """Say which list was approved last, or that none was."""
    pairs = [(store.approval(run.id), run) for run in runs]
    approved = [(approval, run) for approval, run in pairs if approval is not None]
    if not approved:
        return "No list was approved."
    approval, run = max(approved, key=lambda pair: pair[0].approved_at)
    return (
        f"The list approved last is that of {run.id}, by {approval.by} on"
        f" {write_date(approval.approved_at)}."
    )


def read_test(store: Store, run: Run) -> DrawnTest:
    """Read the test plan of a run, and the units from the run that drew the arms.

    A later list of the same test may lack some units.

    Raises
    ------
    StoreError
        The run has no plan, the plan was changed, or the run that drew the arms is missing.
    ModelError
        The arms were drawn after the flight began.
    """
    content = _read_plan_file(store, run)
    plan = read_plan(content.decode("utf-8"))
    design = rebuild_design(plan)
    drawing = min(
        (other for other in store.runs(run.campaign.slug) if hash_plan(other) == hash_plan(run)),
        key=lambda other: other.created_at,
    )
    if drawing.data_date > plan.flight_start:
        raise ModelError(
            f"{drawing.id} drew its arms from data of {write_date(drawing.data_date)}, after the"
            f" flight began on {write_date(plan.flight_start)}, so no ads followed them.",
            "Name the run that was approved before the flight; 'outreach runs' lists the runs.",
        )

    # The tables of the run that drew the arms.
    targets = store.read_table(drawing.id, "targets")
    tracts = store.read_table(drawing.id, "tracts")
    assert isinstance(tracts, gpd.GeoDataFrame)
    units = pd.Index(design.unit_ids)
    missing = units.difference(targets.index)
    if len(missing):
        raise StoreError(
            f"{drawing.id} does not list {len(missing):,} units of the test, such as {missing[0]},"
            " so it did not draw the arms.",
            "Restore the earlier run of this test from a backup.",
        )
    has_members = "tables/members.parquet" in {output.path for output in drawing.outputs}
    if not has_members and plan.unit_kind == "zips":
        raise StoreError(
            f"{drawing.id} does not say which tracts lie in its ZIPs.",
            "Run the campaign again with this version.",
        )
    return DrawnTest(
        drawn_by=drawing.id,
        plan=plan,
        digest=hashlib.sha256(content.rstrip(b"\n")).hexdigest(),
        design=design,
        arms=pd.Series([arm for _, arm, _ in plan.arms], index=units),
        households=targets["households_count"].reindex(units).fillna(0.0),
        members=store.read_table(drawing.id, "members")
        if has_members
        else weigh_members(targets.loc[units], tracts),
        tracts=tracts,
    )


def _read_plan_file(store: Store, run: Run) -> bytes:
    """Return the content of a run's plan.json, unchanged since the run wrote it."""
    if not hash_plan(run):
        raise StoreError(
            f"{run.id} has no test plan, because its campaign has no holdout.",
            "Name a run that wrote plan.json; 'outreach runs' lists the runs.",
        )
    return store.read_output(run.id, "plan.json")


def measure_days(plan: TrialPlan, until: dt.date) -> float:
    """Return the share of a flight's days (0-1) that has passed by the end of a date."""
    total = (plan.flight_end - plan.flight_start).days + 1
    return min(max((until - plan.flight_start).days + 1, 0), total) / total


def sum_planned(store: Store, run: Run, test: DrawnTest) -> tuple[float, list[str]]:
    """Return what a run planned to spend in the treated units, and notes on its list."""
    targets = store.read_table(run.id, "targets")
    treated = test.arms.index[test.arms == Arm.TREAT]
    gone = len(treated.difference(targets.index))
    approval, notes = store.approval(run.id), []
    if approval is None:
        notes.append(
            f"The list of {run.id} was never approved, so there is no record that its ads ran."
        )
    if gone:
        notes.append(
            f"{gone:,} units with ads are not on the list of {run.id}, so they had ads for part of"
            " the flight at most."
        )
    if approval is not None:
        day = write_date(approval.approved_at)
        notes.append(f"The list of {run.id}{APPROVED}{approval.by} on {day}.")
    return float(targets["budget_usd"].reindex(treated).sum()), notes
