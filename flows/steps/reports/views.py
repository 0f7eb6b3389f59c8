"""Gather the tables that the reports of a run show."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
from pydantic import SecretStr

from flows.steps.delivering.activity_tracts import read_run_activity
from flows.steps.indicators.present import list_public_meanings, list_series
from flows.steps.measuring.flight_test import find_flight_test
from flows.steps.reports.kept_division import read_division
from flows.steps.sites.show import report_sites
from flows.steps.sources.districts import read_named
from flows.steps.sources.division import divide_tracts
from outreach.archive import Archive
from outreach.campaign import Districts
from outreach.errors import CampaignError
from outreach.rates import AreaErrors
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.tables import ResponseRates, Scores, Targets, as_table
from outreach.transport import Transport


def check_districts(run: Run, kinds: Sequence[Districts]) -> None:
    """Refuse a run whose campaign names no districts."""
    if not kinds:
        raise CampaignError(
            f"The campaign '{run.campaign.name}' has no districts to report by.",
            "Add [[districts]] to the campaign.",
        )


def gather_view(store: Store, run: Run, districts: Districts, settings: Settings) -> ReportView:
    """Gather what the reports of one kind of district show, and the figures of the last report."""
    tracts, scores, targets = (
        store.read_table(run.id, name) for name in ("tracts", "scores", "targets")
    )
    assert isinstance(tracts, gpd.GeoDataFrame)
    transport = Transport(settings, SecretStr(""))

    shapes, notes = read_named(districts, transport, settings)
    tract_year = int(run.join_report.get("tract_year", 2020))
    division = read_division(store, run, districts, tracts, shapes) or divide_tracts(
        tracts, shapes, districts, tract_year, settings, transport
    )
    notes += tuple(note for note in division.notes if note not in notes)
    history = Archive(settings.archive_folder, run.campaign.census_year).read(
        run.campaign.codes, through=run.data_date
    )
    season = history[history.index.isin(tracts.index)]
    activity = read_run_activity(settings.home, store, run, tracts["households_count"])
    view = ReportView(
        title=run.campaign.name,
        kind=districts.name,
        data_date=run.data_date,
        deadline=run.campaign.deadline,
        goal_share=run.campaign.goal_share,
        census_year=run.campaign.census_year,
        tracts=tracts,
        scores=as_table(scores, Scores),
        districts=shapes,
        crosswalk=division.crosswalk,
        other_crosswalks=division.others,
        history=as_table(season, ResponseRates) if len(season) else None,
        targets=as_table(targets, Targets),
        activity=activity,
        test_until=find_test(store, run),
        notes=notes,
        coming_census=run.campaign.census_year if run.campaign.is_plan else None,
        area_errors=AreaErrors(**run.assessment["area_errors"])
        if "area_errors" in run.assessment
        else None,
        public_columns=list_public_meanings(run.campaign.indicators),
        series=list_series(run.campaign.indicators),
        sites=report_sites(store, run, shapes),
    )

    earlier = find_earlier(store, run, view)
    if earlier is None:
        return view
    figures = measure_districts(earlier)
    return replace(view, earlier=EarlierReport(earlier.data_date, figures.table))


def find_earlier(store: Store, run: Run, view: ReportView) -> ReportView | None:
    """Return the view of the campaign's last run with an earlier data date, if there is one.

    Its tracts are divided among the districts as now.
    """
    earlier = [
        other
        for other in store.runs(run.campaign.slug)
        if other.data_date < run.data_date and other.campaign.is_plan == run.campaign.is_plan
    ]
    if not earlier:
        return None
    last = max(earlier, key=lambda other: (other.data_date, other.created_at))
    tracts, scores = (store.read_table(last.id, name) for name in ("tracts", "scores"))
    assert isinstance(tracts, gpd.GeoDataFrame)
    return replace(
        view,
        data_date=last.data_date,
        tracts=tracts,
        scores=as_table(scores, Scores),
        targets=None,
        history=None,
        activity=None,
        sites=None,
        earlier=None,
    )


def find_test(store: Store, run: Run) -> dt.date | None:
    """Return the last day of the test of a run or of its flight; ``None`` without a test."""
    if store.has_output(run.id, "plan.json"):
        plan = store.read_output(run.id, "plan.json")
        return dt.date.fromisoformat(json.loads(plan)["flight_end"])
    test = find_flight_test(store, run.campaign)
    return test.plan.flight_end if test is not None else None
