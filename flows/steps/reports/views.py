"""Gather the tables that the reports of a run show."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pydantic import SecretStr

from flows.steps.measuring.flight_test import find_flight_test
from flows.steps.sources.districts import read_named
from geo.crosswalk.chain import chain_crosswalks
from geo.crosswalk.sources import TRACT_RELATIONSHIP, read_relationship, read_user_crosswalk
from geo.districts import assign_districts
from geo.download import fetch_file
from outreach.archive import Archive
from outreach.campaign import Districts
from outreach.errors import CampaignError
from outreach.partners import match_codes
from outreach.reports.data.inputs import EarlierReport, ReportView
from outreach.reports.data.metrics import measure_districts
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.tables import Crosswalk, ResponseRates, Scores, Targets, as_table
from outreach.transport import Transport

#: A tract lies wholly in districts beyond this share of its land.
_WHOLLY = 0.999
#: A crosswalk covers a tract that lies wholly in districts beyond this share.
_MOSTLY = 0.9


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

    # Divide the tracts among the districts: by land, and by the campaign's crosswalk if any.
    shapes, notes = read_named(districts, transport, settings)
    tract_year = int(run.join_report.get("tract_year", 2020))
    land = assign_districts(tracts, shapes, districts.name, tract_year)
    crosswalk: pd.DataFrame = land
    if districts.crosswalk:
        crosswalk = read_crosswalk(districts, tract_year, settings, transport)
        households = tracts["households_count"].fillna(0.0)
        notes += match_crosswalk(crosswalk, land, shapes.index, households, districts.crosswalk)
    history = Archive(settings.archive_folder, run.campaign.census_year).read(
        run.campaign.codes, through=run.data_date
    )
    season = history[history.index.isin(tracts.index)]
    view = ReportView(
        title=run.campaign.name,
        kind=districts.name,
        data_date=run.data_date,
        deadline=run.campaign.deadline,
        goal_share=run.campaign.goal_share,
        source=f"U.S. Census Bureau, {run.campaign.census_year} Census self-response rates",
        tracts=tracts,
        scores=as_table(scores, Scores),
        districts=shapes,
        crosswalk=as_table(crosswalk, Crosswalk),
        other_crosswalks={"land": land} if districts.crosswalk else {},
        history=as_table(season, ResponseRates) if len(season) else None,
        targets=as_table(targets, Targets),
        test_until=find_test(store, run),
        notes=notes,
    )

    earlier = find_earlier(store, run, view)
    if earlier is None:
        return view
    figures = measure_districts(earlier)
    return replace(view, earlier=EarlierReport(earlier.data_date, figures.table))


def read_crosswalk(
    districts: Districts, tract_year: int, settings: Settings, transport: Transport
) -> pd.DataFrame:
    """Read the crosswalk that a campaign names.

    A crosswalk on tracts of another census is chained with the relationship file.
    """
    year = districts.crosswalk_tract_year
    own = read_user_crosswalk(
        Path(str(districts.crosswalk)),
        districts.crosswalk_unit,
        (f"tract{year}", districts.name),
    )
    if year == tract_year:
        return own
    file = fetch_file(transport, TRACT_RELATIONSHIP, settings.files_cache)
    forward, backward = read_relationship(file.path.read_bytes())
    return chain_crosswalks(backward if year < tract_year else forward, own)


def match_crosswalk(
    crosswalk: pd.DataFrame,
    land: pd.DataFrame,
    districts: pd.Index,
    households: "pd.Series[float]",
    origin: str,
) -> tuple[str, ...]:
    """Check that a crosswalk's targets are districts and that it covers the tracts inside them.

    Parameters
    ----------
    crosswalk
        From tracts to districts, of the campaign.
    land
        The same by land, which shows the tracts that lie wholly in districts.
    districts
        The ids of the districts.
    households
        Households by tract.
    origin
        The crosswalk's file, for messages.

    Returns
    -------
    tuple of str
        Sentences about the few codes that meet no partner.

    Raises
    ------
    InputError
        Targets or tracts with many households meet no partner.
    """
    # Both sides by households: a target by those that the crosswalk gives to it.
    assigned = crosswalk[crosswalk["target"] != ""]
    rows = assigned[assigned["source"].isin(households.index)]
    given = rows["weight"] * rows["source"].map(households).astype(float)
    targets = match_codes(
        rows["target"],
        districts,
        "targets of the crosswalk",
        "district of the file",
        origin,
        given.groupby(rows["target"]).sum(),
    )
    inside = land[land["target"] != ""].groupby("source")["weight"].sum()
    covered = assigned.groupby("source")["weight"].sum()
    sources = match_codes(
        inside.index[inside > _WHOLLY],
        covered.index[covered > _MOSTLY],
        "tracts inside the districts",
        "source that the crosswalk divides among districts",
        origin,
        households,
    )
    return tuple(filter(None, (targets, sources)))


def find_earlier(store: Store, run: Run, view: ReportView) -> ReportView | None:
    """Return the view of the campaign's last run with an earlier data date, if there is one.

    Its tracts are divided among the districts as now.
    """
    earlier = [other for other in store.runs(run.campaign.slug) if other.data_date < run.data_date]
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
        earlier=None,
    )


def find_test(store: Store, run: Run) -> dt.date | None:
    """Return the last day of the test of a run or of its flight; ``None`` without a test."""
    if store.has_output(run.id, "plan.json"):
        plan = store.read_output(run.id, "plan.json")
        return dt.date.fromisoformat(json.loads(plan)["flight_end"])
    test = find_flight_test(store, run.campaign)
    return test.plan.flight_end if test is not None else None
