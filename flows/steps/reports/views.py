"""Gather the tables that the reports of a run show."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pydantic import SecretStr

from flows.steps.districts import read_named
from geo.crosswalk.chain import chain_crosswalks
from geo.crosswalk.sources import TRACT_RELATIONSHIP, read_relationship, read_user_crosswalk
from geo.districts import assign_districts
from geo.download import fetch_file
from outreach.archive import Archive
from outreach.campaign import Districts
from outreach.errors import CampaignError
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.tables import Crosswalk, ResponseRates, Scores, Targets, as_table
from outreach.transport import Transport
from outreach.units import Arm


def check_named(run: Run, asked: Sequence[Districts]) -> None:
    """Refuse a run whose campaign names no districts."""
    if not asked:
        raise CampaignError(
            f"The campaign '{run.campaign.name}' names no districts to report by.",
            "Add [[districts]] to it.",
        )


def gather_view(store: Store, run: Run, asked: Districts, settings: Settings) -> ReportView:
    """Gather what the reports of one kind of district show, the last report before this run included."""
    tracts, scores, targets = (
        store.read_table(run.id, name) for name in ("tracts", "scores", "targets")
    )
    assert isinstance(tracts, gpd.GeoDataFrame)
    transport = Transport(settings, SecretStr(""))
    drawn, notes = read_named(asked, transport, settings)
    tract_year = int(run.join_report.get("tract_year", 2020))
    land = assign_districts(tracts, drawn, asked.name, tract_year)
    crosswalk = read_crosswalk(asked, tract_year, settings, transport) if asked.crosswalk else land
    history = Archive(settings.archive_folder, run.campaign.census_year).read(
        run.campaign.codes, through=run.data_date
    )
    season = history[history.index.isin(tracts.index)]
    view = ReportView(
        title=run.campaign.name,
        kind=asked.name,
        data_date=run.data_date,
        deadline=run.campaign.deadline,
        goal_share=run.campaign.goal_share,
        source=f"U.S. Census Bureau, {run.campaign.census_year} Census self-response rates",
        tracts=tracts,
        scores=as_table(scores, Scores),
        districts=drawn,
        crosswalk=as_table(crosswalk, Crosswalk),
        other_crosswalks={"land": land} if asked.crosswalk else {},
        history=as_table(season, ResponseRates) if len(season) else None,
        targets=as_table(targets, Targets),
        test_until=find_test(store, run),
        notes=notes,
    )
    then = find_earlier(store, run, view)
    return (
        view
        if then is None
        else replace(view, earlier=EarlierReport(then.data_date, measure_districts(then).table))
    )


def read_crosswalk(
    asked: Districts, tract_year: int, settings: Settings, transport: Transport
) -> pd.DataFrame:
    """Read the crosswalk that a campaign names; one on the tracts of the census before is chained with the relationship file."""
    year = asked.crosswalk_tract_year
    own = read_user_crosswalk(
        Path(str(asked.crosswalk)), asked.crosswalk_unit, (f"tract{year}", asked.name)
    )
    if year == tract_year:
        return own
    file = fetch_file(transport, TRACT_RELATIONSHIP, settings.files_cache)
    forward, backward = read_relationship(file.path.read_bytes())
    return chain_crosswalks(backward if year < tract_year else forward, own)


def find_earlier(store: Store, run: Run, view: ReportView) -> ReportView | None:
    """Return the view of the campaign's last run with an earlier data date, the tracts divided as now; ``None`` without one."""
    before = [
        one
        for one in store.runs()
        if one.campaign.slug == run.campaign.slug and one.data_date < run.data_date
    ]
    if not before:
        return None
    last = max(before, key=lambda one: (one.data_date, one.created_at))
    tracts, scores = (store.read_table(last.id, name) for name in ("tracts", "scores"))
    assert isinstance(tracts, gpd.GeoDataFrame)
    return replace(
        view,
        data_date=last.data_date,
        tracts=tracts,
        scores=as_table(scores, Scores),
        targets=None,
        history=None,
        earlier=None,
    )


def find_test(store: Store, run: Run) -> dt.date | None:
    """Return the last day of the ads of a run's test, ``None`` for a run without one."""
    plan = store.find(run.id)[1] / "plan.json"
    return (
        dt.date.fromisoformat(json.loads(plan.read_text(encoding="utf-8"))["flight_end"])
        if plan.is_file()
        else None
    )


def tells_test(view: ReportView) -> bool:
    """Whether the targets have a comparison group, so that a test may be running."""
    return view.targets is not None and bool((view.targets["arm"] != Arm.TREAT).any())
