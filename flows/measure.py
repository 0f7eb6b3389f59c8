"""Measuring: from the plan of a test, the run that drew its arms and the archived season to what the ads did, judged as the plan said."""

import datetime as dt
import hashlib
import math
from pathlib import Path

import geopandas as gpd
import pandas as pd

from flows.steps.folders import build_folder
from flows.steps.measuring.flight import (
    DrawnTest,
    Window,
    choose_seed,
    choose_window,
    estimate_effect,
    find_before,
    read_rates,
)
from flows.steps.measuring.readout import RECORD
from geo.footprint import weigh_members
from models.trial.cost import price_responses
from models.trial.effect import METHOD, Effect
from models.trial.plan import read_plan, rebuild_design
from outreach import __version__
from outreach.archive import Archive
from outreach.errors import ModelError, StoreError
from outreach.reports.pages.effect import write_effect_page
from outreach.reports.text.test_result import Readout, Span, WindowEstimate
from outreach.settings import Settings
from outreach.store import Run, Store, list_versions
from outreach.units import Arm


def measure_test(
    settings: Settings, run_name: str = "", *, so_far: bool = False, spent_usd: float | None = None
) -> tuple[Readout, Path]:
    """Measure what the ads of a run's test did, and write ``measurements/<run id>/``: ``effect.json`` and ``effect.html``.

    Parameters
    ----------
    run_name
        A run's id or part of one; by default the run with a plan that was approved last, or the
        latest run where none was.
    so_far
        Where the flight is not over in the archive, read provisionally, without a p-value or a
        verdict.
    spent_usd
        What the ads in the treated units of the test cost; by default what the run planned for
        them.

    Raises
    ------
    StoreError
        The run has no plan, the plan was changed, or the run that drew the arms is gone.
    NothingThere
        The flight is not over in the archive, or days are missing.
    ModelError
        The arms cannot be drawn again or were drawn after the flight began, the money is no amount,
        or there are too few units to compare.
    """
    if spent_usd is not None and not 0 < spent_usd < math.inf:
        raise ModelError(
            f"The money spent is {spent_usd}.", "Give US dollars above 0, or leave it out."
        )
    store = Store(settings.runs_folder)
    run = store.find(run_name)[0] if run_name else _find_tested(store)
    test = _read_test(store, run)
    rates = read_rates(Archive(settings.archive_folder, run.campaign.census_year), test)
    days = pd.DatetimeIndex(rates.columns)
    flight = estimate_effect(rates, test, *choose_window(days, test.record, so_far=so_far))
    start = find_before(days, flight.first, flight.last)
    placebo = None if start is None else estimate_effect(rates, test, start, flight.first)
    planned, notes = _sum_planned(store, run, test)
    provisional = flight.last.date() <= test.record.flight_end
    spent, responses = (
        planned if spent_usd is None else spent_usd,
        _span(flight.effect, flight.treated_count, 2),
    )
    readout = Readout(
        run_id=run.id,
        design_run_id=test.drawn_by,
        campaign=test.record.campaign,
        plan_digest=test.digest,
        made_at=dt.datetime.now(dt.UTC),
        flight_start=test.record.flight_start,
        flight_end=test.record.flight_end,
        provisional=provisional,
        outcome=test.record.outcome,
        plan_method=test.record.method,
        method=METHOD,
        permutations_count=flight.effect.permutations_count,
        permutation_seed=choose_seed(test.record),
        confidence=flight.effect.confidence,
        flight=_read_off(flight, withheld=provisional),
        placebo=_read_off(placebo) if placebo else None,
        treated_households_count=round(flight.treated_count, 2),
        responses=responses,
        spent_usd=round(spent, 2),
        spend_reported=spent_usd is not None,
        cost_usd=_price_responses(spent, responses),
        mde_share=test.record.mde_share,
        units_count=flight.units_count,
        tracts_count=len(rates) - len(flight.left_out_tracts),
        left_out_units=flight.left_out_units,
        left_out_tracts=flight.left_out_tracts,
        notes=(*notes, *_say_left_out(flight), *test.record.warnings),
        versions=list_versions("numpy", "pandas", "scipy") | {"outreach": __version__},
    )
    folder = settings.home / "measurements" / run.id
    with build_folder(folder) as building:
        (building / RECORD).write_text(readout.canonical_json() + "\n", encoding="utf-8")
        (building / "effect.html").write_text(write_effect_page(readout), encoding="utf-8")
    return readout, folder


def _price_responses(spent_usd: float, responses: Span) -> Span:
    """Return what an additional response cost, with its range."""
    cost = price_responses(
        spent_usd, responses.low or 0.0, responses.middle or 0.0, responses.high or 0.0
    )
    return Span(low=cost.low_usd, middle=cost.middle_usd, high=cost.high_usd)


