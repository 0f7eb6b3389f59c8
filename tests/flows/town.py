"""Store runs of a small town as the campaign flow does, without the flow."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import SecretStr

from flows.steps.notes import Notes
from flows.steps.sites.gather import name_districts, place_layers, write_sites
from flows.steps.sites.read import read_layers
from flows.steps.sources.inputs import keep_inputs
from models.trial.design import design_arms
from models.trial.plan import TrialPlan, list_arms, record_randomization
from outreach.archive import Archive
from outreach.campaign import Area, Campaign, Districts, PartnerActivity, PlaceLayer
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.transport import Transport

#: Money that stands nowhere else, and households so few that the missing ones may not be published.
BUDGET_USD, SPENT_USD, SMALL = 123457, 87654.32, 17.0


def write_plan(campaign: str, start: dt.date, end: dt.date) -> str:
    """Write the plan of a test of twelve tracts."""
    units = pd.DataFrame(
        {"households_count": 500.0, "rate_share": np.arange(12) / 40},
        index=pd.Index([f"tract-99001{number:06d}" for number in range(12)], name="unit_id"),
    )
    design = design_arms(units, 0.25, ["rate_share"])
    plan = TrialPlan(
        campaign=campaign,
        made_at=dt.datetime(2020, 5, 1, tzinfo=dt.UTC),
        flight_start=start,
        flight_end=end,
        holdout_share=0.25,
        seed=1,
        unit_kind="tracts",
        outcome="change",
        method="ANCOVA",
        mde_share=None,
        warnings=(),
        arms=list_arms(design.assign(1)),
        randomization=record_randomization(design),
    )
    return plan.canonical_json() + "\n"


def make_tracts(share: float, when: dt.date, small: float = SMALL) -> gpd.GeoDataFrame:
    geoids = pd.Index([f"99001{number:04d}00" for number in range(1, 9)], name="geoid")
    return gpd.GeoDataFrame(
        {
            "name": [f"10{number}" for number in range(1, 9)],
            "status": "rated",
            "land_km2": 1.0,
            "data_date": pd.Timestamp(when),
            "cumulative_share": np.round(share + np.arange(8) / 100, 3),
            "internet_share": share - 0.1,
            "households_count": [500.0] * 7 + [small],
            "housing_units_count": 520.0,
        },
        index=geoids,
        geometry=[shapely.box(x / 100, 0, (x + 1) / 100, 0.01) for x in range(8)],
        crs="EPSG:4326",
    )


def choose_targets(tracts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Choose two tracts and a ZIP: one for ads, two held out."""
    kinds, places = ["tract", "tract", "zip"], [*tracts.index[:2], "60699"]
    return pd.DataFrame(
        {
            "kind": kinds,
            "place": places,
            "label": places,
            "data_date": tracts["data_date"].iloc[0],
            "arm": ["treat", "holdout", "holdout"],
            "latitude": np.nan,
            "longitude": np.nan,
            "radius_km": np.nan,
            "households_count": 500.0,
            "missing_households_count": 240.0,
            "budget_usd": [SPENT_USD, 0.0, 0.0],
            "impressions_count": [4321.0, 0.0, 0.0],
            "rank": [1, 2, 3],
            "why": "why the team chose it",
            "wkt": [None, None, "POLYGON ((0.05 0, 0.08 0, 0.08 0.01, 0.05 0.01, 0.05 0))"],
        },
        index=pd.Index(
            [f"{kind}-{place}" for kind, place in zip(kinds, places, strict=True)], name="unit_id"
        ),
    )


def keep_run(
    settings: Settings,
    folder: Path,
    share: float,
    when: dt.date,
    *,
    small: float = SMALL,
    name: str = "Test town",
    plan: str = "",
    division: pd.DataFrame | None = None,
    places: tuple[PlaceLayer, ...] = (),
    shows_activity: bool = False,
) -> Run:
    """Keep a run as the campaign flow does, with its archived rates.

    A test plan, the division of tracts among wards, and places of help are kept if given. Partners'
    logs are public where ``shows_activity``.
    """
    wards = folder / "wards.geojson"
    if not wards.exists():
        shapes = [shapely.box(0, 0, 0.035, 0.01), shapely.box(0.035, 0, 0.08, 0.01)]
        gpd.GeoDataFrame(
            {"id": [1, 2], "label": ["<b>One</b>", "Two"]}, geometry=shapes, crs="EPSG:4326"
        ).to_file(wards)
        rows = [f"99001{number:04d}00,{1 if number < 5 else 2},1" for number in range(1, 9)]
        (folder / "split.csv").write_text("source,target,weight\n" + "\n".join(rows) + "\n")
    campaign = Campaign(
        name=name,
        census_year=2020,
        areas=(Area(state="99", county="001"),),
        goal_percent=75,
        deadline=dt.date(2020, 7, 31),
        budget_usd=BUDGET_USD,
        districts=(Districts(name="Ward", file=str(wards), id_column="id", name_column="label"),),
        places=places,
        activity=PartnerActivity(public=shows_activity),
    )
    tracts = make_tracts(share, when, small)
    rates = pd.DataFrame(tracts[["data_date", "cumulative_share", "internet_share"]]).assign(
        daily_share=np.nan, daily_internet_share=np.nan
    )
    Archive(settings.archive_folder, 2020).append(
        rates, "test", dt.datetime.combine(when, dt.time(), dt.UTC)
    )
    missing = tracts["households_count"] * (1 - tracts["cumulative_share"])
    scores = pd.DataFrame(
        {
            "data_date": tracts["data_date"],
            "missing_households_count": missing,
            "priority": missing,
            "rank": range(1, 9),
            "rank_low": 1,
            "rank_high": 8,
            "reasons": "a reason of the team's own",
        },
        index=tracts.index,
    )
    targets = choose_targets(tracts)
    transport = Transport(settings, SecretStr(""))
    with (
        Store(settings.runs_folder).begin(campaign.slug) as run,
        keep_inputs(run, campaign, transport, settings, Notes()) as kept,
    ):
        for kind, table in (("tracts", tracts), ("scores", scores), ("targets", targets)):
            run.write_table(kind, table)
        sites = place_layers(read_layers(kept.campaign, campaign), tracts, Notes())
        if sites is not None:
            own = targets[targets["kind"] == "tract"]
            run.write_table("chosen", own)
            write_sites(run, sites, name_districts(sites.table, None), pd.Index(own["place"]))
        if plan:
            run.write_file("plan.json", plan)
        if division is not None:
            run.write_table("divisions", division)
        return run.finish(
            Run(
                id=run.id,
                created_at=dt.datetime.now(dt.UTC),
                campaign=campaign,
                data_date=when,
                inputs=(),
                kept_inputs=kept.paths,
                counts={"targets": len(targets)},
                figures={"planned_usd": float(targets["budget_usd"].sum())},
                join_report={"tract_year": 2020},
                timings_seconds={},
            )
        )
