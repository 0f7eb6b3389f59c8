"""Make towns of a hundred tracts with a test of ads, and keep their runs without the flow."""

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from flows.steps.buying.trial.arms import draw_arms
from flows.steps.notes import Notes
from flows.steps.results.outputs import write_equity
from geo.footprint import draw_footprints
from models.trial.design import ARMS
from models.trial.plan import TrialPlan, rebuild_design
from models.trial.readout.spillover import find_high
from outreach.archive import Archive
from outreach.campaign import Campaign, parse_campaign
from outreach.settings import Settings
from outreach.store import Run, Store
from outreach.tables import TractProfiles, as_table

SIDE = 10
START, END = dt.date(2020, 6, 1), dt.date(2020, 6, 28)
PLANTED = 0.02
DRAWN = pd.Timestamp("2020-05-28")


@dataclass(frozen=True)
class Town:
    """A hundred tracts in a square with a test: alone with buffers, or as ZIPs of two."""

    campaign: Campaign
    tracts: gpd.GeoDataFrame
    targets: pd.DataFrame
    members: pd.DataFrame
    plan: TrialPlan


def make_town(folder: Path, kind: str, **holdout: Any) -> Town:
    rng = np.random.default_rng(5)
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    geoids = pd.Index([f"99001{number:06d}" for number in range(SIDE * SIDE)], name="geoid")
    shapes = [
        shapely.box(x / 100, y / 100, (x + 1) / 100, (y + 1) / 100)
        for x, y in zip(column, row, strict=True)
    ]
    tracts = gpd.GeoDataFrame(
        {
            "name": list(geoids),
            "status": "rated",
            "land_km2": 1.0,
            "data_date": DRAWN,
            "cumulative_share": 0.4 + 0.01 * column + rng.normal(0, 0.03, len(geoids)),
            "internet_share": 0.3,
            "households_count": rng.integers(400, 1600, len(geoids)).astype(float),
            "housing_units_count": 1700.0,
        },
        index=geoids,
        geometry=shapes,
        crs=4326,
    )
    place = (
        geoids
        if kind == "tracts"
        else pd.Index([f"{60600 + number // 2}" for number in range(len(geoids))])
    )
    members = pd.DataFrame({"geoid": geoids, "unit_id": f"{kind[:-1]}-" + place, "weight": 1.0})
    sums = tracts["households_count"].groupby(members["unit_id"].to_numpy()).sum()
    places = members.drop_duplicates("unit_id").assign(place=place.unique()).set_index("unit_id")
    targets = pd.DataFrame(
        {
            "kind": kind[:-1],
            "place": places["place"],
            "label": places["place"],
            "data_date": DRAWN,
            "arm": "treat",
            "latitude": np.nan,
            "longitude": np.nan,
            "radius_km": np.nan,
            "households_count": sums,
            "missing_households_count": 0.5 * sums,
            "budget_usd": 0.0,
            "impressions_count": 0.0,
            "rank": range(1, len(places) + 1),
            "why": "",
        },
        index=places.index,
    )
    gpd.GeoDataFrame({"id": ["1"]}, geometry=[shapely.box(0, 0, 0.1, 0.1)], crs=4326).to_file(
        folder / "ward.geojson"
    )
    asked: dict[str, Any] = {
        "name": "Town",
        "census_year": 2020,
        "areas": [{"state": "99", "county": "001"}],
        "goal_percent": 70,
        "deadline": dt.date(2020, 10, 15),
        "budget_usd": 20_000,
        "holdout": {"percent": 30, **holdout},
        "flight": {"start": START, "end": END},
        "districts": [{"name": "Ward", "file": str(folder / "ward.geojson"), "id_column": "id"}],
    }
    if kind == "zips":
        asked["units"] = {"kind": "zips", "zips": "zips.geojson"}
    campaign = parse_campaign(asked, "test")
    traits = pd.DataFrame({"rate_share": rng.uniform(0.4, 0.6, len(targets))}, index=targets.index)
    no_rates = pd.DataFrame(columns=pd.DatetimeIndex([]))
    ground = draw_footprints(targets, tracts)
    arms = draw_arms(targets, traits, no_rates, ground, campaign, Notes())
    paid = (arms.units["arm"] == "treat") * 100.0
    plan = replace(arms.plan, mde_share=0.004)
    return Town(campaign, tracts, arms.units.assign(budget_usd=paid), members, plan)