def _find_tested(store: Store) -> Run:
    """Return the run with a plan that was approved last, or the latest run."""
    given = [(store.approval(run.id), run) for run in store.runs() if _hash_plan(run)]
    approved = [(approval.approved_at, run) for approval, run in given if approval is not None]
    return max(approved, key=lambda pair: pair[0])[1] if approved else store.find()[0]


def _hash_plan(run: Run) -> str:
    """Return the hash of the plan that a run wrote; empty where it has none."""
    return next((output.sha256 for output in run.outputs if output.path == "plan.json"), "")


def _read_test(store: Store, run: Run) -> DrawnTest:
    """Read the plan of a run, and the units from the run that drew it: a later list of the same test may lack some."""
    if not _hash_plan(run):
        raise StoreError(
            f"{run.id} has no plan of a test, because its campaign held nothing out.",
            "Name a run that wrote plan.json; 'outreach runs' lists the runs.",
        )
    plan = store.find(run.id)[1] / "plan.json"
    content = plan.read_bytes() if plan.is_file() else b""
    if hashlib.sha256(content).hexdigest() != _hash_plan(run):
        raise StoreError(
            f"{plan} is not the plan that the run wrote.", "Bring it back from a backup."
        )
    record = read_plan(content.decode("utf-8"))
    design = rebuild_design(record)
    drawn = min(
        (one for one in store.runs() if _hash_plan(one) == _hash_plan(run)),
        key=lambda one: one.created_at,
    )
    if drawn.data_date > record.flight_start:
        raise ModelError(
            f"{drawn.id} drew its arms from data of {drawn.data_date}, after the flight began on {record.flight_start}: no ads went by them.",
            "Name the run that was approved before the flight; 'outreach runs' lists the runs.",
        )
    targets, tracts = store.read_table(drawn.id, "targets"), store.read_table(drawn.id, "tracts")
    assert isinstance(tracts, gpd.GeoDataFrame)
    units = pd.Index(design.unit_ids)
    gone = units.difference(targets.index)
    if len(gone):
        raise StoreError(
            f"{drawn.id} does not list {len(gone):,} units of the test, such as {gone[0]}: it is not the run that drew the arms.",
            "Bring the earlier run of this test back from a backup.",
        )
    kept = "tables/members.parquet" in {output.path for output in drawn.outputs}
    if not kept and record.unit_kind == "zips":
        raise StoreError(
            f"{drawn.id} does not say which tracts lie in its ZIPs.",
            "Make the run again with this version.",
        )
    return DrawnTest(
        drawn_by=drawn.id,
        record=record,
        digest=hashlib.sha256(content.rstrip(b"\n")).hexdigest(),
        design=design,
        arms=pd.Series([arm for _, arm, _ in record.arms], index=units),
        households=targets["households_count"].reindex(units).fillna(0.0),
        members=store.read_table(drawn.id, "members")
        if kept
        else weigh_members(targets.loc[units], tracts),
        tracts=tracts,
    )


def _sum_planned(store: Store, run: Run, test: DrawnTest) -> tuple[float, list[str]]:
    """Return what a run planned to spend in the treated units of the test, and what is to be known of that list."""
    targets = store.read_table(run.id, "targets")
    treated = test.arms.index[test.arms == Arm.TREAT]
    gone = len(treated.difference(targets.index))
    notes = []
    if store.approval(run.id) is None:
        notes.append(
            f"The list of {run.id} was never approved: whether ads ran by it is not on record."
        )
    if gone:
        notes.append(
            f"{gone:,} units with ads are not on the list of {run.id}: they had ads for a part of the flight at most."
        )
    return float(targets["budget_usd"].reindex(treated).sum()), notes


def _say_left_out(window: Window) -> list[str]:
    """Say what has no rate on one of the two dates."""
    said = []
    if window.left_out_tracts:
        dates = f"{window.first.date()} or {window.last.date()}"
        said.append(
            f"{len(window.left_out_tracts):,} tracts without a rate on {dates} are left out; effect.json names them."
        )
    if window.left_out_units:
        said.append(
            f"{len(window.left_out_units):,} units have no tract with a rate on both dates and weigh nothing."
        )
    return said


def _read_off(window: Window, *, withheld: bool = False) -> WindowEstimate:
    """Return a window's estimate as it is kept."""
    return WindowEstimate(
        first=window.first.date(),
        last=window.last.date(),
        effect=_span(window.effect, 1.0, 8),
        p_value=None if withheld else round(window.effect.p_value, 6),
        standard_error_share=round(window.effect.standard_error_share, 8),
    )


def _span(effect: Effect, factor: float, digits: int) -> Span:
    """Return an effect with its range, times a factor."""
    low, middle, high = (
        round(factor * share, digits)
        for share in (effect.low_share, effect.estimate_share, effect.high_share)
    )
    return Span(low=low, middle=middle, high=high)