def fill_archive(
    settings: Settings,
    town: Town,
    planted: float,
    until: str = "2020-07-10",
    gap: str = "",
    spill: float = 0.0,
    first: str = "2020-04-01",
) -> None:
    """Archive a season of weekdays in which ads win ``planted`` evenly over the flight.

    Areas drawn high win ``spill`` on top.
    """
    rng = np.random.default_rng(11)
    days = pd.bdate_range(first, until)
    days = days[days.strftime("%Y-%m") != gap]
    arm = town.members["unit_id"].map(town.targets["arm"]).to_numpy()
    passed = np.clip((days - pd.Timestamp(START)).days / (END - START).days, 0, 1)
    won = planted * (arm == "treat") + (spill * _find_high(town) if spill else 0.0)
    growth = rng.normal(0.0012, 0.0006, (len(town.tracts), len(days))).cumsum(axis=1)
    start = town.tracts["cumulative_share"].to_numpy()[:, None] - 0.05
    rates = start + growth + np.outer(won, passed)
    table = pd.DataFrame(
        {
            "data_date": np.tile(days, len(rates)),
            "cumulative_share": rates.clip(0, 1).ravel(),
            "internet_share": 0.3,
            "daily_share": np.nan,
            "daily_internet_share": np.nan,
        },
        index=pd.Index(np.repeat(town.tracts.index, len(days)), name="geoid"),
    )
    Archive(settings.archive_folder, 2020).append(
        table, "test", dt.datetime(2020, 8, 1, tzinfo=dt.UTC)
    )


def _find_high(town: Town) -> np.ndarray:
    """Return by member whether its unit lies in an area drawn high."""
    design = rebuild_design(town.plan)
    units = pd.Index(design.unit_ids)
    codes = pd.Index(ARMS).get_indexer(town.targets["arm"].reindex(units)).astype(np.int8)
    high = pd.Series(find_high(design, codes[None])[0], index=units)
    return town.members["unit_id"].map(high).to_numpy(dtype=bool)


def keep_town(
    settings: Settings,
    town: Town,
    *,
    members: bool = True,
    plan: bool = True,
    race: pd.DataFrame | None = None,
) -> str:
    """Keep a run as the campaign flow does."""
    scores = pd.DataFrame(
        {
            "data_date": DRAWN,
            "missing_households_count": 100.0,
            "priority": 1.0,
            "rank": range(1, len(town.tracts) + 1),
            "rank_low": 1,
            "rank_high": len(town.tracts),
            "reasons": "",
        },
        index=town.tracts.index,
    )
    store = Store(settings.runs_folder)
    with store.begin(town.campaign.slug) as run:
        for name, table in (("tracts", town.tracts), ("scores", scores), ("targets", town.targets)):
            run.write_table(name, table)
        if members:
            run.write_table("members", town.members)
        if plan:
            run.write_file("plan.json", town.plan.canonical_json() + "\n")
        if race is not None:
            tracts = as_table(pd.DataFrame(town.tracts), TractProfiles)
            lists = {"bought list": town.tracts.index}
            write_equity(run, tracts, lists, as_table(race, TractProfiles))
        kept = {}
        if protocol := town.campaign.holdout.protocol:
            run.write_file("inputs/2/ads.toml", Path(protocol).read_bytes())
            kept = {protocol: "inputs/2/ads.toml"}
        wards = town.campaign.districts[0].file
        run.write_file("inputs/1/ward.geojson", Path(wards).read_bytes())
        manifest = Run(
            id=run.id,
            created_at=dt.datetime.now(dt.UTC),
            campaign=town.campaign,
            data_date=DRAWN.date(),
            inputs=(),
            kept_inputs={wards: "inputs/1/ward.geojson", **kept},
            counts={"targets": len(town.targets)},
            join_report={"tract_year": 2020},
            timings_seconds={},
        )
        return run.finish(manifest).id
